# SPDX-License-Identifier: Apache-2.0
# A floe that is killed while it exports: the container runs or is checkpointed, and the archive is whole or not there.

load helpers
load helpers-crash

# The next command finds out what became of the container.
is_one_or_the_other() { # CONTAINER
    matches "$(floe inspect --format '{{.State.Status}} {{.State.Checkpointed}}' "$1")" \
        '^(running false|exited true)$'
}

no_half_archive() { # FILE
    [ ! -e "$1" ] || zstd -tq "$1"
    is "$(cd "$(dirname "$1")" && compgen -G '*.tmp')" ""
}

bring_back() {
    [ "$(state_of c)" = running ] || floe restore c >/dev/null
    counts_on c
}

export_cut_short() {
    cut_short checkpoint "${options[@]}" -e "$directory/archive" c
    is_one_or_the_other c
    no_half_archive "$directory/archive"
    bring_back
    rm -f "$directory/archive"
}

@test "a killed export leaves the container running or checkpointed, and no half archive" {
    directory=$BATS_TEST_TMPDIR options=()
    counting_container
    floe exec c dd if=/dev/urandom of=/big bs=1M count=4 2>/dev/null
    measure floe checkpoint -e "$directory/archive" c
    rm "$directory/archive"
    floe restore c
    for_each_moment 20 export_cut_short
    counted_without_a_gap c
    floe rm -f -t 0 c
    leaves_nothing
}

@test "a killed export of a container that is left running leaves it running" {
    directory=$BATS_TEST_TMPDIR options=(--leave-running)
    counting_container
    measure floe checkpoint -R -e "$directory/archive" c
    rm "$directory/archive"
    still_runs() {
        export_cut_short && is "$(checkpoint_files c)" ""
    }
    for_each_moment 12 still_runs
    counted_without_a_gap c
    floe rm -f -t 0 c
    leaves_nothing
}

# A file system whose files cannot be without a name would be needed to have it happen.
@test "the next command removes the file that a killed export left under another name" {
    counting_container
    floe checkpoint c
    echo half >"$BATS_TEST_TMPDIR/archive.0123.tmp"
    sqlite3 "$root/floe.db" "UPDATE container SET status = json_set(status, '$.intent', 'export',
        '$.export_aside', '$BATS_TEST_TMPDIR/archive.0123.tmp')"
    is_one_or_the_other c
    [ ! -e "$BATS_TEST_TMPDIR/archive.0123.tmp" ]
    is "$(sqlite3 "$root/floe.db" "SELECT json_extract(status, '$.intent', '$.export_aside') FROM container")" \
        '[null,null]'
    bring_back
}

@test "a container with --rm that was exported by a killed floe is there or in a whole archive" {
    directory=$BATS_TEST_TMPDIR
    begin() {
        floe run -d --rm --network none --name c busybox sh -c "$COUNTER" >/dev/null
        eventually has_counted_to c 3
    }
    begin
    measure floe checkpoint -e "$directory/archive" c
    is_kept_somewhere() {
        rm -f "$directory/archive"
        begin
        cut_short checkpoint -e "$directory/archive" c
        no_half_archive "$directory/archive"
        if [ -n "$(floe ps -aq)" ]; then
            is_one_or_the_other c
            floe rm -f -t 0 c >/dev/null
        else
            [ -e "$directory/archive" ]
        fi
    }
    for_each_moment 12 is_kept_somewhere
    leaves_nothing
}
