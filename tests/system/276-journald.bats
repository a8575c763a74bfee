# SPDX-License-Identifier: Apache-2.0
# Logs in systemd's journal, and containers that have floe's own streams.
# shellcheck disable=SC2016 # containers' shells read what is in quotes
# bats file_tags=host

load helpers

setup() {
    floe_setup
    [ -x /usr/lib/systemd/systemd-journald ] || [ -x /lib/systemd/systemd-journald ] || skip "there is no journald here"
}

# The script on standard input, beside a journald; `floe` is there. Its output is kept in $output and $stderr.
beside_journald() {
    # shellcheck disable=SC2154
    printf 'floe() { %s "$@"; }\nset -e\n%s\n' "${program[*]}" "$(cat)" >"$BATS_TEST_TMPDIR/script"
    run -0 --separate-stderr "$BATS_TEST_DIRNAME/with-journald" bash "$BATS_TEST_TMPDIR/script"
}

# shellcheck disable=SC2154 # $stderr
@test "journald: logs reads back what was written, by stream, whole and in parts" {
    beside_journald <<'END'
floe run --network none --log-driver journald --name c busybox \
    sh -c 'echo out; echo err >&2; printf abc; usleep 300000; echo def; echo; echo last' >/dev/null 2>&1
floe logs c
echo --
floe logs --tail 2 c
echo --
floe logs --tail 0 c
floe logs --since 2100-01-01 c
floe logs --until 2001-01-01 c
floe logs -t --tail 1 c
floe inspect --format '{{.HostConfig.LogConfig.Type}}' c
floe rm c >/dev/null
END
    is "$(head -n -2 <<<"$output")" $'out\nabcdef\n\nlast\n--\n\nlast\n--'
    matches "$(tail -n 2 <<<"$output")" '^20[0-9T:.-]+Z last
journald$'
    is "$stderr" err
}

@test "journald: the fields are conmon's" {
    beside_journald <<'END'
id=$(floe run -d --network none --log-driver journald --name c busybox sh -c 'echo hello; echo bad >&2')
floe wait c >/dev/null
floe logs c >/dev/null 2>&1 # which waits for journald
journalctl --no-pager -o json CONTAINER_NAME=c |
    jq -r '"\(.CONTAINER_ID_FULL == "'"$id"'") \(.CONTAINER_ID | length) \(.PRIORITY)"'
floe rm c >/dev/null
END
    is "$output" $'true 12 6\ntrue 12 3'
}

@test "journald: logs -f sees what comes, and ends with the container" {
    beside_journald <<'END'
floe run -d --network none --log-driver journald --name c busybox sh -c 'for i in 1 2 3; do echo $i; sleep 0.3; done; exit 4' >/dev/null
floe logs -f c
floe run -d --network none --log-driver journald --name d busybox echo other >/dev/null
floe wait d
floe logs --names --color=false c d
floe rm c d >/dev/null
END
    is "$output" $'1\n2\n3\n0\nc 1\nc 2\nc 3\nd other'
}

@test "journald: without one it is refused" {
    [ ! -e /run/systemd/journal/socket ] || skip "journald runs here"
    refused 125 'journald does not run on this host' floe create --log-driver journald busybox true
    refused 125 'is not supported' floe create --log-driver syslog busybox true
}

@test "passthrough: the container has floe's own streams, and no log" {
    run -3 --separate-stderr bash -c 'echo in | "$@"' -- "${program[@]}" run --network none --log-driver passthrough \
        --name c busybox sh -c 'cat; echo out; echo err >&2; exit 3'
    is "$output" $'in\nout'
    is "$stderr" err
    refused 125 'log driver passthrough' floe logs c
    floe run -d --network none --log-driver passthrough busybox sh -c 'echo later' >"$BATS_TEST_TMPDIR/out"
    eventually grep -q later "$BATS_TEST_TMPDIR/out"
    refused 125 'exclude each other' floe create -t --log-driver passthrough busybox true
    run -125 "$BATS_TEST_DIRNAME/on-terminal" -- "${program[@]}" run --log-driver passthrough busybox true
    has "$output" 'cannot be used on a terminal'
}
