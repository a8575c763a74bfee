# SPDX-License-Identifier: Apache-2.0
# A pull that is killed at any moment leaves nothing wrong, and the next one goes on with what is there.

load helpers
load helpers-registry

readonly N_LAYERS=6
readonly N_KILLS=${PULL_KILLS:-5} # make soak: more

setup() {
    floe_setup
    registry_start
    export CONTAINERS_REGISTRIES_CONF=$BATS_TEST_TMPDIR/registries.conf
    printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$registry" >"$CONTAINERS_REGISTRIES_CONF"
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    registry_stop
    floe_teardown
}

# Layers of some MiB that do not compress, and busybox.
many_layers() { # DIR NAME
    local i tars=("$BUSYBOX_TAR")

    for ((i = 1; i < N_LAYERS; i++)); do
        mkdir -p "content.$i/data"
        head -c 3000000 /dev/urandom >"content.$i/data/$i"
        echo "$i" >"content.$i/number"
        tar -C "content.$i" -cf "$i.tar" data number
        tars+=("$i.tar")
    done
    "$BATS_TEST_DIRNAME/oci-layout" "$1" "$2" "${tars[@]}"
}

# What is whole of what killed pulls have left. skopeo, which goes with them, may need a moment.
whole_blobs() {
    local blob

    for blob in "$root"/images/{tmp-*/,}blobs/sha256/*; do
        [ ! -s "$blob" ] || sha256sum "$blob" | grep -q "^${blob##*/} " || continue
        echo "${blob##*/}"
    done | sort -u
}

fetched_blobs() {
    grep -o '"GET /v2/[^ ]*/blobs/sha256:[0-9a-f]*' "$BATS_TEST_TMPDIR/registry/log" | sed 's/.*://' | sort -u
}

# Whatever there is of the image is whole: it runs, or it is not there.
all_or_nothing() {
    is "$(sqlite3 "$root/floe.db" 'PRAGMA integrity_check')" ok
    if floe image exists "$registry/many:1"; then
        is "$(floe run --rm --network none "$registry/many:1" sh -c 'ls /data | wc -l; cat /number')" "$((N_LAYERS - 1))
$((N_LAYERS - 1))"
        floe rmi "$registry/many:1" >/dev/null
    fi
}

@test "a pull that is killed at any moment" {
    local before took_ms pid kill_ms i
    many_layers many many:1
    skopeo copy -q --dest-tls-verify=false --preserve-digests oci:many "docker://$registry/many:1"
    before=$(date +%s%3N)
    floe pull -q "$registry/many:1"
    took_ms=$(($(date +%s%3N) - before))
    all_or_nothing

    for ((i = 0; i < N_KILLS; i++)); do
        whole_blobs >whole
        : >"$BATS_TEST_TMPDIR/registry/log"
        kill_ms=$((i == 0 ? took_ms / 2 : RANDOM % took_ms))
        echo "kill after $kill_ms of $took_ms ms, with $(wc -l <whole) blobs"
        "${program[@]}" pull -q "$registry/many:1" >/dev/null 2>&1 3>&- &
        pid=$!
        sleep "$((kill_ms / 1000)).$(printf %03d $((kill_ms % 1000)))"
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        processes_wait "$engine"
        is "$(fetched_blobs | comm -12 - whole)" ""
        all_or_nothing
    done

    # To its end, and nothing is left of all that.
    floe pull -q "$registry/many:1"
    floe image exists "$registry/many:1"
    run ls "$root/images" "$root/layers"
    lacks "$output" tmp-
    is "$(find "$root/layers" -mindepth 1 -maxdepth 1 | wc -l)" $N_LAYERS
    all_or_nothing
}
