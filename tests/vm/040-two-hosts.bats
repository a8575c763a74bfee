# SPDX-License-Identifier: Apache-2.0
# A server moves from one machine to another with its volume and a connection. The two are joined by a cable, whose ends
# are in the bridges of a network that both have; the client is a container on the second machine from the beginning.

load helpers-vm

readonly SERVER=10.77.0.77 CLIENT=10.77.0.50

setup() {
    second=$FLOE_VM-2 cable=$BATS_TEST_TMPDIR/cable
    "$vm" stop "$FLOE_VM"
    "$vm" start "$FLOE_VM" --lan "$cable"
    "$vm" start "$second" --suite "$FLOE_VM_SUITE" --lan "$cable"
    "$vm" push "$second"
}

teardown() {
    local status=0

    [ -n "${BATS_TEST_COMPLETED:-}" ] || there <<<'floe ps -a; ip addr' || true
    "$vm" remove "$second"
    [ -n "${BATS_TEST_COMPLETED:-}" ] || show_guest
    guest <<<'leave_nothing; floe volume rm -f -a; floe network rm lan' || status=1
    return $status
}

there() {
    FLOE_VM=$second guest
}

# The image that both have: made twice, it would not be the same one.
share_image() {
    guest <<<'images; floe save -q -o /root/image.tar redis'
    carry image.tar
    there <<<'floe load -q -i /root/image.tar >/dev/null'
}

carry() { # FILE
    "$vm" copy "$FLOE_VM:/root/$1" "$BATS_TEST_TMPDIR/$1"
    "$vm" copy "$BATS_TEST_TMPDIR/$1" "$second:/root/$1"
}

# A bridge is there once a container is on it.
join() { # ADDRESS
    cat <<END
floe network create --subnet 10.77.0.0/24 --interface-name lan0 lan >/dev/null
floe run -d --name first --network lan:ip=$1 redis >/dev/null
ip link set eth1 up master lan0
END
}

# Counts up on one connection, as fast as answers come; says at its end how long it waited at most.
client() {
    there <<END
cat >/root/client.py <<'PYTHON'
import os, socket, time
server = socket.create_connection(("$SERVER", 6379), 30)
server.settimeout(300)
count, longest = 0, 0
while not os.path.exists("/root/end"):
    begun = time.monotonic()
    server.sendall(b"INCR visits\r\n")
    answer = server.recv(100)
    longest = max(longest, time.monotonic() - begun)
    count += 1
    assert answer == b":%d\r\n" % count, f"request {count} was answered by {answer}"
    open("/root/count", "w").write(f"{count}\n")
    time.sleep(0.05)
print(f"{count} answers, the slowest after {longest:.1f} s")
PYTHON
nsenter --net="/proc/\$(floe inspect -f '{{.State.Pid}}' first)/ns/net" python3 /root/client.py
END
}

counted_past() { # NUMBER
    local count

    count=$(there <<<'cat /root/count') && [ "$count" -gt "$1" ]
}

@test "a server moves to another machine with its volume, and its client waits, and goes on" {
    local pid

    share_image
    join 10.77.0.60 | guest
    join "$CLIENT" | there
    guest <<END
floe run -d --name redis --network lan:ip=$SERVER -v data:/data redis >/dev/null
floe exec redis sh -c 'echo kept >/data/file'
eventually floe exec redis redis-cli ping >/dev/null
END
    client >"$BATS_TEST_TMPDIR/client" 2>&1 3>&- &
    pid=$!
    eventually counted_past 10

    guest <<'END'
floe checkpoint --tcp-established --export /root/redis.tar.zst redis >/dev/null
floe rm -v redis >/dev/null
END
    carry redis.tar.zst
    there <<'END'
before=$(cat /root/count)
floe restore --tcp-established --import /root/redis.tar.zst >/dev/null
counted_on() { [ "$(cat /root/count)" -gt $((before + 10)) ]; }
eventually counted_on
is "$(floe exec redis cat /data/file)" kept
touch /root/end
END
    wait $pid || { cat "$BATS_TEST_TMPDIR/client"; false; }
    echo "# $(cat "$BATS_TEST_TMPDIR/client")" >&3
    there <<<"is \$(floe exec redis redis-cli get visits) $(cut -d ' ' -f 1 "$BATS_TEST_TMPDIR/client")"
}
