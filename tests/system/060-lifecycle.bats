# SPDX-License-Identifier: Apache-2.0
# create, start, stop, kill, restart, pause, unpause, rm and wait, in every state that a container can be in.

# bats file_tags=sanitize

load helpers

# A container called by its state. What ran has exited with 7.
container_in() { # STATE
    case $1 in
    created) floe create --name created --network none busybox sh -c "$SLEEPER" >/dev/null ;;
    running) sleeper running ;;
    paused)
        sleeper paused
        floe pause paused >/dev/null
        ;;
    exited) floe run --name exited --network none busybox sh -c '[ -e /again ] && exec sleep 1000; touch /again; exit 7' || true ;;
    esac
    is "$(state_of "$1")" "$1"
}

# One of each.
all_states() {
    local state
    for state in created running paused exited; do
        container_in $state
    done
}

# allowed NAME NEW-STATE COMMAND...: the command prints the name, succeeds, and leaves it in that state.
allowed() {
    run -0 --separate-stderr floe "${@:3}" "$1"
    is "$output" "$1"
    is "$stderr" ''
    # After a kill conmon's exit command cleans up.
    [ "$3" != kill ] || eventually state_is "$1" "$2"
    is "$(state_of "$1")" "$2"
}

# not_allowed NAME COMMAND...: it fails and changes nothing.
not_allowed() {
    local before
    before=$(state_of "$1")
    refused 125 "\"$1\"" floe "${@:2}" "$1"
    is "$(state_of "$1")" "$before"
}

pid_of() {
    floe inspect -f '{{.State.Pid}}' "$1"
}

@test "create prints the id and runs nothing" {
    run -0 floe create --name c busybox sh -c 'exit 1'
    matches "$output" '^[0-9a-f]{64}$'
    is "$(state_of c)" created
    is "$(processes "$engine")" ''
    is "$(floe inspect -f '{{.State.StartedAt}}' c)" '0001-01-01T00:00:00Z'
}

@test "start in each state" {
    all_states
    allowed created running start
    allowed running running start
    allowed exited running start
    not_allowed paused start
}

@test "stop in each state" {
    all_states
    allowed created created stop
    allowed exited exited stop
    allowed running exited stop
    not_allowed paused stop
    is "$(floe inspect -f '{{.State.ExitCode}}' running)" 0
    is "$(floe inspect -f '{{.State.ExitCode}}' exited)" 7
}

@test "kill in each state" {
    all_states
    not_allowed created kill
    not_allowed exited kill
    allowed running exited kill
    allowed paused exited kill
    is "$(floe inspect -f '{{.State.ExitCode}}' running paused)" $'137\n137'
}

@test "restart in each state" {
    all_states
    local pid
    pid=$(pid_of running)
    allowed running running restart
    [ "$(pid_of running)" != "$pid" ]
    allowed created running restart
    allowed exited running restart
    not_allowed paused restart
}

@test "restart of a --rm container keeps it" {
    sleeper r --rm
    local i pid
    for i in 1 2 3 4 5; do
        pid=$(pid_of r)
        is "$(floe restart -t $((i % 2 * 5)) r)" r
        [ "$(pid_of r)" != "$pid" ]
    done
    floe stop -t 5 r
    run -1 floe container exists r
}

@test "init in each state" {
    all_states
    allowed created initialized init
    allowed exited initialized init
    not_allowed created init
    not_allowed running init
    not_allowed paused init
    # Its process is there, and has not begun.
    is "$(floe inspect -f '{{.State.StartedAt}}' created)" '0001-01-01T00:00:00Z'
    allowed created running start
    is "$(floe inspect -f '{{.State.Status}} {{.State.ExitCode}}' exited)" 'initialized 0'
    floe container cleanup exited
    is "$(state_of exited)" created
}

# bats test_tags=host
@test "pause in each state" {
    all_states
    allowed running paused pause
    not_allowed created pause
    not_allowed paused pause
    not_allowed exited pause
}

@test "unpause in each state" {
    all_states
    allowed paused running unpause
    not_allowed created unpause
    not_allowed running unpause
    not_allowed exited unpause
    floe exec paused true
}

@test "rm in each state" {
    all_states
    refused 2 '"running"' floe rm running
    has "$stderr" --force
    refused 2 '"paused"' floe rm paused
    is "$(state_of running) $(state_of paused)" 'running paused'
    is "$(floe rm created)" created
    is "$(floe rm exited)" exited
    is "$(floe ps -a --format '{{.Names}}' | sort | xargs)" 'paused running'
}

@test "rm --force in each state" {
    all_states
    local state
    for state in created running paused exited; do
        is "$(floe rm -f -t 0 $state)" $state
        run -1 floe container exists $state
    done
    is "$(engine_leftovers "$engine")" ''
}

@test "wait in each state" {
    all_states
    is "$(floe wait created exited)" $'0\n7'
    floe wait running paused >"$BATS_TEST_TMPDIR/codes" 3>&- &
    local waiter=$!
    floe kill -s TERM running
    floe unpause paused
    floe stop paused
    wait $waiter
    is "$(cat "$BATS_TEST_TMPDIR/codes")" $'0\n0'
}

# bats test_tags=host
@test "a paused container's processes stand still" {
    background p busybox sh -c 'while :; do echo x; done >/dev/null'
    floe pause p
    local stat before
    stat=/proc/$(pid_of p)/stat
    before=$(cut -d ' ' -f 14,15 "$stat")
    sleep 0.2
    is "$(cut -d ' ' -f 14,15 "$stat")" "$before"
    floe unpause p
    eventually eval '[ "$(cut -d " " -f 14,15 "'"$stat"'")" != "'"$before"'" ]'
}

@test "unknown names: 125, and 1 from rm" {
    local verb
    for verb in start stop kill restart pause unpause wait; do
        refused 125 nope floe $verb nope
    done
    refused 1 nope floe rm nope
    run -0 floe rm -i nope
    run -0 floe rm -f nope
    run -0 floe stop -i nope
    is "$(floe wait --ignore nope)" -1
}

@test "without a name a verb says what is missing" {
    local verb
    for verb in start stop kill restart pause unpause wait rm; do
        refused 125 'name or id' floe $verb
    done
    refused 125 'exclude' floe stop -a x
    refused 125 'exclude' floe rm -l x
}

@test "several names with a wrong one: the others are done, and the status tells" {
    sleeper one
    sleeper two
    run -125 --separate-stderr floe stop -t 0 one nope two
    is "$output" $'one\ntwo'
    has "$stderr" nope
    run -125 --separate-stderr floe start one nope two
    is "$output" $'one\ntwo'
    run -125 --separate-stderr floe kill one nope two
    is "$output" $'one\ntwo'
    run -1 --separate-stderr floe rm one nope two
    is "$output" $'one\ntwo'
    is "$(floe ps -aq)" ''
}

@test "several are done at once, and told of in their order" {
    stubborn slow
    sleeper fast
    "${program[@]}" stop -t -1 slow nope fast >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    local stopper=$! status=0
    eventually eval '[ "$(state_of fast)" = exited ]'
    is "$(cat "$BATS_TEST_TMPDIR/out")" ''
    floe kill slow
    wait $stopper || status=$?
    is "$status" 125
    is "$(cut -d ' ' -f 1 "$BATS_TEST_TMPDIR/out")" $'slow\nError:\nfast'

    floe start slow fast
    is "$(state_of slow) $(state_of fast)" 'running running'
}

@test "--all means those for which the verb makes sense" {
    all_states
    is "$(floe stop -a -t 0)" "$(floe inspect -f '{{.Id}}' running)"
    floe start running
    is "$(floe pause -a)" "$(floe inspect -f '{{.Id}}' running)"
    is "$(floe unpause -a | sort)" "$(floe inspect -f '{{.Id}}' running paused | sort)"
    is "$(floe kill -a | sort)" "$(floe inspect -f '{{.Id}}' running paused | sort)"
    floe start --all
    is "$(floe ps -q | wc -l)" 4
    is "$(floe restart --running -t 0 | wc -l)" 4
    is "$(floe rm -f -a -t 0 | wc -l)" 4
}

@test "--all with nothing to do succeeds" {
    local verb
    for verb in stop kill restart pause unpause rm; do
        run -0 floe $verb --all
        is "$output" ''
    done
}

@test "--latest is the one created last" {
    sleeper old
    sleeper new
    floe restart -t 0 old
    has "$(floe stop -t 0 -l)" "$(floe inspect -f '{{.Id}}' new | cut -c 1-12)"
    is "$(state_of old) $(state_of new)" 'running exited'
    floe start -l
    is "$(state_of new)" running
    floe pause -l
    floe unpause -l
    floe kill -l
    floe wait -l
    floe rm -l
    run -1 floe container exists new
}

@test "--latest without containers is an error" {
    refused 125 'no containers' floe start -l
    refused 1 'no containers' floe rm -l
}

@test "a container is found by id and by its beginning" {
    run -0 floe create busybox true
    floe container exists "$output"
    floe container exists "${output:0:12}"
    floe container exists "${output:0:3}"
    floe rm "${output:0:6}"
}

@test "a beginning that several ids have is refused" {
    local i ids first
    for i in $(seq 17); do
        floe create busybox true >>"$BATS_TEST_TMPDIR/ids"
    done
    # Of 17 ids two begin with the same digit.
    first=$(cut -c 1 "$BATS_TEST_TMPDIR/ids" | sort | uniq -d | head -n 1)
    refused 125 "$first" floe start "$first"
    matches "$stderr" 'more than one|ambiguous|several'
    refused 125 "$first" floe rm "$first"
    is "$(floe ps -aq | wc -l)" 17
}

@test "a name wins over an id that begins like it" {
    run -0 floe create busybox true
    local id=$output
    floe create --name "${id:0:4}" busybox true
    is "$(floe inspect -f '{{.Name}}' "${id:0:4}")" "${id:0:4}"
    floe rm "${id:0:4}"
    is "$(floe inspect -f '{{.Id}}' "${id:0:4}")" "$id"
}

@test "start --attach passes output on and ends with the exit code" {
    floe create --name a --network none busybox sh -c 'echo out; echo err >&2; exit 4'
    run -4 --separate-stderr floe start -a a
    is "$output" out
    is "$stderr" err
    # Again, and again from the beginning.
    run -4 --separate-stderr floe start --attach a
    is "$output" out
}

@test "start --attach --interactive passes input on" {
    floe create --name i -i --network none busybox cat
    is "$(echo word | floe start -ai i)" word
}

@test "start of a command that is not there: 127, of what cannot run: 126" {
    floe create --name none --network none busybox nope
    floe create --name dir --network none busybox /etc
    refused 127 nope floe start none
    refused 126 etc floe start dir
    is "$(state_of none) $(state_of dir)" 'created created'
    is "$(processes "$engine")$(mounts "$engine")" ''
}

@test "stop sends TERM first, and KILL after the time" {
    background polite busybox sh -c 'trap "exit 3" TERM; while :; do sleep 0.02; done'
    has_its_trap polite
    stubborn stubborn
    floe stop -t 60 polite
    floe stop -t 1 stubborn
    is "$(floe inspect -f '{{.State.ExitCode}}' polite stubborn)" $'3\n137'
}

@test "stop -t 0 kills at once" {
    background polite busybox sh -c 'trap "exit 3" TERM; while :; do sleep 0.02; done'
    floe stop -t 0 polite
    is "$(floe inspect -f '{{.State.ExitCode}}' polite)" 137
    refused 125 time floe stop -t -5 polite
    refused 125 x floe stop -t x polite
}

@test "others can look at a container while it is being stopped" {
    stubborn stubborn
    "${program[@]}" stop -t 60 stubborn >/dev/null 3>&- &
    local stopper=$!
    eventually eval '[ "$(state_of stubborn)" = stopping ]'
    has "$(floe ps --format '{{.Status}}' -a)" Stopping
    floe kill stubborn
    wait $stopper
    is "$(state_of stubborn)" exited
}

@test "kill sends the signal that was asked for" {
    background k busybox sh -c 'trap "echo HUP" HUP; trap "exit 5" USR2; echo ready; while :; do sleep 0.02; done'
    eventually eval 'floe logs k | grep -q ready'
    floe kill -s HUP k
    eventually eval 'floe logs k | grep -q HUP'
    is "$(state_of k)" running
    floe kill --signal 12 k
    is "$(floe wait k)" 5
    refused 125 NOPE floe kill -s NOPE k
    refused 125 99 floe kill -s 99 k
}

# bats test_tags=host
@test "a container that ends by itself is cleaned up at once" {
    background b busybox true
    floe wait b
    eventually eval '[ "$(state_of b)" = exited ]'
    eventually eval '[ -z "$(mounts "$engine")$(processes "$engine")" ]'
}

@test "exit codes of what a signal ended" {
    sleeper t
    floe kill -s KILL t
    is "$(floe wait t)" 137
    background u --init busybox sh -c 'echo begun; exec sleep 1000'
    # Before that its init has no handlers yet, and as pid 1 does not hear the signal.
    eventually eval '[ "$(floe logs u)" = begun ]'
    floe kill -s TERM u
    is "$(floe wait u)" 143
}

@test "wait tells the code of a container that is gone meanwhile" {
    sleeper gone --rm
    "${program[@]}" wait gone >"$BATS_TEST_TMPDIR/code" 3>&- &
    local waiter=$!
    eventually eval "ls -l /proc/$waiter/fd | grep -qE 'pidfd|inotify'"
    floe stop gone
    wait $waiter
    is "$(cat "$BATS_TEST_TMPDIR/code")" 0
}

# bats test_tags=host
@test "start and stop many times leave nothing over" {
    sleeper often
    local i
    for i in 1 2 3 4 5; do
        floe stop -t 5 often
        floe start often
    done
    is "$(mounts "$engine" | sort | uniq -d)" ''
    is "$(container_cgroups "$engine" | sed '/conmon/d; s,.*/,,' | sort -u | wc -l)" 1
    is "$(floe inspect -f '{{.RestartCount}}' often)" 0
}

@test "commands on one container at the same time do not break it" {
    sleeper busy
    local i pids=()
    for i in 1 2 3; do
        floe restart -t 5 busy >/dev/null 3>&- &
        pids+=($!)
        floe stop -t 5 busy >/dev/null 3>&- &
        pids+=($!)
        floe start busy >/dev/null 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i" || true
    done
    floe stop -t 5 busy
    floe start busy
    floe exec busy true
    is "$(container_cgroups "$engine" | sed '/conmon/d; s,.*/,,' | sort -u | wc -l)" 1
}

# bats test_tags=host
@test "many at the same time" {
    local i pids=()
    for i in 1 2 3 4 5 6; do
        in_container --name many$i busybox sh -c "exit $i" 3>&- &
        pids+=($!)
    done
    for i in 1 2 3 4 5 6; do
        local status=0
        wait "${pids[i - 1]}" || status=$?
        is "$status" "$i"
    done
    is "$(floe ps -aq)" ''
}

# bats test_tags=host
@test "a container whose conmon and process were killed is removed without complaint" {
    sleeper g
    kill -KILL "$(floe inspect -f '{{.State.ConmonPid}}' g)" "$(pid_of g)"
    eventually eval '[ -z "$(processes "$engine")" ]'
    run -0 --separate-stderr floe rm -f g
    is "$output" g
    lacks "$stderr" 'cannot'
    is "$(engine_leftovers "$engine")" ''
}

@test "an exit file that conmon did not write is nothing" {
    sleeper c
    id=$(floe inspect -f '{{.Id}}' c)
    echo nonsense >"$runroot/containers/$id/exit/$id"
    is "$(state_of c)" running
    floe stop -t 5 c
    is "$(floe inspect -f '{{.State.Status}} {{.State.ExitCode}}' c)" 'exited 0'
    floe start c
    echo nonsense >"$runroot/containers/$id/exit/$id"
    kill -KILL "$(floe inspect -f '{{.State.ConmonPid}}' c)"
    kill -KILL "$(floe inspect -f '{{.State.Pid}}' c)"
    eventually eval '[ "$(state_of c)" = stopped ]'
    floe rm -f c
}

@test "floe container VERB is floe VERB" {
    floe container create --name c --network none busybox sh -c "$SLEEPER"
    floe container start c
    floe container pause c
    floe container unpause c
    is "$(floe container exec c echo in)" in
    is "$(floe container ls -q)" "$(floe ps -q)"
    is "$(floe container inspect -f '{{.Name}}' c)" c
    floe container stop -t 0 c
    is "$(floe container wait c)" 137
    floe container rm c
    is "$(floe container run --rm --network none busybox echo out)" out
}

@test "container exists: 0, 1, and 125 for what is neither" {
    floe create --name here busybox true
    run -0 floe container exists here
    run -1 floe container exists there
    is "$output" ''
    refused 125 missing floe container exists
}

# bats test_tags=host
@test "the engine's cgroups go with its last container, and come again" {
    sleeper first
    sleeper second
    [ -n "$(cgroups "$engine")" ]
    floe rm -f -t 0 first
    [ -n "$(cgroups "$engine")" ]
    floe rm -f -t 0 second
    eventually no_cgroups
    in_container busybox true
    eventually no_cgroups
}

# conmon leaves its own when its exit command has ended.
no_cgroups() {
    [ -z "$(cgroups "$engine")" ]
}
