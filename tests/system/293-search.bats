# SPDX-License-Identifier: Apache-2.0
# search --list-tags and pull --all-tags, from Debian's registry.

load helpers
load helpers-registry

setup() {
    floe_setup
    registry_start
    export CONTAINERS_REGISTRIES_CONF=$BATS_TEST_TMPDIR/registries.conf
    printf 'unqualified-search-registries = ["%s"]\n[[registry]]\nlocation = "%s"\ninsecure = true\n' \
        "$registry" "$registry" >"$CONTAINERS_REGISTRIES_CONF"
    floe push -q busybox "$registry/lib/box:1"
    floe push -q busybox "$registry/lib/box:2"
}

teardown() {
    registry_stop
    floe_teardown
}

@test "search lists the tags of an image" {
    run -0 floe search --list-tags "$registry/lib/box"
    matches "${lines[0]}" '^NAME +TAG$'
    matches "${lines[1]}" "^$registry/lib/box +1\$"
    is "${#lines[@]}" 3
    is "$(floe image search --list-tags --format json "$registry/lib/box:x" | jq -c .)" \
        "[{\"Name\":\"$registry/lib/box\",\"Tags\":[\"1\",\"2\"]}]"
    is "$(floe search --list-tags --limit 1 --format '{{.Tag}}' lib/box)" 1
    run -0 floe search --list-tags --tls-verify=false --format '{{.Name}}:{{.Tag}}' "docker://$registry/lib/box"
    is "${lines[1]}" \
        "$registry/lib/box:2"
}

@test "pull --all-tags" {
    floe rmi busybox
    run -0 floe pull -q --all-tags "$registry/lib/box"
    is "${#lines[@]}" 2
    is "$(floe images --format '{{.Repository}}:{{.Tag}}' | sort)" "$registry/lib/box:1
$registry/lib/box:2"
}

@test "search with bad input" {
    refused 125 list-tags floe search box
    refused 125 'image is missing' floe search --list-tags
    refused 125 404 floe search --list-tags "$registry/none"
    refused 125 nope floe pull -a "$registry/nope"
    refused 125 NAME floe search --list-tags "$registry/NAME"
}
