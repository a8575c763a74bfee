# SPDX-License-Identifier: Apache-2.0
# floe network create, ls, inspect, exists, rm, prune, update: the networks themselves. What containers
# see of them is in 271 and 272.

# bats file_tags=sanitize

# shellcheck disable=SC2154 # $engine, $stderr and the like are of the helpers and of bats

load helpers
load helpers-network

of_network() { # NAME TEMPLATE
    floe network inspect --format "$2" "$1"
}

first_subnet() { # NAME
    of_network "$1" '{{(index .Subnets 0).Subnet}}'
}

# --- create -------------------------------------------------------------------------------------------

@test "network create makes a network with a subnet, a bridge and names of its own" {
    is "$(floe network create lan)" lan
    matches "$(first_subnet lan)" '^10\.[0-9]+\.[0-9]+\.0/24$'
    is "$(of_network lan '{{.Driver}} {{.Internal}} {{.IPv6Enabled}} {{.DNSEnabled}} {{.IPAMOptions.driver}}')" \
        'bridge false false true host-local'
    is "$(of_network lan '{{.NetworkInterface}}')" "fl-$(engine_tag "$engine")-1"
    floe network create other
    [ "$(first_subnet lan)" != "$(first_subnet other)" ]
    is "$(of_network other '{{.NetworkInterface}}')" "fl-$(engine_tag "$engine")-2"
    # Nothing of them is on the host until a container is in one.
    is "$(engine_bridges "$engine")" ""
}

@test "a network without a name is called as its bridge" {
    name=$(floe network create)
    is "$(of_network "$name" '{{.Name}} {{.NetworkInterface}}')" "$name $name"
    name=$(floe network create --interface-name "fl$$")
    is "$name $(of_network "$name" '{{.NetworkInterface}}')" "fl$$ fl$$"
}

@test "subnets, gateways and ranges are those that are asked for" {
    floe network create --subnet 10.119.7.0/24 --ip-range 10.119.7.32/28 --gateway 10.119.7.3 \
        --subnet fd00:119:7::/64 --label colour=blue --label empty -o mtu=1400 lan
    is "$(floe network inspect lan | jq -c '.[0].subnets')" \
        '[{"subnet":"10.119.7.0/24","gateway":"10.119.7.3","lease_range":{"start_ip":"10.119.7.33","end_ip":"10.119.7.47"}},{"subnet":"fd00:119:7::/64","gateway":"fd00:119:7::1"}]'
    is "$(of_network lan '{{.Labels}} {{.Options}} {{.IPv6Enabled}}')" 'map[colour:blue empty:] map[mtu:1400] true'
    is "$(of_network lan '{{(index .Subnets 0).LeaseRange.StartIP}}')" 10.119.7.33
    floe network create --subnet 10.119.8.9/24 --ip-range 10.119.8.5-10.119.8.9 host-bits
    is "$(floe network inspect host-bits | jq -c '.[0].subnets[0]')" \
        '{"subnet":"10.119.8.0/24","gateway":"10.119.8.1","lease_range":{"start_ip":"10.119.8.5","end_ip":"10.119.8.9"}}'
}

@test "--ipv6 has a subnet of both versions" {
    floe network create --ipv6 both
    is "$(floe network inspect both | jq -r '.[0].subnets | length')" 2
    matches "$(of_network both '{{(index .Subnets 1).Subnet}}')" '^fd[0-9a-f:]*::/64$'
    floe network create --ipv6 --subnet fd00:119:9::/64 given
    is "$(of_network given '{{(index .Subnets 0).Subnet}}')" fd00:119:9::/64
    matches "$(of_network given '{{(index .Subnets 1).Subnet}}')" '^10\.'
    floe network create --subnet fd00:119:10::/64 alone
    is "$(floe network inspect alone | jq -r '.[0].subnets | length')" 1
    is "$(of_network alone '{{.IPv6Enabled}}')" true
}

@test "network create refuses what cannot be right, and leaves nothing" {
    floe network create --subnet 10.119.1.0/24 --interface-name "fl$$" lan
    refused 125 'network name lan already used' floe network create lan
    refused 125 'network name podman already used' floe network create podman
    refused 125 'conflicts with a valid network mode' floe network create host
    refused 125 'names must match' floe network create 'a b'
    refused 125 'names must match' floe network create ../x
    refused 125 'at most 255' floe network create "$(printf 'a%.0s' {1..256})"
    refused 125 "it overlaps 10.119.1.0/24 of network 'lan'" floe network create --subnet 10.119.1.128/25 x
    refused 125 'of interface lo' floe network create --subnet 127.0.0.0/16 x
    refused 125 'is not a subnet' floe network create --subnet 10.300.0.0/24 x
    refused 125 'needs /8 to /30' floe network create --subnet 10.119.2.0/31 x
    refused 125 'subnets 10.119.2.0/24 and 10.119.2.0/25 overlap' \
        floe network create --subnet 10.119.2.0/25 --subnet 10.119.2.0/24 x
    refused 125 'gateway 10.119.3.1 not in subnet 10.119.2.0/24' \
        floe network create --subnet 10.119.2.0/24 --gateway 10.119.3.1 x
    refused 125 'not in subnet' floe network create --subnet 10.119.2.0/24 --ip-range 10.119.3.0/28 x
    refused 125 'before it starts' floe network create --subnet 10.119.2.0/24 --ip-range 10.119.2.9-10.119.2.3 x
    refused 125 'without subnet' floe network create --gateway 10.119.3.1 x
    refused 125 'unsupported driver nosuch' floe network create --driver nosuch x
    refused 125 'unsupported ipam driver dhcp' floe network create --ipam-driver dhcp x
    refused 125 'unsupported bridge network option foo' floe network create -o foo=bar x
    refused 125 "option mtu: 'big'" floe network create -o mtu=big x
    refused 125 "option vlan: '5000'" floe network create -o vlan=5000 x
    refused 125 "option isolate: 'yes'" floe network create -o isolate=yes x
    refused 125 'there is such an interface' floe network create --interface-name lo x
    refused 125 'in use by another network' floe network create --interface-name "fl$$" x
    refused 125 'not an interface name' floe network create --interface-name 'a/b' x
    refused 125 "'nope' is not an IP address" floe network create --dns nope x
    refused 125 '--dns needs' floe network create --disable-dns --dns 192.0.2.53 x
    refused 125 'has no name' floe network create --label =x x
    refused 125 'SUBNET,GATEWAY' floe network create --route 10.9.0.0/16 x
    refused 125 'parent interface nosuch does not exist' \
        floe network create -d macvlan -o parent=nosuch --subnet 10.119.2.0/24 x
    refused 125 'needs at least one subnet' floe network create -d macvlan x
    refused 125 'too many arguments' floe network create a b
    is "$(floe network ls -q)" $'lan\npodman'
}

@test "--ignore takes a network that is there for what was asked for" {
    floe network create --subnet 10.119.1.0/24 lan
    is "$(floe network create --ignore --subnet 10.119.2.0/24 lan)" lan
    is "$(first_subnet lan)" 10.119.1.0/24
    is "$(floe network create --ignore new)" new
}

@test "what only a later netavark does is refused by one that is older" {
    version=$("$(netavark_program)" --version | grep -oE '[0-9]+\.[0-9]+')
    if [ "$(printf '%s\n1.7\n' "$version" | sort -V | head -1)" = 1.7 ]; then
        floe network create --subnet 10.119.1.0/24 --route 10.120.0.0/16,10.119.1.9,7 -o no_default_route=true lan
        is "$(floe network inspect lan | jq -c '.[0].routes')" \
            '[{"destination":"10.120.0.0/16","gateway":"10.119.1.9","metric":7}]'
    else
        refused 125 "netavark $version" floe network create --route 10.120.0.0/16,10.119.1.9 x
        refused 125 'it needs 1.7.0' floe network create -o no_default_route=true x
        refused 125 'it needs 1.7.0' floe network create -o isolate=strict x
    fi
}

netavark_program() {
    local place

    for place in /usr/libexec/podman /usr/lib/podman; do
        [ ! -x "$place/netavark" ] || { echo "$place/netavark"; return; }
    done
    command -v netavark
}

@test "sixteen networks made at once have sixteen subnets and bridges" {
    for i in {1..16}; do
        floe network create "lan$i" >/dev/null 3>&- &
    done
    wait
    is "$(floe network ls -q | grep -c '^lan')" 16
    is "$(floe network ls --format '{{(index .Subnets 0).Subnet}}' | sort -u | wc -l)" 17
    is "$(floe network ls --format '{{.NetworkInterface}}' | sort -u | wc -l)" 17
}

# --- ls, inspect, exists ------------------------------------------------------------------------------

@test "network ls has podman's columns, and the default network from the beginning" {
    is "$(floe network ls)" $'NETWORK ID    NAME        DRIVER\n2f259bab93aa  podman      bridge'
    floe network create --label colour=blue lan
    is "$(floe network ls -n --format 'table {{.Name}} {{.Driver}} {{.Labels}}')" \
        $'lan         bridge      colour=blue\npodman      bridge      '
    is "$(floe network ls -q)" $'lan\npodman'
    is "$(floe network ls --no-trunc --format '{{.ID}}' | awk '{ print length }')" $'64\n64'
    is "$(floe network ls --format json | jq -c)" "$(floe network inspect lan podman | jq -c 'map(del(.containers))')"
    refused 125 'exclude each other' floe network ls -q --format json
}

@test "network inspect prints those that are there, and says which are not" {
    floe network create lan
    run -125 --separate-stderr floe network inspect lan nosuch
    is "$(jq -r '.[].name' <<<"$output")" lan
    has "$stderr" 'network nosuch: unable to find network with name or ID nosuch'
    is "$(floe network inspect "$(of_network lan '{{slice .ID 0 12}}')" | jq -r '.[0].name')" lan
    is "$(floe inspect --type network lan)" "$(floe network inspect lan)"
    is "$(floe inspect lan | jq -r '.[0].name')" lan
    refused 125 'a network is missing' floe network inspect
}

@test "network exists says it by its status" {
    floe network create lan
    floe network exists lan
    floe network exists podman
    floe network exists 2f259bab93aa
    run -1 floe network exists nosuch
    is "$output" ""
    refused 125 'a network is missing' floe network exists
}

# --- rm, prune ----------------------------------------------------------------------------------------

@test "network rm removes, and says which are not there" {
    floe network create lan
    floe network create wan
    run -1 --separate-stderr floe network rm lan nosuch wan
    is "$output" $'lan\nwan'
    has "$stderr" 'unable to find network with name or ID nosuch'
    is "$(floe network rm --force nosuch)" ""
    is "$(floe network ls -q)" podman
    refused 125 'default network podman cannot be removed' floe network rm podman
    refused 125 'default network podman cannot be removed' floe network rm --force podman
    refused 125 'a network is missing' floe network rm
}

@test "a name and a subnet are free again after the removal" {
    floe network create --subnet 10.119.1.0/24 lan
    floe network rm lan
    floe network create --subnet 10.119.1.0/24 wan
    floe network create lan
}

# --- update, events -----------------------------------------------------------------------------------

@test "network update changes the DNS servers on record" {
    floe network create --dns 192.0.2.53,192.0.2.54 lan
    is "$(floe network update --dns-drop 192.0.2.53 --dns-add 192.0.2.55 lan)" lan
    is "$(of_network lan '{{.NetworkDNSServers}}')" '[192.0.2.54 192.0.2.55]'
    floe network update --dns-drop 192.0.2.54,192.0.2.55 --dns-drop 192.0.2.9 lan
    is "$(of_network lan '{{.NetworkDNSServers}}')" '[]'
    floe network create --disable-dns quiet
    refused 125 'has no names' floe network update --dns-add 192.0.2.53 quiet
    refused 125 'not an IP address' floe network update --dns-add nope lan
    refused 125 '--dns-add or --dns-drop' floe network update lan
    refused 125 'unable to find network' floe network update --dns-add 192.0.2.53 nosuch
}

@test "networks have events" {
    floe network create lan
    floe network update --dns-add 192.0.2.53 lan
    floe network rm lan
    is "$(floe events --stream=false --filter type=network --format '{{.Status}} {{.Name}}')" \
        $'create lan\nupdate lan\nremove lan'
    is "$(floe events --stream=false --filter type=network --format json | jq -r .Attributes.driver | sort -u)" bridge
}
