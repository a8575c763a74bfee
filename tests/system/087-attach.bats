# SPDX-License-Identifier: Apache-2.0
# attach, and the streams of run and start: which of them, several clients, the end of input, signals.

# bats file_tags=sanitize

load helpers

# attach in the background: `attached NAME ARG...` writes to NAME.out and NAME.err; $! is floe.
attached() {
    "${program[@]}" attach "${@:2}" >"$BATS_TEST_TMPDIR/$1.out" 2>"$BATS_TEST_TMPDIR/$1.err" <&0 3>&- &
}

out_has() { # NAME TEXT
    grep -qF -e "$2" "$BATS_TEST_TMPDIR/$1.out"
}

# Writes a dot every moment, which shows that a client is connected, and the lines it reads.
readonly ECHOER='while :; do echo .; sleep 0.02; done & while read -r line; do
    [ "$line" = end ] && exit 9; echo "out $line"; echo "err $line" >&2; done; echo EOF; wait'

@test "attach passes output and errors on, and ends with the exit code" {
    local status=0

    background c -i busybox sh -c "$ECHOER"
    mkfifo "$BATS_TEST_TMPDIR/in"
    exec 8<>"$BATS_TEST_TMPDIR/in"
    attached a c <&8
    eventually out_has a .
    echo one >&8
    eventually out_has a 'out one'
    echo end >&8
    wait $! || status=$?
    exec 8>&-
    is "$status" 9
    is "$(cat "$BATS_TEST_TMPDIR/a.err")" 'err one'
}

@test "several at once see the same" {
    local name pids=()

    background c -i busybox sh -c "$ECHOER"
    for name in a b d; do
        attached $name --no-stdin c </dev/null
        pids+=($!)
    done
    for name in a b d; do
        eventually out_has $name .
    done
    run -9 floe attach c <<<$'word\nend'
    for name in a b d; do
        local status=0
        wait "${pids[0]}" || status=$?
        pids=("${pids[@]:1}")
        is "$status" 9
        out_has $name 'out word'
    done
}

@test "the end of the input is the container's, with --no-stdin it is not" {
    local pids
    background c -i busybox sh -c 'while read -r line; do echo "got $line"; done; echo EOF; sleep 3600'
    attached a --no-stdin c </dev/null
    pids=($!)
    attached b c <<<word
    pids+=($!)
    eventually eval 'floe logs c | grep -q EOF'
    is "$(floe logs c | xargs)" 'got word EOF'
    floe kill c
    wait "${pids[@]}" || is $? 137
}

@test "attach only to a container that runs" {
    refused 125 nope floe attach nope
    refused 125 container floe attach
    floe create --name c --network none busybox sh -c "$SLEEPER" >/dev/null
    refused 125 'not running' floe attach c
    floe start c
    floe pause c
    refused 125 'not running' floe attach c
    floe unpause c
    refused 125 '' floe attach c c
    refused 125 'not both' floe attach -l c
    refused 125 'detach keys' floe attach --detach-keys 'ctrl-%' c
    floe stop -t 0 c
    refused 125 'not running' floe attach c
}

@test "--sig-proxy passes signals on, without it they are floe's own" {
    local status=0

    background c busybox sh -c 'trap "echo TERM; exit 3" TERM; while :; do echo .; sleep 0.02; done'
    attached a --sig-proxy=false c
    eventually out_has a .
    kill -TERM $!
    wait $! || status=$?
    is "$status" 143
    is "$(state_of c)" running
    attached b c
    eventually out_has b .
    kill -TERM $!
    wait $! || status=$?
    is "$status" 3
    out_has b TERM
}

@test "kill -9 of an attached floe: the container and other clients go on" {
    local status=0 other

    background c busybox sh -c 'while [ ! -e /go ]; do echo .; sleep 0.02; done; echo end; exit 9'
    attached a c
    other=$!
    attached b c
    eventually out_has a .
    eventually out_has b .
    kill -KILL $!
    wait $! || is $? 137
    let_end c /go
    wait $other || status=$?
    is "$status" 9
    out_has a end
}

@test "attach -l: to the container created last" {
    local status=0

    background c busybox sh -c 'while [ ! -e /go ]; do echo .; sleep 0.02; done; exit 9'
    attached a -l
    eventually out_has a .
    let_end c /go
    wait $! || status=$?
    is "$status" 9
}

@test "run -a: only these streams" {
    local both='echo out; echo err >&2'

    is "$(in_container -a stdout busybox sh -c "$both" 2>&1)" out
    is "$(in_container -a stderr busybox sh -c "$both" 2>&1)" err
    is "$(in_container -a STDERR -a stdout busybox sh -c "$both" 2>/dev/null)" out
    is "$(in_container -a stdin busybox sh -c "$both" 2>&1)" ''
    is "$(echo word | in_container -i -a stdin -a stdout busybox cat)" word
    is "$(echo word | in_container -i busybox cat)" word
    refused 125 'stdin, stdout' floe run --rm -a foo busybox true
    refused 125 exclude floe run -d -a stdout busybox true
}

@test "start -a misses nothing, and one that runs is attached to" {
    floe create --name c --network none busybox sh -c 'echo first; echo second >&2; exit 4' >/dev/null
    run -4 --separate-stderr floe start -a c
    is "$output" first
    is "$stderr" second
    background d -i busybox sh -c "$ECHOER"
    run -9 floe start -ai d <<<$'word\nend'
    has "$output" 'out word'
}

# One that has not taken the connection before it sees the container's end does not take it any more.
@test "a conmon that is held up as it begins loses no output" {
    local bin=$BATS_TEST_TMPDIR/bin conmon

    command -v cc >/dev/null || skip "a C compiler is missing"
    conmon=$(command -v conmon)
    mkdir "$bin"
    cc -shared -fPIC -o "$bin/held-up.so" "$BATS_TEST_DIRNAME/held-up.c"
    printf '#!/bin/sh\nLD_PRELOAD=%s exec %s "$@"\n' "$bin/held-up.so" "$conmon" >"$bin/conmon"
    chmod +x "$bin/conmon"
    export FLOE_HELPER_DIR=$bin PATH=$bin:$PATH
    for _ in 1 2 3; do
        is "$(in_container busybox echo whole)" whole
    done
    floe create --name c --network none busybox echo whole >/dev/null
    is "$(floe start -a c)" whole
}

@test "a reader that has gone stops nobody" {
    floe run --name c --network none busybox sh -c 'yes | head -c 3000000; echo done >/done' | head -n 1
    is "$(floe wait c)" 0
}

@test "much output arrives whole" {
    is "$(in_container busybox sh -c 'yes | head -c 9000000' | cksum)" "$(yes | head -c 9000000 | cksum)"
    is "$(yes | head -c 9000000 | in_container -i busybox cat | cksum)" "$(yes | head -c 9000000 | cksum)"
}
