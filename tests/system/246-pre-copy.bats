# SPDX-License-Identifier: Apache-2.0
# The memory first, while the container runs on; then only what has changed since. For kernels that track changes.
# bats file_tags=host

load helpers
load helpers-checkpoint
load helpers-import

readonly MANY=8000 FEW=2000 # pages; the container's 32 MiB are 8192

setup() {
    floe_setup
    floe doctor 2>&1 | grep -q 'ok.*memory tracking' || skip "this kernel does not track changes of memory"
}

# Counts as counter() does, beside 32 MiB that it never touches again.
big_counter() { # NAME
    local awk='BEGIN { s = "0123456789abcdef"; for (i = 0; i < 21; i++) s = s s } { print NR; fflush() }'

    background "$1" busybox sh -c "while :; do echo; usleep 20000; done | awk '$awk'"
    eventually has_counted_to "$1" 3
}

pages_written() { # CONTAINER OPTION...
    floe checkpoint --print-stats "${@:2}" "$1" | jq '.container_statistics[0].criu_statistics.pages_written'
}

is_whole() { # CONTAINER
    counts_on "$1"
    counted_without_a_gap "$1"
}

@test "the last step of three holds few pages, and with the step before it the whole container" {
    big_counter c
    [ "$(pages_written c --pre-checkpoint)" -gt $MANY ]
    is_running c
    counts_on c
    floe checkpoint --pre-checkpoint c
    is_running c
    [ "$(pages_written c --with-previous)" -lt $FEW ]
    is_frozen c
    floe restore c
    is_running c
    is_whole c
    [ ! -e "$(container_dir c)/pre-checkpoint" ]
}

@test "steps are archives of their own, and come together on another host in the order they were made" {
    big_counter c
    archived c --pre-checkpoint
    mv "$archive" "$BATS_TEST_TMPDIR/first.tar"
    is_running c
    archived c --pre-checkpoint
    mv "$archive" "$BATS_TEST_TMPDIR/second.tar"
    archived c --with-previous
    [ "$(stat -c %s "$archive")" -lt $((FEW * 4096)) ]
    floe rm c >/dev/null

    other_host busybox
    refused 125 "--import-previous" restored
    is "$(floe ps -aq)" ""
    restored --import-previous "$BATS_TEST_TMPDIR/second.tar" >/dev/null
    is_running c
    counts_on c
}

@test "a step that is killed half-way is no step to go on from" {
    local engine_pid directory

    big_counter c
    directory=$(container_dir c) # not later: the container is locked meanwhile
    "${program[@]}" checkpoint --pre-checkpoint c 3>&- &
    engine_pid=$!
    eventually test -d "$directory/criu"
    kill -9 $engine_pid
    wait $engine_pid || true
    is_running c
    if [ ! -e "$directory/pre-checkpoint" ]; then
        refused 125 "has no pre-checkpoint" floe checkpoint --with-previous c
    fi
    floe checkpoint --pre-checkpoint c
    floe checkpoint --with-previous c
    floe restore c
    is_whole c
}
