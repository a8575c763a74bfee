# SPDX-License-Identifier: Apache-2.0
# Frozen and thawed again and again under load: not one answer is lost or comes twice, and nothing stays behind.
# CYCLES says how often each (10, and `make soak` more).

load helpers
load helpers-checkpoint
load helpers-network
load helpers-import

readonly ROUNDS=${CYCLES:-10}

loaded_server() {
    redis_import
    floe run -d --name redis -v data:/data redis redis-server --bind 0.0.0.0 --protected-mode no --save '' >/dev/null
    eventually pings redis
    mkfifo "$BATS_TEST_TMPDIR/end"
    "$BATS_TEST_DIRNAME/count-answers" "$(address_of redis)" 5 <"$BATS_TEST_TMPDIR/end" >"$BATS_TEST_TMPDIR/answers" 2>&1 3>&- &
    client=$!
    exec 8>"$BATS_TEST_TMPDIR/end"
    eventually grep -q begins "$BATS_TEST_TMPDIR/answers"
}

pings() { # CONTAINER
    [ "$(floe exec "$1" redis-cli ping 2>/dev/null)" = PONG ]
}

# The client's count must be the server's.
counts_agree() {
    local sum

    exec 8>&-
    wait $client || { cat "$BATS_TEST_TMPDIR/answers" >&2; return 1; }
    sum=$(floe exec redis sh -c 'for i in 0 1 2 3 4; do redis-cli get answers$i; done' | awk '{ n += $1 } END { print n }')
    is "$(tail -n 1 "$BATS_TEST_TMPDIR/answers")" "$sum"
    [ "$sum" -gt "$ROUNDS" ]
}

# The client goes on between the rounds.
asks_on() {
    local before

    before=$(answers_so_far)
    eventually has_more_answers "$before"
}

answers_so_far() {
    floe exec redis redis-cli get answers0
}

has_more_answers() { # THAN
    kill -0 $client && [ "$(answers_so_far)" -gt "$1" ]
}

# What an engine holds of the machine. Two of these are compared, so numbers and names that differ each time are left out.
held() {
    local pid

    mounts "$engine" | sed "s|$engine||"
    ls /run/netns | grep -c "floe-$tag" || :
    container_cgroups "$engine" | sed "s|$engine||"
    (cd "$engine" && find . \( -path '*/layers/*/*' -o -path '*/merged' -o -path '*/upper' -o -path '*/work' \) -prune -o \
        -not -name '*.db-*' -not -name 'criu*' -printf '%P\n') | sed -E 's/[0-9a-f]{64}/ID/g' | sort
    for pid in $(processes "$engine"); do
        # floe's own short clean-ups come and go.
        comm=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
        [ "$comm" = floe ] || echo "$comm $(find "/proc/$pid/fd" -mindepth 1 | wc -l)"
    done | sort
    sqlite3 "$root/floe.db" "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'" | while read -r table; do
        echo "rows of $table: $(sqlite3 "$root/floe.db" "SELECT count(*) FROM \"$table\"")"
    done
    firewall_rules "$engine" | wc -l
}

holds_no_more() {
    is "$(checkpoint_files redis)" ''
    held >"$BATS_TEST_TMPDIR/held-after"
    diff "$BATS_TEST_TMPDIR/held-before" "$BATS_TEST_TMPDIR/held-after"
}

@test "in place, under load: no answer is lost or doubled, nothing is left" {
    local round

    loaded_server
    in_place
    held >"$BATS_TEST_TMPDIR/held-before"
    for ((round = 1; round < ROUNDS; round++)); do
        in_place
    done
    holds_no_more
    counts_agree
}

in_place() {
    floe checkpoint --tcp-established redis >/dev/null
    floe restore --tcp-established redis >/dev/null
    asks_on
}

@test "by an archive, under load: no answer is lost or doubled, nothing is left" {
    local round

    loaded_server
    by_archive
    held >"$BATS_TEST_TMPDIR/held-before"
    for ((round = 1; round < ROUNDS; round++)); do
        by_archive
    done
    holds_no_more
    counts_agree
}

by_archive() {
    floe checkpoint --tcp-established --export "$BATS_TEST_TMPDIR/archive" redis >/dev/null
    floe rm redis >/dev/null
    floe volume rm data >/dev/null
    is "$(engine_leftovers "$engine")" ''
    floe restore --tcp-established --import "$BATS_TEST_TMPDIR/archive" >/dev/null
    asks_on
}

# Of this file: the client must not be waited for, and floe must not hold its standard input open.
floe() {
    "${program[@]}" "$@" 8>&-
}
