# SPDX-License-Identifier: Apache-2.0
# Networks: what a container on the bridge reaches and is reached by, and its addresses and names.

# bats file_tags=sanitize

load helpers
load helpers-network

# --- reaching -----------------------------------------------------------------------------------------

# bats test_tags=host
@test "the host reaches a container on the bridge" {
    web c 8000
    eventually serves "$(address_of c)" 8000 c
}

# bats test_tags=host
@test "a container reaches the host" {
    port=$(free_ports 1)
    web inside "$port" --network host
    floe run -d --name c busybox sh -c "$SLEEPER"
    eventually in_container_serves c "$(gateway_of c)" $port inside
}

in_container_serves() { # CONTAINER ADDRESS PORT NAME
    [ "$(floe exec "$1" timeout 5 wget -q -O - "http://$2:$3/")" = "page of $4" ]
}

# bats test_tags=host
@test "two containers reach each other" {
    web one 8000
    web two 9000
    eventually in_container_serves one "$(address_of two)" 9000 two
    eventually in_container_serves two "$(address_of one)" 8000 one
    floe run --rm --cap-add NET_RAW busybox ping -c 1 -w 5 "$(address_of one)"
}

# bats test_tags=host
@test "packets may leave the host: they are forwarded and masqueraded" {
    floe run -d --name c busybox sh -c "$SLEEPER"
    is "$(cat /proc/sys/net/ipv4/ip_forward)" 1
    has "$(firewall_rules "$engine" | tr A-Z a-z)" accept
    { iptables -w -t nat -S 2>/dev/null; nft list ruleset 2>/dev/null; } | grep -qi masquerade
    has "$(floe exec c ip route)" "default via $(gateway_of c) dev eth0"
}

@test "--network none has the loopback only" {
    is "$(in_container busybox sh -c 'ls /sys/class/net; cat /proc/net/route | wc -l')" $'lo\n1'
    in_container --cap-add NET_RAW busybox ping -c 1 -w 5 127.0.0.1
}

# bats test_tags=host
@test "--network host is the host's network" {
    is "$(floe run --rm --network host busybox readlink /proc/self/ns/net)" "$(readlink /proc/self/ns/net)"
    is "$(floe run --rm --network host busybox hostname)" "$(hostname)"
}

# bats test_tags=host
@test "the bridge is there while one of its containers is, and not longer" {
    bridge=floe-$tag
    floe run -d --name one busybox sh -c "$SLEEPER"
    floe run -d --name two busybox sh -c "$SLEEPER"
    [ -e "/sys/class/net/$bridge" ]
    floe rm -f -t 0 one
    [ -e "/sys/class/net/$bridge" ]
    floe stop -t 0 two
    [ ! -e "/sys/class/net/$bridge" ]
    is "$(compgen -G "/run/netns/floe-$tag-*")" ""
    is "$(firewall_rules "$engine")" ""
}

# --- names --------------------------------------------------------------------------------------------

@test "the container's /etc/hosts has its own names, the host's gateway, and localhost" {
    text=$(floe run --rm --name c --hostname c.example --add-host printer:192.0.2.7 --add-host gw:host-gateway \
        busybox cat /etc/hosts)
    matches "$text" $'(^|\n)127\\.0\\.0\\.1[ \t]+localhost'
    matches "$text" $'\n[0-9.]+[ \t]+c\\.example c'
    matches "$text" $'(^|\n)192\\.0\\.2\\.7[ \t]+printer'
    gateway=$(awk '$2 == "host.containers.internal" { print $1 }' <<<"$text")
    is "$(awk '$2 == "gw" { print $1 }' <<<"$text")" "$gateway"
    is "$(awk '$2 == "c.example" { print $1 }' <<<"$text" | cut -d . -f 1-3)" "$(cut -d . -f 1-3 <<<"$gateway")"
}

@test "the container's own name leads to its own address" {
    floe run -d --name c --hostname own busybox sh -c "$SLEEPER"
    is "$(floe exec c hostname -i)" "$(address_of c)"
    is "$(floe exec c cat /etc/hostname)" own
    is "$(floe exec c hostname)" own
}

@test "name files can be changed from inside, and are anew after the next start" {
    floe run -d --name c busybox sh -c "$SLEEPER"
    floe exec c sh -c 'echo 192.0.2.9 other >>/etc/hosts'
    has "$(floe exec c cat /etc/hosts)" other
    lacks "$(cat /etc/hosts)" other
    floe restart -t 0 c
    has "$(floe exec c cat /etc/hosts)" "$(address_of c)"
}

@test "resolv.conf is the host's, but for servers that only the host reaches" {
    run floe run --rm busybox cat /etc/resolv.conf
    is "$status" 0
    lacks "$output" "nameserver 127."
    grep '^nameserver' /etc/resolv.conf | grep -v ' 127\.' | while read -r line; do
        has "$output" "$line"
    done
    is "$(floe run --rm --network host busybox cat /etc/resolv.conf | grep '^nameserver')" \
        "$(grep '^nameserver' /etc/resolv.conf)"
}

@test "--dns, --dns-search and --dns-option take the place of the host's" {
    is "$(floe run --rm --dns 192.0.2.53 --dns 192.0.2.54 --dns-search example.org --dns-option ndots:3 \
        busybox sh -c 'grep -v "^#" /etc/resolv.conf | sort')" \
        $'nameserver 192.0.2.53\nnameserver 192.0.2.54\noptions ndots:3\nsearch example.org'
    refused 125 "--dns 'here' is not an IP address" floe run --rm --dns here busybox true
    is "$(floe run --rm --dns 192.0.2.53 --dns-search . busybox sh -c 'grep -c ^search /etc/resolv.conf; true')" 0
}

@test "names that cannot be right are refused before anything is made" {
    refused 125 "nonsense" floe create --add-host nonsense busybox
    refused 125 "not.an.address" floe create --add-host name:not.an.address busybox
    is "$(floe ps -aq)" ""
}

# --- addresses ----------------------------------------------------------------------------------------

@test "--ip and --mac-address are what the container gets, also after stop and start" {
    floe run --rm busybox true
    address=$(engine_subnet "$engine" | sed 's|\.0/.*|.77|')
    floe run -d --name c --ip "$address" --mac-address 02:11:22:33:44:55 busybox sh -c "$SLEEPER"
    is "$(address_of c)" "$address"
    is "$(floe exec c cat /sys/class/net/eth0/address)" 02:11:22:33:44:55
    has "$(floe exec c ip -4 address show eth0)" "inet $address/16"
    is "$(floe inspect --format '{{.NetworkSettings.MacAddress}}' c)" 02:11:22:33:44:55
    floe stop -t 0 c
    floe start c
    is "$(address_of c)" "$address"
}

@test "an address that another has is refused, and told whose it is" {
    floe run -d --name one busybox sh -c "$SLEEPER"
    refused 125 "$(address_of one)" floe run --name two --ip "$(address_of one)" busybox true
    has "$stderr" "$(floe inspect --format '{{.Id}}' one | cut -c 1-12)"
    is "$(state_of two)" created
    floe rm -f -t 0 one
    floe start two
}

@test "addresses that cannot be are refused" {
    floe run -d --name c busybox sh -c "$SLEEPER"
    network=$(engine_subnet "$engine" | sed 's|\.0\.0/.*||')
    for address in 203.0.113.7 "$network.0.0" "$network.255.255" "$(gateway_of c)" nonsense 1.2.3.4.5; do
        refused 125 "$address" floe run --rm --ip "$address" busybox true
    done
    for mac in nonsense 01:00:5e:00:00:01 02:11:22:33:44; do
        refused 125 "$mac" floe run --rm --mac-address "$mac" busybox true
    done
    is "$(floe ps -aq | wc -l)" 1
}

# bats test_tags=host
@test "sixteen containers started at once have sixteen addresses, which are free afterwards" {
    local i

    for ((i = 0; i < 16; i++)); do
        floe run -d --name "c$i" busybox sh -c "$SLEEPER" >/dev/null 3>&- &
        starts[i]=$!
    done
    for ((i = 0; i < 16; i++)); do
        wait "${starts[i]}"
    done
    addresses=$(floe inspect --format '{{.NetworkSettings.IPAddress}}' $(seq -f c%g 0 15))
    is "$(sort -u <<<"$addresses" | grep -c .)" 16
    is "$(leases)" 16
    floe rm -a -f -t 0
    is "$(leases)" 0
}

leases() {
    sqlite3 "$root/floe.db" 'SELECT count(*) FROM lease'
}

@test "an address is free when its container ends by itself" {
    floe run -d --name c busybox sh -c 'until [ -e /go ]; do sleep 0.02; done'
    is "$(leases)" 1
    let_end c /go
    floe wait c
    eventually no_leases
    floe run --rm busybox true
    is "$(leases)" 0
}

no_leases() {
    [ "$(leases)" = 0 ]
}

# bats test_tags=host
@test "the network works after stop and start, and after restart" {
    web c 8000
    floe stop -t 0 c
    is "$(address_of c)" ""
    floe start c
    eventually serves "$(address_of c)" 8000 c
    floe restart -t 0 c
    eventually serves "$(address_of c)" 8000 c
}

# --- another container's network ----------------------------------------------------------------------

@test "--network container:NAME shares all of it" {
    web one 8000
    floe run -d --name two --network container:one busybox sh -c "$SLEEPER"
    is "$(floe exec two readlink /proc/self/ns/net)" "$(floe exec one readlink /proc/self/ns/net)"
    is "$(address_of two)" "$(address_of one)"
    eventually in_container_serves two 127.0.0.1 8000 one
    is "$(floe exec two cat /etc/hosts)" "$(floe exec one cat /etc/hosts)"
    floe rm -f -t 0 two
    eventually serves "$(address_of one)" 8000 one
}

@test "the other container must be there, and run" {
    refused 125 "nobody" floe create --network container:nobody busybox
    floe create --name one busybox sh -c "$SLEEPER"
    floe create --name two --network container:one busybox sh -c "$SLEEPER"
    refused 125 "$(floe inspect --format '{{.Id}}' one)" floe init two
    refused 125 "$(floe inspect --format '{{.Id}}' two)" floe rm one
    floe start one
    floe start two
    refused 125 "$(floe inspect --format '{{.Id}}' two)" floe rm -f one
    is "$(state_of one)" running
    floe rm -f -t 0 two
    floe rm -f -t 0 one
}

@test "--network says what it takes" {
    refused 125 "nonsense" floe create --network nonsense busybox
    refused 125 "--ip" floe create --network none --ip 10.0.0.2 busybox
    refused 125 "--ip: 'here' is not an IPv4 address" floe create --ip here busybox
}

# --- the default network ------------------------------------------------------------------------------

@test "the default network keeps clear of what the host uses" {
    floe run --rm busybox true
    python3 - "$(engine_subnet "$engine")" <<'END'
import ipaddress, json, pathlib, shutil, subprocess, sys

ours = ipaddress.ip_network(sys.argv[1])
taken = [line.split()[0] for line in subprocess.check_output(["ip", "-4", "route"], text=True).splitlines()]
taken = [network for network in taken if network[0].isdigit()]
if shutil.which("podman"):
    taken.append("10.88.0.0/16")
for file in pathlib.Path("/etc/containers/networks").glob("*.json"):
    taken += [subnet["subnet"] for subnet in json.loads(file.read_text()).get("subnets", [])]
for network in taken:
    assert not ours.overlaps(ipaddress.ip_network(network)), f"{ours} overlaps {network}"
END
}

@test "FLOE_CONF sets the default network's subnet and bridge" {
    printf '[network]\nsubnet=10.201.7.0/24\ninterface=floetest0\n' >"$BATS_TEST_TMPDIR/floe.conf"
    export FLOE_CONF=$BATS_TEST_TMPDIR/floe.conf
    floe run -d --name c busybox sh -c "$SLEEPER"
    is "$(gateway_of c)" 10.201.7.1
    is "$(floe inspect --format '{{.NetworkSettings.IPPrefixLen}}' c)" 24
    matches "$(address_of c)" '^10\.201\.7\.[0-9]+$'
    has "$(ip -4 address show floetest0)" "inet 10.201.7.1/24"
    unset FLOE_CONF
    floe restart -t 0 c
    is "$(gateway_of c)" 10.201.7.1
    floe rm -f -t 0 c
    [ ! -e /sys/class/net/floetest0 ]
}

@test "a full network says so" {
    printf '[network]\nsubnet=10.201.8.0/30\ninterface=floetest1\n' >"$BATS_TEST_TMPDIR/floe.conf"
    export FLOE_CONF=$BATS_TEST_TMPDIR/floe.conf
    floe run -d --name one busybox sh -c "$SLEEPER"
    refused 125 "address" floe run --name two busybox true
    is "$(state_of two)" created
    floe rm -f -t 0 one
    floe start two
}

@test "a configuration that cannot be right is refused by the command that needs it" {
    export FLOE_CONF=$BATS_TEST_TMPDIR/floe.conf
    for subnet in nonsense 10.201.7.3/24 10.201.7.0/31 10.201.7.0/99; do
        printf '[network]\nsubnet=%s\n' "$subnet" >"$FLOE_CONF"
        refused 125 "$subnet" floe run --rm busybox true
    done
    echo 'no section' >"$FLOE_CONF"
    refused 125 "$FLOE_CONF" floe run --rm busybox true
    floe ps
}

# --- failures -----------------------------------------------------------------------------------------

# In a mount namespace of its own, with a script in netavark's place.
with_netavark() { # SCRIPT COMMAND...
    printf '#!/bin/sh\n%s\n' "$1" >"$BATS_TEST_TMPDIR/netavark"
    chmod +x "$BATS_TEST_TMPDIR/netavark"
    unshare --mount sh -c 'fake=$1; shift
        for real in /usr/libexec/podman/netavark /usr/lib/podman/netavark; do
            [ ! -e "$real" ] || mount --bind "$fake" "$real" || exit 77
        done
        exec "$@"' sh "$BATS_TEST_TMPDIR/netavark" "${@:2}"
}

# bats test_tags=host
@test "a netavark that fails fails the start with its words, and all is undone" {
    floe create --name c busybox true
    run -125 with_netavark 'echo "{\"error\":\"no luck today\"}"; exit 1' "${program[@]}" start c
    has "$output" "Error: network: netavark setup: no luck today"
    is "$(state_of c)" created
    is "$(leases)" 0
    is "$(mounts "$engine")" ""
    is "$(processes "$engine")" ""
    is "$(compgen -G "/run/netns/floe-$tag-*")" ""
    floe start c
}

@test "a netavark that is killed or answers nonsense is no different" {
    floe create --name c busybox true
    run -125 with_netavark 'kill -9 $$' "${program[@]}" start c
    has "$output" "Error: network: netavark setup: killed"
    run -125 with_netavark 'echo nonsense' "${program[@]}" start c
    has "$output" "Error: network: netavark"
    is "$(state_of c)" created
    is "$(leases)" 0
    is "$(processes "$engine")" ""
    floe start c
}

# A copy of the real one: it is hidden where the script takes its place.
real_netavark() {
    cp "$(find /usr/libexec/podman/netavark /usr/lib/podman/netavark 2>/dev/null | head -n 1)" "$BATS_TEST_TMPDIR/real"
}

# bats test_tags=host
@test "a netavark that meets another engine's at the first rules of all is tried again" {
    real_netavark
    run -0 --separate-stderr with_netavark "
        [ -e '$BATS_TEST_TMPDIR/met' ] || case \$* in *setup*) '$BATS_TEST_TMPDIR/real' \"\$@\" >/dev/null
            touch '$BATS_TEST_TMPDIR/met'
            echo '{\"error\":\"code: 1, msg: iptables: Chain already exists.\"}'
            exit 1 ;; esac
        exec '$BATS_TEST_TMPDIR/real' \"\$@\"" "${program[@]}" run --rm busybox ip -o -4 addr show eth0
    has "$output" "inet 10."
    is "$(leases)" 0
    is "$(compgen -G "/run/netns/floe-$tag-*")" ""

    for words in 'iptables: Chain already exists.' 'CHAIN_USER_ADD failed (File exists): chain NETAVARK'; do
        rm -f "$BATS_TEST_TMPDIR/calls"
        run -125 with_netavark "echo \$* >>'$BATS_TEST_TMPDIR/calls'; echo '{\"error\":\"$words\"}'; exit 1" \
            "${program[@]}" run --rm busybox true
        has "$output" "$words"
        [ "$(grep -c setup "$BATS_TEST_TMPDIR/calls")" -gt 1 ]
    done
}

# aardvark-dns would keep the lock, where netavark has it.
# bats test_tags=host
@test "on a network with names a netavark is killed with its floe, which has the lock" {
    real_netavark
    floe network create named
    floe create --name c --network named busybox sleep 1000
    with_netavark "echo \$PPID \$\$ >'$BATS_TEST_TMPDIR/pids'; exec sleep 1000" "${program[@]}" start c 3>&- &
    starting=$!
    eventually [ -s "$BATS_TEST_TMPDIR/pids" ]
    read -r floe pid <"$BATS_TEST_TMPDIR/pids"
    kill -9 "$floe"
    wait $starting || true
    timeout 10 tail --pid="$pid" -s 0.02 -f /dev/null
    floe start c
    floe rm -f -t 0 c
    is "$(leases)" 0
    floe network rm named
}
