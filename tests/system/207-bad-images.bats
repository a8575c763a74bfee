# SPDX-License-Identifier: Apache-2.0
# Images come from anybody: registries that lie, stop or dawdle, layers that try to leave their directory, more than the
# disk holds. A clear error that names the thing, and the store is as before.

load helpers
load helpers-registry

setup() {
    floe_setup
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
    [ -z "${disk:-}" ] || { processes_wait "${disk%/r}" && umount "$disk"; }
    floe_teardown
}

# All that the store has, but for the time of its database.
store() { # [ROOT]
    (cd "${1:-$root}" && find images layers -printf '%p %s %m\n' | sort)
    sqlite3 "${1:-$root}/floe.db" 'SELECT id FROM image; SELECT * FROM image_name; SELECT * FROM image_layer'
}

# --- registries ---------------------------------------------------------------------------------------

serve() { # LAYOUT MODE
    [ -z "${server:-}" ] || kill "$server"
    : >port
    "$BATS_TEST_DIRNAME/bad-registry" "$@" >port 2>/dev/null 3>&- &
    server=$!
    eventually test -s port
    registry=127.0.0.1:$(cat port)
}

@test "pull --retry asks a registry again, but not for what it has not" {
    two_layers two two:1
    serve two busy
    run -125 --separate-stderr floe pull -q --tls-verify=false --retry 1 --retry-delay 10ms "$registry/two:1"
    is "$(grep -c 'trying again in 0.0 s:.*503' <<<"$stderr")" 1
    serve two busy
    floe create --network none --tls-verify=false --retry 2 --retry-delay 10ms "$registry/two:1" true
    refused 125 'retry-delay' floe pull --retry-delay soon "$registry/three"
    run -125 --separate-stderr floe pull -q --retry 9 "oci:$PWD/none"
    lacks "$stderr" 'trying again'
}

@test "registries that do not give what they say" {
    local before mode message manifest config
    two_layers two two:1
    manifest=$(jq -r '.manifests[0].digest' two/index.json)
    config=$(skopeo inspect --raw oci:two | jq -r .config.digest)
    before=$(store)

    while read -r mode message; do
        serve two "$mode"
        refused 125 "$message" floe pull -q --tls-verify=false "$registry/two:1"
        has "$stderr" "pull '$registry/two:1'"
        is "$(store)" "$before"
    done <<MODES
stop the data ends too early
wrong a blob is not what its digest says
manifest the manifest is not what its digest says
config a blob is not what its digest says
large a document is too long
deep manifest
refuse 500
MODES
    serve two slow
    floe pull -q --tls-verify=false "$registry/two:1"
    is "$(floe image inspect --format '{{.Digest}}' "$registry/two:1")" "$manifest"
    is "$(floe images -q --no-trunc "$registry/two:1")" "$config"
}

# --- layers -------------------------------------------------------------------------------------------

# An archive with one layer, of the entries that a Python expression makes with e(NAME, TYPE, link=, data=).
layer_of() { # FILE EXPRESSION
    python3 - "$@" <<'PYTHON'
import hashlib, io, json, sys, tarfile
out = io.BytesIO()
tar = tarfile.open(fileobj=out, mode="w")
def e(name, kind=tarfile.REGTYPE, link="", data=b"", **more):
    entry = tarfile.TarInfo("x")
    entry.name, entry.type, entry.linkname, entry.size = name, kind, link, len(data)
    for key, value in more.items():
        setattr(entry, key, value)
    tar.addfile(entry, io.BytesIO(data))
L, H, D, C = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE
exec(sys.argv[2])
tar.close()
layer = out.getvalue()
config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Cmd": ["sh"]},
                     "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}).encode()
with tarfile.open(sys.argv[1], "w") as archive:
    for name, data in (("layer.tar", layer), ("config.json", config),
                       ("manifest.json", json.dumps([{"Config": "config.json", "RepoTags": ["bad:1"], "Layers": ["layer.tar"]}]).encode())):
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
PYTHON
}

@test "layers that try to leave their directory" {
    local before message expression
    echo treasure >treasure
    before=$(store)

    while IFS='|' read -r message expression; do
        layer_of bad.tar "${expression//HERE/$PWD}"
        refused 125 "$message" floe load -i bad.tar
        has "$stderr" "load 'bad.tar': layer sha256:"
        is "$(store)" "$before"
    done <<'LAYERS'
leads out of the root|e("../treasure", data=b"x")
leads out of the root|e("a/../../../treasure", data=b"x")
leads out of the root|e("a", H, "../../treasure")
hard link to|e("a", H, "HERE/treasure")
hard link to|e("l", L, "HERE"); e("a", H, "l/treasure")
is a directory|e("d", D); e("a", H, "d")
whiteout of no name|e(".wh...", data=b"")
whiteout of no name|e("d/.wh..", data=b"")
whiteout of no name|e(".wh.", data=b"")
leads out of the root|e("../.wh.treasure", data=b"")
leads out of the root|e("../../.wh..wh..opq", data=b"")
the root can only be a directory|e("/", L, "/etc")
the root can only be a directory|e(".", data=b"x")
is out of range|e("a", uid=2**32 - 1)
LAYERS
    is "$(cat treasure)" treasure
}

@test "layers whose links lead out stay in their directory" {
    local before
    echo treasure >treasure
    before=$(store)
    layer_of bad.tar "e('l', L, '$PWD'); e('l/treasure', data=b'x'); e('up', L, '../../../../../..'); e('up$PWD/treasure', data=b'y')
e('one', L, 'two'); e('two', L, '/'); e('one/in-root', data=b'z'); e('up/.wh.treasure'); e('l/.wh..wh..opq'); e('null', C, devmajor=1, devminor=3)"
    floe load -q -i bad.tar
    is "$(cat treasure)" treasure
    floe rmi bad:1
    is "$(store)" "$before"
}

# An engine whose root has a disk of its own, and a small image.
engine_on_disk() { # SIZE
    engine_add
    mkdir "$added/r"
    mount -t tmpfs -o size="$1" floe-test "$added/r"
    disk=$added/r
    floe_on "$added" import -q -c 'CMD ["sh"]' "$BUSYBOX_TAR" small
}

@test "a small archive that unpacks to more than there is" {
    local before packed
    engine_on_disk 40m
    before=$(store "$disk")

    layer_of bomb.tar 'e("zeros", data=bytes(300 << 20))'
    gzip -1 -k bomb.tar
    zstd -q bomb.tar
    for packed in bomb.tar.gz bomb.tar.zst; do
        refused 125 "No space left on device" floe_on "$added" load -i $packed
        is "$(store "$disk")" "$before"
    done
    floe_on "$added" run --rm --network none small true
}

# A disk that is full a little later each time: while the archive is unpacked, the layers, when they get their places.
@test "a disk that is full at each stage of a load" {
    local free before failures=0
    layer_of image.tar 'e("one", data=bytes(range(256)) * 4096)
for i in range(100): e(f"d/{i}", data=b"x" * i)'
    engine_on_disk 40m
    before=$(store "$disk")

    for free in $(seq 0 100 6000); do
        fallocate -l $(($(df --output=avail "$disk" | tail -n 1) - free))K "$disk/ballast"
        run floe_on "$added" load -q -i image.tar
        rm "$disk/ballast"
        [ "$status" != 0 ] || break
        failures=$((failures + 1))
        matches "$output" "No space left on device|database or disk is full"
        is "$(store "$disk")" "$before"
    done
    [ "$failures" -gt 15 ]
    is "$status" 0
    is "$(floe_on "$added" images -q | wc -l)" 2
}

# --- many at once -------------------------------------------------------------------------------------

# The image of a layout gets another name and author, and so another id.
other_config() { # LAYOUT NAME
    python3 - "$@" <<'PYTHON'
import hashlib, json, pathlib, sys
layout = pathlib.Path(sys.argv[1])
blobs = layout / "blobs/sha256"
put = lambda value: [(data := json.dumps(value).encode()), (blobs / hashlib.sha256(data).hexdigest()).write_bytes(data),
                     "sha256:" + hashlib.sha256(data).hexdigest()][2]
get = lambda digest: json.loads((blobs / digest[7:]).read_text())
index = json.loads((layout / "index.json").read_text())
manifest = get(index["manifests"][0]["digest"])
manifest["config"]["digest"] = put({**get(manifest["config"]["digest"]), "author": sys.argv[2]})
index["manifests"][0].update(digest=put(manifest), annotations={"org.opencontainers.image.ref.name": sys.argv[2]})
(layout / "index.json").write_text(json.dumps(index))
PYTHON
}

@test "images that share layers, loaded and removed at once: each layer once, and nothing is left" {
    local i pids=()
    floe rmi busybox
    two_layers l0 shared:1
    for i in 1 2 3 4 5 6 7 8; do
        cp -a l0 "l$i"
        other_config "l$i" "shared$i:1"
        tar -C "l$i" -cf "l$i.tar" .
    done
    for i in 1 2 3 4 5 6 7 8; do
        "${program[@]}" load -q -i "l$i.tar" 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i"
    done
    is "$(floe images -q | sort -u | wc -l)" 8
    is "$(find "$root/layers" -mindepth 1 -maxdepth 1 | wc -l)" 2

    # Four go while they come again.
    pids=()
    for i in 1 2 3 4; do
        "${program[@]}" rmi "shared$i:1" 3>&- &
        pids+=($!)
        "${program[@]}" load -q -i "l$((i + 4)).tar" 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i"
    done
    is "$(floe images -q | sort -u | wc -l)" 4
    is "$(in_container shared8:1 cat /etc/changed)" upper
    floe rmi -a
    is "$(find "$root/images/blobs" "$root/layers" -mindepth 1 ! -path "$root/images/blobs/sha256")" ""
    is "$(find "$root/images" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)" "blobs index.json lock oci-layout"
    is "$(jq -c .manifests "$root/images/index.json")" '[]'
}
