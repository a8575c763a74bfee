# SPDX-License-Identifier: Apache-2.0
# Terminals: run -it, start -ai, exec -it; raw and put right again, sizes, detach keys.

# bats file_tags=sanitize

load helpers

on_terminal() {
    "$BATS_TEST_DIRNAME/on-terminal" "$@"
}

# A program that tells what it gets: READY, then each line as "got LINE".
readonly TALKER='stty -echo -ixon; echo READY; while read -r line; do [ "$line" = end ] && exit 7; echo "got $line"; done'

@test "run -it: a terminal, keys and output go through, and the exit code" {
    run -7 on_terminal 'see READY' 'type one\r' 'see got one' 'type end\r' -- \
        "${program[@]}" run --rm --network none -it busybox sh -c "$TALKER"
    has "$output" 'terminal: same'
    run -0 on_terminal -- "${program[@]}" run --rm --network none -it busybox \
        sh -c 'tty; for fd in 0 1 2; do [ -t $fd ] || echo $fd is none; done; echo $TERM'
    has "$output" /dev/pts/0
    lacks "$output" 'is none'
    has "$output" xterm
}

@test "nothing is echoed twice, typed ahead or not" {
    # Typed before the container is there: the container's terminal echoes it, ours does not.
    run -0 on_terminal quiet 'type ahead\r' 'see got ahead' -- \
        "${program[@]}" run --rm --network none -it busybox sh -c 'read line; echo "got $line"'
    is "$(grep -o ahead <<<"$output" | wc -l)" 2
    run -0 on_terminal 'see READY' 'type word\r' 'see got word' -- \
        "${program[@]}" run --rm --network none -it busybox sh -c 'echo READY; read line; echo "got $line"'
    is "$(grep -o word <<<"$output" | wc -l)" 2
}

@test "the first prompt is there" {
    run -3 on_terminal 'see / # ' 'type exit 3\r' -- \
        "${program[@]}" run --rm --network none -it busybox sh
}

@test "the window's size, at the start and at each change" {
    local show='stty size; trap "stty size" WINCH; echo READY; while :; do sleep 0.02; done'

    run -137 on_terminal --size 31x77 'see 31 77' 'see READY' 'resize 20x100' 'see 20 100' 'resize 50x60' \
        'see 50 60' "until $FLOE ${runtime_option[*]} --root $root --runroot $runroot kill c" -- \
        "${program[@]}" run --name c --network none -it busybox sh -c "$show"
    floe start c
    run -0 on_terminal --size 22x66 'see 22 66' 'see READY' 'resize 23x99' 'see 23 99' 'type \x10\x11' -- \
        "${program[@]}" exec -it c sh -c "$show"
    has "$output" 'terminal: same'
    # A container that the runtime has made already.
    floe create --name i --network none -it busybox sh -c "$show" >/dev/null
    run -0 on_terminal --size 41x42 'see 41 42' 'type \x10\x11' -- "${program[@]}" start -ai i
}

@test "all keys reach the container, ctrl-c and ctrl-d too" {
    run -4 on_terminal 'see READY' 'type \x03' 'see INT' -- "${program[@]}" run --rm --network none -it busybox \
        sh -c 'trap "echo INT; exit 4" INT; echo READY; while :; do sleep 0.02; done'
    run -0 on_terminal 'see READY' 'type x\r' 'see x' 'see x' 'type \x04' 'see END' -- \
        "${program[@]}" run --rm --network none -it busybox sh -c 'echo READY; cat; echo END'
    run -0 on_terminal 'see READY' 'type \x03\x1a\x1c\x13\x04' 'see 03 1a 1c 13 04' -- \
        "${program[@]}" run --rm --network none -it busybox \
        sh -c 'stty raw -echo; echo READY; head -c 5 | od -An -tx1'
}

@test "detach keys: the default, others, long ones, none" {
    run -0 on_terminal 'see READY' 'type \x10\x11' -- \
        "${program[@]}" run --name c --network none -it busybox sh -c "$TALKER"
    has "$output" 'terminal: same'
    is "$(state_of c)" running
    # One key after the other, and one that only looked like it.
    run -0 on_terminal quiet 'type \x10a\r' 'see got' 'type \x10' 'until true' 'type \x11' -- \
        "${program[@]}" attach c
    has "$output" $'got \x10a'
    run -0 on_terminal quiet 'type yes and\r' 'see got yes and' 'type yes\x01' -- \
        "${program[@]}" attach --detach-keys 'y,e,s,ctrl-a' c
    run -7 on_terminal quiet 'type \x10\x11\r' 'see got' 'type end\r' -- \
        "${program[@]}" attach --detach-keys '' c
    has "$output" $'got \x10\x11'
    refused 125 'detach keys' floe start -a --detach-keys 'ctrl-&' c
    is "$(state_of c)" exited
}

@test "start -ai, detach, attach: the same session" {
    floe create --name c --network none -it busybox sh -c "$TALKER" >/dev/null
    run -0 on_terminal 'see READY' 'type one\r' 'see got one' 'type \x10\x11' -- "${program[@]}" start -ai c
    run -7 on_terminal quiet 'type two\r' 'see got two' 'type end\r' -- "${program[@]}" attach c
    is "$(floe logs c | tr -d '\r' | xargs)" 'READY got one got two'
}

@test "attach has a full screen drawn anew" {
    background c -it busybox sh -c 'trap "echo drawn; stty size" WINCH; echo READY; while :; do sleep 0.02; done'
    eventually eval 'floe logs c | grep -q READY'
    run -0 on_terminal --size 24x80 'see drawn' 'see 24 80' 'type \x10\x11' -- "${program[@]}" attach c
    run -0 on_terminal --size 24x80 'see drawn' 'type \x10\x11' -- "${program[@]}" attach c
}

@test "exec -it: the exit code, detaching leaves it running" {
    sleeper c
    run -5 on_terminal 'see / # ' 'type exit 5\r' -- "${program[@]}" exec -it c sh
    has "$output" 'terminal: same'
    run -0 on_terminal 'see READY' 'type \x10\x11' -- \
        "${program[@]}" exec -it c sh -c 'echo READY; while [ ! -e /go ]; do sleep 0.02; done'
    is "$(floe inspect -f '{{len .ExecIDs}}' c)" 1
    floe exec c touch /go
    eventually eval '[ "$(floe inspect -f "{{len .ExecIDs}}" c)" = 0 ]'
    run -127 on_terminal -- "${program[@]}" exec -it c nope
    has "$output" 'terminal: same'
    run -126 on_terminal -- "${program[@]}" exec -it c /etc
    run -255 on_terminal -- "${program[@]}" exec -it --user root nope sh || [ "$status" = 125 ]
}

@test "a signal that ends floe puts the terminal right, and the container goes on" {
    local name

    sleeper c
    for name in HUP INT QUIT TERM ABRT; do
        run on_terminal 'see READY' "signal $name" -- \
            "${program[@]}" run --network none --name "r$name" -it busybox sh -c "$TALKER"
        has "$output" 'terminal: same'
        is "$status" "$((128 + $(kill -l "$name")))"
        is "$(state_of "r$name")" running
        run on_terminal 'see READY' "signal $name" -- "${program[@]}" exec -it c sh -c "$TALKER"
        has "$output" 'terminal: same'
        is "$status" "$((128 + $(kill -l "$name")))"
    done
    is "$(floe inspect -f '{{len .ExecIDs}}' c)" 5
}

@test "the end of the other side puts the terminal right" {
    local conmon

    # conmon is killed, and then its container.
    background c -it busybox sh -c "$TALKER"
    conmon=$(floe inspect -f '{{.State.ConmonPid}}' c)
    run on_terminal quiet 'type one\r' 'see got one' "until kill -KILL $conmon" \
        "until kill -KILL $(floe inspect -f '{{.State.Pid}}' c) || true" -- "${program[@]}" attach c
    has "$output" 'terminal: same'
    # A container that is removed under the user's hands.
    run on_terminal 'see READY' "until $FLOE ${runtime_option[*]} --root $root --runroot $runroot rm -f -t 0 d" -- \
        "${program[@]}" run --name d --network none -it busybox sh -c "$TALKER"
    has "$output" 'terminal: same'
    is "$status" 137
}

@test "kill -9 of floe at the terminal: the container goes on, and can be attached to again" {
    run -137 on_terminal 'see READY' 'signal KILL' -- \
        "${program[@]}" run --network none --name c -it busybox sh -c "$TALKER"
    run -7 on_terminal quiet 'type again\r' 'see got again' 'type end\r' -- "${program[@]}" attach c
    has "$output" 'terminal: same'
    is "$(state_of c)" exited
}

@test "a terminal that hangs up ends floe, not the container" {
    run -129 on_terminal 'see READY' 'hang up' -- \
        "${program[@]}" run --network none --name c -it busybox sh -c "$TALKER"
    is "$(state_of c)" running
}

@test "a failed start leaves the terminal right" {
    run -127 on_terminal -- "${program[@]}" run --rm --network none -it busybox nope
    has "$output" 'terminal: same'
    run -126 on_terminal -- "${program[@]}" run --rm --network none -it busybox /etc
    has "$output" 'terminal: same'
    is "$(floe ps -aq)" ''
}

@test "-t without a terminal" {
    is "$(in_container -t busybox sh -c '[ -t 0 ] && tty' </dev/null)" $'/dev/pts/0\r'
    run -0 --separate-stderr floe run --rm --network none -it busybox sh -c 'read x; echo got $x' <<<word
    has "$output" 'got word'
    has "$stderr" 'not a terminal'
    sleeper c
    is "$(floe exec -t c tty </dev/null)" $'/dev/pts/0\r'
    is "$(floe inspect -f '{{.Config.Tty}} {{.Config.OpenStdin}}' c)" 'false false'
}

@test "-t in the background: the log has what is on the terminal" {
    background c -t busybox sh -c 'tty; echo error >&2'
    is "$(floe wait c)" 0
    is "$(floe logs c 2>/dev/null)" $'/dev/pts/0\r\nerror\r'
    is "$(floe inspect -f '{{.Config.Tty}}' c)" true
    sleeper s
    floe exec -dt s sh -c 'tty >/result'
    eventually eval '[ "$(floe exec s cat /result 2>/dev/null)" = /dev/pts/0 ]'
}
