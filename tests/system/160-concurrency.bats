# SPDX-License-Identifier: Apache-2.0
# Several floes at once: they wait for each other, none fails without a reason, and nothing is left.

load helpers
load helpers-crash

# For children in the background: "${program[@]}" has floe's process id, and descriptor 3 is bats' own.
at_once() { # NAME-OF-OUTPUT ARG...
    "${program[@]}" "${@:2}" >"$BATS_TEST_TMPDIR/$1" 2>"$BATS_TEST_TMPDIR/$1.errors" 3>&- &
}

@test "eight run --rm at once" {
    local i

    for i in 1 2 3 4 5 6 7 8; do
        at_once "$i" run --rm --network none busybox echo "hello $i"
        runs[i]=$!
    done
    for i in 1 2 3 4 5 6 7 8; do
        wait "${runs[i]}"
        is "$(cat "$BATS_TEST_TMPDIR/$i" "$BATS_TEST_TMPDIR/$i.errors")" "hello $i"
    done
    eventually eval '[ -z "$(floe ps -aq)" ]'
    leaves_nothing
}

@test "eight create with one name at once: one gets it" {
    local i made=0

    for i in 1 2 3 4 5 6 7 8; do
        at_once "$i" create --name c busybox true
        runs[i]=$!
    done
    for i in 1 2 3 4 5 6 7 8; do
        if wait "${runs[i]}"; then
            made=$((made + 1))
            is "$(cat "$BATS_TEST_TMPDIR/$i")" "$(floe ps -aq --no-trunc)"
        else
            is $? 125
            has "$(cat "$BATS_TEST_TMPDIR/$i.errors")" '"c"'
        fi
    done
    is "$made" 1
}

@test "two rm -f at once: both succeed" {
    sleeper c
    at_once one rm -f -t 0 c
    first=$!
    at_once two rm -f -t 0 -i c
    wait $first || has "$(cat "$BATS_TEST_TMPDIR/one.errors")" "no container"
    wait $!
    is "$(floe ps -aq)" ""
    leaves_nothing
}

@test "rm -f beside a stop that waits: both end at once" {
    background c busybox sh -c 'trap "" TERM; while :; do usleep 20000; done'
    at_once stop stop -t 60 c
    stopper=$!
    eventually eval '[ "$(state_of c)" = stopping ]'
    floe rm -f -t 0 c
    timeout 10 tail --pid=$stopper -f /dev/null
    wait $stopper
    is "$(floe ps -aq)" ""
    leaves_nothing
}

@test "four stop at once: all succeed" {
    sleeper c
    for i in 1 2 3 4; do
        at_once "$i" stop c
        runs[i]=$!
    done
    for i in 1 2 3 4; do
        wait "${runs[i]}"
        is "$(cat "$BATS_TEST_TMPDIR/$i" "$BATS_TEST_TMPDIR/$i.errors")" c
    done
    is "$(floe inspect --format '{{.State.Status}} {{.State.ExitCode}}' c)" "exited 0"
}

@test "four start at once: it runs once" {
    floe create --name c --network none busybox sh -c "echo started; $SLEEPER"
    for i in 1 2 3 4; do
        at_once "$i" start c
        runs[i]=$!
    done
    for i in 1 2 3 4; do
        wait "${runs[i]}"
    done
    eventually has_logged c started
    is "$(floe logs c)" started
    is "$(state_of c)" running
}

@test "two checkpoints at once: the second finds it done" {
    sleeper c
    at_once one checkpoint c
    first=$!
    at_once two checkpoint c
    second=$!
    wait $first && one=0 || one=$?
    wait $second && two=0 || two=$?
    is "$((one + two))" 125
    has "$(cat "$BATS_TEST_TMPDIR"/{one,two}.errors)" "not running"
    is_frozen c
    floe restore c
    is_running c
}

@test "a command waits for another's work on the same container" {
    sleeper c
    hold_lock containers
    at_once stop stop -t 0 c
    stopper=$!
    eventually waits_for_lock $stopper
    kill $holder
    wait $stopper
    is "$(state_of c)" exited
}

@test "a runtime that hangs in one container's end stops no other container" {
    # By this name it is not runc: of that floe would remove the state itself.
    local hanging=$BATS_TEST_TMPDIR/hanging go=$BATS_TEST_TMPDIR/go

    [ -n "$(command -v runc)" ] || skip "there is no runc to stand behind the one that hangs"
    printf '#!/bin/sh\ncase " $* " in\n*" delete "*) touch %s.hangs; while [ ! -e %s ]; do sleep 0.05; done ;;\nesac\nexec %s "$@"\n' \
        "$go" "$go" "$(command -v runc)" >"$hanging"
    chmod +x "$hanging"
    floe --runtime "$hanging" run -d --name slow busybox sh -c "$SLEEPER"
    at_once slow rm -f -t 0 slow
    remover=$!
    eventually test -e "$go.hangs"
    is "$(timeout 20 "${program[@]}" run --rm busybox echo ran)" ran
    kill -0 $remover
    touch "$go"
    wait $remover
}

@test "an import does not wait for the containers that rmi -f stops" {
    background deaf --stop-timeout 60 busybox sh -c 'trap "" TERM; while :; do sleep 1; done'
    at_once rmi rmi -f busybox
    remover=$!
    eventually eval '[ "$(state_of deaf)" = stopping ]'
    timeout 20 "${program[@]}" import -q "$BUSYBOX_TAR" other
    kill -0 $remover
    floe kill -s KILL deaf
    wait $remover
    run -1 floe image exists busybox
    in_container other true
}

@test "ps and inspect go on while containers come and go" {
    churn() {
        local i
        for i in 1 2 3 4 5 6; do
            "${program[@]}" run --rm --network none busybox true
        done
    }
    churn 3>&- &
    churner=$!
    while kill -0 $churner 2>/dev/null; do
        floe ps -a >/dev/null
    done
    wait $churner
    eventually eval '[ -z "$(floe ps -aq)" ]'
    leaves_nothing
}

# Any of the verbs, on any of eight containers; `make soak` sets a longer time.
@test "a storm: thirty-two processes on eight containers" {
    "$BATS_TEST_DIRNAME/../storm/storm" --seconds "${STORM_SECONDS:-30}" --seed "${STORM_SEED:-1}" -- "${program[@]}" 3>&-
    leaves_nothing
}

# CRIU mounts all cgroup hierarchies, those too that the host has nowhere, and takes them away again: nobody who
# makes a container meanwhile may see them.
@test "restores beside runs: nobody sees CRIU's mounts" {
    local i restorer n_runs=0

    sleeper c
    (for i in 1 2 3 4 5 6; do
        floe checkpoint c && floe restore c || exit 1
    done) >"$BATS_TEST_TMPDIR/restores" 2>&1 3>&- &
    restorer=$!
    python3 -c '
import sys
def runs(pid):
    try:
        return " Z " not in open(f"/proc/{pid}/stat").read()
    except OSError:
        return False
while runs(sys.argv[1]):
    mounts = [line for line in open("/proc/self/mountinfo") if ".criu." in line]
    if mounts:
        sys.exit(mounts[0])' $restorer >"$BATS_TEST_TMPDIR/seen" 2>&1 3>&- &
    watcher=$!
    while kill -0 $watcher 2>/dev/null; do
        in_container busybox true
        n_runs=$((n_runs + 1))
    done
    wait $restorer || { cat "$BATS_TEST_TMPDIR/restores" && return 1; }
    wait $watcher || { cat "$BATS_TEST_TMPDIR/seen" && return 1; }
    [ $n_runs -gt 1 ]
}
