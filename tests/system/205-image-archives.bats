# SPDX-License-Identifier: Apache-2.0
# Images in archives and directories: save, load, what podman and skopeo make of ours and we of theirs; tag, untag.

load helpers
load helpers-registry

setup() {
    floe_setup
    cd "$BATS_TEST_TMPDIR"
}

podman_here() {
    podman --root "$BATS_TEST_TMPDIR/p" --runroot "$BATS_TEST_TMPDIR/pr" --storage-driver vfs "$@"
}

id_of() { # IMAGE
    floe image inspect --format '{{.Id}}' "$1"
}

store() {
    (cd "$root" && find images layers -maxdepth 3 -printf '%p %s %m\n' | sort)
    sqlite3 "$root/floe.db" 'SELECT id FROM image; SELECT * FROM image_name; SELECT * FROM image_layer'
}

# What was saved in a format is loaded by another engine, which then has the same image.
round_trip() { # FORMAT
    engine_add
    floe save --format "$1" -o "saved-$1" busybox
    run -0 floe_on "$added" load -i "saved-$1"
    has "$output" 'Loaded image: '
    is "$(floe_on "$added" images -q --no-trunc)" "sha256:$(id_of busybox)"
    is "$(floe_on "$added" run --rm --network none "${output#Loaded image: }" echo hi)" hi
}

@test "save and load in each format" {
    round_trip docker-archive
    round_trip oci-archive
    round_trip docker-dir
    round_trip oci-dir
    floe save busybox | gzip | floe_on "$added" load
    floe save busybox | zstd -q | floe_on "$added" load
    floe save --format oci-archive busybox | gzip | floe_on "$added" load
}

@test "an OCI archive keeps the manifest as it is" {
    engine_add
    floe save --format oci-archive busybox | floe_on "$added" load
    is "$(floe_on "$added" image inspect --format '{{.Digest}}' busybox)" \
        "$(floe image inspect --format '{{.Digest}}' busybox)"
}

@test "podman loads what floe saves, and has the same image" {
    local format

    for format in docker-archive oci-archive docker-dir oci-dir; do
        floe save --format $format -o "p-$format" busybox
        podman_here load -q -i "p-$format"
        is "$(podman_here images -q --no-trunc | sort -u)" "sha256:$(id_of busybox)"
    done
}

@test "floe loads what podman and skopeo save, and has the same image" {
    podman_here import -q -c 'CMD ["echo","from podman"]' "$BUSYBOX_TAR" localhost/pods:1
    local id
    id=$(podman_here images -q --no-trunc)
    id=${id#sha256:}

    podman_here save -q -o docker.tar localhost/pods:1
    podman_here save -q --format oci-archive -o oci.tar localhost/pods:1
    podman_here save -q --format docker-dir -o dir localhost/pods:1
    podman_here save -q --format oci-dir -o oci localhost/pods:1
    skopeo copy -q docker-archive:docker.tar docker-archive:again.tar:localhost/again:1

    run -0 floe load -i docker.tar
    is "$output" "Loaded image: localhost/pods:1"
    is "$(id_of pods:1)" "$id"
    is "$(in_container pods:1)" "from podman"
    floe load <again.tar
    is "$(id_of again:1)" "$id"
    floe load -i oci.tar
    floe load -i dir
    floe load -i oci
    is "$(in_container pods:1)" "from podman"
    # All of them are one layer here.
    is "$(find "$root/layers" -mindepth 1 -maxdepth 1 | wc -l)" 1

    floe pull "containers-storage:[vfs@$BATS_TEST_TMPDIR/p+$BATS_TEST_TMPDIR/pr]localhost/pods:1"
    is "$(id_of pods:1)" "$id"
    floe pull docker-archive:docker.tar
    floe pull oci-archive:oci.tar
    floe pull oci:oci
    floe pull dir:dir
    is "$(floe images -q --no-trunc pods | sort -u)" "sha256:$id"
}

@test "an archive of several images" {
    podman_here import -q "$BUSYBOX_TAR" localhost/one:1
    podman_here import -q -c 'CMD ["x"]' "$BUSYBOX_TAR" localhost/two:2
    podman_here save -q -m -o both.tar localhost/one:1 localhost/two:2
    run -0 floe load -i both.tar
    is "$(sort <<<"$output" | xargs)" "Loaded image: localhost/one:1 Loaded image: localhost/two:2"
    floe rmi one:1 two:2
    floe pull docker-archive:both.tar:localhost/two:2
    floe image exists two:2
    run -1 floe image exists one:1
    refused 125 "has no image" floe pull docker-archive:both.tar:localhost/three:3
}

@test "several images in one archive: ours load here and in podman, with what they share once" {
    floe import -q -c 'CMD ["x"]' "$BUSYBOX_TAR" other:2
    two_layers packed packed:1
    floe pull -q oci:packed
    floe tag busybox again:3
    floe save -m -o m.tar busybox other:2 again:3 packed:1 "$(id_of other:2)"
    tar -xOf m.tar manifest.json >m.json
    is "$(jq -c '[.[].RepoTags]' m.json)" \
        '[["localhost/busybox:latest","localhost/again:3"],["localhost/other:2","localhost/other:2"],["localhost/packed:1"]]'
    is "$(tar -tf m.tar | sort | uniq -d)" ""
    is "$(tar -tf m.tar | grep -c '[.]tar$')" 3

    podman_here load -q -i m.tar
    engine_add
    run -0 floe_on "$added" load -i m.tar
    is "${#lines[@]}" 3
    local image
    for image in busybox again:3 other:2 packed:1; do
        is "$(podman_here images -q --no-trunc "localhost/$image")" "sha256:$(id_of "$image")"
        is "$(floe_on "$added" image inspect --format '{{.Id}}' "$image")" "$(id_of "$image")"
        is "$(podman_here image inspect --format '{{.Digest}}' "localhost/$image")" \
            "$(floe_on "$added" image inspect --format '{{.Digest}}' "$image")"
    done
    is "$(floe_on "$added" run --rm --network none packed:1 cat /etc/changed)" upper
    floe save -m busybox other:2 | tar -t >/dev/null
    skopeo copy -q docker-archive:m.tar:localhost/packed:1 dir:one

    refused 125 "only a docker-archive has several" floe save -m --format oci-archive -o x.tar busybox other:2
    refused 125 "save 'nosuch': nosuch: image not known" floe save -m -o x.tar busybox nosuch
    run ls
    lacks "$output" x.tar
}

@test "load tells a terminal how far it is, and nobody else" {
    two_layers two two:1
    tar -C two -cf two.tar .
    head -c 70M /dev/urandom >two/noise
    tar -C two -cf large.tar .
    run -0 "$BATS_TEST_DIRNAME/on-terminal" -- "${program[@]}" load -i large.tar
    has "$output" "Reading the archive: 64 MiB"
    has "$output" "Unpacked layers: 2 of 2"
    run -0 "$BATS_TEST_DIRNAME/on-terminal" -- "${program[@]}" load -q -i two.tar
    lacks "$output" layers
    run -0 floe load -i two.tar
    is "$output" "Loaded image: localhost/two:1"
}

@test "save to standard output, with more names, and not over a file" {
    floe save busybox more:2 | tar -xO manifest.json >manifest.json
    is "$(jq -c '.[0].RepoTags' manifest.json)" '["localhost/busybox:latest","localhost/more:2"]'
    touch there
    refused 125 "exists already" floe save -o there busybox
    refused 125 "none of docker-archive" floe save --format cpio -o x busybox
    refused 125 "a directory needs a path" floe save --format oci-dir busybox
    refused 125 "image not known" floe save -o x nosuch
    refused 125 "No such file" floe save -o no/such/dir busybox
    run ls
    lacks "$output" tmp
}

@test "load refuses what is no archive of images" {
    local before
    before=$(store)

    echo text >text
    refused 125 "load 'text'" floe load -i text
    refused 125 "neither manifest.json nor index.json" floe load -i "$BUSYBOX_TAR"
    mkdir empty
    refused 125 "the directory has no image" floe load -i empty
    refused 125 "No such file" floe load -i nosuch
    : >nothing
    refused 125 "load 'nothing'" floe load -i nothing
    is "$(store)" "$before"
}

# An OCI archive of a layout.
oci_archive() { # DIR
    tar -C "$1" -cf "$1.tar" .
}

@test "load refuses a damaged image and names what is damaged" {
    local before layer config manifest
    before=$(store)
    two_layers good two:1
    layer=$(layers_of oci:good | tail -n 1)
    config=$(skopeo inspect --raw oci:good | jq -r .config.digest)
    manifest=$(jq -r '.manifests[0].digest' good/index.json)

    cp -a good short && truncate -s -10 "short/blobs/sha256/${layer#sha256:}" && oci_archive short
    refused 125 "$layer" floe load -i short.tar
    cp -a good changed && printf X | dd of="changed/blobs/sha256/${layer#sha256:}" bs=1 seek=4 conv=notrunc status=none
    oci_archive changed
    refused 125 "the blob has the digest" floe load -i changed.tar
    cp -a good nolayer && rm "nolayer/blobs/sha256/${layer#sha256:}" && oci_archive nolayer
    refused 125 "the image has no 'blobs/sha256/${layer#sha256:}'" floe load -i nolayer.tar
    cp -a good noconfig && echo >>"noconfig/blobs/sha256/${config#sha256:}" && oci_archive noconfig
    refused 125 "$config" floe load -i noconfig.tar
    cp -a good link && ln -sf /etc/passwd "link/blobs/sha256/${layer#sha256:}" && oci_archive link
    refused 125 "${layer#sha256:}" floe load -i link.tar
    cp -a good dirlink && mv dirlink/blobs/sha256 aside && ln -s "$PWD/aside" dirlink/blobs/sha256 && oci_archive dirlink
    refused 125 "the image has no" floe load -i dirlink.tar
    cp -a good huge && truncate -s 100M "huge/blobs/sha256/${manifest#sha256:}" && tar -C huge -Scf huge.tar .
    refused 125 "${manifest}" floe load -i huge.tar
    refused 125 archive floe load -i <(head -c 5000 short.tar)
    head -c 3000 short.tar >cut.tar
    refused 125 "cut.tar" floe load -i cut.tar
    is "$(store)" "$before"
}

@test "a blob is verified though the store has the files of its layer" {
    local before layer
    two_layers good two:1
    floe pull -q oci:good
    before=$(store)
    layer=$(layers_of oci:good | tail -n 1)

    # The same layer by another blob's name, which is not what the name says.
    cp -a good other
    printf forged >other/blobs/sha256/"$(printf legitimate | sha256sum | cut -d ' ' -f 1)"
    with_document other 'm["layers"][1]["digest"] = "sha256:" + hashlib.sha256(b"legitimate").hexdigest(); c["author"] = "x"'
    refused 125 "layer sha256:$(printf legitimate | sha256sum | cut -d ' ' -f 1): " floe load -i other.tar
    is "$(store)" "$before"
}

@test "docker's archives: what podman makes of them, and what is wrong with them" {
    local before digest
    podman_here import -q "$BUSYBOX_TAR" localhost/d:1
    podman_here save -q -o d.tar localhost/d:1
    podman_here rmi -f localhost/d:1
    podman_here load -q -i d.tar
    digest=$(podman_here images --format '{{.Digest}}')
    gzip -k d.tar
    floe load <d.tar.gz
    is "$(floe image inspect --format '{{.Digest}}' d:1)" "$digest"
    mkdir d && tar -C d -xf d.tar

    # Layers behind a symbolic link, as older dockers have them, and a compressed one.
    local layer config
    layer=$(jq -r '.[0].Layers[0]' d/manifest.json)
    config=$(jq -r '.[0].Config' d/manifest.json)
    floe rmi d:1
    cp -a d linked && mkdir linked/first && ln -s "../$layer" linked/first/layer.tar
    jq -c '.[0].Layers = ["first/layer.tar"]' d/manifest.json >linked/manifest.json
    tar -C linked -c . | floe load
    is "$(floe image inspect --format '{{.Digest}}' d:1)" "$digest"
    floe rmi d:1
    cp -a d packed
    touch "d/$layer" # gzip warns of a time of 1970
    gzip <"d/$layer" >"packed/$layer"
    tar -C packed -c . | floe load
    is "$(floe image inspect --format '{{.Digest}}' d:1)" "$digest"
    floe rmi d:1

    before=$(store)
    bad() { # PART-OF-MESSAGE COMMAND...
        local part=$1
        rm -rf bad && cp -a d bad && (cd bad && "${@:2}")
        tar -C bad -cf bad.tar .
        refused 125 "$part" floe load -i bad.tar
    }
    edit() { jq -c "$1" manifest.json >new && mv new manifest.json; }
    bad "layer sha256:${layer%.tar}: " truncate -s -20000 "$layer"
    bad "the image has no '$layer'" rm "$layer"
    bad "'$config' has the digest" sed -i s/linux/Linux/ "$config"
    bad "is not a regular file" bash -c "rm $layer && mkdir $layer"
    bad "the image has no" ln -sf /etc/shadow "$layer"
    bad "key 'Config'" edit 'del(.[0].Config)'
    bad "key 'Layers'" edit '.[0].Layers = "x"'
    bad "the image has no '../../../../etc/shadow'" edit '.[0].Config = "../../../../etc/shadow"'
    bad "1 diff_ids for 2 layers" edit '.[0].Layers += .[0].Layers'
    bad "an image is no object" edit '[3]'
    bad "is not an array" edit '{}'
    bad "the archive has no image" edit '[]'
    bad "manifest.json" truncate -s 100M manifest.json
    is "$(store)" "$before"
}

# An archive whose manifest, or configuration, is what a Python expression on it says.
with_document() { # DIR EXPRESSION
    python3 - "$1" "$2" <<'PYTHON'
import hashlib, json, pathlib, sys
layout = pathlib.Path(sys.argv[1])
blobs = layout / "blobs/sha256"
index = json.loads((layout / "index.json").read_text())
m = json.loads((blobs / index["manifests"][0]["digest"][7:]).read_text())
c = json.loads((blobs / m["config"]["digest"][7:]).read_text())
put = lambda data: [(blobs / (h := hashlib.sha256(data).hexdigest())).write_bytes(data), "sha256:" + h][1]
raw = None
before = json.dumps(c)
exec(sys.argv[2])
if json.dumps(c) != before:
    m["config"]["digest"] = put(json.dumps(c).encode())
index["manifests"][0]["digest"] = put(raw if raw is not None else json.dumps(m).encode())
(layout / "index.json").write_text(json.dumps(index))
PYTHON
    oci_archive "$1"
}

@test "load refuses documents that cannot be right" {
    local before n=0
    before=$(store)
    two_layers good two:1

    wrong() { # PART-OF-MESSAGE EXPRESSION
        n=$((n + 1))
        cp -a good "w$n"
        with_document "w$n" "$2"
        refused 125 "$1" floe load -i "w$n.tar"
    }
    wrong "schemaVersion is 1" 'm["schemaVersion"] = 1'
    wrong "key 'schemaVersion'" 'm["schemaVersion"] = "2"'
    wrong "is no image's" 'm["mediaType"] = "text/plain"'
    wrong "config is no object" 'm["config"] = 3'
    wrong "config has no sha256 digest" 'm["config"]["digest"] = "sha256:../../../etc/passwd"'
    wrong "layers[1] has no sha256 digest" 'm["layers"][1]["digest"] = "md5:1"'
    wrong "key 'layers'" 'm["layers"] = {}'
    wrong "501 layers are more than 500" 'm["layers"] = m["layers"][:1] * 501'
    wrong "1 diff_ids for 2 layers" 'c["rootfs"]["diff_ids"].pop()'
    wrong "diff_ids[0]" 'c["rootfs"]["diff_ids"][0] = "x"'
    wrong "should be another" 'c["rootfs"]["diff_ids"].reverse()'
    wrong "has no rootfs" 'del c["rootfs"]'
    wrong "key 'config'" 'c["config"] = []'
    wrong "key 'Env'" 'c["config"]["Env"] = {"A": "b"}'
    wrong "key 'Labels'" 'c["config"]["Labels"] = ["a"]'
    wrong "key 'Cmd'" 'c["config"]["Cmd"] = "sh"'
    wrong "key 'User'" 'c["config"]["User"] = 7'
    wrong "manifest" 'raw = b"[" * 10000 + b"]" * 10000'
    wrong "manifest" 'raw = b"{}{}"'
    is "$(store)" "$before"
}

@test "tag gives names, and untag takes them" {
    floe tag busybox one two:2 quay.example/three
    is "$(floe images -q one two:2 2>/dev/null; floe image inspect --format '{{len .RepoTags}}' busybox)" 4
    is "$(id_of quay.example/three:latest)" "$(id_of busybox)"
    floe untag busybox one
    run -1 floe image exists localhost/one
    refused 125 "tag not known" floe untag busybox one
    refused 125 "invalid reference format" floe tag busybox ONE
    refused 125 "image not known" floe tag nosuch one
    refused 125 "a digest is no name" floe tag busybox "x@sha256:$(id_of busybox)"

    local id
    id=$(id_of busybox)
    floe untag busybox
    is "$(floe image inspect --format '{{len .RepoTags}}' "$id")" 0
    floe tag "$id" busybox
    in_container busybox true
}

@test "tag moves a name from one image to another" {
    floe import -q -c 'CMD ["x"]' "$BUSYBOX_TAR" other
    floe tag other busybox
    is "$(id_of busybox)" "$(id_of other)"
    is "$(floe images -q --filter dangling=true | wc -l)" 1
}

@test "history and image tree tell what an image is made of" {
    two_layers two two:1
    floe pull oci:two
    run -0 floe history two:1
    matches "${lines[0]}" '^ID +CREATED +CREATED BY +SIZE +COMMENT$'
    matches "${lines[1]}" "^$(id_of two:1 | cut -c 1-12) .* layer 1 +12 B"
    matches "${lines[2]}" '^<missing> .* layer 0 '
    is "$(floe history --format '{{.CreatedBy}}' two:1 | xargs)" "layer 1 layer 0"
    is "$(floe history --format json two:1 | jq -r '.[0].id')" "$(id_of two:1)"
    is "$(floe history -q --no-trunc two:1 | head -n 1)" "$(id_of two:1)"
    refused 125 "image not known" floe history nosuch

    floe tag two:1 again:2
    run -0 floe image tree two:1
    is "${lines[1]}" "Tags:     [localhost/again:2 localhost/two:1]"
    matches "${lines[4]}" '^├── ID: [0-9a-f]{12} Size: '
    matches "${lines[5]}" '^└── ID: [0-9a-f]{12} Size: 12B Top Layer of: \[localhost/again:2 localhost/two:1\]$'
    refused 125 "image not known" floe image tree nosuch

    # What is on top of it: one layer, which has one more.
    local names=localhost/again:2' 'localhost/two:1 name
    for name in three four; do
        floe create --name $name two:1 true
        floe cp "$BASH_SOURCE" $name:/$name
        floe commit -q $name $name:1
        [ $name = four ] || floe tag three:1 two:1
    done
    floe tag again:2 two:1
    run -0 floe image tree --whatrequires again:2
    matches "${lines[4]}" "^├── ID: .* Size: 12B Top Layer of: \\[$names\\]\$"
    matches "${lines[5]}" '^└── ID: .* Top Layer of: \[localhost/three:1\]$'
    matches "${lines[6]}" '^    └── ID: .* Top Layer of: \[localhost/four:1\]$'
    is "${#lines[@]}" 7
}

@test "image prune deletes what has no name, and with --all what nobody uses" {
    floe import -q -c 'LABEL a=b' "$BUSYBOX_TAR" labelled
    floe import -q -c 'CMD ["x"]' "$BUSYBOX_TAR" other
    floe import -q -c 'CMD ["y"]' "$BUSYBOX_TAR"
    floe create busybox true

    is "$(floe image prune --force --filter label=a)" ""
    is "$(floe image prune <<<n | grep -c sha256)" 0
    is "$(floe images -q | wc -l)" 4
    run -0 floe image prune --force
    matches "$output" '^[0-9a-f]{64}$'
    is "$(floe images -q | wc -l)" 3
    run -0 floe image prune --all --force --filter 'label!=a'
    is "${#lines[@]}" 1
    run -1 floe image exists other
    is "$(floe image prune --all --force --filter until=1h)" ""
    floe image prune --all --force
    is "$(floe images --format '{{.Repository}}')" localhost/busybox
    refused 125 "label, label! and until are known" floe image prune --force --filter name=x
}
