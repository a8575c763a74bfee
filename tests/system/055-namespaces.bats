# SPDX-License-Identifier: Apache-2.0
# Namespaces shared with the host or another container: --pid, --ipc, --uts, --network.

load helpers

namespace() { # KIND OPTION...
    in_container "${@:2}" busybox readlink "/proc/self/ns/$1"
}

# That of the container's first process.
namespace_of() { # KIND CONTAINER
    readlink "/proc/$(floe inspect -f '{{.State.Pid}}' "$2")/ns/$1"
}

# bats test_tags=host
@test "--pid host, --ipc host, --uts host" {
    local kind
    for kind in pid ipc uts; do
        is "$(namespace $kind --$kind host)" "$(readlink /proc/self/ns/$kind)"
        [ "$(namespace $kind --$kind private)" != "$(readlink /proc/self/ns/$kind)" ]
    done
    is "$(in_container --uts host busybox hostname)" "$(hostname)"
}

@test "--network host and none" {
    is "$(floe run --rm --network host busybox readlink /proc/self/ns/net)" "$(readlink /proc/self/ns/net)"
    is "$(in_container busybox sh -c 'ls /sys/class/net')" lo
    in_container busybox ip addr show lo | grep -q 'inet 127.0.0.1'
    refused 125 nonsense floe run --rm --network nonsense busybox true
}

@test "--pid, --ipc, --uts and --network container:NAME share the other's" {
    sleeper first
    local kind
    for kind in pid ipc uts; do
        is "$(namespace $kind --$kind container:first)" "$(namespace_of $kind first)"
    done
    is "$(floe run --rm --network container:first busybox readlink /proc/self/ns/net)" "$(namespace_of net first)"
    has "$(in_container --pid container:first busybox ps)" 'sleep 3600'
    is "$(in_container --uts container:first busybox hostname)" "$(floe exec first hostname)"
}

# bats test_tags=host
@test "a container in another's PID namespace ends with its own command" {
    sleeper first
    run -5 in_container --pid container:first busybox sh -c 'exit 5'
    sleeper second --pid container:first
    floe stop -t 2 second
    is "$(state_of first)" running
    floe exec first true
}

# bats test_tags=host
@test "stop of a container without its own PID namespace ends all its processes" {
    floe run -d --name host --network none --pid host --stop-timeout 0 busybox sh -c 'sleep 3601 & sleep 3602' >/dev/null
    floe stop host
    processes_wait "$engine"
    is "$(processes "$engine")" ''
}

@test "shared memory comes with --ipc container" {
    sleeper first
    floe exec first sh -c 'echo shared >/dev/shm/x'
    is "$(in_container --ipc container:first busybox cat /dev/shm/x)" shared
}

@test "the other container must be there, and running" {
    refused 125 nope in_container --pid container:nope busybox true
    refused 125 nope floe run --rm --network container:nope busybox true
    sleeper first
    floe create --name guest --network container:first busybox sh -c "$SLEEPER"
    # A paused one cannot be started, and a stopped one is not started for an init or a restart.
    floe pause first
    refused 125 "$(floe inspect -f '{{.Id}}' first)" floe start guest
    floe unpause first
    floe stop first
    refused 125 "not running: $(floe inspect -f '{{.Id}}' first)" floe restart guest
    is "$(state_of guest) $(state_of first)" 'created exited'
}

@test "start starts first what a container needs" {
    floe create --name first --network none busybox sh -c "$SLEEPER"
    floe create --name second --network none --requires first busybox sh -c "$SLEEPER"
    floe create --name third --pid container:second --ipc container:first --network none busybox sh -c "$SLEEPER"
    is "$(floe inspect -f '{{len .Dependencies}}' first second third)" $'0\n1\n2'
    is "$(floe start third)" third
    is "$(state_of first) $(state_of second) $(state_of third)" 'running running running'
    is "$(namespace_of pid third)" "$(namespace_of pid second)"
    # One that ended is started again; the others go on.
    local pid
    pid=$(floe inspect -f '{{.State.Pid}}' first)
    floe stop -t 5 third second
    is "$(floe start third)" third
    is "$(state_of second) $(floe inspect -f '{{.State.Pid}}' first)" "running $pid"
}

@test "what is needed is started only with the container" {
    floe create --name first --network none busybox sh -c "$SLEEPER"
    floe create --name second --network none --requires first busybox sh -c "$SLEEPER"
    is "$(floe container refresh second)" second
    is "$(state_of first) $(state_of second)" 'created created'
    floe start second
    floe stop -t 5 first
    floe start second || true
    is "$(state_of first) $(state_of second)" 'exited running'
    is "$(floe container refresh second)" second
    is "$(state_of first) $(state_of second)" 'running running'
}

@test "what is needed and cannot start is said, and its reason" {
    floe create --name first --network none busybox /nope
    floe create --name second --network none --requires first busybox true
    refused 127 'start container "first", which is needed' floe start second
    is "$(state_of first) $(state_of second)" 'created created'
    refused 125 other floe create --requires other busybox true
}

# bats test_tags=host
@test "a namespace of a process that has taken a dead container's number is not used" {
    sleeper first
    floe create --name guest --network none --pid container:first busybox true
    kill -KILL "$(floe inspect -f '{{.State.ConmonPid}}' first)" "$(floe inspect -f '{{.State.Pid}}' first)"
    eventually eval '[ -z "$(processes "$engine")" ]'
    sqlite3 "$root/floe.db" "UPDATE container SET status = json_set(status, '\$.pid', $$, '\$.conmon_pid', $$) WHERE name = 'first'"
    is "$(floe ps -a --filter name=first --format '{{.Status}}' | cut -c 1-11)" 'Exited (-1)'
    is "$(state_of first)" stopped
    floe init guest 2>"$BATS_TEST_TMPDIR/error" && return 1
    has "$(cat "$BATS_TEST_TMPDIR/error")" "not running"
}

@test "a container that others depend on is removed after them" {
    sleeper first
    floe create --name guest --ipc container:first busybox true
    floe stop -t 0 first
    refused 125 "$(floe inspect -f '{{.Id}}' guest)" floe rm first
    refused 125 'dependent' floe rm -f first
    is "$(floe rm guest first)" $'guest\nfirst'
}

@test "rm --depend removes what depends on a container, too" {
    sleeper first
    sleeper second --ipc container:first
    floe create --name third --requires second --network none busybox true
    local ids
    ids=$(floe inspect -f '{{.Id}}' third second first)
    # The third is not running and goes; the second must be stopped first.
    run -2 --separate-stderr floe rm --depend first
    is "$output" "${ids%%$'\n'*}"
    has "$stderr" '"second"'
    is "$(floe rm --depend -f -t 5 first)" "${ids#*$'\n'}"
    is "$(floe ps -aq)" ''
}

@test "rm --all copes with containers that depend on each other" {
    sleeper first
    floe create --name guest --ipc container:first busybox true
    floe create --name third --pid container:first busybox true
    floe rm -f -a -t 0
    is "$(floe ps -aq)" ''
}

@test "what a container has of another or of the host, it lends on" {
    local kind
    sleeper first
    sleeper second --ipc container:first --pid container:first --uts container:first
    for kind in pid ipc uts; do
        is "$(namespace $kind --$kind container:second)" "$(namespace_of $kind first)"
    done
    floe exec first sh -c 'echo shared >/dev/shm/x'
    is "$(in_container --ipc container:second busybox cat /dev/shm/x)" shared

    sleeper hosts --ipc host --pid host --uts host
    for kind in pid ipc uts; do
        is "$(namespace $kind --$kind container:hosts)" "$(readlink /proc/self/ns/$kind)"
    done
    is "$(in_container --ipc container:hosts busybox stat -f -c %i /dev/shm)" "$(stat -f -c %i /dev/shm)"
}

@test "a container on the host's network lends it on" {
    floe run -d --name hosts --network host busybox sh -c "$SLEEPER" >/dev/null
    is "$(floe run --rm --network container:hosts busybox readlink /proc/self/ns/net)" \
        "$(readlink /proc/self/ns/net)"
    refused 125 'net.core.somaxconn' floe run --rm --network container:hosts --sysctl net.core.somaxconn=99 busybox true
}
