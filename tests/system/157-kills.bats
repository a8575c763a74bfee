# SPDX-License-Identifier: Apache-2.0
# floe is killed at each step of an operation: when it calls one of its parts, before and after the part's work, and
# where there is none at each of its own system calls that change something. The next command puts things right.

load helpers
load helpers-faults
load helpers-crash

# After a part's work; `make soak` has it before that, too.
readonly KILLED=${KILL_MODES:-floe-killed-late}

setup() {
    floe_setup
    faulty_parts
}

works() {
    is "$(floe exec c echo hello)" hello
}

# --- with parts ---------------------------------------------------------------------------------------

@test "killed in a start at any step: the next start works" {
    every_fault "$KILLED" fresh_container "start c" starts
    every_fault "$KILLED" ended_container "start c" starts
}

starts() {
    lists_everything
    floe start c
    works
    floe stop -t 0 c
}

@test "killed in an init at any step: the next start works" {
    every_fault "$KILLED" fresh_container "init c" starts
}

@test "killed in a run at any step: what there is of it starts, and goes" {
    every_fault "$KILLED" none "run -d --name c -p 127.0.0.1::80 busybox sh -c \$SLEEPER" ran
}

ran() {
    lists_everything
    [ -z "$(floe ps -aq)" ] || starts
    floe rm -f -t 0 -i c
    leaves_nothing
}

@test "killed in a stop, a kill or a clean-up at any step: the next command completes it" {
    every_fault "$KILLED" started_container "stop -t 0 c" "again stop c"
    every_fault "$KILLED" started_container "kill c" "again container cleanup c" all_has_ended
    every_fault "$KILLED" dead_container "container cleanup c" "again container cleanup c"
}

@test "killed in a restart or a refresh at any step: the next one works" {
    every_fault "$KILLED" started_container "restart -t 0 c" restarts
    every_fault "$KILLED" started_container "container refresh c" restarts
}

restarts() {
    lists_everything
    floe restart -t 0 c
    works
}

@test "killed in an exec at any step: the session goes, and the container runs on" {
    every_fault "$KILLED" started_container "exec c true" runs_without_sessions
}

runs_without_sessions() {
    works
    eventually eval '[ "$(floe inspect --format "{{len .ExecIDs}}" c)" = 0 ]'
}

@test "killed in a pause or an unpause at any step: it is either, and unpause lets it go on" {
    every_fault "$KILLED both-killed" running_container "pause c" goes_on
    every_fault "$KILLED both-killed" paused_container "unpause c" goes_on
}

goes_on() {
    [ "$(state_of c)" = running ] || floe unpause c
    counts_on c
    counted_without_a_gap c
}

@test "killed in a checkpoint or a restore at any step: nothing is lost" {
    every_fault "$KILLED both-killed" running_container "container checkpoint c" frozen_or_runs
    every_fault "$KILLED both-killed" frozen_container "container restore c" frozen_or_runs
}

frozen_or_runs() {
    lists_everything
    [ "$(state_of c)" = running ] || { is_frozen c && floe restore c; }
    counts_on c
    counted_without_a_gap c
}

@test "killed in an update at any step: the next one counts" {
    every_fault "$KILLED" started_container "update --memory 300m --pids-limit 50 c" updates
}

updates() {
    floe update --memory 100m c
    is "$(floe inspect --format '{{.HostConfig.Memory}}' c)" 104857600
    works
}

@test "killed in a removal at any step: the next one completes it" {
    every_fault "$KILLED" started_container "rm -f -t 0 c" "again rm -f -t 0 -i c"
    every_fault "$KILLED" with_dependent "rm -f -t 0 --depend c" removes_both
}

with_dependent() {
    started_container
    [ -n "$(floe ps -aq --filter name=d)" ] || floe run -d --name d --network container:c busybox sh -c "$SLEEPER"
}

# The dependent goes first, so one without the other is the container itself.
removes_both() {
    lists_everything
    is "$(floe ps -aq --filter name=d | wc -l)" "$(floe ps -aq --filter name=d --filter network=c | wc -l)"
    floe rm -f -t 0 -i --depend c
    is "$(floe ps -aq)" ""
    leaves_nothing
}

@test "killed in verbs on several containers at once: the same verb completes them" {
    local verb verbs=("rm -f -t 0 -i a b e")

    [ "$KILL_STEP" != 1 ] || verbs+=("start a b e" "stop -t 0 a b e")
    for verb in "${verbs[@]}"; do
        every_fault floe-killed "three_for $verb" "$verb" "three_again $verb"
    done
}

three_for() { # VERB ...
    local name

    for name in a b e; do
        [ -n "$(floe ps -aq --filter "name=^$name\$")" ] ||
            floe create --name $name -p 127.0.0.1::80 busybox sh -c "$SLEEPER" >/dev/null
    done
    case $1 in
    start) floe stop -t 0 a b e >/dev/null ;;
    *) floe start a b e >/dev/null ;;
    esac
}

three_again() { # VERB ...
    floe "$@" >/dev/null
    case $1 in
    start) is "$(floe ps -q | wc -l)" 3 ;;
    stop) is "$(floe ps -a --filter status=exited -q | wc -l)" 3 ;;
    rm) is "$(floe ps -aq)" "" && leaves_nothing ;;
    esac
}

# --- without ------------------------------------------------------------------------------------------

# What changes something in the file system; SQLite writes with pwrite64.
readonly FILES=mkdir,mkdirat,rename,renameat2,unlink,unlinkat,linkat,rmdir,pwrite64
readonly MOUNTS=mount,move_mount,umount2

named_container() {
    [ -n "$(floe ps -aq)" ] || floe create --name c --network none busybox sh -c "$SLEEPER" >/dev/null
    [ -z "$(floe ps -aq --filter name=d)" ] || floe rename d c
}

@test "killed at any step of a rename: one of the names it has" {
    every_kill "$FILES" named_container "rename c d" renames
}

renames() {
    matches "$(floe ps -a --format '{{.Names}}')" '^(c|d)$'
    floe inspect "$(floe ps -aq)" >/dev/null
}

@test "killed at any step of a mount or an umount: the next ones work, and nothing stays" {
    every_kill "$FILES,$MOUNTS" unmounted_container "mount c" unmounts
    every_kill "$FILES,$MOUNTS" mounted_container "umount c" unmounts
}

unmounted_container() {
    named_container
    floe umount -f c >/dev/null
}

mounted_container() {
    unmounted_container
    floe mount c >/dev/null
}

unmounts() {
    [ -e "$(floe mount c)/bin/busybox" ]
    floe umount -f c
    is "$(mounts "$engine")" ""
}

@test "killed at any step of an export, a diff, a top or a look at events: nothing stays" {
    every_kill "$FILES,$MOUNTS,openat" unmounted_container "export -o $BATS_TEST_TMPDIR/tar c" exports
    every_kill "$FILES,$MOUNTS" unmounted_container "diff c" exports
    every_kill "$FILES" started_container "top c" works
    every_kill "$FILES,openat" named_container "events --stream=false" renames
}

exports() {
    floe export -o "$BATS_TEST_TMPDIR/tar" c
    tar -tf "$BATS_TEST_TMPDIR/tar" | grep -q bin/busybox
    is "$(mounts "$engine")" ""
    # Between the two calls that name it, it is there under another name, as a whole.
    rm -f "$BATS_TEST_TMPDIR"/tar.*.tmp
    is "$(compgen -G "$BATS_TEST_TMPDIR/tar*")" "$BATS_TEST_TMPDIR/tar"
}

@test "killed at any step of a cp: the next one completes it" {
    mkdir -p "$BATS_TEST_TMPDIR/tree/sub"
    echo one >"$BATS_TEST_TMPDIR/tree/sub/file"
    ln -s file "$BATS_TEST_TMPDIR/tree/sub/link"
    every_kill "$FILES,$MOUNTS,symlinkat" empty_container "cp $BATS_TEST_TMPDIR/tree c:/tree" copies
}

empty_container() {
    named_container
    rm -rf "$(floe mount c)/tree"
    floe umount c >/dev/null
}

copies() {
    floe cp "$BATS_TEST_TMPDIR/tree/." c:/tree
    floe cp c:/tree/sub/link - | tar -tf - | grep -q link
    is "$(floe cp c:/tree/sub/file - | tar -xOf -)" one
    is "$(mounts "$engine")" ""
}

@test "killed at any step of a create or an update: it is as before or as after" {
    every_kill "$FILES" none "create --name c --network none busybox true" created_or_not
    every_kill "$FILES" named_container "update --memory 64m c" updated_or_not
}

created_or_not() {
    lists_everything
    [ -n "$(floe ps -aq)" ] || floe create --name c --network none busybox true
    is "$(state_of c)" created
    floe rm c
    leaves_nothing
}

updated_or_not() {
    matches "$(floe inspect --format '{{.HostConfig.Memory}}' c)" '^(0|67108864|33554432)$'
    floe update --memory 32m c
    is "$(floe inspect --format '{{.HostConfig.Memory}}' c)" 33554432
}

@test "a client killed in attach, exec or logs -f: the container and other clients go on" {
    local client

    background c busybox sh -c 'while :; do echo tick; usleep 20000; done'
    for client in 'attach c' 'exec c sh -c "while echo tick; do usleep 20000; done"' 'logs -f c'; do
        eval "words=($client)"
        "${program[@]}" "${words[@]}" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
        pid=$!
        eventually grep -q tick "$BATS_TEST_TMPDIR/out"
        { kill -9 $pid && wait $pid; } 2>/dev/null || :
        works
    done
    floe attach c >"$BATS_TEST_TMPDIR/out" 3>&- &
    eventually grep -q tick "$BATS_TEST_TMPDIR/out"
    floe kill c
    wait
}
