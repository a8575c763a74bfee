# SPDX-License-Identifier: Apache-2.0
# A container in several networks: --network repeated, its options and the options beside it, names, ports.

load helpers
load helpers-network

in_networks() { # CONTAINER: their names
    floe inspect --format '{{range $name, $n := .NetworkSettings.Networks}}{{$name}} {{end}}' "$1" | xargs -n1 | sort | xargs
}

on_network() { # CONTAINER NETWORK KEY
    floe inspect "$1" | jq -r --arg n "$2" --arg k "$3" '.[0].NetworkSettings.Networks[$n][$k]'
}

asleep() { # NAME OPTION...
    floe run -d --name "$1" "${@:2}" busybox sh -c "$SLEEPER" >/dev/null
}

# Nobody listens there, and wget says at which address.
resolves() { # CONTAINER NAME ADDRESS
    [[ "$(floe exec "$1" timeout 5 wget -q -O - "http://$2:9/" 2>&1)" == *"($3)"* ]]
}

@test "--network repeated, or with commas, gives an interface for each, in their order" {
    floe network create a
    floe network create b
    asleep one --network b --network a
    asleep two --network a,b
    is "$(in_networks one)" "a b"
    has "$(floe exec one ip -4 addr show eth0)" "$(on_network one b IPAddress)/24"
    has "$(floe exec one ip -4 addr show eth1)" "$(on_network one a IPAddress)/24"
    has "$(floe exec two ip -4 addr show eth0)" "$(on_network two a IPAddress)/24"
    is "$(floe exec one ip route get 192.0.2.1 | head -1 | sed 's/.* dev \([^ ]*\).*/\1/')" eth0
    is "$(floe exec two ip route get 192.0.2.1 | head -1 | sed 's/.* dev \([^ ]*\).*/\1/')" eth0
    is "$(floe ps --filter network=b --format '{{.Names}}' | sort | xargs)" "one two"
    has "$(floe exec one cat /etc/hosts)" "$(on_network one a IPAddress)"
    floe restart -t 0 one
    has "$(floe exec one ip -4 addr show eth1)" "$(on_network one a IPAddress)/24"
}

@test "addresses, MAC, aliases and interface names are those that are asked for" {
    net=10.$((200 + ${FLOE_TEST_LANE:-0})).77 net6=fd00:77:$((1 + ${FLOE_TEST_LANE:-0})) # fd00:77:0:: is fd00:77::
    floe network create --subnet "$net.0/24" --ipv6 --subnet "$net6::/64" lan
    asleep c --network "lan:ip=$net.9,ip6=$net6::9,mac=92:00:00:00:00:77,alias=db,alias=sql,interface_name=lan0"
    is "$(on_network c lan IPAddress)" "$net.9"
    is "$(on_network c lan GlobalIPv6Address)" "$net6::9"
    is "$(on_network c lan MacAddress)" 92:00:00:00:00:77
    has "$(floe exec c ip addr show lan0)" "inet $net.9/24"
    has "$(floe exec c ip addr show lan0)" "$net6::9/64"
    is "$(on_network c lan Aliases | jq -c '.[:2]')" '["db","sql"]'
    asleep d --network lan --ip "$net.10" --ip6 "$net6::10" --mac-address 92:00:00:00:00:78 --network-alias x
    is "$(on_network d lan IPAddress) $(on_network d lan GlobalIPv6Address) $(on_network d lan MacAddress)" \
        "$net.10 $net6::10 92:00:00:00:00:78"
    refused 125 'already in use' floe run --rm --network "lan:ip=$net.9" busybox true
}

@test "what cannot be is refused, with the option's name" {
    floe network create a
    floe network create b
    refused 125 'nowhere' floe create --network nowhere busybox true
    refused 125 "'a' comes twice" floe create --network a --network a busybox true
    refused 125 'cannot be beside' floe create --network a --network none busybox true
    refused 125 'single network' floe create --network a,b --ip 10.0.0.1 busybox true
    refused 125 'is none of' floe create --network a:colour=blue busybox true
    refused 125 'not an IPv4 address' floe create --network a --ip fd00::1 busybox true
    refused 125 'not an IPv6 address' floe create --network a --ip6 10.0.0.1 busybox true
    refused 125 'need a bridge network' floe create --network none --network-alias x busybox true
    refused 125 "two interfaces are to be called 'eth0'" \
        floe create --network a:interface_name=eth0 --network b:interface_name=eth0 busybox true
    refused 125 'no network namespace' floe create --network ns:/nowhere busybox true
    is "$(floe ps -aq)" ""
    refused 125 'for users without root' floe create --network slirp4netns:port_handler=rootlesskit busybox
    refused 125 'for users without root' floe create --network pasta busybox
}

@test "ns: is a namespace that somebody else made" {
    ip netns add "floe-test-$$"
    floe run --rm --network "ns:/run/netns/floe-test-$$" busybox readlink /proc/self/ns/net >"$BATS_TEST_TMPDIR/inside" || failed=1
    outside=$(ip netns exec "floe-test-$$" readlink /proc/self/ns/net)
    ip netns delete "floe-test-$$"
    [ -z "${failed:-}" ]
    is "$(cat "$BATS_TEST_TMPDIR/inside")" "$outside"
}

# bats test_tags=host
@test "names: of containers, short ids, aliases, in each network its own" {
    floe network create a
    floe network create b
    floe network create --disable-dns quiet
    asleep web --network a:alias=shop --network b
    asleep client --network b --network-alias me
    asleep other --network a
    id=$(floe inspect --format '{{.Id}}' web)
    eventually resolves client web "$(on_network web b IPAddress)"
    eventually resolves other web "$(on_network web a IPAddress)"
    eventually resolves other shop "$(on_network web a IPAddress)"
    eventually resolves client "${id:0:12}" "$(on_network web b IPAddress)"
    eventually resolves web me "$(on_network client b IPAddress)"
    ! resolves client shop "$(on_network web a IPAddress)"
    has "$(floe exec web cat /etc/resolv.conf)" "nameserver $(on_network web a Gateway)"
    has "$(floe exec web cat /etc/resolv.conf)" "nameserver $(on_network web b Gateway)"
    lacks "$(floe run --rm --network quiet busybox cat /etc/resolv.conf)" dns.podman
}

# bats test_tags=host
@test "a published port goes to the first network, and to the next when it leaves that" {
    floe network create a
    floe network create b
    port=$(free_ports 1)
    web c 8000 --network a --network b -p "$port:8000"
    eventually serves 127.0.0.1 "$port" c
    floe network disconnect a c
    eventually serves 127.0.0.1 "$port" c
    floe rm -f -t 0 c
    lacks "$(firewall_rules "$engine")" "$port"
}

@test "a pod is in several networks" {
    floe network create a
    floe network create b
    floe pod create --name p --network a --network b --network-alias pod >/dev/null
    asleep c --pod p
    has "$(floe exec c ip -4 addr show eth1)" "inet "
    is "$(floe pod inspect p | jq -c '.InfraConfig.Networks')" '["a","b"]'
}

# bats test_tags=host
@test "containers that start at once never have an address twice, and give all back" {
    floe network create a
    floe network create b
    n=${FLOE_TEST_N_STARTS:-8}
    for ((i = 0; i < n; i++)); do
        floe run -d --network a,b --name "c$i" busybox sh -c "$SLEEPER" >/dev/null &
    done
    wait
    is "$(floe ps -q | wc -l)" "$n"
    is "$(sqlite3 "$root/floe.db" 'SELECT count(*), count(DISTINCT address) FROM lease')" "$((2 * n))|$((2 * n))"
    floe kill -a >/dev/null
    floe wait $(floe ps -aq) >/dev/null
    floe rm -a -f >/dev/null
    is "$(sqlite3 "$root/floe.db" 'SELECT count(*) FROM lease')" 0
}

# Those that were killed are put right by whoever looks next, and take nothing away from the others.
@test "and with kill -9 among those that start at once, and a port for each" {
    floe network create a
    n=${FLOE_TEST_N_STARTS:-8}
    for ((i = 0; i < n; i++)); do
        if ((i % 4 == 1)); then
            timeout --signal KILL "0.$((RANDOM % 80 + 10))" "${program[@]}" run -d --network a -p 8000 --name "c$i" busybox \
                sh -c "$SLEEPER" >/dev/null 2>&1 3>&- &
        else
            floe run -d --network a -p 8000 --name "c$i" busybox sh -c "$SLEEPER" >/dev/null &
        fi
    done
    { wait; } 2>/dev/null
    floe start --all >/dev/null
    for ((i = 0; i < n; i++)); do
        ((i % 4 == 1)) || is "$(state_of "c$i")" running
    done
    running=$(floe ps -q | wc -l)
    is "$(floe ps -q | xargs "${program[@]}" inspect | jq -r '.[].NetworkSettings.Networks.a.IPAddress' | sort -u | wc -l)" \
        "$running"
    is "$(floe ps --format '{{.Ports}}' | sort -u | wc -l)" "$running"
    address=$(floe inspect --format '{{.NetworkSettings.Networks.a.IPAddress}}' c0)
    is "$(iptables -t nat -S | grep -c -e "--to-destination $address:8000")" 1
    floe rm -a -f -t 0 >/dev/null
    is "$(sqlite3 "$root/floe.db" 'SELECT (SELECT count(*) FROM lease), (SELECT count(*) FROM port)')" "0|0"
    is "$(compgen -G "/run/netns/floe-$tag-*")" ""
    is "$(iptables -t nat -S | grep -c -e "$(floe network inspect --format '{{.NetworkInterface}}' a) ")" 0
    floe network rm a
}
