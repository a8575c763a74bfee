# SPDX-License-Identifier: Apache-2.0
# Lists of images for several platforms: `floe manifest`, and what other verbs do with a list.

load helpers
load helpers-registry

setup() {
    floe_setup
    export CONTAINERS_REGISTRIES_CONF=$BATS_TEST_TMPDIR/registries.conf
    : >"$CONTAINERS_REGISTRIES_CONF"
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    registry_stop
    floe_teardown
}

with_registry() {
    registry_start
    printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$registry" >"$CONTAINERS_REGISTRIES_CONF"
}

# Images of one file for platforms: one:amd64, one:arm64 ...
images_for() { # ARCH...
    local arch

    mkdir -p one
    for arch; do
        echo "$arch" >one/arch
        tar -C one -cf one.tar .
        floe import --arch "$arch" one.tar "one:$arch" >/dev/null
    done
}

digest_of() { # IMAGE
    floe images --no-trunc --format '{{.Digest}}' "$1"
}

members() { # LIST [JQ]
    floe manifest inspect "$1" | jq -r ".manifests[] | ${2:-.platform.architecture}" | paste -sd ' '
}

# A floe that is killed while its skopeo is at work.
killed_with_skopeo() { # ARG...
    mkdir stub
    printf '#!/bin/sh\necho $$ >"%s/stub/pid"\nexec sleep 1000\n' "$PWD" >stub/skopeo
    chmod +x stub/skopeo
    PATH=$PWD/stub:$PATH "${program[@]}" "$@" 3>&- &
    local pid=$!
    eventually test -s stub/pid
    kill -KILL "$pid"
    wait "$pid" || true
    eventually test ! -e "/proc/$(cat stub/pid)"
}

@test "manifest: a list is made, gets images, says what they are, and goes" {
    images_for amd64 arm64 arm
    local id
    id=$(floe manifest create list one:amd64)
    is "$(floe manifest create --amend list one:arm64)" "$id"
    is "$(floe manifest add --arch arm --variant v7 --os-version 10 --os-features a,b --annotation k=v --annotation e= list one:arm)" "$id"
    is "$(members list)" 'amd64 arm64 arm'
    is "$(members list .digest)" "$(digest_of one:amd64) $(digest_of one:arm64) $(digest_of one:arm)"
    is "$(floe manifest inspect list | jq -c '.manifests[2] | [.platform, .annotations]')" \
        '[{"architecture":"arm","os":"linux","variant":"v7","os.version":"10","os.features":["a","b"]},{"k":"v","e":""}]'
    is "$(floe manifest inspect list | jq -r .mediaType)" application/vnd.oci.image.index.v1+json

    # Once more: in its place there is one only.
    floe manifest add list one:amd64
    is "$(members list)" 'arm64 arm amd64'
    floe manifest annotate --variant v8 --features sse --annotation x=y list "$(digest_of one:arm64)"
    is "$(members list .platform.variant)" 'v8 v7 null'
    floe manifest remove list one:arm
    is "$(members list)" 'arm64 amd64'
    floe manifest exists list
    is "$(floe manifest rm list)" "Untagged: localhost/list:latest
Deleted: $id"
    run -1 floe manifest exists list
    is "$(floe images -q one | wc -l)" 3
    is "$(floe manifest create empty | wc -c)" 65
    is "$(floe manifest inspect empty | jq -c .)" \
        '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json","manifests":[]}'
}

@test "manifest: other verbs know a list, and take from it what is for this host" {
    images_for arm64
    floe manifest create list one:arm64 busybox
    local id
    id=$(floe images -q --no-trunc list)
    is "$(floe images --format '{{.Repository}}:{{.Tag}}' --filter manifest=true)" localhost/list:latest
    is "$(floe run --rm --network none list echo hi)" hi
    is "$(floe image inspect --format '{{.Id}}' list)" "$(floe image inspect --format '{{.Id}}' busybox)"
    floe create --pull never --platform linux/arm64 --name arm list true
    is "$(floe inspect --format '{{.Image}}' arm)" "$(floe image inspect --format '{{.Id}}' one:arm64)"
    refused 125 'not there for the platform linux/s390x' floe create --arch s390x list true
    floe rm arm

    # Names, as an image has them.
    floe tag list other:1 other:2
    floe untag list list other:1
    is "$(floe images --no-trunc -q other)" "$id"
    refused 125 'already in use' floe manifest create other:2
    refused 125 'already in use' floe manifest create --amend busybox

    # What it names is not dangling, and stays as long as it does.
    local arm
    arm=$(floe image inspect --format '{{.Id}}' one:arm64)
    is "$(floe rmi one:arm64)" 'Untagged: localhost/one:arm64'
    floe image prune --force
    is "$(floe images -q | wc -l)" 3
    is "$(floe images -q --filter dangling=true | wc -l)" 0
    refused 2 'in use by manifest lists: localhost/other:2' floe rmi "$arm"
    floe rmi other:2
    is "$(floe image prune --force)" "$arm"
    refused 125 'image not known' floe manifest inspect other:2

    images_for arm64
    floe manifest create list one:arm64
    run -125 floe image inspect list
    has "$output" 'not there for the platform linux/amd64'
    run -1 floe image exists list
    floe rmi --force "$(floe image inspect --format '{{.Id}}' one:arm64)"
    is "$(members list)" arm64
    floe rmi --all
    is "$(floe images -q | wc -l)" 0
}

@test "manifest: what a registry has is added by its manifest alone" {
    with_registry
    images_for amd64 arm64
    floe push -q one:amd64 "$registry/one:amd64"
    floe push -q one:arm64 "$registry/one:arm64"
    floe rmi --all
    : >"$BATS_TEST_TMPDIR/registry/log"
    floe manifest create list "docker://$registry/one:amd64" "$registry/one:arm64"
    is "$(members list)" 'amd64 arm64'
    is "$(floe images -q | wc -l)" 1
    is "$(grep -c 'GET.*/blobs/' "$BATS_TEST_TMPDIR/registry/log")" 4 # two configurations, a line when it comes, one when it went
    refused 125 'has not been pulled' floe diff list
    refused 125 'is not here' floe create --pull never list true
    floe create --name c list true
    is "$(floe inspect --format '{{.ImageName}}' c)" "$registry/one@$(members list .digest | cut -d ' ' -f 1)"
    is "$(floe image inspect --format '{{.Architecture}}' list)" amd64
    floe manifest inspect "docker://$registry/one:arm64" | jq -e '.config.digest'
    refused 125 'no such image' floe manifest add list "docker://$registry/one:s390x"
    refused 125 'no registry answers' floe manifest create nothing docker://127.0.0.1:1/one
    run -1 floe manifest exists nothing

    # Another list's: this host's, the one that is said, all.
    floe manifest create host list
    is "$(members host)" amd64
    floe manifest create said
    floe manifest add --arch arm64 said list
    is "$(members said)" arm64
    floe manifest create --all all list
    is "$(members all)" 'amd64 arm64'
    refused 125 'cannot be said of all' floe manifest add --all --arch arm all list
}

@test "manifest: bad input" {
    images_for amd64
    floe manifest create list
    refused 125 'invalid reference format' floe manifest create 'LIST'
    refused 125 'a digest is no name' floe manifest create "x@$(digest_of one:amd64)"
    refused 125 'a name for the list is missing' floe manifest create
    refused 125 'image not known' floe manifest add nosuch one:amd64
    refused 125 'image not known' floe manifest add list nosuch
    refused 125 'not a manifest list' floe manifest add one:amd64 one:amd64
    refused 125 'not a manifest list' floe manifest exists one:amd64
    refused 125 'not a manifest list' floe manifest inspect one:amd64
    refused 125 'not a manifest list' floe manifest rm one:amd64
    refused 1 'image not known' floe manifest rm nosuch
    refused 125 'no value given' floe manifest add --annotation x list one:amd64
    refused 125 'no instance matching' floe manifest annotate --arch arm list "$(digest_of one:amd64)"
    refused 125 'no instance matching' floe manifest remove list one:amd64
    refused 125 'image not known' floe manifest remove list sha256:1
    refused 125 'a list and an image are missing' floe manifest add list
    is "$(members list)" ''
}

@test "manifest: killed while it asks a registry, it has changed nothing" {
    images_for amd64
    floe manifest create list one:amd64
    killed_with_skopeo manifest add list docker://127.0.0.1:1/x
    is "$(members list)" amd64
    floe manifest add --arch arm64 list one:amd64
    is "$(members list)" arm64
}

raw() { # NAME
    skopeo inspect --raw --tls-verify=false "docker://$registry/$1"
}

@test "manifest: a list is pushed with its images, and podman pulls its own" {
    local podman=(podman --root "$BATS_TEST_TMPDIR/p" --runroot "$BATS_TEST_TMPDIR/pr" --storage-driver vfs)
    with_registry
    images_for arm64 arm
    floe manifest create list busybox one:arm64
    floe manifest add --annotation k=v --variant v7 list one:arm
    floe manifest push --digestfile digest list "$registry/app:1"
    is "$(raw app:1 | jq -Sc .)" "$(floe manifest inspect list | jq -Sc .)"
    is "$(cat digest)" "sha256:$(raw app:1 | sha256sum | cut -d ' ' -f 1)"
    is "$(cat digest)" "$(digest_of list)"
    "${podman[@]}" pull -q --tls-verify=false "$registry/app:1"
    is "$("${podman[@]}" images --no-trunc -q)" "sha256:$(floe image inspect --format '{{.Id}}' busybox)"
    "${podman[@]}" rmi -f "$registry/app:1"
    "${podman[@]}" pull -q --arch arm64 --tls-verify=false "$registry/app:1"
    is "$("${podman[@]}" images --no-trunc -q)" "sha256:$(floe image inspect --format '{{.Id}}' one:arm64)"

    # Docker's form, of all of it.
    floe push --format v2s2 list "$registry/app:docker"
    is "$(raw app:docker | jq -r '[.mediaType, .manifests[].mediaType] | unique | length')" 2
    is "$(raw app:docker | jq -r .mediaType)" application/vnd.docker.distribution.manifest.list.v2+json
    engine_add
    floe_on "$added" pull --arch arm64 "$registry/app:docker"
    is "$(floe_on "$added" images -q --no-trunc)" "sha256:$(floe image inspect --format '{{.Id}}' one:arm64)"

    # Archives and directories; of a list that is loaded the image for this host comes, as podman has it.
    floe manifest push list oci-archive:app.tar:app:1
    floe_on "$added" load -i app.tar
    is "$(floe_on "$added" images -q --no-trunc localhost/app)" "sha256:$(floe image inspect --format '{{.Id}}' busybox)"
    floe save --format oci-archive -o host.tar list
    floe manifest push list dir:app
    is "$(jq '.manifests | length' app/manifest.json)" 3

    refused 125 'neither oci nor v2s2' floe manifest push --format v1 list "$registry/app:1"
    floe tag list "$registry/named:1"
    floe manifest push --rm "$registry/named:1"
    run -1 floe manifest exists list
    raw named:1 | jq -e '.manifests[2].annotations.k == "v"'
}

@test "manifest: what is pushed may be in another registry, or gone" {
    with_registry
    images_for amd64 arm64
    floe push -q one:arm64 "$registry/one:arm64"
    floe rmi one:arm64
    floe manifest create list one:amd64 "docker://$registry/one:arm64"
    floe manifest push list oci-archive:all.tar
    tar -tf all.tar | grep -q "blobs/sha256/$(members list .digest | cut -d : -f 3)"
    floe manifest push -q list "$registry/all:1"
    is "$(raw all:1 | jq -r '.manifests | length')" 2
    floe manifest push --all=false list "$registry/all:2"
    is "$(raw all:2)" "$(raw all:1)"
    refused 125 'in the form that they have' floe manifest push --all=false --format oci list "$registry/all:3"

    floe rmi --force "$(floe image inspect --format '{{.Id}}' one:amd64)"
    refused 125 'is not here any more' floe manifest push list "$registry/all:4"
    floe manifest exists list
    refused 125 'needs a destination' floe manifest push "$(floe images -q --no-trunc list)"
    refused 125 'not a manifest list' floe manifest push busybox "$registry/bb:1"
}

@test "manifest: a push that is killed leaves nothing, and the list as it was" {
    images_for amd64
    floe manifest create list one:amd64
    killed_with_skopeo manifest push --rm list dir:out
    is "$(members list)" amd64
    images_for arm64
    run ls "$root/images"
    lacks "$output" tmp-
    floe manifest push --rm list dir:out
    run -1 floe manifest exists list
}
