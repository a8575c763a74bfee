# SPDX-License-Identifier: Apache-2.0
# kill -9 at any moment, of floe, conmon or the runtime, and a host that went down: nothing is lost, the next
# command works, and rm -f leaves nothing.

load helpers
load helpers-crash
load helpers-network

# --- floe is killed -----------------------------------------------------------------------------------

@test "kill -9 of floe during create" {
    measure floe create --name measured busybox true
    floe rm measured
    for_each_moment 25 created_or_not
}

created_or_not() {
    cut_short create --name "c$moment" busybox touch /started
    lists_everything
    [ -n "$(floe ps -aq --filter "name=^c$moment\$")" ] || floe create --name "c$moment" busybox touch /started
    is "$(floe inspect --format '{{.State.Status}} {{.Name}}' "c$moment")" "created c$moment"
    floe rm "c$moment"
    leaves_nothing
}

@test "kill -9 of floe during run -d" {
    measure floe run -d --name measured busybox sh -c "$SLEEPER"
    floe rm -f -t 0 measured
    for_each_moment 20 run_or_not
}

run_or_not() {
    cut_short run -d --name c busybox sh -c "$SLEEPER"
    lists_everything
    [ -n "$(floe ps -aq)" ] || floe create --name c busybox sh -c "$SLEEPER"
    floe start c
    is "$(floe exec c echo hello)" hello
    floe rm -f -t 0 c
    leaves_nothing
}

@test "kill -9 of floe during start" {
    marked_container
    floe stop -t 0 c
    measure floe start c
    floe stop -t 0 c
    for_each_moment 20 start_or_not
    floe rm -f -t 0 c
    leaves_nothing
}

start_or_not() {
    cut_short start c
    lists_everything
    floe start c
    has_mark
    floe stop -t 0 c
    is "$(state_of c)" exited
}

@test "kill -9 of floe during stop" {
    marked_container
    measure floe stop c
    floe start c
    for_each_moment 20 stop_or_not
    floe rm -f -t 0 c
    leaves_nothing
}

stop_or_not() {
    cut_short stop c
    lists_everything
    floe stop -t 1 c
    is "$(state_of c)" exited
    floe start c
    has_mark
}

# stop_cut_short: floe sent the signal, which the container ignores, and is killed while it waits.
stop_cut_short() {
    "${program[@]}" stop -t 1000 c >/dev/null 2>&1 3>&- &
    stopper=$!
    eventually eval '[ "$(state_of c)" = stopping ]'
    is "$(floe ps --format '{{.State}}' -a)" stopping
    { kill -9 $stopper && wait $stopper; } 2>/dev/null || :
}

@test "kill -9 of floe in a stop: what goes on is running" {
    local verb

    stubborn c
    for verb in 'inspect c' 'exec c true' 'pause c' 'checkpoint c' 'kill -s USR2 c' 'restart -t 0 c' 'stop -t 0 c' 'rm -f -t 0 c'; do
        case $(floe ps -a --format '{{.State}}') in
        paused) floe unpause c ;;
        exited) floe start c ;;
        esac
        stop_cut_short
        is "$(floe ps --format '{{.State}}')" running
        # shellcheck disable=SC2086
        floe $verb
    done
    leaves_nothing
}

@test "kill -9 of floe during rm -f" {
    marked_container
    measure floe rm -f -t 0 c
    for_each_moment 20 removed_or_not
}

removed_or_not() {
    [ -n "$(floe ps -aq)" ] || marked_container
    cut_short rm -f -t 0 c
    lists_everything
    if [ "$((moment % 2))" = 0 ]; then
        floe rm -f -t 0 -i c
        is "$(floe ps -aq)" ""
        leaves_nothing
    elif [ -n "$(floe ps -aq)" ]; then
        [ "$(state_of c)" = removing ] || { floe start c && has_mark; }
        floe rm -f -t 0 c
        leaves_nothing
    else
        leaves_nothing
    fi
}

@test "kill -9 of floe during exec" {
    marked_container
    measure floe exec c true
    for_each_moment 25 exec_or_not
    eventually eval '[ "$(floe inspect --format "{{len .ExecIDs}}" c)" = 0 ]'
    floe stop -t 0 c
    floe rm c
    leaves_nothing
}

exec_or_not() {
    cut_short exec c sh -c 'usleep 20000'
    lists_everything
    has_mark
}

@test "kill -9 of floe during pause and unpause" {
    marked_container
    measure floe pause c
    floe unpause c
    for_each_moment 15 paused_or_not
    floe rm -f -t 0 c
    leaves_nothing
}

paused_or_not() {
    cut_short pause c
    lists_everything
    [ "$(state_of c)" = running ] || cut_short unpause c
    [ "$(state_of c)" = running ] || floe unpause c
    has_mark
}

@test "kill -9 of floe during checkpoint" {
    counting_container
    measure floe checkpoint c
    floe restore c
    for_each_moment 25 checkpointed_or_not
    counted_without_a_gap c
    floe rm -f -t 0 c
    leaves_nothing
}

checkpointed_or_not() {
    cut_short checkpoint c
    lists_everything
    if [ "$(state_of c)" = exited ]; then
        is_frozen c
        floe restore c
    fi
    is_running c
    counts_on c
}

@test "kill -9 of floe during restore" {
    counting_container
    floe checkpoint c
    measure floe restore c
    for_each_moment 25 restored_or_not
    counted_without_a_gap c
    floe rm -f -t 0 c
    leaves_nothing
}

restored_or_not() {
    floe checkpoint c
    cut_short restore c
    lists_everything
    if [ "$(state_of c)" = exited ]; then
        is_frozen c
        floe restore c
    fi
    is_running c
    counts_on c
}

@test "kill -9 of floe during checkpoint and restore, with rm -f next" {
    counting_container
    measure floe checkpoint c
    floe rm c
    for_each_moment 10 frozen_and_removed
}

frozen_and_removed() {
    counting_container
    cut_short checkpoint c
    [ $((moment % 2)) = 0 ] || cut_short restore c
    floe rm -f -t 0 c
    leaves_nothing
}

# killed_before_netavark ARG...: floe is killed when it has made the network namespace, and netavark does not run yet.
killed_before_netavark() {
    hold_lock network
    "${program[@]}" "$@" >/dev/null 2>&1 3>&- &
    floe_pid=$!
    eventually waits_for_lock $floe_pid
    { kill -9 $floe_pid && wait $floe_pid; } 2>/dev/null || :
    kill $holder
    [ -n "$(compgen -G "/run/netns/floe-$tag-*")" ]
}

@test "kill -9 of floe before netavark begins: another's rules for the same port stay" {
    port=$(free_ports 1)
    floe create --name first -p "$port:8000" busybox sh -c "$SLEEPER"
    killed_before_netavark start first
    web second 8000 -p "$port:8000"
    rules=$(firewall_rules "$engine")
    has "$rules" "$port"
    floe inspect first >/dev/null
    is "$(state_of first)" created
    is "$(firewall_rules "$engine")" "$rules"
    eventually serves 127.0.0.1 "$port" second
}

@test "kill -9 of floe before netavark begins: the restore after it has a network" {
    floe run -d --name c busybox sh -c "$COUNTER"
    address=$(address_of c)
    eventually has_counted_to c 3
    floe checkpoint c
    reboot_host
    killed_before_netavark restore c
    is_frozen c
    floe restore c
    floe exec c ip -4 address show eth0 | grep -qF "$address"
    is "$(address_of c)" "$address"
    counts_on c
}

@test "kill -9 of floe during import" {
    measure floe import -q "$BUSYBOX_TAR" measured
    for_each_moment 20 imported_or_not
    is "$(ls -A "$root/tmp" 2>/dev/null)" ""
}

imported_or_not() {
    cut_short import -q "$BUSYBOX_TAR" "image$moment"
    floe import -q "$BUSYBOX_TAR" "image$moment"
    in_container "image$moment" true
}

# `make soak` walks farther, from other seeds.
@test "random walks, with kill -9 of floe in one of five commands" {
    local seed first=${WALK_SEED:-1}

    for ((seed = first; seed < first + ${WALKS:-3}; seed++)); do
        "$BATS_TEST_DIRNAME/../storm/walk" --seed "$seed" --steps "${WALK_STEPS:-40}" -- "${program[@]}" 3>&-
        leaves_nothing
    done
}

# --- conmon is killed ---------------------------------------------------------------------------------

# From now on the runtime kills the floe that calls it for a start. floe does not know it, so it asks it.
runtime_that_kills_floe() { # WHEN: before or after
    local real fake=$BATS_TEST_TMPDIR/youki-$1

    real=$(command -v runc) || skip "there is no runc to stand behind another runtime"
    cat >"$fake" <<END
#!/bin/bash
case " \$* " in
*" start "*)
    [ $1 = before ] || $real "\$@"
    [ -e $BATS_TEST_TMPDIR/once ] || { touch $BATS_TEST_TMPDIR/once; kill -9 \$PPID; exit 1; }
    [ $1 = after ] || exec $real "\$@"
    exit 0 ;;
esac
exec $real "\$@"
END
    chmod +x "$fake"
    runtime_option=(--runtime="$fake")
    program=("$FLOE" "${runtime_option[@]}" --root "$root" --runroot "$runroot")
}

@test "kill -9 of floe in a start, with a runtime that it does not know" {
    runtime_that_kills_floe before
    floe create --name c --network none busybox sh -c "$SLEEPER"
    run floe start c
    is "$(state_of c)" initialized
    floe start c
    is "$(floe exec c echo hello)" hello
    floe rm -f -t 0 c
    rm "$BATS_TEST_TMPDIR/once"
    runtime_that_kills_floe after
    floe create --name c --network none busybox sh -c "$SLEEPER"
    run floe start c
    is "$(state_of c)" running
    is "$(floe exec c echo hello)" hello
    floe rm -f -t 0 c
    leaves_nothing
}

@test "conmon killed: the container is known to run, and stop and rm work" {
    marked_container
    kill -9 "$(floe inspect --format '{{.State.ConmonPid}}' c)"
    is "$(state_of c)" running
    is "$(floe exec c cat /mark)" mark
    floe stop c
    is "$(state_of c)" exited
    floe start c
    has_mark
    kill -9 "$(floe inspect --format '{{.State.ConmonPid}}' c)"
    floe rm -f -t 0 c
    leaves_nothing
}

@test "conmon and the container killed: the end is noticed" {
    marked_container
    "${program[@]}" wait c >"$BATS_TEST_TMPDIR/code" 3>&- &
    waiter=$!
    eventually eval "ls -l /proc/$waiter/fd | grep -qE 'pidfd|inotify'"
    pid=$(floe inspect --format '{{.State.Pid}}' c)
    kill -9 "$(floe inspect --format '{{.State.ConmonPid}}' c)"
    kill -9 "$pid"
    wait $waiter
    matches "$(cat "$BATS_TEST_TMPDIR/code")" '^-?[0-9]+$'
    matches "$(state_of c)" 'exited|stopped'
    floe start c
    has_mark
}

@test "conmon killed: a checkpoint and a restore work all the same" {
    counting_container
    kill -9 "$(floe inspect --format '{{.State.ConmonPid}}' c)"
    pid=$(floe inspect --format '{{.State.Pid}}' c)
    floe checkpoint c
    is_frozen c
    run ! grep -q '^State:.[^Z]' "/proc/$pid/status"
    floe restore c
    is_running c
}

@test "the container killed from outside: its exit code says so" {
    marked_container
    kill -9 "$(floe inspect --format '{{.State.Pid}}' c)"
    is "$(floe wait c)" 137
    eventually eval '[ "$(state_of c)" = exited ]'
    floe start c
    has_mark
}

# --- the runtime is killed ----------------------------------------------------------------------------

@test "the runtime killed in each of its verbs: an error, and the container goes on or can be started" {
    killing_runtime
    sleeper c
    for verb in create start; do
        floe stop -t 0 c
        runtime_killed_in $verb floe start c
        lists_everything
        floe start c
        is "$(state_of c)" running
    done
    runtime_killed_in checkpoint floe checkpoint c
    is_running c
    runtime_killed_in pause floe pause c || floe unpause c
    is "$(floe exec c echo hello)" hello
    floe checkpoint c
    runtime_killed_in restore floe restore c
    is_frozen c
    floe restore c
    is_running c
    runtime_killed_in exec floe exec c true
    is "$(floe exec c echo hello)" hello
    runtime_killed_in delete floe rm -f -t 0 c
    floe rm -f -t 0 -i c
    leaves_nothing
}

# --- the host goes down -------------------------------------------------------------------------------

@test "after a reboot: what ran has exited, what was checkpointed is restored, addresses are free" {
    floe run -d --name ran busybox sh -c 'echo mark >/mark; while :; do sleep 1; done'
    floe run -d --name paused busybox sh -c "$SLEEPER"
    floe run -d --name frozen busybox sh -c "$COUNTER"
    floe create --name created busybox true
    background ended busybox sh -c 'exit 3'
    floe wait ended
    eventually has_counted_to frozen 5
    floe pause paused
    address=$(floe inspect --format '{{.NetworkSettings.IPAddress}}' frozen)
    other=$(floe inspect --format '{{.NetworkSettings.IPAddress}}' ran)
    floe checkpoint frozen
    reboot_host

    is "$(floe ps -a --sort names --format '{{.Names}} {{.State}}')" \
        $'created created\nended exited\nfrozen exited\npaused exited\nran exited'
    is "$(floe inspect --format '{{.State.ExitCode}}' ended)" 3
    is "$(floe inspect --format '{{.State.Pid}}' ran)" 0
    refused 125 "$address" floe run --rm --ip "$address" busybox true
    floe restore frozen
    is "$(floe inspect --format '{{.NetworkSettings.IPAddress}}' frozen)" "$address"
    counts_on frozen
    counted_without_a_gap frozen
    floe run --rm --ip "$other" busybox true
    floe start ran paused created
    is "$(floe exec ran cat /mark)" mark
    floe rm -a -f -t 0
    leaves_nothing
}

@test "after a reboot: /dev/shm and tmpfs of a checkpointed container are restored" {
    sleeper c --tmpfs /scratch
    floe exec c sh -c 'echo shm >/dev/shm/file; echo scratch >/scratch/file'
    floe checkpoint c
    reboot_host
    floe restore c
    is "$(floe exec c cat /dev/shm/file /scratch/file)" $'shm\nscratch'
}

@test "after a reboot in the middle of things nothing is in the way" {
    local verb

    counting_container
    measure floe checkpoint c
    moment_ms=$((measured_ms / 2))
    floe restore c
    for verb in checkpoint stop start checkpoint restore 'rm -f'; do
        # shellcheck disable=SC2086
        cut_short $verb c
        reboot_host
        lists_everything
        [ -n "$(floe ps -aq)" ] || break
        case $(state_of c) in
        exited | created) [ "$verb" = stop ] || floe start c ;;
        removing) break ;;
        *) return 1 ;;
        esac
    done
    floe rm -f -t 0 -i c
    leaves_nothing
}

@test "refresh after a reboot brings back what ran, as it was" {
    sleeper runs
    sleeper halted
    floe pause halted
    sleeper ended
    floe stop -t 5 ended
    floe create --name ready busybox sh -c "$SLEEPER"
    floe init ready
    # conmon first, so that it cannot tell of the end.
    floe inspect -f '{{.State.ConmonPid}}' runs halted ready | xargs kill -KILL
    reboot_host
    is "$(state_of runs) $(state_of halted) $(state_of ended) $(state_of ready)" 'exited exited exited created'
    floe container refresh --all
    is "$(state_of runs) $(state_of halted) $(state_of ended) $(state_of ready)" 'running paused exited initialized'
    # Once: what was stopped since stays so.
    floe stop -t 5 runs
    floe container refresh runs
    is "$(state_of runs)" exited
    floe rm -fa -t 0
    leaves_nothing
}

# What contrib/systemd's unit does at boot.
@test "after a reboot start --all brings back what its restart policy says" {
    sleeper always --restart always
    sleeper unless --restart unless-stopped
    sleeper stopped --restart unless-stopped
    sleeper failed --restart on-failure
    sleeper never
    sleeper paused --restart always
    floe pause paused
    sleeper frozen --restart always
    floe checkpoint frozen
    floe stop -t 5 stopped
    floe inspect -f '{{.State.ConmonPid}}' always unless failed never paused | xargs kill -KILL
    reboot_host
    is "$(floe ps -q)" ""
    floe start --all --filter should-start-on-boot=true
    is "$(floe ps --sort names --format '{{.Names}}')" $'always\npaused\nunless'
    is "$(floe inspect -f '{{.RestartCount}} {{.State.Status}}' always)" '0 running'
    # The policy holds again.
    kill -KILL "$(floe inspect -f '{{.State.Pid}}' always)"
    eventually eval '[ "$(floe inspect -f "{{.RestartCount}} {{.State.Status}}" always)" = "1 running" ]'
    is_frozen frozen
    floe rm -fa -t 0
    leaves_nothing
}
