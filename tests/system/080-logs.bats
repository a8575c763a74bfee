# SPDX-License-Identifier: Apache-2.0
# logs: what a container wrote, where it wrote it, from when to when, and as it comes.

# bats file_tags=sanitize

load helpers

@test "logs keeps output and errors apart" {
    floe run --name l --network none busybox sh -c 'echo out; echo err >&2; printf unfinished' || true
    run -0 --separate-stderr floe logs l
    is "$output" $'out\nunfinished'
    is "$stderr" err
}

@test "logs of what was never started is empty" {
    floe create --name c busybox true
    is "$(floe logs c)" ''
    is "$(floe logs -f c)" ''
}

@test "logs goes on over a restart" {
    floe run --name l --network none busybox echo again
    floe start -a l
    is "$(floe logs l)" $'again\nagain'
}

@test "logs --tail" {
    floe run --name l --network none busybox seq 100 >/dev/null
    is "$(floe logs --tail 3 l | xargs)" '98 99 100'
    is "$(floe logs --tail 1 l)" 100
    is "$(floe logs --tail 0 l)" ''
    is "$(floe logs --tail 1000 l | wc -l)" 100
    is "$(floe logs --tail -1 l | wc -l)" 100
    refused 125 tail floe logs --tail x l
}

@test "logs of a container that writes all the time ends, with what was there" {
    background l busybox sh -c 'while :; do echo more; done'
    eventually eval 'floe logs l | grep -q more'
    for _ in {1..20}; do
        is "$(floe logs --tail 2 l | grep -c .)" 2 # of the last one the end may lack
    done
    timeout 60 "${program[@]}" logs l >/dev/null
    floe rm -f -t 0 l
}

@test "long lines and odd bytes come out as they went in" {
    local make='head -c 100000 /dev/zero | tr "\0" y; echo; printf "a\001\377\n\n\ttab\r\n"; seq 1000'
    floe run --name l --network none busybox sh -c "$make" >"$BATS_TEST_TMPDIR/direct"
    floe logs l | cmp - "$BATS_TEST_TMPDIR/direct"
    floe logs --tail 1002 l | cmp - <(tail -n 1002 "$BATS_TEST_TMPDIR/direct")
}

@test "logs --timestamps, --since and --until" {
    floe run --name l --network none busybox echo first >/dev/null
    run -0 floe logs -t l
    matches "$output" '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+) first$'
    local between
    between=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
    floe start -a l >/dev/null
    is "$(floe logs l | wc -l)" 2
    is "$(floe logs --since "$between" l | wc -l)" 1
    is "$(floe logs --until "$between" l | wc -l)" 1
    is "$(floe logs --since 10m l | wc -l)" 2
    is "$(floe logs --until 10m l)" ''
    is "$(floe logs --since 2001-01-01 --until 2001-01-02 l)" ''
    refused 125 yesterday floe logs --since yesterday l
}

@test "logs --follow prints what comes, and ends with the container" {
    background f busybox sh -c 'echo one; while [ ! -e /go ]; do sleep 0.02; done; echo two'
    "${program[@]}" logs -f f >"$BATS_TEST_TMPDIR/log" 3>&- &
    local follower=$!
    eventually grep -q one "$BATS_TEST_TMPDIR/log"
    kill -0 $follower
    let_end f /go
    wait $follower
    is "$(cat "$BATS_TEST_TMPDIR/log")" $'one\ntwo'
    # Once it has ended, there is nothing to wait for.
    is "$(floe logs -f f)" $'one\ntwo'
    is "$(floe logs -f --tail 1 f)" two
}

@test "logs --follow ends when the container is removed" {
    sleeper f
    "${program[@]}" logs -f f 3>&- &
    local follower=$!
    eventually eval "ls -l /proc/$follower/fd | grep -qE 'pidfd|inotify'"
    floe rm -f -t 0 f
    wait $follower
}

@test "logs of several containers, of the latest, and of unknown ones" {
    floe run --name a --network none busybox echo from-a >/dev/null
    floe run --name b --network none busybox echo from-b >/dev/null
    is "$(floe logs --names a b)" $'a from-a\nb from-b'
    is "$(floe logs a b)" "$(floe inspect -f '{{slice .Id 0 12}}' a) from-a
$(floe inspect -f '{{slice .Id 0 12}}' b) from-b"
    is "$(floe logs --names --color a b)" $'\e[37ma from-a\e[0m\n\e[31mb from-b\e[0m'
    is "$(floe logs --names a)" from-a
    is "$(floe logs -l)" from-b
    refused 125 nope floe logs nope
    refused 125 'name or id' floe logs
}

@test "--log-driver none keeps nothing" {
    floe run --name n --network none --log-driver none busybox echo secret >/dev/null
    refused 125 none floe logs n
    is "$(grep -rl secret "$root/containers")" ''
    refused 125 nonsense floe create --log-driver nonsense busybox true
}

@test "following several containers ends with the last of them" {
    background a busybox sh -c 'echo one; echo two >&2; until [ -e /stop ]; do sleep 0.1; done; printf end'
    background b busybox sh -c 'echo eins; until [ -e /stop ]; do sleep 0.1; done; echo zwei'
    "${program[@]}" logs --follow --names a b >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    local follower=$!
    eventually grep -qx 'b eins' "$BATS_TEST_TMPDIR/out"
    eventually grep -qx 'a one' "$BATS_TEST_TMPDIR/out"
    let_end b /stop
    eventually grep -qx 'b zwei' "$BATS_TEST_TMPDIR/out"
    kill -0 "$follower"
    let_end a /stop
    timeout 20 tail --pid=$follower -f /dev/null
    wait $follower
    is "$(sort "$BATS_TEST_TMPDIR/out")" $'a end\na one\nb eins\nb zwei'
    is "$(cat "$BATS_TEST_TMPDIR/err")" 'a two'
}

@test "following several containers ends when nobody reads" {
    background a busybox sh -c 'while :; do echo x; done'
    background b busybox sleep 1000
    timeout 20 "${program[@]}" logs --follow a b 3>&- | head -n 1
    is "${PIPESTATUS[0]}" 0
}

@test "of several containers one that is not there is told before anything is printed" {
    floe run --name a --network none busybox echo from-a
    refused 125 'no container with name or ID "nonesuch"' floe logs a nonesuch
    refused 125 'no container with name or ID "nonesuch"' floe logs -f nonesuch a
}
