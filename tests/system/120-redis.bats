# SPDX-License-Identifier: Apache-2.0
# A real server and its TCP connections: what floe is for.

load helpers
load helpers-checkpoint
load helpers-network

readonly CLIENT_FD=9

server() { # NAME [OPTION...]
    redis_import
    floe run -d --name "$1" "${@:2}" redis redis-server --bind 0.0.0.0 --protected-mode no --save '' >/dev/null
    address=$(address_of "$1")
    eventually connect "$address" 6379
}

connect() { # ADDRESS PORT
    { exec 9<>"/dev/tcp/$1/$2"; } 2>/dev/null
}

disconnect() {
    exec 9>&-
}

# One request on the one connection; prints the answer.
ask() { # REQUEST
    local answer

    printf '%s\r\n' "$1" >&$CLIENT_FD
    read -r -t 10 -u $CLIENT_FD answer
    echo "${answer%$'\r'}"
}

# floe must not hold the test's connection open. (It does not know of it: a shell's children inherit all.)
floe() {
    "${program[@]}" "$@" 9>&-
}

# bats test_tags=host
@test "with a connection open a plain checkpoint is refused, says why, and does no harm" {
    server redis
    is "$(ask 'INCR visits')" :1
    refused 125 "--tcp-established" floe checkpoint redis
    has "$stderr" "TCP connection"
    matches "$stderr" "\\($address:6379 to [0-9.]+:[0-9]+\\)"
    is_running redis
    is "$(ask 'INCR visits')" :2
    is "$(checkpoint_files redis)" ""
}

# bats test_tags=host
@test "a connection goes on after the restore" {
    server redis
    is "$(ask 'INCR visits')" :1
    floe checkpoint --tcp-established redis
    is_frozen redis
    floe restore --tcp-established redis
    is "$(ask 'INCR visits')" :2
    is_running redis
}

@test "a checkpoint with connections is restored with --tcp-established only" {
    server redis
    is "$(ask 'INCR visits')" :1
    floe checkpoint --tcp-established redis
    refused 125 "--tcp-established" floe restore redis
    is_frozen redis
    refused 125 "--tcp-established" floe restore redis
    floe restore --tcp-established redis
    is "$(ask 'INCR visits')" :2
}

# bats test_tags=host
@test "the same connection survives five rounds" {
    local round

    server redis
    is "$(ask 'INCR visits')" :1
    for round in 2 3 4 5 6; do
        floe checkpoint --tcp-established redis
        floe restore --tcp-established redis
        is "$(ask 'INCR visits')" ":$round"
    done
}

@test "a request sent while the server is frozen is answered after the restore" {
    server redis
    is "$(ask 'INCR visits')" :1
    floe checkpoint --tcp-established redis
    printf 'INCR visits\r\n' >&$CLIENT_FD
    floe restore --tcp-established redis
    read -r -t 10 -u $CLIENT_FD answer
    is "$answer" $':2\r'
}

@test "without a connection neither needs the flag, and the data is there" {
    server redis
    is "$(ask 'SET colour green')" +OK
    disconnect
    eventually nobody_is_connected redis
    floe checkpoint redis
    floe restore redis
    connect "$address" 6379
    is "$(ask 'GET colour')" '$5'
}

# bats test_tags=host
@test "--leave-running with a connection: it goes on, and the checkpoint remembers less" {
    server redis
    is "$(ask 'INCR visits')" :1
    floe checkpoint --leave-running --tcp-established redis
    is_running redis
    is "$(ask 'INCR visits')" :2
}

# bats test_tags=host
@test "threads survive" {
    server redis
    is "$(ask PING)" +PONG
    before=$(threads)
    [ "$before" -gt 1 ]
    floe checkpoint --tcp-established redis
    floe restore --tcp-established redis
    is "$(threads)" "$before"
    is "$(ask PING)" +PONG
}

threads() {
    find "/proc/$(floe inspect --format '{{.State.Pid}}' redis)/task" -mindepth 1 -maxdepth 1 | wc -l
}

# bats test_tags=host
@test "a connection through a published port goes on" {
    port=$(free_ports 1)
    redis_import
    floe run -d --name redis -p "$port:6379" redis redis-server --bind 0.0.0.0 --protected-mode no --save ''
    eventually connect 127.0.0.1 "$port"
    is "$(ask 'INCR visits')" :1
    floe checkpoint --tcp-established redis
    floe restore --tcp-established redis
    is "$(ask 'INCR visits')" :2
}

# bats test_tags=host
@test "connections between two containers go on, whichever is frozen" {
    server redis
    disconnect
    floe run -d --name client redis sh -c "
        (while :; do echo INCR visits; usleep 20000; done) | redis-cli -h $address"
    eventually has_counted_to client 3
    floe checkpoint --tcp-established client
    floe restore --tcp-established client
    counts_on client
    floe checkpoint --tcp-established redis
    floe restore --tcp-established redis
    counts_on client
    counted_without_a_gap client
}

# bats test_tags=host
@test "connections inside a container without a network go on" {
    redis_import
    background redis redis sh -c '
        redis-server --unixsocket /tmp/socket --save "" >/dev/null &
        until redis-cli ping 2>/dev/null; do usleep 20000; done >/dev/null
        (while :; do echo INCR visits; usleep 20000; done) | redis-cli &
        (while :; do echo INCR others; usleep 20000; done) | redis-cli -s /tmp/socket >/others'
    eventually has_counted_to redis 3
    floe checkpoint --tcp-established redis
    floe restore --tcp-established redis
    counts_on redis
    counted_without_a_gap redis
    floe exec redis awk '$1 != NR { exit 1 }' /others
}

# bats test_tags=host
@test "a failed restore keeps the connection for the next one" {
    server redis
    is "$(ask 'INCR visits')" :1
    floe checkpoint --tcp-established redis
    run ! floe_with_criu 'exit 1' restore --tcp-established redis
    is_frozen redis
    floe restore --tcp-established redis
    is "$(ask 'INCR visits')" :2
}

@test "after an rm of the frozen server the client's connection is dead, and nothing is left" {
    server redis
    is "$(ask 'INCR visits')" :1
    floe checkpoint --tcp-established redis
    floe rm redis
    is "$(engine_leftovers "$engine")" ""
}

@test "64 MiB of data go through a checkpoint" {
    server redis
    is "$(ask 'EVAL "for i=1,64 do redis.call(\"SET\", i, string.rep(\"x\", 1048576)) end return 64" 0')" :64
    floe checkpoint --tcp-established redis
    floe restore --tcp-established redis
    is "$(ask 'EVAL "local n = 0 for i=1,64 do n = n + redis.call(\"STRLEN\", i) end return n" 0')" :67108864
}
