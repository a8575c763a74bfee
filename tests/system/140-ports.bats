# SPDX-License-Identifier: Apache-2.0
# Published ports: reachable from where they should be, told when taken, and free again afterwards.

load helpers
load helpers-network

# bats test_tags=host
@test "a published port is reached at every address of the host" {
    port=$(free_ports 1)
    web c 8000 -p "$port:8000"
    eventually serves 127.0.0.1 "$port" c
    eventually serves "$(host_address)" "$port" c
    eventually serves "$(gateway_of c)" "$port" c
    is "$(floe run --rm busybox timeout 5 wget -q -O - "http://$(host_address):$port/")" "page of c"
}

# bats test_tags=host
@test "a port published at one address is not reached at another" {
    port=$(free_ports 1)
    web c 8000 -p "127.0.0.1:$port:8000"
    eventually serves 127.0.0.1 "$port" c
    run ! serves "$(host_address)" "$port" c
    is "$(floe ps --format '{{.Ports}}')" "127.0.0.1:$port->8000/tcp"
}

@test "a range of ports is published one to one" {
    first=$(free_ports 3)
    floe run -d --name c -p "$first-$((first + 2)):8000-8002" busybox sh -c '
        for i in 0 1 2; do
            mkdir /tmp/$i; echo page of $i >/tmp/$i/index.html; httpd -p 800$i -h /tmp/$i
        done
        sleep 3600'
    eventually serves 127.0.0.1 $((first + 2)) 2
    eventually serves 127.0.0.1 "$first" 0
    eventually serves 127.0.0.1 $((first + 1)) 1
    is "$(floe ps --format '{{.Ports}}')" "0.0.0.0:$first-$((first + 2))->8000-8002/tcp"
}

@test "several ports are published, comma or not" {
    first=$(free_ports 3)
    floe create --name c -p "$first:1" -p "$((first + 1)):2,$((first + 2)):3/udp" busybox true
    is "$(floe inspect --format '{{json .HostConfig.PortBindings}}' c |
        jq -r 'to_entries[] | .key + " " + .value[0].HostPort' | sort)" \
        "1/tcp $first"$'\n'"2/tcp $((first + 1))"$'\n'"3/udp $((first + 2))"
}

@test "ports that are none are refused, also where they would be dropped" {
    refused 125 "'foo' is not a port" floe create -p foo busybox true
    refused 125 "'foo' is not a port" floe create --network none -p foo busybox true
    run -0 floe create --network none -p 80:80 busybox true
    has "$output" 'published ports are dropped'
}

@test "without a host port a free one is chosen and shown, and kept over a restart" {
    web c 8000 -p 8000
    shown=$(floe ps --format '{{.Ports}}')
    matches "$shown" '^0\.0\.0\.0:[0-9]+->8000/tcp$'
    port=$(sed 's/.*:\(.*\)->.*/\1/' <<<"$shown")
    is "$(floe inspect --format '{{(index (index .NetworkSettings.Ports "8000/tcp") 0).HostPort}}' c)" "$port"
    eventually serves 127.0.0.1 "$port" c
    floe restart -t 0 c
    eventually serves 127.0.0.1 "$port" c
}

# bats test_tags=host
@test "udp is published too" {
    port=$(free_ports 1)
    options=(-v /usr:/usr:ro -v /lib:/lib:ro)
    [ ! -e /lib64 ] || options+=(-v /lib64:/lib64:ro)
    # An answer to every datagram; 2, 2 and 17 are IPv4, datagram and UDP.
    floe run -d --name c -p "$port:8000/udp" "${options[@]}" busybox /usr/bin/perl -e '
        socket(S, 2, 2, 17) && bind(S, pack("S n x12", 2, 8000)) or die $!;
        while ($from = recv(S, $text, 1000, 0)) { send(S, "you said $text", 0, $from) }'
    is "$(floe ps --format '{{.Ports}}')" "0.0.0.0:$port->8000/udp"
    eventually echoes 127.0.0.1 "$port"
    eventually echoes "$(host_address)" "$port"
}

echoes() { # ADDRESS PORT
    exec 8<>"/dev/udp/$1/$2"
    # read(1) would take a byte at a time, and with it a datagram.
    echo hello >&8 && [ "$(timeout 1 dd bs=1000 count=1 <&8)" = "you said hello" ]
} 2>/dev/null

# --- taken --------------------------------------------------------------------------------------------

# bats test_tags=host
@test "a port is published at an IPv6 address, and another for sctp" {
    local port

    port=$(free_ports 1)
    floe network create --ipv6 six
    web v6 80 --network six -p "[::1]:$port:80" -p "$port:81/sctp"
    is "$(floe port v6 | sort)" "80/tcp -> ::1:$port
81/sctp -> 0.0.0.0:$port"
    rules_of_port "$port" | grep -qiE -e " ::1(/128)? .*tcp .*dport $port .*dnat .*\[fd.*\]:80"
    rules_of_port "$port" | grep -qiE -e "sctp .*dport $port .*dnat .*[0-9]:81"
    refused 125 'in use by container "v6"' floe run --network six -p "[::1]:$port:90" busybox true
    refused 125 'in use by container "v6"' floe run --network six -p "$port:90/sctp" busybox true
    floe rm -f -t 0 v6
    is "$(rules_of_port "$port")" ""
    floe network rm -f six
}

rules_of_port() { # PORT
    { iptables-save; ip6tables-save; nft list ruleset; } 2>/dev/null | grep -e "dport $1 "
}

@test "a port that another container has is told before anything starts" {
    port=$(free_ports 1)
    web one 8000 -p "$port:8000"
    refused 125 "port $port/tcp is in use by container \"one\"" floe run --name two -p "$port:9000" \
        busybox touch /started
    is "$(state_of two)" created
    is "$(find "$root/containers/$(floe inspect --format '{{.Id}}' two)" -name started)" ""
    eventually serves 127.0.0.1 "$port" one
    floe rm -f -t 0 one
    floe start two
}

@test "a port that some other program has is told before anything starts" {
    port=$(free_ports 1)
    listen_on_host "$port"
    refused 125 "$port" floe run --name c -p "$port:8000" busybox true
    is "$(state_of c)" created
    is "$(mounts "$engine")" ""
    is "$(compgen -G "/run/netns/floe-$tag-*")" ""
    kill $listener
    wait $listener || true
    floe start c
}

@test "one taken port of a range is enough" {
    first=$(free_ports 4)
    listen_on_host $((first + 2))
    refused 125 "$((first + 2))" floe run --rm -p "$first-$((first + 3)):8000-8003" busybox true
    kill $listener
}

@test "an address that the host does not have is told" {
    refused 125 "203.0.113.9" floe run --rm -p 203.0.113.9:8000:8000 busybox true
}

@test "the same port for tcp and udp, and at two addresses, is no conflict" {
    port=$(free_ports 1)
    floe run -d --name one -p "127.0.0.1:$port:8000" busybox sh -c "$SLEEPER"
    floe run -d --name two -p "127.0.0.1:$port:8000/udp" busybox sh -c "$SLEEPER"
    web three 8000 -p "$(host_address):$port:8000"
    eventually serves "$(host_address)" "$port" three
}

@test "nobody else gets a published port while the container runs" {
    port=$(free_ports 1)
    floe run -d --name c -p "$port:8000" busybox sh -c "$SLEEPER"
    run ! python3 -c "import socket; socket.socket().bind(('', $port))"
}

# --- rules that a killed process left -----------------------------------------------------------------

# conmon kills the floe that starts it, when netavark is at work already.
start_cut_short() { # CONTAINER
    local bin=$BATS_TEST_TMPDIR/bin

    mkdir "$bin"
    printf '#!/bin/sh\nkill -9 $PPID\n' >"$bin/conmon"
    chmod +x "$bin/conmon"
    { PATH=$bin:$PATH run -137 "${program[@]}" start "$1"; } 2>/dev/null
}

# bats test_tags=host
@test "the rules of a container that floe was killed in the start of are in nobody's way" {
    port=$(free_ports 1)
    floe create --name one -p "$port:8000" busybox sh -c "$SLEEPER"
    start_cut_short one
    web two 8000 -p "$port:8000"
    eventually serves 127.0.0.1 "$port" two
    refused 125 'in use by container "two"' floe start one
    eventually serves 127.0.0.1 "$port" two
    is "$(state_of one)" created
}

# bats test_tags=host
@test "nor are those of a container that has ended without its conmon" {
    port=$(free_ports 1)
    floe run -d --name one -p "$port:8000" busybox sh -c "$SLEEPER"
    pids=$(floe inspect --format '{{.State.ConmonPid}} {{.State.Pid}}' one)
    # shellcheck disable=SC2086
    kill -9 $pids
    for pid in $pids; do
        timeout 10 tail --pid="$pid" -s 0.02 -f /dev/null
    done
    web two 8000 -p "$port:8000"
    eventually serves 127.0.0.1 "$port" two
}

@test "a stop that fails once the network is down takes no rules of others along" {
    port=$(free_ports 1)
    web first 8000 -p "$port:8000"
    address=$(address_of first)
    sqlite3 "$root/floe.db" "CREATE TRIGGER full BEFORE UPDATE ON container WHEN NEW.state = 6
        BEGIN SELECT RAISE(ABORT, 'no end is recorded'); END"
    refused 125 'no end is recorded' floe stop -t 0 first
    is "$(sqlite3 "$root/floe.db" "SELECT count(*) FROM port")" 0
    is "$(sqlite3 "$root/floe.db" "SELECT json_extract(status, '\$.netns_path') FROM container")" ""
    sqlite3 "$root/floe.db" "DROP TRIGGER full"
    web second 8000 -p "$port:8000" --ip "$address"
    eventually serves 127.0.0.1 "$port" second
    floe rm -f -t 0 first
    eventually serves 127.0.0.1 "$port" second
    eventually serves "$(host_address)" "$port" second
}

# bats test_tags=host
@test "rules go in one step, and the last container takes the chains along, and what was left in them" {
    local port chain

    printf '[network]\nfirewall_driver = iptables\n' >"$BATS_TEST_TMPDIR/floe.conf"
    export FLOE_CONF=$BATS_TEST_TMPDIR/floe.conf
    port=$(free_ports 1)
    floe network create goes
    web web 80 --network goes -p "$port:80"
    chain=$(iptables -t nat -S NETAVARK-HOSTPORT-DNAT | sed -n "s/.* --dport $port .* -j //p")
    [[ $chain == NETAVARK-DN-* ]]
    floe run -d --name other --network goes busybox sleep 1000
    iptables -t nat -A "$chain" -p tcp -m tcp --dport 9 -j DNAT --to-destination 192.0.2.1:9

    floe rm -f -t 0 web
    iptables -t nat -S "$chain" | grep -q 192.0.2.1
    is "$(iptables -t nat -S | grep -c -e "--dport $port ")" 0
    iptables -t nat -S | grep -q -e "-j NETAVARK-${chain#NETAVARK-DN-}"

    # Not by its end: conmon's floe, whose words nobody sees, may come before rm.
    run -0 --separate-stderr floe --log-level debug network disconnect goes other
    grep -q "iptables-restore --noflush" <<<"$stderr"
    is "$(iptables -t nat -S | grep -c "${chain#NETAVARK-DN-}")" 0
    floe rm -f -t 0 other
    floe network rm goes
}

# bats test_tags=host
@test "a container keeps its port when its conmon was killed" {
    port=$(free_ports 1)
    web one 8000 -p "$port:8000"
    kill -9 "$(floe inspect --format '{{.State.ConmonPid}}' one)"
    refused 125 'in use by container "one"' floe run --rm -p "$port:9000" busybox true
    eventually serves 127.0.0.1 "$port" one
}

# bats test_tags=host
@test "a port of a checkpointed container goes to one that is started, and back by a restore" {
    port=$(free_ports 1)
    web one 8000 -p "$port:8000"
    eventually serves 127.0.0.1 "$port" one
    eventually nobody_is_connected one
    floe checkpoint one
    run -0 floe run -d --name two -p "$port:9000" busybox sh -c "$SLEEPER"
    has "$output" 'the ports of container "one"'
    refused 125 'in use by container "two"' floe restore one
    floe rm -f -t 0 two
    floe restore one
    eventually serves 127.0.0.1 "$port" one
}

# --- free again ---------------------------------------------------------------------------------------

is_free() { # PORT
    python3 -c "
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('', $1))" 2>/dev/null && ! iptables -w -t nat -S | grep -q -e "--dport $1 "
}

@test "a port is free after stop, rm, and the program's own end" {
    port=$(free_ports 1)
    floe run -d --name c -p "$port:8000" busybox sh -c "$SLEEPER"
    run ! is_free "$port"
    floe stop -t 0 c
    is_free "$port"
    floe start c
    run ! is_free "$port"
    floe rm -f -t 0 c
    is_free "$port"
    floe run -d --name c -p "$port:8000" busybox sleep 0.2
    floe wait c
    eventually is_free "$port"
    floe run --rm -p "$port:8000" busybox true
    is_free "$port"
}

@test "a port is free after its container was killed, with conmon" {
    port=$(free_ports 1)
    floe run -d --name c -p "$port:8000" busybox sh -c "$SLEEPER"
    kill -9 "$(floe inspect --format '{{.State.ConmonPid}}' c)"
    kill -9 "$(floe inspect --format '{{.State.Pid}}' c)"
    eventually state_is c exited stopped
    floe start c
    floe rm -f -t 0 c
    is_free "$port"
}

state_is() { # CONTAINER STATE...
    [[ " ${*:2} " == *" $(state_of "$1") "* ]]
}

@test "the port of a checkpointed container is free for others until it is restored" {
    port=$(free_ports 1)
    web c 8000 -p "$port:8000"
    eventually serves 127.0.0.1 "$port" c
    eventually nobody_is_connected c
    floe checkpoint c
    listen_on_host "$port"
    refused 125 "$port" floe restore c
    kill $listener
    wait $listener || true
    floe restore c
    eventually serves 127.0.0.1 "$port" c
}
