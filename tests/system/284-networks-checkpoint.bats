# SPDX-License-Identifier: Apache-2.0
# Checkpoints and archives of containers in several networks.

load helpers
load helpers-checkpoint
load helpers-network
load helpers-import

networks_of() { # CONTAINER: what it has in each of its networks
    floe inspect "$1" | jq -Sc '.[0].NetworkSettings.Networks | map_values([.IPAddress, .MacAddress, .Aliases[0]])'
}

two_networks() { # NAME
    floe network create a >/dev/null
    floe network create b >/dev/null
    floe run -d --name "$1" --network b:alias=db --network a:interface_name=back busybox sh -c "$COUNTER" >/dev/null
    eventually has_counted_to "$1" 3
}

@test "a checkpoint in place keeps all networks, and so does one that lost its namespace" {
    two_networks c
    before=$(networks_of c)
    floe checkpoint c
    refused 125 'is checkpointed' floe network connect podman c
    floe restore c
    is "$(networks_of c)" "$before"
    counts_on c
    floe checkpoint c
    ip netns delete "$(basename "$(floe inspect -f '{{.NetworkSettings.SandboxKey}}' c)")"
    floe restore c
    is "$(networks_of c)" "$before"
    has "$(floe exec c ip -4 addr show back)" "$(floe inspect c | jq -r '.[0].NetworkSettings.Networks.a.IPAddress')"
}

# bats test_tags=host
@test "a checkpointed container whose namespace has gone is removed with its bridge and rules" {
    floe run -d --name c -p 127.0.0.1::80 busybox sh -c "$COUNTER" >/dev/null
    eventually has_counted_to c 3
    floe checkpoint c
    ip netns delete "$(basename "$(floe inspect -f '{{.NetworkSettings.SandboxKey}}' c)")"
    # The kernel takes its time for what was in it.
    eventually eval '[ -z "$(ls "/sys/class/net/floe-$tag/brif")" ]'
    floe rm c
    is "$(engine_leftovers "$engine")" ""
}

@test "an archive has all networks, in their order, and comes back with its addresses" {
    two_networks c
    before=$(networks_of c)
    archived c
    is "$(tar -xOf "$archive" config.dump | jq -c '[.orderedNetworks[] | [.name, .interface_name, .aliases]]')" \
        '[["b","eth0",["db"]],["a","back",null]]'
    is "$(tar -xOf "$archive" network.status | jq -c 'keys')" '["a","b"]'
    floe rm c
    restored >/dev/null
    is "$(networks_of c)" "$before"
    counts_on c
    has "$(floe exec c ip -4 addr show back)" "inet "
}

@test "an archive of several networks on a host that lacks one says which" {
    two_networks c
    archived c
    other_host busybox
    refused 125 "there is no network 'b' here" restored
    floe network create b >/dev/null
    refused 125 "there is no network 'a' here" restored
    restored --network b >/dev/null
    counts_on c
    is "$(floe inspect c | jq -c '.[0].NetworkSettings.Networks | keys')" '["b"]'
}
