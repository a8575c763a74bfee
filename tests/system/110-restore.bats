# SPDX-License-Identifier: Apache-2.0
# floe restore: what goes on where it was, and what can be done with a container before and after.

load helpers
load helpers-checkpoint
load helpers-network

freeze_and_thaw() { # CONTAINER [OPTION-OF-BOTH...]
    floe checkpoint "${@:2}" "$1" >/dev/null
    is_frozen "$1"
    floe restore "${@:2}" "$1" >/dev/null
    is_running "$1"
}

# --- what it prints, and when it is refused -----------------------------------------------------------

@test "restore says the name, and the container runs" {
    counter c
    floe checkpoint c
    run --separate-stderr floe restore c
    is "$status/$output/$stderr" "0/c/"
    is_running c
    is "$(floe ps -q --no-trunc)" "$(id_of c)"
    matches "$(floe ps --format '{{.Status}}')" '^Up '
}

@test "inspect tells that it was restored, and when" {
    sleeper c
    started=$(floe inspect --format '{{.State.StartedAt}}' c)
    is "$(floe inspect --format '{{.State.Restored}}' c)" false
    before=$(date +%s)
    freeze_and_thaw c
    is "$(floe inspect --format '{{.State.Restored}} {{.State.Checkpointed}}' c)" "true false"
    is "$(floe inspect --format '{{.State.StartedAt}}' c)" "$started"
    at=$(floe inspect --format '{{.State.RestoredAt}}' c)
    [ "$(date -d "$(sed -E 's/ [A-Z]+$//' <<<"$at")" +%s)" -ge "$before" ]
    [ -d "/proc/$(floe inspect --format '{{.State.Pid}}' c)" ]
    floe checkpoint c
    is "$(floe inspect --format '{{.State.Restored}} {{.State.Checkpointed}}' c)" "false true"
    matches "$(floe inspect --format '{{.State.RestoredAt}}' c)" '^0001-01-01'
}

@test "restore takes the checkpoint away, restore --keep does not" {
    sleeper c
    floe checkpoint c
    is "$(floe inspect --format '{{.State.RestoreLog}}' c)" ""
    floe restore --keep c
    is "$(checkpoint_files c)" "checkpoint criu"
    grep -q 'Restore finished successfully' "$(floe inspect --format '{{.State.RestoreLog}}' c)"
    floe stop -t 0 c
    floe restore c
    is_running c
    is "$(floe inspect --format '{{.State.RestoreLog}}' c)" ""
    is "$(checkpoint_files c)" ""
}

@test "what has ended, and nobody has cleaned up, is restored from the checkpoint that was kept" {
    counter c
    floe checkpoint c
    floe restore --keep c
    pid=$(floe inspect --format '{{.State.Pid}}' c)
    kill -KILL "$(floe inspect --format '{{.State.ConmonPid}}' c)"
    kill -KILL "$pid"
    eventually state_is c stopped
    floe restore c
    is_running c
    counts_on c
    is "$(checkpoint_files c)" ""
}

@test "what has no checkpoint is not restored" {
    floe create --name created busybox true
    refused 125 "no checkpoint" floe restore created
    is "$(state_of created)" created
    background exited busybox true
    floe wait exited
    refused 125 "no checkpoint" floe restore exited
    is "$(state_of exited)" exited
    refused 125 "no container" floe restore nobody
}

@test "what runs or is paused is not restored" {
    counter c
    floe checkpoint --leave-running c
    refused 125 'cannot restore container "c"' floe restore c
    counts_on c
    floe pause c
    refused 125 'cannot restore container "c"' floe restore c
    floe unpause c
    counts_on c
    counted_without_a_gap c
}

@test "names are needed for a restore, and exclude --all and --latest" {
    refused 125 "name" floe restore
    refused 125 "exclude" floe restore -a c
    refused 125 "exclude" floe restore -l c
}

@test "restore --latest takes the one created last" {
    sleeper one
    sleeper two
    floe checkpoint one two
    is "$(floe restore --latest)" "$(id_of two)"
    is_running two
    is_frozen one
}

@test "restore --all restores all checkpointed ones" {
    sleeper one
    sleeper two
    floe create --name three busybox true
    floe checkpoint --all
    run --separate-stderr floe restore --all
    is "$status/$stderr" "0/"
    is "$(sort <<<"$output")" "$({ id_of one; id_of two; } | sort)"
    is_running one
    is_running two
    is "$(state_of three)" created
}

@test "restore --print-stats prints JSON" {
    sleeper c
    floe checkpoint c
    run --separate-stderr floe restore --print-stats c nobody
    is "$status" 125
    is "$(jq -r '.container_statistics | length' <<<"$output")" 1
    is "$(jq -r '.container_statistics[0] | .Id + " " + .RawInput' <<<"$output")" "$(id_of c) c"
    jq -e '.podman_restore_duration > .container_statistics[0].runtime_restore_duration' <<<"$output"
    jq -e '.container_statistics[0].criu_statistics | .restore_time > 0 and .pages_restored > 0' <<<"$output"
}

# --- a restore that fails -----------------------------------------------------------------------------

@test "a CRIU that fails leaves the checkpoint to be tried again" {
    counter c
    floe checkpoint c
    run ! floe_with_criu 'exit 1' restore c
    is_frozen c
    is "$(mounts "$engine")" ""
    run ! floe_with_criu 'kill -9 $$' restore c
    is_frozen c
    floe restore c
    counts_on c
    counted_without_a_gap c
}

@test "a missing bind source fails the restore; with it back it goes on" {
    mkdir "$BATS_TEST_TMPDIR/shared"
    counter c -v "$BATS_TEST_TMPDIR/shared:/shared"
    floe checkpoint c
    mv "$BATS_TEST_TMPDIR/shared" "$BATS_TEST_TMPDIR/away"
    refused 125 "$BATS_TEST_TMPDIR/shared" floe restore c
    is_frozen c
    mv "$BATS_TEST_TMPDIR/away" "$BATS_TEST_TMPDIR/shared"
    floe restore c
    counts_on c
    floe exec c touch /shared/written
    [ -e "$BATS_TEST_TMPDIR/shared/written" ]
}

@test "an open file that has changed fails the restore, which names it" {
    mkdir "$BATS_TEST_TMPDIR/shared"
    echo one >"$BATS_TEST_TMPDIR/shared/file"
    background c -v "$BATS_TEST_TMPDIR/shared:/shared" busybox \
        sh -c 'exec 3</shared/file; echo ready; while :; do sleep 1; done'
    eventually has_logged c ready
    floe checkpoint c
    echo longer >>"$BATS_TEST_TMPDIR/shared/file"
    refused 125 "shared/file" floe restore c
    is_frozen c
    echo one >"$BATS_TEST_TMPDIR/shared/file"
    floe restore c
    is_running c
}

@test "a damaged checkpoint fails the restore with words, and can still be removed" {
    sleeper c
    floe checkpoint c
    truncate -s 10 "$(container_dir c)/checkpoint/inventory.img"
    refused 125 'restore container "c"' floe restore c
    is_frozen c
    is "$(floe rm c)" c
}

# --- what survives ------------------------------------------------------------------------------------

@test "memory and log go on, through five checkpoints" {
    local i

    counter c
    for i in 1 2 3 4 5; do
        counts_on c
        freeze_and_thaw c
        counts_on c
    done
    counted_without_a_gap c
}

@test "process ids, directories, variables and open files survive" {
    background c -e COLOUR=green -w /tmp busybox sh -c '
        seq 1 9 >/tmp/numbers
        exec 3</tmp/numbers 4>/tmp/written
        read one <&3
        cd /home/alice
        inner=own
        trap "read two <&3; echo \$\$ \$inner \$COLOUR \$PWD \$one \$two >&4" USR1
        echo ready
        mkfifo fifo && exec 5<>fifo
        while :; do cat <&5 & wait $!; done'
    eventually has_logged c ready
    before=$(floe exec c sh -c '
        cd /proc
        for p in [0-9]*; do read name 2>/dev/null <$p/comm && [ $p != $$ ] && echo $p $name; done
        true')
    freeze_and_thaw c
    floe kill -s USR1 c
    eventually floe exec c grep -q own /tmp/written
    is "$(floe exec c cat /tmp/written)" "1 own green /home/alice 1 2"
    has "$before" "1 sh"
    has "$(floe exec c ps -o pid,comm | sed 's/^ *//; s/  */ /g')" "$(grep cat <<<"$before")"
}

@test "changed files, /dev/shm and tmpfs contents survive" {
    sleeper c --tmpfs /scratch --mount type=tmpfs,dst=/more
    floe exec c sh -c '
        echo root >/etc/new; echo more >>/etc/passwd; rm -r /home/alice; echo shm >/dev/shm/s
        echo scratch >/scratch/t; chmod 640 /scratch/t; ln -s t /scratch/link
        mkdir /more/dir; echo more >/more/dir/file'
    freeze_and_thaw c
    is "$(floe exec c cat /etc/new /dev/shm/s /scratch/t /more/dir/file)" $'root\nshm\nscratch\nmore'
    is "$(floe exec c tail -n 1 /etc/passwd)" more
    is "$(floe exec c stat -c %a /scratch/t)" 640
    is "$(floe exec c readlink /scratch/link)" t
    run ! floe exec c test -e /home/alice
    is "$(floe exec c stat -f -c %T /scratch /more /dev/shm)" $'tmpfs\ntmpfs\ntmpfs'
}

@test "what is written after the restore survives the next one" {
    sleeper c --tmpfs /scratch
    floe exec c sh -c 'echo 1 >/dev/shm/s; echo 1 >/scratch/t; echo 1 >/f'
    freeze_and_thaw c
    floe exec c sh -c 'echo 2 >>/dev/shm/s; echo 2 >>/scratch/t; echo 2 >>/f'
    freeze_and_thaw c
    is "$(floe exec c cat /dev/shm/s /scratch/t /f | tr '\n' ' ')" "1 2 1 2 1 2 "
}

@test "pipes between processes keep what is in them" {
    background c busybox sh -c '
        mkfifo /tmp/go
        (echo in the pipe; exec sleep 3600) | { read x </tmp/go; read line; echo "got: $line"; sleep 3600; }'
    eventually floe exec c test -p /tmp/go
    freeze_and_thaw c
    floe exec c sh -c 'echo >/tmp/go'
    eventually has_logged c "got: in the pipe"
}

@test "unix sockets inside the container go on" {
    background c busybox sh -c 'syslogd -O /log; echo ready; while :; do sleep 3600; done'
    eventually has_logged c ready
    eventually floe exec c test -S /dev/log
    floe exec c logger before
    freeze_and_thaw c
    floe exec c logger after
    eventually floe exec c grep -q after /log
    floe exec c grep -q before /log
}

@test "a deleted file that is open keeps its contents" {
    background c busybox sh -c '
        echo contents >/tmp/file
        exec 3</tmp/file
        rm /tmp/file
        trap "cat <&3" USR1
        echo ready
        while :; do sleep 3600 & wait $!; done'
    eventually has_logged c ready
    freeze_and_thaw c
    floe kill -s USR1 c
    eventually has_logged c contents
}

# What waits is a read: CRIU ends the sleep of a busybox that does not sleep again, as Debian 13's.
@test "sixty processes survive" {
    background c busybox sh -c '
        mkfifo /tmp/fifo && exec 3<>/tmp/fifo
        for i in $(seq 60); do cat <&3 & done
        echo ready
        wait'
    eventually has_logged c ready
    eventually has_sixty_cats c
    before=$(floe exec c pidof cat)
    freeze_and_thaw c
    is "$(floe exec c pidof cat)" "$before"
}

# Those that were forked are not all cat yet.
has_sixty_cats() { # CONTAINER
    [ "$(floe exec "$1" pidof cat | wc -w)" = 60 ]
}

@test "a zombie is no hindrance" {
    # The child is still there when exec makes its parent a process that never waits for it.
    background c busybox sh -c 'mkfifo /tmp/fifo && exec 3<>/tmp/fifo; sleep 0.2 & exec cat <&3'
    eventually has_zombie c
    freeze_and_thaw c
    has_zombie c
}

has_zombie() { # CONTAINER
    floe exec "$1" sh -c 'grep -qs "^State:.Z" /proc/[0-9]*/status'
}

@test "a timer that was running runs on" {
    background c busybox sh -c 'sleep 1; echo over; sleep 3600'
    freeze_and_thaw c
    eventually has_logged c over
}

@test "limits are there after the restore" {
    sleeper c -m 64m --cpus 0.5 --pids-limit 40 --ulimit nofile=77
    before=$(limits_of c)
    has "$before" 67108864
    has "$before" 40
    freeze_and_thaw c
    is "$(limits_of c)" "$before"
    is "$(floe exec c sh -c 'ulimit -n')" 77
}

limits_of() { # CONTAINER
    local cgroup file

    for cgroup in $(container_cgroups "$engine" | grep -E "$(id_of "$1")(\.scope)?\$" | sort); do
        for file in memory.limit_in_bytes memory.max cpu.cfs_quota_us cpu.max pids.max; do
            [ ! -e "$cgroup/$file" ] || cat "$cgroup/$file"
        done
    done
}

@test "the sandbox is the same after the restore" {
    sleeper c --read-only --cap-add NET_ADMIN --cap-drop CHOWN --security-opt no-new-privileges --hostname frozen
    before=$(sandbox_of c)
    freeze_and_thaw c
    is "$(sandbox_of c)" "$before"
    run ! floe exec -u 0 c touch /new
    is "$(floe exec c hostname)" frozen
}

@test "another user's processes survive" {
    # prlimit(2), by which CRIU reads the limits of a process, wants the same user or this capability.
    capsh --has-p=cap_sys_resource 2>/dev/null || skip "the tests have no CAP_SYS_RESOURCE"
    sleeper c -u alice
    freeze_and_thaw c
    is "$(floe exec c id -un)" alice
}

sandbox_of() { # CONTAINER
    grep -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp):' "/proc/$(floe inspect --format '{{.State.Pid}}' "$1")/status"
    floe exec "$1" sh -c 'readlink /proc/1/cwd; cat /proc/1/oom_score_adj'
    # A masked file is /dev/null: the container's at first, the host's when runc has restored it.
    floe exec "$1" awk '{ print $2, $3 }' /proc/mounts | sed 's/ devtmpfs$/ tmpfs/' | sort
}

@test "standard input stays open" {
    background c -i busybox sh -c 'echo ready; cat; echo closed'
    eventually has_logged c ready
    freeze_and_thaw c
    is "$(floe logs c)" ready
}

# --- networks -----------------------------------------------------------------------------------------

@test "address, MAC and name files are the same after the restore" {
    floe run -d --name c --cap-add NET_RAW busybox sh -c "$SLEEPER"
    before=$(network_of c)
    freeze_and_thaw c
    is "$(network_of c)" "$before"
    floe exec c ping -c 1 -w 5 "$(floe inspect --format '{{.NetworkSettings.Gateway}}' c)"
}

network_of() { # CONTAINER
    floe inspect --format '{{.NetworkSettings.IPAddress}} {{.NetworkSettings.MacAddress}}' "$1"
    floe exec "$1" sh -c '
        ip -4 address show eth0; ip link show eth0; ip route
        cat /etc/hosts /etc/resolv.conf /etc/hostname' |
        sed 's/@if[0-9]*//; s/^[0-9]*: //'
}

@test "the address of a checkpointed container is not given to another" {
    floe run -d --name c busybox sh -c "$SLEEPER"
    address=$(floe inspect --format '{{.NetworkSettings.IPAddress}}' c)
    floe checkpoint c
    refused 125 "$address" floe run --rm --ip "$address" busybox true
    floe restore c
    is "$(floe exec c hostname -i)" "$address"
}

@test "the address stays with a checkpoint that is kept, whatever the container does meanwhile" {
    floe run -d --name c busybox sh -c "$SLEEPER"
    address=$(floe inspect --format '{{.NetworkSettings.IPAddress}}' c)
    floe checkpoint --leave-running c
    floe stop -t 0 c
    refused 125 "$address" floe run --rm --ip "$address" busybox true
    floe start c
    is "$(floe exec c hostname -i)" "$address"
    floe stop -t 0 c
    refused 125 "$address" floe run --rm --ip "$address" busybox true
    floe restore c
    is "$(floe exec c hostname -i)" "$address"
}

@test "a removed checkpoint gives its address back, and leaves nothing" {
    floe run -d --name c busybox sh -c "$SLEEPER"
    address=$(floe inspect --format '{{.NetworkSettings.IPAddress}}' c)
    floe checkpoint c
    is "$(floe rm c)" c
    is "$(engine_leftovers "$engine")" ""
    floe run --rm --ip "$address" busybox true
}

@test "published ports work again after the restore" {
    port=$(free_ports 1)
    web c 8000 -p "$port:8000"
    eventually serves 127.0.0.1 "$port" c
    eventually nobody_is_connected c
    floe checkpoint c
    floe restore c
    eventually serves 127.0.0.1 "$port" c
}

@test "a container on the host's network can be frozen and thawed" {
    floe run -d --name c --network host busybox sh -c "$COUNTER"
    eventually has_counted_to c 3
    freeze_and_thaw c
    counts_on c
    counted_without_a_gap c
}

@test "a container on another's network can be frozen and thawed" {
    floe run -d --name net busybox sh -c "$SLEEPER"
    floe run -d --name c --network container:net busybox sh -c "$COUNTER"
    eventually has_counted_to c 3
    freeze_and_thaw c
    counts_on c
    is "$(floe exec c ip -4 address show eth0)" "$(floe exec net ip -4 address show eth0)"
}

@test "without the container whose network it shares it is not restored" {
    floe run -d --name net busybox sh -c "$SLEEPER"
    floe run -d --name c --network container:net busybox sh -c "$COUNTER"
    floe checkpoint c
    floe stop -t 0 net
    refused 125 "$(id_of net)" floe restore c
    is_frozen c
    floe rm -f -t 0 c net
}

# --- other verbs --------------------------------------------------------------------------------------

@test "start of a checkpointed container begins anew" {
    counter c
    floe exec c touch /mark
    eventually has_counted_to c 10
    floe checkpoint c
    floe start c
    is "$(floe inspect --format '{{.State.Status}} {{.State.Checkpointed}} {{.State.Restored}}' c)" \
        "running false false"
    eventually eval '[ "$(floe logs c | grep -cx 1)" = 2 ]'
    floe exec c test -e /mark
}

@test "stop, kill, restart, pause, exec and rm work on a restored container" {
    sleeper c
    freeze_and_thaw c
    is "$(floe exec c echo hello)" hello
    floe pause c
    is "$(state_of c)" paused
    floe unpause c
    floe stop c
    is "$(floe inspect --format '{{.State.Status}} {{.State.ExitCode}}' c)" "exited 0"
    floe start c
    freeze_and_thaw c
    floe restart -t 0 c
    is "$(floe inspect --format '{{.State.Status}} {{.State.Restored}}' c)" "running false"
    freeze_and_thaw c
    floe kill c
    is "$(floe wait c)" 137
    floe start c
    freeze_and_thaw c
    refused 2 "running" floe rm c
    floe rm -f c
    is "$(floe ps -aq)" ""
}

@test "the exit code of a restored container is known" {
    background c busybox sh -c 'trap "exit 7" TERM; while :; do sleep 3600 & wait $!; done'
    has_its_trap c
    freeze_and_thaw c
    floe kill -s TERM c
    is "$(floe wait c)" 7
    # Its end is known before it is cleaned up.
    eventually eval '[ "$(state_of c)" = exited ]'
    is "$(floe inspect --format '{{.State.ExitCode}}' c)" 7
    refused 125 "no checkpoint" floe restore c
}

@test "a restored container with --rm is removed at its end" {
    sleeper c --rm
    floe checkpoint --leave-running c
    floe stop c
    is "$(floe ps -aq)" ""
    eventually no_leftovers
}

no_leftovers() {
    [ -z "$(engine_leftovers "$engine")" ]
}

# --- crun where it would be dangerous -----------------------------------------------------------------

# crun 1.28's restore kills every process on the machine where a v1 hierarchy is not mounted. Nobody but the
# processes of a namespace of their own can come to harm here.
@test "crun is not asked to restore where it takes the whole host for the container" {
    [ "$RUNTIME" = crun ] || skip "this is about crun"
    [ -e /sys/fs/cgroup/hugetlb/cgroup.procs ] || skip "there is no v1 hierarchy to hide"
    sleeper c
    floe checkpoint c
    export FLOE root runroot
    run unshare --pid --fork --mount --mount-proc sh -c '
        sleep 60 &
        umount /sys/fs/cgroup/hugetlb || exit 77
        "$FLOE" --root "$root" --runroot "$runroot" restore c
        echo "status $?"
        kill -0 $! && echo alive && kill $!'
    has "$output" "crun is not safe on this host"
    has "$output" "status 125"
    has "$output" alive
    is_frozen c
    floe restore c
    is_running c
}
