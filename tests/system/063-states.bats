# SPDX-License-Identifier: Apache-2.0
# Every operation in every state that one can reach: configured, created (initialized), running, paused,
# stopping, stopped, exited, and removing, each with what must come of it.

load helpers

idle() { # NAME
    floe create --name "$1" --network none busybox sh -c "$SLEEPER" >/dev/null
}

# What a container is like in each state; its name is the state's.
in_state() { # STATE
    case $1 in
    configured) idle configured ;;
    created)
        idle created
        floe init created >/dev/null
        ;;
    running) sleeper running ;;
    paused)
        sleeper paused
        floe pause paused >/dev/null
        ;;
    stopping)
        stubborn stopping
        "${program[@]}" stop -t 1000 stopping >/dev/null 2>&1 3>&- &
        stopper=$!
        eventually eval '[ "$(state_of stopping)" = stopping ]'
        ;;
    stopped)
        # Nobody cleans up: conmon is killed, and the process after it.
        sleeper stopped
        kill -KILL "$(floe inspect -f '{{.State.ConmonPid}} {{.State.Pid}}' stopped | cut -d ' ' -f 1)"
        kill -KILL "$(floe inspect -f '{{.State.Pid}}' stopped)"
        eventually eval '[ "$(state_of stopped)" = stopped ]'
        ;;
    exited)
        sleeper exited
        floe stop -t 5 exited >/dev/null
        ;;
    removing)
        idle removing
        sqlite3 "$root/floe.db" "UPDATE container SET state = 7 WHERE name = 'removing'"
        ;;
    esac
    is "$(state_of "$1")" "$(shown "$1")"
}

shown() { # STATE
    case $1 in
    configured) echo created ;;
    created) echo initialized ;;
    *) echo "$1" ;;
    esac
}

# The operation's command, with the container's name at its end.
command_of() { # OPERATION
    case $1 in
    exec) echo 'exec_true' ;;
    rm-force) echo 'floe rm -f -t 0' ;;
    stop) echo 'floe stop -t 0' ;;
    restart) echo 'floe restart -t 5' ;;
    checkpoint) echo 'floe checkpoint' ;;
    cleanup | refresh) echo "floe container $1" ;;
    export) echo 'export_to_null' ;;
    inspect) echo 'floe inspect -s' ;;
    *) echo "floe $1" ;;
    esac
}

exec_true() { floe exec "$1" true; }
export_to_null() { floe export -o /dev/null "$1"; }

# try STATE OPERATION WANTED: a state that it leads to (as shown), "gone", or "no": it fails and changes nothing.
try() {
    local status=0 now

    in_state "$1"
    # shellcheck disable=SC2046
    $(command_of "$2") "$1" >/dev/null 2>"$BATS_TEST_TMPDIR/error" || status=$?
    # conmon's exit command cleans up after a kill.
    [ "$2/$3" != kill/exited ] || eventually state_is "$1" exited
    now=$(state_of "$1" 2>/dev/null) || now=gone
    case $3 in
    no)
        [ $status != 0 ] || fail "$2 in state $1 should fail"
        [ "$now" = "$(shown "$1")" ] || fail "$2 in state $1 failed and left it $now"
        has "$(cat "$BATS_TEST_TMPDIR/error")" "Error: "
        ;;
    *)
        [ $status = 0 ] || fail "$2 in state $1: status $status"
        [ "$now" = "$3" ] || fail "$2 in state $1 leads to $now, not to $3"
        ;;
    esac
    floe rm -f -t 0 "$1" >/dev/null
    [ "$1" != stopping ] || wait "$stopper" || :
}

fail() {
    echo "$1: $(cat "$BATS_TEST_TMPDIR/error")" >&2
    return 1
}

# walk OPERATION [STATE=WANTED]...
walk() {
    local pair

    for pair in "${@:2}"; do
        try "${pair%%=*}" "$1" "${pair#*=}"
    done
}

@test "init in every state" {
    walk init configured=initialized created=no running=no paused=no stopping=no stopped=initialized \
        exited=initialized removing=no
}

# Starting what runs is no error on the command line.
@test "start in every state" {
    walk start configured=running created=running running=running paused=no stopping=no stopped=running \
        exited=running removing=no
}

# Stopping what does not run is no error on the command line.
@test "stop in every state" {
    walk stop configured=created created=exited running=exited paused=no stopping=exited stopped=stopped \
        exited=exited removing=no
}

@test "kill in every state" {
    walk kill configured=no created=no running=exited paused=exited stopping=exited stopped=no exited=no removing=no
}

@test "restart in every state" {
    walk restart configured=running created=running running=running paused=no stopping=no stopped=running \
        exited=running removing=no
}

@test "pause in every state" {
    walk pause configured=no created=no running=paused paused=no stopping=no stopped=no exited=no removing=no
}

@test "unpause in every state" {
    walk unpause configured=no created=no running=no paused=running stopping=no stopped=no exited=no removing=no
}

@test "exec in every state" {
    walk exec configured=no created=no running=running paused=no stopping=no stopped=no exited=no removing=no
}

@test "cleanup in every state" {
    walk cleanup configured=created created=created running=no paused=no stopping=no stopped=exited exited=exited \
        removing=no
}

@test "refresh in every state" {
    walk refresh configured=created created=initialized running=running paused=paused stopping=no stopped=exited \
        exited=exited removing=no
}

@test "rm in every state" {
    walk rm configured=gone created=gone running=no paused=no stopping=no stopped=gone exited=gone removing=gone
}

@test "rm --force in every state" {
    walk rm-force configured=gone created=gone running=gone paused=gone stopping=gone stopped=gone exited=gone \
        removing=gone
}

@test "inspect in every state" {
    walk inspect configured=created created=initialized running=running paused=paused stopping=stopping \
        stopped=stopped exited=exited removing=removing
}

@test "export in every state" {
    walk export configured=created created=initialized running=running paused=paused stopping=stopping \
        stopped=stopped exited=exited removing=no
}

@test "mount in every state" {
    walk mount configured=created created=initialized running=running paused=paused stopping=stopping \
        stopped=stopped exited=exited removing=no
}

@test "checkpoint in every state" {
    walk checkpoint configured=no created=no paused=no stopping=no stopped=no exited=no removing=no
}

@test "restore in every state but of a checkpoint" {
    walk restore configured=no created=no running=no paused=no stopping=no stopped=no exited=no removing=no
}

# --- conditions ---------------------------------------------------------------------------------------

@test "wait for a state" {
    in_state configured
    is "$(floe wait --condition configured configured)" -1
    is "$(floe wait --condition created,running configured)" -1
    is "$(floe wait configured)" 0
    "${program[@]}" wait --condition running --interval 10ms configured >"$BATS_TEST_TMPDIR/answer" 3>&- &
    local waiter=$!
    floe start configured
    wait $waiter
    is "$(cat "$BATS_TEST_TMPDIR/answer")" -1
    "${program[@]}" wait --condition removing -i 200 configured >"$BATS_TEST_TMPDIR/answer" 3>&- &
    waiter=$!
    eventually eval 'ls -l "/proc/$waiter/fd" | grep -qE "pidfd|inotify"'
    floe rm -f -t 5 configured
    wait $waiter
    is "$(cat "$BATS_TEST_TMPDIR/answer")" -1
}

@test "wait for a health" {
    sleeper well --health-cmd 'test -e /well' --health-interval disable --health-retries 1
    "${program[@]}" wait --condition healthy -i 10 well >"$BATS_TEST_TMPDIR/answer" 3>&- &
    local waiter=$!
    run -1 floe healthcheck run well
    is "$(floe wait --condition unhealthy well)" -1
    kill -0 $waiter
    floe exec well touch /well
    floe healthcheck run well
    wait $waiter
    is "$(cat "$BATS_TEST_TMPDIR/answer")" -1
    in_state configured
    refused 125 'no health check' floe wait --condition healthy configured
}

@test "wait --return-first ends with the first of several" {
    sleeper one
    background two busybox sh -c 'while [ ! -e /go ]; do usleep 20000; done; exit 7'
    "${program[@]}" wait --return-first one two >"$BATS_TEST_TMPDIR/answer" 3>&- &
    local waiter=$!
    let_end two /go
    wait $waiter
    is "$(cat "$BATS_TEST_TMPDIR/answer")" 7
    is "$(state_of one)" running
    is "$(floe wait --return-first --condition running,exited two one)" 7
    is "$(floe wait --return-first --condition running one two)" -1
    refused 125 nonesuch floe wait --return-first one nonesuch
}

@test "wait refuses what is no state and no time" {
    in_state configured
    refused 125 sleeping floe wait --condition sleeping configured
    refused 125 '--interval' floe wait --interval x configured
    refused 125 interval floe wait --interval 0 configured
    refused 125 interval floe wait --interval -1s configured
}

# --- refresh ------------------------------------------------------------------------------------------

@test "refresh makes a container anew" {
    sleeper r
    local pid
    pid=$(floe inspect -f '{{.State.Pid}}' r)
    floe exec r sh -c 'echo kept >/file'
    floe exec -d r sleep 1000
    run -0 --separate-stderr floe container refresh r
    is "$output" r
    has "$stderr" 'exec session'
    [ "$(floe inspect -f '{{.State.Pid}}' r)" != "$pid" ]
    is "$(floe exec r cat /file)" kept
    is "$(floe inspect -f '{{len .ExecIDs}}' r)" 0
}

@test "refresh of a --rm container keeps it" {
    sleeper r --rm
    floe container refresh r
    is "$(state_of r)" running
}
