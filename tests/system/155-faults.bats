# SPDX-License-Identifier: Apache-2.0
# A part that floe needs fails or is killed, at each call in turn: the operation fails, and the machine is as
# it was before. And then the operation succeeds.

load helpers
load helpers-freeze
load helpers-faults

# Before its work is done, and after.
readonly EARLY='fails killed' LATE='late killed-late'

setup() {
    floe_setup
    faulty_parts
}

# --- start --------------------------------------------------------------------------------------------

@test "faults: a start that fails at any step leaves a new container as it was" {
    every_fault "$EARLY hangs" fresh_container "start c" same
    floe start c
    is "$(floe exec c echo hello)" hello
}

@test "faults: a start that fails at any step leaves an ended container as it was" {
    every_fault "$LATE" ended_container "start c" same
    floe start c
    is "$(floe exec c echo hello)" hello
}

@test "faults: an init that fails at any step leaves a container as it was" {
    every_fault fails fresh_container "container init c" same
}

@test "faults: a netavark that is killed with its bridge made, and nothing in it, leaves none" {
    local mode=killed-half settle=processes_wait_floe

    fault_prepare fresh_container
    fault_run netavark 1 $mode "start c"
    [ -e "$faults/happened" ]
    fault_after same
    floe start c
}

# --- what runs ----------------------------------------------------------------------------------------

@test "faults: an exec that fails at any step leaves nothing, and the container runs on" {
    every_fault "$EARLY hangs" started_container "exec c true" same
    is "$(floe exec c echo hello)" hello
}

@test "faults: a pause that fails leaves the container running" {
    every_fault "$EARLY $LATE hangs" running_container "pause c" runs_on
}

@test "faults: an unpause lets the container go on, whatever the runtime says" {
    every_fault "$EARLY $LATE hangs" paused_container "unpause c" runs_on
}

runs_on() {
    is "$(state_of c)" running
    counts_on c
    counted_without_a_gap c
}

@test "faults: a checkpoint that fails at any step leaves the container running" {
    every_fault "$EARLY" running_container "container checkpoint c" was_not_frozen
    floe checkpoint c
    is_frozen c
}

was_not_frozen() {
    [ "$fault_status" != 0 ]
    is "$(state_of c)" running
    counts_on c
    counted_without_a_gap c
}

@test "faults: a restore that fails at any step leaves the checkpoint, to be tried again" {
    every_fault "$EARLY" frozen_container "container restore c" same
    floe restore c
    counts_on c
    counted_without_a_gap c
}

# --- the end ------------------------------------------------------------------------------------------

@test "faults: a run that fails at any step leaves no container and nothing else" {
    every_fault "$EARLY" none "run -d --rm --name c -p 127.0.0.1::80 busybox sleep 300" same
}

@test "faults: an update that fails at any step leaves the limits as they were" {
    every_fault "$EARLY $LATE" started_container "update --memory 300m c" limit_is_as_before
}

limit_is_as_before() {
    [ "$fault_status" != 0 ]
    matches "$fault_output" "${cause[$mode]}"
    is "$(floe inspect --format '{{.HostConfig.Memory}}' c)" 314572800
}

@test "faults: a stop that fails at any step is completed by the next" {
    every_fault "$EARLY hangs" started_container "stop -t 0 c" "again stop c"
}

@test "faults: a kill whose clean-up fails at any step is cleaned up by the next command" {
    every_fault "$EARLY" started_container "kill c" "again container cleanup c" all_has_ended
    every_fault_limited hangs started_container "kill c" "again container cleanup c" all_has_ended
}

@test "faults: a clean-up that fails at any step is completed by the next" {
    every_fault "$EARLY $LATE hangs" dead_container "container cleanup c" "again container cleanup c"
}

@test "faults: a restart that fails at any step is completed by the next" {
    every_fault "$EARLY" started_container "restart -t 0 c" restarts
}

restarts() {
    floe restart -t 0 c
    is "$(floe exec c echo hello)" hello
}

@test "faults: a removal that fails at any step is completed by the next" {
    every_fault "$EARLY" started_container "rm -f -t 0 c" "again rm -f -t 0 -i c"
    every_fault "$LATE hangs" frozen_container "rm -f c" "again rm -f -t 0 -i c"
}

# --- what floe does itself ----------------------------------------------------------------------------

readonly MOUNTS=mount,fsopen,fsmount,move_mount,rename,renameat2

named_container() {
    [ -z "$(floe ps -aq --filter name=d)" ] || floe rename d c
    [ -n "$(floe ps -aq)" ] || floe create --name c -p 127.0.0.1::80 busybox sh -c "$SLEEPER" >/dev/null
}

unmounted_container() {
    named_container
    floe umount c >/dev/null
}

@test "faults: a create whose system calls fail leaves nothing" {
    every_call "mkdir,pwrite64" none "create --name c -p 127.0.0.1::80 busybox true"
}

@test "faults: a start whose system calls fail leaves a container as it was" {
    every_call "$MOUNTS" fresh_container "start c"
}

@test "faults: a rename whose system calls fail leaves the name" {
    every_call pwrite64 named_container "rename c d"
}

@test "faults: a mount whose system calls fail changes nothing" {
    every_call "mkdir,$MOUNTS" unmounted_container "mount c"
}
