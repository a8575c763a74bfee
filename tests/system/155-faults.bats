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

fresh_container() {
    [ -z "$(floe ps -aq)" ] || floe rm -f -t 0 c >/dev/null
    floe create --name c -p 127.0.0.1::80 busybox sh -c "$SLEEPER" >/dev/null
}

ended_container() {
    [ -n "$(floe ps -aq)" ] || floe create --name c busybox sh -c "$SLEEPER" >/dev/null
    [ "$(state_of c)" = exited ] || { floe start c && floe stop -t 0 c; } >/dev/null
}

@test "faults: a start that fails at any step leaves a new container as it was" {
    every_fault "$EARLY" fresh_container "start c" same
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

# --- what runs ----------------------------------------------------------------------------------------

running_container() {
    [ -n "$(floe ps -aq)" ] || floe create --name c -p 127.0.0.1::80 busybox sh -c "$COUNTER" >/dev/null
    case $(state_of c) in
    paused) floe unpause c >/dev/null ;;
    exited) floe restore c >/dev/null ;;
    created) floe start c >/dev/null ;;
    esac
    eventually has_counted_to c 3
}

@test "faults: an exec that fails at any step leaves nothing, and the container runs on" {
    every_fault "$EARLY" running_container "exec c true" same
    is "$(floe exec c echo hello)" hello
}

@test "faults: a pause that fails leaves the container running" {
    every_fault "$EARLY $LATE" running_container "pause c" runs_on
}

@test "faults: an unpause lets the container go on, whatever the runtime says" {
    every_fault "$EARLY $LATE" paused_container "unpause c" runs_on
}

paused_container() {
    running_container
    floe pause c >/dev/null
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

frozen_container() {
    [ -z "$(floe ps -aq)" ] || [ "$(state_of c)" = running ] || return 0
    running_container
    floe checkpoint c >/dev/null
}
