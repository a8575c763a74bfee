# SPDX-License-Identifier: Apache-2.0
# Networks that containers are in: listing, removal with and without force, prune.

# shellcheck disable=SC2154 # $engine, $stderr and the like are of the helpers and of bats

load helpers
load helpers-network

@test "network ls has filters" {
    floe network create --label colour=blue --label size lan
    floe network create --label colour=red wan
    floe run -d --name c --network wan busybox sh -c "$SLEEPER"
    names() { floe network ls -q "$@" | paste -sd' '; }
    is "$(names -f name=^.an$)" 'lan wan'
    is "$(names -f name=an)" 'lan podman wan'
    is "$(names -f name=^l -f name=^p)" 'lan podman'
    is "$(names -f label=colour=blue -f label=size)" lan
    is "$(names -f label=colour)" 'lan wan'
    is "$(names -f label!=colour)" podman
    is "$(names -f driver=macvlan)" ''
    is "$(names -f id=2f25)" podman
    is "$(names -f dangling=true)" lan
    is "$(names -f dangling=false)" 'podman wan'
    is "$(names -f until=1h)" ''
    refused 125 'invalid network filter' floe network ls -f colour=blue
    refused 125 'must be true or false' floe network ls -f dangling=maybe
    refused 125 'filter' floe network ls -f name='('
}

@test "a network in use stays, and the text names who uses it" {
    floe network create lan
    floe create --name one --network lan busybox true
    refused 2 '(one)' floe network rm lan
    floe network exists lan
    floe rm one
    floe network rm lan
}

@test "network rm --force removes the containers that are in it" {
    floe network create lan
    floe run -d --name one --network lan busybox sh -c "$SLEEPER"
    floe create --name two --network lan busybox true
    floe create --name three busybox true
    run -0 --separate-stderr floe network rm --force --time 0 lan
    is "$output" lan
    has "$stderr" 'removed container one'
    is "$(floe ps -a --format '{{.Names}}')" three
    is "$(engine_bridges "$engine")" ""
}

@test "network rm --force removes a pod that is in it" {
    floe network create lan
    floe pod create --name p --network lan
    floe network rm --force --time 0 lan
    is "$(floe pod ps -q)" ""
}

@test "network prune removes those that no container is in" {
    floe network create --label keep=no lan
    floe network create wan
    floe network create used
    floe create --name one --network used busybox true
    is "$(floe network prune -f --filter label=keep)" lan
    is "$(floe network prune -f)" wan
    is "$(floe network ls -q)" $'podman\nused'
    refused 125 'invalid network filter' floe network prune -f --filter name=used
}

