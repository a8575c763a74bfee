# SPDX-License-Identifier: Apache-2.0
# What containers see of networks that users make: both families, names, options, walls between them,
# macvlan; and that nothing of a network stays.

# shellcheck disable=SC2154 # $engine, $stderr and the like are of the helpers and of bats

load helpers
load helpers-network

# A container that answers, with ping allowed.
member() { # NAME NETWORK [OPTION...]
    floe run -d --name "$1" --network "$2" --cap-add NET_RAW "${@:3}" busybox sh -c "$SLEEPER" >/dev/null
}

addresses() { # CONTAINER FAMILY: -4, -6
    floe exec "$1" ip "$2" -o addr show dev eth0 scope global | awk '{ sub("/.*", "", $4); print $4 }'
}

reaches() { # CONTAINER ADDRESS
    floe exec "$1" ping -c 1 -w 10 "$2" >/dev/null
}

# Two packets, for a firewall that drops.
does_not_reach() { # CONTAINER ADDRESS
    ! floe exec "$1" ping -c 2 -w 2 "$2" >/dev/null
}

bridge_of() { # NETWORK
    floe network inspect --format '{{.NetworkInterface}}' "$1"
}

# --- both families ------------------------------------------------------------------------------------

@test "containers of one network reach each other by both families" {
    [ -e /proc/sys/net/ipv6 ] || skip "the kernel has no IPv6"
    floe network create --ipv6 lan
    member one lan
    member two lan
    matches "$(addresses one -6)" '^fd'
    reaches one "$(addresses two -4)"
    eventually reaches one "$(addresses two -6)"
    [ "$(addresses one -6)" != "$(addresses two -6)" ]
    has "$(floe exec one ip -6 route)" default
}

@test "addresses come out of the range, and go round it" {
    floe network create --subnet 10.118.4.0/24 --ip-range 10.118.4.64-10.118.4.65 lan
    member one lan
    member two lan
    is "$(addresses one -4) $(addresses two -4)" '10.118.4.64 10.118.4.65'
    refused 125 'no free address left: all of the range' \
        floe run -d --name three --network lan busybox sh -c "$SLEEPER"
    floe rm -f -t 0 one three
    member three lan
    is "$(addresses three -4)" 10.118.4.64
}

# --- options ------------------------------------------------------------------------------------------

@test "the containers of a network have its mtu" {
    floe network create -o mtu=1234 lan
    member one lan
    is "$(floe exec one cat /sys/class/net/eth0/mtu)" 1234
    is "$(cat "/sys/class/net/$(bridge_of lan)/mtu")" 1234
}

# With another one the others would not reach their gateway until they ask for it again.
@test "a bridge keeps its hardware address, whoever goes" {
    floe network create lan
    member one lan
    bridge=$(floe network inspect --format '{{.NetworkInterface}}' lan)
    mac=$(ip -o link show "$bridge" | grep -o 'ether [^ ]*')
    member two lan
    member three lan
    floe rm -f -t 0 one
    is "$(ip -o link show "$bridge" | grep -o 'ether [^ ]*')" "$mac"
    floe network reload two
    is "$(ip -o link show "$bridge" | grep -o 'ether [^ ]*')" "$mac"
    reaches three "$(gateway_of three)"
}

@test "an internal network has no way out, and none into other networks" {
    floe network create --internal inside
    floe network create outside
    member one inside
    member two inside
    member three outside
    reaches one "$(addresses two -4)"
    lacks "$(floe exec one ip route)" default
    does_not_reach one "$(host_address)"
    does_not_reach one "$(addresses three -4)"
    does_not_reach three "$(addresses one -4)"
}

@test "isolated networks do not reach each other; others do" {
    floe network create -o isolate=true left
    floe network create -o isolate=true right
    floe network create open
    member l left
    member r right
    member o open
    member o2 open
    reaches o "$(addresses o2 -4)"
    does_not_reach l "$(addresses r -4)"
    does_not_reach r "$(addresses l -4)"
}

# --- names --------------------------------------------------------------------------------------------

# With its domain, for aardvark-dns asks the host's servers for what it does not know without.
has_no_name() { # CONTAINER NAME
    ! floe exec "$1" nslookup "$2.dns.podman" >/dev/null 2>&1
}

@test "containers find each other by name, unless the network has none" {
    floe network create lan
    floe network create --disable-dns quiet
    member one lan
    member two lan
    eventually floe exec one ping -c 1 -w 5 two
    is "$(floe network inspect lan | jq -c '[.[0].containers[] | [.name, .interfaces.eth0.subnets[0].ipnet]]')" \
        "[[\"one\",\"$(addresses one -4)/24\"],[\"two\",\"$(addresses two -4)/24\"]]"
    floe rename two zwei
    eventually floe exec one ping -c 1 -w 5 zwei
    eventually has_no_name one two
    floe network reload zwei
    eventually floe exec one ping -c 1 -w 5 zwei
    has_no_name one two
    # As a floe leaves it that was killed before it could tell the new name to anybody.
    sqlite3 "$root/floe.db" "UPDATE container SET name = 'deux', status = json_set(status, '\$.intent', 'reload-network',
        '\$.networks[0].request.container_name', 'deux') WHERE name = 'zwei'"
    floe exec deux true
    eventually floe exec one ping -c 1 -w 5 deux
    has_no_name one zwei
    floe rename deux zwei
    is "$(floe network inspect lan --format '{{range .Containers}}{{.Name}} {{end}}' | xargs -n 1 | sort | xargs)" \
        "one zwei"
    member three quiet
    member four quiet
    reaches three "$(addresses four -4)"
    run ! floe exec three ping -c 1 -w 2 four
    lacks "$(floe exec three cat /etc/resolv.conf)" "$(gateway_of three)"
}

# dns_server ADDRESS ANSWER: has one address for every name, until the test ends.
dns_server() {
    python3 -c "
import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('$1', 53))
print('listening', flush=True)
while True:
    query, peer = s.recvfrom(4096)
    end = 12
    while query[end]:
        end += query[end] + 1
    question = query[12:end + 5]
    is_a = question[-4:-2] == b'\\0\\1'
    answer = b'\\xc0\\x0c\\0\\1\\0\\1' + struct.pack('>IH', 60, 4) + socket.inet_aton('$2') if is_a else b''
    s.sendto(query[:2] + b'\\x81\\x80\\0\\1' + struct.pack('>H', is_a) + b'\\0\\0\\0\\0' + question + answer, peer)
" >"$BATS_TEST_TMPDIR/dns-$1" 3>&- &
    servers+=($!)
    eventually grep -q listening "$BATS_TEST_TMPDIR/dns-$1"
}

teardown() {
    [ ${#servers[@]} = 0 ] || kill "${servers[@]}"
    [ -z "${parent_ns:-}" ] || nsenter --net="$parent_ns" "$FLOE" --root "$root" --runroot "$runroot" rm -fa -t 0
    floe_teardown
    [ -z "${parent_ns:-}" ] || ip netns delete "${parent_ns##*/}"
}

resolves() { # CONTAINER NAME ADDRESS
    floe exec "$1" nslookup "$2" 2>/dev/null | grep -q "$3"
}

@test "network update reaches containers that run" {
    servers=()
    dns_server 127.119.0.1 192.0.2.11
    dns_server 127.119.0.2 192.0.2.22
    floe network create --dns 127.119.0.1 lan
    member one lan
    eventually resolves one some.example 192.0.2.11
    floe network update --dns-drop 127.119.0.1 --dns-add 127.119.0.2 lan
    eventually resolves one other.example 192.0.2.22
}

# --- macvlan ------------------------------------------------------------------------------------------

in_ns() {
    nsenter --net="$parent_ns" "$FLOE" "${runtime_option[@]}" --root "$root" --runroot "$runroot" "$@"
}

@test "macvlan has containers on the network of a parent interface" {
    ip netns add "fl-macvlan-$$"
    parent_ns=/run/netns/fl-macvlan-$$
    ip -n "fl-macvlan-$$" link set lo up
    ip -n "fl-macvlan-$$" link add wire type veth peer name far
    ip -n "fl-macvlan-$$" link set far up
    ip -n "fl-macvlan-$$" link set wire up
    in_ns network create -d macvlan -o parent=wire --subnet 10.118.9.0/24 office
    in_ns network create -d macvlan -o parent=wire -o mode=bridge --subnet 10.118.10.0/24 second
    is "$(in_ns network inspect office | jq -c '.[0] | [.driver, .network_interface, .dns_enabled]')" \
        '["macvlan","wire",false]'
    in_ns run -d --name one --network office --cap-add NET_RAW busybox sh -c "$SLEEPER"
    in_ns run -d --name two --network office --ip 10.118.9.77 --cap-add NET_RAW busybox sh -c "$SLEEPER"
    in_ns run -d --name three --network second busybox sh -c "$SLEEPER"
    in_ns exec one ping -c 1 -w 10 10.118.9.77
    has "$(in_ns exec one ip route)" 'default via 10.118.9.1'
    has "$(in_ns exec three ip addr show dev eth0)" 10.118.10.
    # Without a parent it is the interface of the default route, where there is one.
    in_ns network create -d macvlan --subnet 10.118.11.0/24 any
    run -125 in_ns run --rm --network any busybox true
    has "$output" "default route"
    ip -n "fl-macvlan-$$" addr add 10.118.12.2/24 dev wire
    ip -n "fl-macvlan-$$" route add default via 10.118.12.1
    has "$(in_ns run --rm --network any busybox ip -o -4 addr show dev eth0)" 10.118.11.
    in_ns rm -fa -t 0
    in_ns network rm office second any
    # Somebody else's interface stays.
    ip -n "fl-macvlan-$$" link show dev wire
}

# --- nothing stays ------------------------------------------------------------------------------------

@test "nothing of a network that is removed stays" {
    floe network create --ipv6 lan
    bridge=$(bridge_of lan)
    patterns=$(firewall_patterns "$engine")
    member one lan -p "$(free_ports 1):80"
    [ -e "/sys/class/net/$bridge" ]
    has "$(firewall_rules "$engine")" ACCEPT
    floe network rm -f -t 0 lan
    [ ! -e "/sys/class/net/$bridge" ]
    run ! grep -F -e "$patterns" <(iptables -w -S; iptables -w -t nat -S; ip6tables -w -S; ip6tables -w -t nat -S)
    [ ! -e "$runroot/network/aardvark-dns/$bridge" ]
    is "$(sqlite3 "$root/floe.db" "SELECT count(*) FROM lease WHERE network = 'lan'")" 0
}

@test "what a netavark that was killed has left goes with the network" {
    floe network create lan
    bridge=$(bridge_of lan)
    ip link add "$bridge" type bridge
    mkdir -p "$runroot/network/aardvark-dns"
    echo 10.118.1.1 >"$runroot/network/aardvark-dns/$bridge"
    floe network rm lan
    [ ! -e "/sys/class/net/$bridge" ]
    [ ! -e "$runroot/network/aardvark-dns/$bridge" ]
    is "$(compgen -G "/run/netns/*-net-*")" ""
}

@test "a floe that is killed while it removes a network is put right by the next" {
    floe network create lan
    member one lan
    bridge=$(bridge_of lan)
    "${program[@]}" network rm -f -t 0 lan >/dev/null 2>&1 3>&- &
    pid=$!
    # While the container goes, which takes longest.
    eventually sh -c "[ ! -e /proc/$pid ] || [ \"\$(\"$FLOE\" --root \"$root\" --runroot \"$runroot\" ps -q)\" = '' ]"
    kill -9 $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    floe network rm -f -t 0 lan
    run -1 floe network exists lan
    is "$(floe ps -aq)" ""
    [ ! -e "/sys/class/net/$bridge" ]
}
