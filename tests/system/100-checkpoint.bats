# SPDX-License-Identifier: Apache-2.0
# floe checkpoint: what it prints, when it is refused, and that a failed one does no harm.

# bats file_tags=sanitize

load helpers
load helpers-checkpoint

# bats test_tags=host
@test "checkpoint ends the processes, keeps all else, and says the name" {
    counter c
    pid=$(floe inspect --format '{{.State.Pid}}' c)
    run --separate-stderr floe checkpoint c
    is "$status/$output/$stderr" "0/c/"
    is_frozen c
    [ ! -e "/proc/$pid" ]
    is "$(mounts "$engine")" ""
    matches "$(floe ps -a --format '{{.Names}} {{.Status}}')" '^c Exited \(0\)'
    is "$(floe ps -q)" ""
    is "$(floe inspect --format '{{.State.Pid}} {{.State.OOMKilled}} {{.State.Running}}' c)" "0 false false"
}

@test "the checkpoint is for root's eyes only" {
    sleeper c
    floe checkpoint c
    dir=$(floe inspect --format '{{.State.CheckpointPath}}' c)
    is "$dir" "$(container_dir c)/checkpoint"
    is "$(stat -c %a "$dir")" 700
    is "$(find "$(container_dir c)" -path '*/checkpoint/*' -perm /077 -type f)" ""
    is "$(stat -c %a "$(container_dir c)")" 700
}

@test "inspect tells when it was checkpointed" {
    sleeper c
    before=$(date +%s)
    floe checkpoint c
    at=$(floe inspect --format '{{.State.CheckpointedAt}}' c)
    at=$(date -d "$(sed -E 's/ [A-Z]+$//' <<<"$at")" +%s)
    [ "$at" -ge "$before" ]
    [ "$at" -le "$(date +%s)" ]
}

@test "a container can be checkpointed as soon as it is started" {
    local i

    for i in 1 2 3 4 5 6 7 8; do
        sleeper c$i
        floe checkpoint c$i
    done
    is "$(floe ps -aq --filter status=exited | wc -l)" 8
}

@test "only a running container can be checkpointed" {
    floe create --name created busybox true
    refused 125 'container "created": it is not running' floe checkpoint created
    is "$(state_of created)" created

    sleeper paused
    floe pause paused
    refused 125 'container "paused": it is not running' floe checkpoint paused
    is "$(state_of paused)" paused
    floe unpause paused

    background exited busybox true
    floe wait exited
    refused 125 'container "exited": it is not running' floe checkpoint exited

    floe checkpoint paused
    refused 125 'container "paused": it is not running' floe checkpoint paused
    is_frozen paused
}

@test "names are needed, and exclude --all and --latest" {
    sleeper c
    refused 125 "name" floe checkpoint
    refused 125 "exclude" floe checkpoint -a c
    refused 125 "exclude" floe checkpoint -l c
    refused 125 "exclude" floe checkpoint -l -a
    refused 125 "no container" floe checkpoint nobody
    is_running c
}

@test "one that cannot be checkpointed does not keep the others from it" {
    sleeper a
    sleeper b
    run --separate-stderr floe checkpoint a nobody b
    is "$status" 125
    is "$output" $'a\nb'
    has "$stderr" nobody
    is_frozen a
    is_frozen b
}

@test "checkpoint --all takes all that run, and only those" {
    sleeper one
    sleeper two
    floe create --name three busybox true
    run --separate-stderr floe checkpoint --all
    is "$status/$stderr" "0/"
    is "$(sort <<<"$output")" "$({ id_of one; id_of two; } | sort)"
    is_frozen one
    is_frozen two
    is "$(state_of three)" created
}

@test "checkpoint --latest takes the one created last" {
    sleeper one
    sleeper two
    is "$(floe checkpoint --latest)" "$(id_of two)"
    is_frozen two
    is_running one
}

@test "floe container checkpoint and an id's prefix do too" {
    sleeper c
    prefix=$(id_of c | cut -c 1-10)
    is "$(floe container checkpoint "$prefix")" "$prefix"
    is_frozen c
}

@test "checkpoint --print-stats prints JSON" {
    sleeper c
    run --separate-stderr floe checkpoint --print-stats c nobody
    is "$status" 125
    is "$(jq -r '.container_statistics | length' <<<"$output")" 1
    is "$(jq -r '.container_statistics[0] | .Id + " " + .RawInput' <<<"$output")" "$(id_of c) c"
    jq -e '.podman_checkpoint_duration > .container_statistics[0].runtime_checkpoint_duration' <<<"$output"
    jq -e '.container_statistics[0].runtime_checkpoint_duration > 0' <<<"$output"
    jq -e '.container_statistics[0].criu_statistics |
        .freezing_time > 0 and .frozen_time > 0 and .memdump_time > 0 and .memwrite_time > 0 and
        .pages_scanned > 0 and .pages_written > 0' <<<"$output"
}

@test "checkpoint --print-stats of nothing that works says null" {
    run --separate-stderr floe checkpoint --print-stats nobody
    is "$status" 125
    is "$(jq -c .container_statistics <<<"$output")" null
}

@test "checkpoint --keep keeps CRIU's log and statistics" {
    sleeper c
    floe checkpoint --keep c
    log=$(floe inspect --format '{{.State.CheckpointLog}}' c)
    grep -q "Dumping finished successfully" "$log"
    [ -s "$(dirname "$log")/stats-dump" ]
}

@test "without --keep neither stays" {
    sleeper c
    floe checkpoint c
    is "$(floe inspect --format '{{.State.CheckpointLog}}' c)" ""
    is "$(checkpoint_files c)" checkpoint
    is "$(find "$(container_dir c)" -name '*.log' ! -name ctr.log -o -name 'stats-*')" ""
}

# bats test_tags=host
@test "checkpoint --leave-running leaves it running" {
    counter c
    pid=$(floe inspect --format '{{.State.Pid}}' c)
    is "$(floe checkpoint --leave-running c)" c
    is_running c
    is "$(floe inspect --format '{{.State.Pid}}' c)" "$pid"
    counts_on c
    counted_without_a_gap c
    is "$(checkpoint_files c)" checkpoint
    floe stop -t 0 c
    floe rm c
}

@test "a container with --rm is refused, unless it is left running" {
    sleeper c --rm
    refused 125 "--rm" floe checkpoint c
    is_running c
    floe checkpoint --leave-running c
    is_running c
}

# bats test_tags=host
@test "active exec sessions are refused by name" {
    sleeper c
    floe exec c sh -c 'trap "exit 5" TERM; echo $$ >/session; while :; do usleep 10000; done' &
    eventually floe exec c test -s /session
    refused 125 "exec session" floe checkpoint c
    has "$stderr" '"c"'
    is_running c
    floe exec c sh -c 'kill $(cat /session)'
    wait $! || is $? 5
    floe checkpoint c
    is_frozen c
}

# bats test_tags=host
@test "a process that was stopped by a signal is told of, and nothing hangs" {
    background c busybox sh -c 'sleep 1000 & echo $! >/pid; kill -STOP $!; while :; do usleep 20000; done'
    eventually has_stopped
    # Version 2's freezer does no harm to it.
    if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
        floe checkpoint c
        return
    fi
    refused 125 'stopped by a signal' floe checkpoint c
    is_running c
    floe exec c sh -c 'kill -CONT $(cat /pid)'
    floe checkpoint c
    is_frozen c
}

has_stopped() {
    floe exec c sh -c 'grep -q "^State:.*T (stopped)" "/proc/$(cat /pid)/status"'
}

# bats test_tags=host
@test "file locks need --file-locks" {
    local tools=$BATS_TEST_TMPDIR/tools flock='/tools/ld.so --library-path /tools /tools/flock'

    mkdir "$tools"
    cp "$(command -v flock)" "$tools"
    # Its libraries are the host's, not the image's.
    ldd "$tools/flock" | grep -o '/[^ ]*' | xargs -I {} cp {} "$tools"
    mv "$tools"/ld-linux* "$tools/ld.so" || skip "flock is not the dynamic program of Debian"
    background c -v "$tools:/tools:ro" busybox \
        sh -c "trap 'exit 0' TERM; exec 7>/lock; $flock 7 && echo locked; while :; do sleep 1 & wait \$!; done"
    eventually has_logged c locked

    refused 125 "file locks" floe checkpoint c
    has "$stderr" "--file-locks"
    is_running c
    run -1 floe exec c sh -c "$flock -n /lock true"

    floe checkpoint --file-locks c
    refused 125 "--file-locks" floe restore c
    is_frozen c
    floe restore --file-locks c
    is_running c
    run -1 floe exec c sh -c "$flock -n /lock true"
}

@test "wait answers when the container is checkpointed" {
    sleeper c
    "${program[@]}" wait c >"$BATS_TEST_TMPDIR/answer" 3>&- &
    waiter=$!
    eventually eval "ls -l /proc/$waiter/fd | grep -qE 'pidfd|inotify'"
    floe checkpoint c
    wait $waiter
    is "$(cat "$BATS_TEST_TMPDIR/answer")" 0
    is "$(timeout 10 "${program[@]}" wait c)" 0
}

@test "a run in the foreground ends when the container is checkpointed" {
    "${program[@]}" run --name c --network none busybox sh -c "$COUNTER" >"$BATS_TEST_TMPDIR/out" 3>&- &
    runner=$!
    eventually grep -q 3 "$BATS_TEST_TMPDIR/out"
    floe checkpoint c
    timeout 10 tail --pid=$runner -f /dev/null
    wait $runner || [ $? -lt 126 ]
    is_frozen c
}

# bats test_tags=host
@test "a CRIU that fails leaves the container running, and not frozen" {
    counter c
    run ! floe_with_criu 'exit 1' checkpoint c
    is_running c
    counts_on c
    is "$(checkpoint_files c)" ""
    refused 125 "no checkpoint" restore_after_stop c
}

restore_after_stop() {
    floe stop -t 0 "$1" >/dev/null
    floe restore "$1"
}

# bats test_tags=host
@test "a CRIU that is killed leaves the container running, and not frozen" {
    counter c
    run ! floe_with_criu 'kill -9 $$' checkpoint c
    is_running c
    counts_on c
    is "$(checkpoint_files c)" ""
    floe checkpoint c
    is_frozen c
}

@test "without CRIU the error says what to install" {
    sleeper c
    mkdir "$BATS_TEST_TMPDIR/empty"
    FLOE_PRIVATE_PREFIX=$BATS_TEST_TMPDIR/empty \
        PATH=$(dirname "$(command -v conmon)") refused 125 "CRIU" floe checkpoint c
    has "$stderr" "install"
    is_running c
}

@test "a failed checkpoint leaves the earlier one to be restored" {
    counter c
    floe checkpoint --leave-running c
    run ! floe_with_criu 'exit 1' checkpoint c
    is "$(checkpoint_files c)" checkpoint
    floe stop -t 0 c
    floe restore c
    is_running c
}

@test "a full disk fails the checkpoint, and the container runs on" {
    engine_add
    engine=$added root=$added/r
    program=("$FLOE" "${runtime_option[@]}" --root "$root" --runroot "$added/x")
    mkdir "$root"
    mount -t tmpfs -o size=24m,mode=700 small "$root"
    floe import -q "$BUSYBOX_TAR" busybox
    counter c
    for left in 9000 40000; do # in CRIU's log there is the reason, or only half a line before it
        fill=$(($(stat -f -c '%a * %S' "$root") - left))
        head -c $fill /dev/zero >"$root/filler"
        run --separate-stderr floe checkpoint c
        is "$status" 125
        rm "$root/filler"
        has "$stderr" "space"
        is_running c
        counts_on c
    done
    floe rm -f -t 0 c
    processes_wait "$engine"
    umount "$root"
}

@test "the container keeps its runtime, whatever the next floe is told" {
    sleeper c
    floe checkpoint c
    runtime_option=()
    is "$(floe inspect --format '{{.State.Checkpointed}} {{.OCIRuntime}}' c)" "true $RUNTIME"
    floe restore c
    is_running c
}
