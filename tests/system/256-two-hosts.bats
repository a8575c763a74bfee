# SPDX-License-Identifier: Apache-2.0
# A server moves from one host to another with its volume and its connections. Both hosts are engines here, but the
# second has a network of its own, joined with the first one's bridge by a cable; the client is a third machine on it.
# bats file_tags=host

load helpers
load helpers-checkpoint
load helpers-import

readonly LAN=10.127.$((RANDOM % 200)) SERVER=77

setup() {
    export FLOE_CONF=$BATS_TEST_TMPDIR/floe.conf
    printf '[network]\nsubnet=%s.0/24\n' "$LAN" >"$FLOE_CONF"
    floe_setup
    redis_import
    second_host
}

teardown() {
    local status=0

    there rm -f -t 0 -a >/dev/null
    ip link del "fla$cable" 2>/dev/null # a bridge with a cable in it would stay
    floe_teardown || status=1
    ip netns del "$netns"
    return $status
}

# The names of a network namespace and a cable are short and this test's own.
second_host() {
    netns=host-$(engine_tag "$engine")
    cable=${netns#host-}
    ip netns add "$netns"
    ip -n "$netns" link set lo up
    engine_add
    second=$added
    there pull -q "oci:$root/images:localhost/busybox:latest" >/dev/null
    there pull -q "oci:$root/images:localhost/redis:latest" >/dev/null
}

# floe on the second host.
there() {
    nsenter --net="/run/netns/$netns" "$FLOE" "${runtime_option[@]}" --root "$second/r" --runroot "$second/x" "$@"
}

# Each host has a container already, and with it its bridge.
join_hosts() {
    floe run -d --name client --ip "$LAN.50" busybox sleep 1000 >/dev/null
    there run -d --name neighbour --ip "$LAN.60" busybox sleep 1000 >/dev/null
    ip link add "fla$cable" type veth peer name "flb$cable" netns "$netns"
    ip link set "fla$cable" master "floe-$(engine_tag "$engine")" up
    ip -n "$netns" link set "flb$cable" master "floe-$(engine_tag "$second")" up
}

# Counts up on one connection, as fast as answers come; says when it has begun, and at its end how long it waited at most.
client() {
    nsenter --net="/proc/$(floe inspect -f '{{.State.Pid}}' client)/ns/net" python3 - "$LAN.$SERVER" "$BATS_TEST_TMPDIR" <<'END'
import os, socket, sys, time
address, directory = sys.argv[1:]
server = socket.create_connection((address, 6379), 30)
server.settimeout(120)
count, longest, end = 0, 0, f"{directory}/end"
while not os.path.exists(end):
    begun = time.monotonic()
    server.sendall(b"INCR visits\r\n")
    answer = server.recv(100)
    longest = max(longest, time.monotonic() - begun)
    count += 1
    if answer != b":%d\r\n" % count:
        sys.exit(f"request {count} was answered by {answer}")
    open(f"{directory}/count", "w").write(f"{count}\n")
print(f"{count} answers, the slowest after {longest:.1f} s")
END
}

counted_past() { # NUMBER
    [ "$(cat "$BATS_TEST_TMPDIR/count")" -gt "$1" ] 2>/dev/null # it may be just being written
}

@test "a server moves to another host with its volume, and its client waits, and goes on" {
    local archive=$BATS_TEST_TMPDIR/redis.tar before pid

    floe run -d --name redis --ip "$LAN.$SERVER" -v data:/data redis redis-server --bind 0.0.0.0 --protected-mode no \
        --save '' >/dev/null
    floe exec redis sh -c 'echo kept >/data/file'
    join_hosts
    eventually floe exec redis redis-cli ping
    client >"$BATS_TEST_TMPDIR/client" 2>&1 3>&- &
    pid=$!
    eventually counted_past 10

    floe checkpoint --tcp-established --export "$archive" redis >/dev/null
    floe rm redis >/dev/null
    floe volume rm data >/dev/null
    before=$(cat "$BATS_TEST_TMPDIR/count")
    there restore --tcp-established --import "$archive" >/dev/null
    eventually counted_past $((before + 10))

    touch "$BATS_TEST_TMPDIR/end"
    wait $pid || fail "$(cat "$BATS_TEST_TMPDIR/client")"
    echo "# $(cat "$BATS_TEST_TMPDIR/client")" >&3
    is "$(there exec redis cat /data/file)" kept
    is "$(there exec redis redis-cli get visits)" "$(cut -d ' ' -f 1 "$BATS_TEST_TMPDIR/client")"
}
