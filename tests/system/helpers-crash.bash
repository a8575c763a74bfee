# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests that kill: at which moments, what must hold afterwards, and how a host goes down. Loaded after
# helpers.

source "$BATS_TEST_DIRNAME/helpers-freeze.bash"

# --- moments ------------------------------------------------------------------------------------------

# measure COMMAND...: runs it; sets $measured_ms to the time it took.
measure() {
    local begin=${EPOCHREALTIME//[!0-9]/}

    "$@" >/dev/null
    measured_ms=$(((${EPOCHREALTIME//[!0-9]/} - begin) / 1000 + 1))
}

# for_each_moment COUNT FUNCTION: calls it with $moment_ms at so many moments, from the first millisecond on to
# a little more than what was measured. MOMENTS_PERCENT: so many of them, in the short form two of five.
for_each_moment() {
    local - n_moments=$(($1 * ${MOMENTS_PERCENT:-40} / 100))

    set +T
    for ((moment = 0; moment < n_moments; moment++)); do
        moment_ms=$((1 + moment * measured_ms * 11 / 10 / n_moments))
        "$2" >"$BATS_TEST_TMPDIR/steps" || {
            echo "floe was killed after $moment_ms ms of $measured_ms" >&2
            cat "$BATS_TEST_TMPDIR/steps" >&2
            return 1
        }
    done
}

# cut_short ARG...: floe, killed at $moment_ms; every second time with what else is in its process group.
cut_short() {
    local option=()

    [ $((${moment:-0} % 2)) = 0 ] || option=(--foreground)
    # The outer braces take the shell's own word about the killed command.
    { timeout "${option[@]}" --signal KILL "$(printf '%d.%03d' $((moment_ms / 1000)) $((moment_ms % 1000)))" \
        "${program[@]}" "$@" >/dev/null 2>&1 3>&- || :; } 2>/dev/null
}

# --- what holds afterwards ----------------------------------------------------------------------------

lists_everything() {
    local all

    all=$(floe ps -aq)
    # shellcheck disable=SC2086
    [ -z "$all" ] || floe inspect $all >/dev/null
}

leaves_nothing() {
    processes_wait "$engine"
    is "$(engine_leftovers "$engine")" ""
}

marked_container() {
    sleeper c
    floe exec c sh -c 'echo mark >/mark'
}

has_mark() {
    is "$(floe exec c cat /mark)" mark
}

counting_container() {
    background c busybox sh -c "$COUNTER"
    eventually has_counted_to c 3
}

# --- the runtime --------------------------------------------------------------------------------------

# From now on containers are made with a runtime that ends by SIGKILL in the verb that a file names. floe must not
# take it for runc, or it would start containers without it.
killing_runtime() {
    local fake=$BATS_TEST_TMPDIR/killed-runc

    [ -n "$(command -v runc)" ] || skip "there is no runc to stand behind the one that fails"
    printf '#!/bin/sh\ncase " $* " in\n*" $(cat %s 2>/dev/null) "*) kill -9 $$ ;;\nesac\nexec %s "$@"\n' \
        "$BATS_TEST_TMPDIR/verb" "$(command -v runc)" >"$fake"
    chmod +x "$fake"
    runtime_option=(--runtime="$fake")
    program=("$FLOE" "${runtime_option[@]}" --root "$root" --runroot "$runroot")
}

# runtime_killed_in VERB COMMAND...: the command must fail with status 125 (or 126 to 128, of exec).
runtime_killed_in() {
    echo "$1" >"$BATS_TEST_TMPDIR/verb"
    run "${@:2}"
    rm "$BATS_TEST_TMPDIR/verb"
    [ "$status" != 0 ] || { echo "$1: this should have failed"; return 1; }
    has "$output" "Error: "
}

# --- the host -----------------------------------------------------------------------------------------

# What a power cut leaves: no process, mount, namespace or cgroup, nothing of the run directory, and another boot.
reboot_host() {
    # All at one instant: else conmon records the container's end.
    processes "$engine" | xargs -r kill -STOP 2>/dev/null || :
    # CRIU, a child of the runtime, does not name the engine.
    processes "$engine" | xargs -r -n 1 pkill -KILL -P || :
    engine_scrub "$engine" || :
    rm -rf --one-file-system "$runroot"
    sqlite3 "$root/floe.db" "UPDATE fact SET value = 'another boot' WHERE key = 'boot'"
}
