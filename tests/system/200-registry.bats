# SPDX-License-Identifier: Apache-2.0
# Images from and to a registry: pull, push, the pull policies, short names, what goes wrong.

load helpers
load helpers-freeze
load helpers-registry

setup() {
    floe_setup
    registry_start
    # Not the machine's: neither its aliases nor its mirrors.
    export CONTAINERS_REGISTRIES_CONF=$BATS_TEST_TMPDIR/registries.conf
    registries_conf
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    registry_stop
    floe_teardown
}

# The test's registry needs no TLS; MORE stands before the tables.
registries_conf() { # [MORE]
    {
        echo "${1:-}"
        printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$registry"
    } >"$CONTAINERS_REGISTRIES_CONF"
}

to_registry() { # SKOPEO-SOURCE NAME
    skopeo copy -q --dest-tls-verify=false --preserve-digests "$1" "docker://$registry/$2"
}

id_of() { # IMAGE
    floe image inspect --format '{{.Id}}' "$1"
}

# What is in the store besides the records.
store() {
    (cd "$root" && find images layers -maxdepth 3 -printf '%p %s %m\n' | sort)
    sqlite3 "$root/floe.db" 'SELECT id FROM image; SELECT * FROM image_name; SELECT * FROM image_layer'
}

@test "pull brings an image, its digests, and its layers unpacked" {
    two_layers two two:1
    to_registry oci:two two:1
    local id digest
    id=$(skopeo inspect --raw oci:two | jq -r .config.digest)
    digest=$(skopeo inspect --raw oci:two | sha256sum | cut -d ' ' -f 1)

    run -0 --separate-stderr floe pull "$registry/two:1"
    is "$output" "${id#sha256:}"
    is "$stderr" ""
    run -0 floe run --rm --network none "$registry/two:1" sh -c 'cat /etc/changed; ls /dir; ls /etc'
    is "${lines[*]:0:2}" "upper shown"
    lacks "$output" deleted
    is "$(floe image inspect --format '{{.Digest}}' "$registry/two:1")" "sha256:$digest"
    floe image exists "$registry/two@sha256:$digest"
    is "$(floe run --rm --network none "$registry/two@sha256:$digest" cat /etc/changed)" upper
    run ls "$root/images" "$root/layers"
    lacks "$output" tmp-
}

@test "a second pull copies nothing, and a new image only what is new" {
    two_layers two two:1
    to_registry oci:two two:1
    floe pull "$registry/two:1"
    local before
    before=$(store)

    floe pull "$registry/two:1"
    is "$(store)" "$before"

    # The same lower layer, and another upper one.
    mkdir more
    echo more >more/more
    tar -C more -cf more.tar .
    local lower
    lower=$(echo layers.*/lower.tar)
    "$BATS_TEST_DIRNAME/oci-layout" three three:1 "$lower" more.tar
    to_registry oci:three three:1
    : >"$BATS_TEST_TMPDIR/registry/log"
    floe pull "$registry/three:1"
    is "$(find "$root/layers" -mindepth 1 -maxdepth 1 | wc -l)" 4
    run -1 grep -q "GET.*blobs/$(layers_of oci:three | head -n 1)" "$BATS_TEST_TMPDIR/registry/log"
    grep -q "GET.*blobs/$(layers_of oci:three | tail -n 1)" "$BATS_TEST_TMPDIR/registry/log"
    is "$(floe run --rm --network none "$registry/three:1" cat /more)" more
}

@test "run and create pull what is missing, or as --pull says" {
    two_layers two two:1
    to_registry oci:two app:1

    refused 125 'image not known' in_container --pull never "$registry/app:1" true
    is "$(in_container "$registry/app:1" cat /etc/changed)" upper

    # Another image under the same name.
    "$BATS_TEST_DIRNAME/oci-layout" other app:1 layers.*/lower.tar
    to_registry oci:other app:1
    is "$(in_container "$registry/app:1" cat /etc/changed)" upper
    is "$(in_container --pull=missing "$registry/app:1" cat /etc/changed)" upper
    is "$(in_container --pull=newer "$registry/app:1" cat /etc/changed)" lower
    is "$(floe images -q --filter dangling=true | wc -l)" 1

    registry_stop
    is "$(in_container --pull=newer "$registry/app:1" cat /etc/changed)" lower
    refused 125 'no registry answers there' in_container --pull=always "$registry/app:1" true
    refused 125 "none of missing, always, never, newer" in_container --pull=perhaps "$registry/app:1" true
}

@test "a short name is looked up in registries.conf" {
    two_layers two two:1
    to_registry oci:two team/app:latest

    refused 125 'image not known' floe pull team/app
    registries_conf "unqualified-search-registries = ['$registry']"
    floe pull team/app
    floe image exists "$registry/team/app:latest"
    floe rmi "$registry/team/app"

    # The first one that has it.
    registries_conf "unqualified-search-registries = [
        \"127.0.0.1:1\", # nobody
        \"$registry\",
    ]"
    floe pull team/app
    floe rmi "$registry/team/app"
    refused 125 "127.0.0.1:1/team/nothing" floe pull team/nothing
    has "$stderr" "$registry/team/nothing"

    registries_conf "unqualified-search-registries = ['127.0.0.1:1', '$registry']
short-name-mode = 'enforcing'"
    refused 125 'name the registry' floe pull team/app
    { printf '[aliases]\n"short" = "%s/team/app"\n' "$registry"; } >>"$CONTAINERS_REGISTRIES_CONF"
    floe run --rm --network none short cat /etc/changed
    floe image exists "$registry/team/app"

    echo 'oops' >>"$CONTAINERS_REGISTRIES_CONF"
    refused 125 'a = is missing' floe pull other/app
}

# Floe on a terminal, and what it notes for the machine: not in this machine's files.
on_terminal() { # STEP... -- ARG...
    local steps=()

    while [ "$1" != -- ]; do
        steps+=("$1")
        shift
    done
    mkdir -p /var/cache/containers cache
    unshare --mount sh -c 'mount --bind cache /var/cache/containers && exec "$@"' sh \
        "$BATS_TEST_DIRNAME/on-terminal" "${steps[@]}" -- "${program[@]}" "${@:2}"
}

@test "on a terminal it is asked which registry is meant, and noted" {
    two_layers two two:1
    to_registry oci:two team/app:latest
    registries_conf "unqualified-search-registries = ['127.0.0.1:1', '$registry']
short-name-mode = 'enforcing'"
    local ask="see 1: 127.0.0.1:1/team/app:latest"

    run -125 on_terminal "$ask" "see 1 to 2:" 'type 1\r' -- pull team/app
    run -125 on_terminal "$ask" "see 1 to 2:" 'type \x04' -- pull team/app
    has "$output" "no registry was chosen"
    run ls cache
    is "$output" ""
    run -0 on_terminal "$ask" "see 1 to 2:" 'type 7\r' "see 1 to 2:" 'type 2\r' -- run --rm --network none team/app cat /etc/changed
    has "$output" upper
    is "$(cat cache/short-name-aliases.conf)" "[aliases]
  \"team/app\" = \"$registry/team/app\""
    # Not again.
    floe rmi "$registry/team/app"
    run -0 on_terminal -- pull team/app
    lacks "$output" choose
    run -0 on_terminal -- pull -q team/app:latest
    # Who cannot be asked is told.
    refused 125 'name the registry' floe pull team/other
    registries_conf "unqualified-search-registries = ['127.0.0.1:1', '$registry']
short-name-mode = 'disabled'"
    run -0 on_terminal -- pull -q team/app
}

@test "pull takes the platform's image out of a list" {
    two_layers two two:1
    "$BATS_TEST_DIRNAME/oci-layout" arm arm:1 layers.*/lower.tar
    to_registry oci:two two:amd
    to_registry oci:arm two:arm
    python3 - "$registry" <<'PYTHON'
import hashlib, json, sys, urllib.request
base = f"http://{sys.argv[1]}/v2/two/manifests/"
entries = []
for tag, architecture in (("amd", "amd64"), ("arm", "arm64")):
    request = urllib.request.Request(base + tag, headers={"Accept": "application/vnd.oci.image.manifest.v1+json"})
    text = urllib.request.urlopen(request).read()
    entries.append({"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": len(text),
                    "digest": "sha256:" + hashlib.sha256(text).hexdigest(),
                    "platform": {"os": "linux", "architecture": architecture}})
kind = "application/vnd.oci.image.index.v1+json"
body = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": entries}).encode()
urllib.request.urlopen(urllib.request.Request(base + "all", body, {"Content-Type": kind}, method="PUT"))
PYTHON
    case $(uname -m) in x86_64) ;; *) skip "written for x86_64" ;; esac

    run -0 floe pull "$registry/two:all"
    is "$output" "$(skopeo inspect --raw oci:two | jq -r .config.digest | cut -d : -f 2)"
    run -0 floe pull --arch arm64 "$registry/two:all"
    is "$output" "$(skopeo inspect --raw oci:arm | jq -r .config.digest | cut -d : -f 2)"
    run -0 floe pull --platform linux/amd64 "$registry/two:all"
    is "$output" "$(skopeo inspect --raw oci:two | jq -r .config.digest | cut -d : -f 2)"
    # The list by its digest, which is one more name of the image.
    local list
    list=$registry/two@sha256:$(skopeo inspect --raw --tls-verify=false "docker://$registry/two:all" | sha256sum | cut -d ' ' -f 1)
    floe rmi --all --force
    is "$(floe run --rm --network none "$list" cat /etc/changed)" upper
    is "$(floe create --pull never --network none "$list" true | wc -c)" 65
    floe image inspect --format '{{json .RepoDigests}}' "$list" | jq -e "index(\"$list\")"
    refused 125 'another platform' floe create --pull never --arch arm64 "$list" true
    floe create --pull missing --platform linux/arm64 --name arm "$list" true
    is "$(floe inspect -f '{{.Image}}' arm)" "$(skopeo inspect --raw oci:arm | jq -r .config.digest | cut -d : -f 2)"
    refused 125 'not there for the platform linux/s390x' floe pull --arch s390x "$registry/two:all"
    refused 125 'excludes' floe pull --arch s390x --platform linux/amd64 "$registry/two:all"
}

@test "what goes wrong with a registry is told in words" {
    two_layers two two:1
    to_registry oci:two two:1

    refused 125 'no such image or tag' floe pull "$registry/two:2"
    refused 125 'no such image' floe pull "$registry/none:1"
    refused 125 'no registry answers there' floe pull 127.0.0.1:1/two:1
    refused 125 'there is no such registry' floe pull no-such-host.invalid/two:1
    refused 125 'does not speak TLS' floe pull --tls-verify=true "$registry/two:1"
    refused 125 'invalid reference format' floe pull "$registry/TWO:1"
    refused 125 'invalid reference format' floe pull "$registry/two:"
    refused 125 'an image is missing' floe pull
    is "$(floe images -q | wc -l)" 1
}

@test "with TLS and a login" {
    registry_stop
    registry_start tls
    : >"$CONTAINERS_REGISTRIES_CONF"
    local ca=$BATS_TEST_TMPDIR/registry/ca auth=$BATS_TEST_TMPDIR/auth.json

    refused 125 'certificate is not trusted' floe push busybox "$registry/bb:1"
    refused 125 'wants a login' floe push --cert-dir "$ca" busybox "$registry/bb:1"
    refused 125 'wants a login' floe push --cert-dir "$ca" --creds floe:wrong busybox "$registry/bb:1"
    floe push --cert-dir "$ca" --creds floe:secret busybox "$registry/bb:1"
    refused 125 'wants a login' floe pull --cert-dir "$ca" "$registry/bb:1"

    echo secret | floe login --authfile "$auth" --cert-dir "$ca" -u floe --password-stdin "$registry"
    is "$(floe login --authfile "$auth" --get-login "$registry")" floe
    floe pull --cert-dir "$ca" --authfile "$auth" "$registry/bb:1"
    is "$(id_of "$registry/bb:1")" "$(id_of busybox)"
    floe rmi "$registry/bb:1"
    floe run --rm --network none --authfile "$auth" --tls-verify=false "$registry/bb:1" true

    floe logout --authfile "$auth" "$registry"
    refused 125 'wants a login' floe pull --cert-dir "$ca" --authfile "$auth" "$registry/bb:1"
}

@test "no password is on a command line" {
    two_layers two two:1
    to_registry oci:two two:1
    run -0 floe --log-level debug pull --creds floe:very-secret "$registry/two:1"
    lacks "$output" very-secret
    has "$output" skopeo
}

@test "push brings an image to the registry, and podman runs with what is there" {
    local podman=(podman --root "$BATS_TEST_TMPDIR/p" --runroot "$BATS_TEST_TMPDIR/pr" --storage-driver vfs)

    floe push --digestfile digest busybox "$registry/bb:oci"
    is "$(cat digest)" "$(floe image inspect --format '{{.Digest}}' busybox)"
    floe push --format v2s2 --digestfile docker busybox "$registry/bb:docker"
    is "$(skopeo inspect --raw --tls-verify=false "docker://$registry/bb:docker" | jq -r .mediaType)" \
        application/vnd.docker.distribution.manifest.v2+json
    "${podman[@]}" pull -q --tls-verify=false "$registry/bb:oci" "$registry/bb:docker"
    is "$("${podman[@]}" images --no-trunc -q | sort -u)" "sha256:$(id_of busybox)"

    # Back again, from docker's form.
    engine_add
    floe_on "$added" pull "$registry/bb:docker"
    is "$(floe_on "$added" images -q --no-trunc)" "sha256:$(id_of busybox)"
    is "$(floe_on "$added" image inspect --format '{{.Digest}}' "$registry/bb:docker")" "$(cat docker)"
    is "$(floe_on "$added" run --rm --network none "$registry/bb:docker" echo hi)" hi

    floe tag busybox "$registry/named:1"
    floe push "$registry/named:1"
    skopeo inspect --tls-verify=false "docker://$registry/named:1" >/dev/null
    refused 125 'needs a destination' floe push "$(id_of busybox)"
    refused 125 'neither oci nor v2s2' floe push --format v1 busybox "$registry/bb:1"
    refused 125 'image not known' floe push nosuch "$registry/bb:1"
}

@test "a damaged layer is refused, and nothing of it stays" {
    two_layers two two:1
    to_registry oci:two two:1
    local before upper file
    before=$(store)
    upper=$(layers_of oci:two | tail -n 1)
    file=$(registry_blob "$upper")

    cp "$file" good
    truncate -s -10 "$file"
    run -125 --separate-stderr floe pull "$registry/two:1"
    matches "$stderr" '^Error: pull '
    is "$(store)" "$before"

    # The right length, another content.
    cp good "$file"
    printf X | dd of="$file" bs=1 seek=20 conv=notrunc status=none
    run -125 --separate-stderr floe pull "$registry/two:1"
    matches "$stderr" '^Error: pull '
    is "$(store)" "$before"

    cp good "$file"
    floe pull "$registry/two:1"
}

@test "a pull that was killed goes on with what it had" {
    two_layers two two:1
    to_registry oci:two two:1
    local lower upper
    lower=$(layers_of oci:two | head -n 1)
    upper=$(layers_of oci:two | tail -n 1)

    # A skopeo that has brought only one of the layers so far.
    mkdir stub
    cat >stub/skopeo <<STUB
#!/bin/bash
$(command -v skopeo) "\$@" || exit
[[ " \$* " == *" copy "* ]] || exit 0
staging=\${!#}
rm "\${staging#oci:}/blobs/sha256/${upper#sha256:}"
echo \$\$ >"$BATS_TEST_TMPDIR/stub/pid"
exec sleep 1000
STUB
    chmod +x stub/skopeo
    PATH=$BATS_TEST_TMPDIR/stub:$PATH "${program[@]}" pull "$registry/two:1" 3>&- &
    local pid=$!
    eventually test -s stub/pid
    kill -KILL "$pid"
    wait "$pid" || true
    eventually test ! -e "/proc/$(cat stub/pid)"
    is "$(floe images -q | wc -l)" 1

    : >"$BATS_TEST_TMPDIR/registry/log"
    floe pull "$registry/two:1"
    run -1 grep -q "GET.*blobs/$lower" "$BATS_TEST_TMPDIR/registry/log"
    grep -q "GET.*blobs/$upper" "$BATS_TEST_TMPDIR/registry/log"
    run ls "$root/images" "$root/layers"
    lacks "$output" tmp-
    is "$(in_container "$registry/two:1" cat /etc/changed)" upper
}

@test "a pull that waits for others, and is killed, leaves nothing" {
    two_layers two two:1
    to_registry oci:two two:1
    tar -C two -cf two.tar .

    hold_lock images
    "${program[@]}" load -i two.tar 3>&- &
    local pid=$!
    eventually waits_for_lock "$pid"
    run ls "$root/images" "$root/layers"
    has "$output" tmp-
    kill -KILL "$pid"
    wait "$pid" || true
    kill "$holder"

    floe pull "$registry/two:1"
    run ls "$root/images" "$root/layers"
    lacks "$output" tmp-
    is "$(in_container "$registry/two:1" cat /etc/changed)" upper
}

@test "many pulls at once" {
    two_layers two two:1
    to_registry oci:two two:1
    local i pids=()

    for i in 1 2 3 4 5 6; do
        "${program[@]}" pull "$registry/two:1" >"out.$i" 2>&1 3>&- &
        pids+=($!)
    done
    wait "${pids[@]}"
    is "$(cat out.* | sort -u | wc -l)" 1
    is "$(floe images -q "$registry/two" | wc -l)" 1
    run ls "$root/images" "$root/layers"
    lacks "$output" tmp-
}

@test "an image of a checkpoint goes through the registry, and its container goes on" {
    floe doctor >/dev/null || skip "containers cannot be frozen here"
    counter c
    floe checkpoint --create-image frozen c
    last=$(counted c)
    floe push -q frozen "$registry/frozen:1"
    floe rm c
    floe rmi frozen
    floe pull -q "$registry/frozen:1"
    refused 125 '' floe run --rm --network none "$registry/frozen:1"
    floe restore --name thawed "$registry/frozen:1"
    eventually has_counted_to thawed "$((last + 3))"
    is "$(floe logs thawed | head -n 1)" "$((last + 1))"
    # Only in the image: there was no archive.
    is "$(floe inspect -f '{{.State.Restored}} {{.ImageName}}' thawed)" 'true localhost/busybox:latest'
}

@test "an image that was pulled for an import that failed goes again" {
    floe doctor >/dev/null || skip "containers cannot be frozen here"
    two_layers two two:1
    to_registry oci:two two:1
    floe run -d --name c --network none "$registry/two:1" busybox sleep 1000 >/dev/null
    floe checkpoint --compress none --export good.tar c >/dev/null
    floe rm c >/dev/null
    floe rmi "$registry/two:1" >/dev/null
    local before
    before=$(store)
    "$BATS_TEST_DIRNAME/alter-archive" good.tar checkpoint/pstree.img None >bad.tar
    refused 125 'not whole' floe restore --import bad.tar
    is "$(store)" "$before"
    floe restore --import good.tar >/dev/null
    is "$(floe inspect --format '{{.State.Status}}' c)" running
    floe image exists "$registry/two:1"
}
