# SPDX-License-Identifier: Apache-2.0
# stats: what containers use.

# bats file_tags=sanitize

load helpers

# bats test_tags=host
@test "one reading of what runs" {
    sleeper one
    floe create --name other busybox true >/dev/null
    run -0 --separate-stderr floe stats --no-stream
    is "$stderr" ''
    matches "${lines[0]}" '^ID +NAME +CPU % +MEM USAGE / LIMIT +MEM % +NET IO +BLOCK IO +PIDS +CPU TIME +AVG CPU %$'
    matches "${lines[1]}" '^[0-9a-f]{12} +one +[0-9.]+% +[0-9.]+[kM]?B / [0-9.]+[MGT]B +[0-9.]+% +0B / 0B +[0-9.]+[kM]?B / [0-9.]+[kM]?B +[12] +[0-9.]+(µs|ms|s) +[0-9.]+%$'
    is "${#lines[@]}" 2
    is "$(floe stats --no-stream --no-trunc --format '{{.ID}}' one)" "$(floe inspect --format "{{.Id}}" one)"
    run -0 floe stats --no-stream --all --format '{{.Name}} {{.MemUsage}} {{.UpTime}}'
    is "${lines[1]}" 'other 0B / 0B 0s'
}

@test "json has podman's keys" {
    sleeper one
    run -0 floe stats --no-stream --format json one
    is "$(jq -r '.[0] | keys | join(" ")' <<<"$output")" \
        'avg_cpu block_io cpu_percent cpu_time id mem_percent mem_usage name net_io pids'
    is "$(jq -r '.[0].name' <<<"$output")" one
}

# bats test_tags=host
@test "the limit is the container's, and the counters move" {
    background one --memory 64m busybox sh -c 'while :; do :; done'
    is "$(floe stats --no-stream --format '{{.MemLimit}}' one)" 67108864
    eventually cpu_above one 20000000
    matches "$(floe stats --no-stream --format '{{.CPUPerc}}' one)" '^[1-9][0-9]*\.'
}

cpu_above() { # CONTAINER NANOSECONDS
    [ "$(floe stats --no-stream --format '{{.CPUNano}}' "$1")" -gt "$2" ]
}

# bats test_tags=host
@test "the network is the container's own" {
    floe run -d --name one busybox sh -c 'ping -c 3 -i 0.1 "$(ip route | sed -n "s/default via \([^ ]*\).*/\1/p")"; sleep 1000' >/dev/null
    eventually network_above one 250
}

network_above() { # CONTAINER BYTES
    [ "$(floe stats --no-stream --format '{{.NetInput}}' "$1")" -gt "$2" ]
}

@test "it ends when the containers it was asked for have gone" {
    sleeper one
    "${program[@]}" stats --interval 1 --format '{{.Name}}' one >"$BATS_TEST_TMPDIR/out" 3>&- &
    eventually grep -q one "$BATS_TEST_TMPDIR/out"
    floe rm -f --time 0 one
    timeout 20 tail --pid=$! -f /dev/null
    wait $!
}

@test "it ends when its reader has gone" {
    sleeper one
    timeout 20 "${program[@]}" stats --interval 1 one 3>&- | head -n 1
    is "${PIPESTATUS[0]}" 0
}

@test "bad arguments" {
    refused 125 'no container with name or ID "nonesuch"' floe stats --no-stream nonesuch
    refused 125 'cannot be used together' floe stats --all --latest
    refused 125 'cannot be used together' floe stats --all one
    refused 125 'at least 1' floe stats --interval 0
    refused 125 '--interval' floe stats --interval -1
    sleeper one
    refused 125 Foo floe stats --no-stream --format '{{.Foo}}'
}
