# SPDX-License-Identifier: Apache-2.0
# kill -9 of floe at any moment of what it does with volumes, many of them at once, and a host that went down: a
# volume is whole or not there, what is half-copied passes for nothing, and nothing stays mounted.

# shellcheck disable=SC2010,SC2012,SC2034,SC2154 # names of volumes are plain; variables are of the helpers

load helpers
load helpers-crash

readonly N_FILES=400

in_volume() { # NAME PATH: the place on the host
    echo "$root/volumes/$1/_data${2:+/$2}"
}

mounted() { # VOLUME: is something mounted there?
    mountpoint -q "$(in_volume "$1")"
}

# An image, `full`, whose /data has so much that copying it takes a while.
full_image() {
    local tree=$BATS_TEST_TMPDIR/tree i

    busybox_tree "$tree"
    mkdir -m 1770 "$tree/data"
    for ((i = 0; i < N_FILES; i++)); do echo "$i" >"$tree/data/$i"; done
    head -c 8M /dev/urandom >"$tree/data/large"
    tar -C "$tree" -cf "$BATS_TEST_TMPDIR/t.tar" .
    floe import -q "$BATS_TEST_TMPDIR/t.tar" full >/dev/null
    wanted=$(contents "$tree/data")
}

# What is in a directory, as one number.
contents() {
    (cd "$1" && find . -type f -print0 | sort -z | xargs -0 -r cat | cksum) && stat -c %a "$1"
}

@test "kill -9 of floe during volume create" {
    measure floe volume create measured
    for_each_moment 20 volume_or_not
}

volume_or_not() {
    cut_short volume create "v$moment" -o o=uid=12
    lists_volumes
    floe volume exists "v$moment" || floe volume create "v$moment" -o o=uid=12
    is "$(floe run --rm -v "v$moment:/v" busybox stat -c %u /v)" 12
    floe volume rm "v$moment"
    is "$(ls "$root/volumes" | grep -v measured)" ''
}

lists_volumes() {
    floe volume ls --format json | jq -e 'type == "array"' >/dev/null
    floe volume inspect --all >/dev/null
}

@test "kill -9 of floe during the first use of a volume" {
    full_image
    measure floe run --rm -v measured:/data full true
    for_each_moment 25 whole_copy
}

whole_copy() {
    cut_short run --rm --name c -v "v$moment:/data" full true
    lists_volumes
    floe rm -f -t 0 --ignore c
    floe run --rm -v "v$moment:/data" full true
    is "$(contents "$(in_volume "v$moment")")" "$wanted"
    is "$(ls "$root/volumes/v$moment")" _data
    floe volume rm "v$moment"
    leaves_nothing
}

@test "kill -9 of floe during volume rm" {
    full_image
    floe run --rm -v measured:/data full true
    measure floe volume rm measured
    for_each_moment 20 gone_or_whole
}

gone_or_whole() {
    floe run --rm -v v:/data full true
    cut_short volume rm v
    lists_volumes
    if floe volume exists v; then
        is "$(contents "$(in_volume v)")" "$wanted"
        floe volume rm v
    else
        # Nothing of the old one comes into a new one.
        floe volume create v
        is "$(ls -A "$(in_volume v)")" ''
        floe volume rm v
    fi
    is "$(ls "$root/volumes")" ''
}

@test "kill -9 of floe during rm --volumes" {
    full_image
    floe run --name measured -v /data full true
    measure floe rm -v measured
    for_each_moment 20 own_volumes_go
}

own_volumes_go() {
    floe run --name c -v /data full true
    cut_short rm -v c
    lists_everything
    lists_volumes
    floe rm -v --ignore c
    # What it had begun to remove is not there any more, for anybody.
    is "$(floe volume ls -q)" ''
    floe volume prune -f
    is "$(ls "$root/volumes")" ''
    leaves_nothing
}

@test "kill -9 of floe during volume import" {
    full_image
    floe run --rm -v from:/data full true
    floe volume export from -o "$BATS_TEST_TMPDIR/v.tar"
    floe volume create measured
    measure floe volume import measured "$BATS_TEST_TMPDIR/v.tar"
    for_each_moment 15 import_again
}

import_again() {
    floe volume create v
    cut_short volume import v "$BATS_TEST_TMPDIR/v.tar"
    lists_volumes
    floe volume import v "$BATS_TEST_TMPDIR/v.tar"
    is "$(contents "$(in_volume v)")" "$wanted"
    floe volume rm v
}

@test "kill -9 of floe during start and stop of a container whose volume has a device" {
    floe volume create -o type=tmpfs -o device=tmpfs mem
    floe create --name c -v mem:/m busybox sh -c "$SLEEPER"
    measure floe start c
    floe stop -t 0 c
    for_each_moment 20 device_start_or_not
    measured_ms=100
    for_each_moment 10 device_stop_or_not
    floe rm -f -t 0 c
    run ! mounted mem
    is "$(floe volume inspect -f '{{.MountCount}}' mem)" 0
    leaves_nothing
}

device_start_or_not() {
    cut_short start c
    lists_volumes
    floe start c
    mounted mem
    is "$(floe exec c stat -f -c %T /m)" tmpfs
    floe stop -t 0 c
    run ! mounted mem
}

device_stop_or_not() {
    floe start c
    cut_short stop -t 0 c
    floe stop -t 0 c
    lists_volumes
    floe container cleanup c
    run ! mounted mem
}

@test "after a reboot nothing counts as mounted, and a start mounts again" {
    floe volume create -o type=tmpfs -o device=tmpfs mem
    floe volume create plain
    floe run -d --name c -v mem:/m -v plain:/p busybox sh -c "touch /m/lost /p/kept; $SLEEPER"
    eventually test -e "$(in_volume plain kept)"
    floe volume mount mem
    reboot_host
    run ! mounted mem
    floe start c
    mounted mem
    is "$(floe volume inspect -f '{{.MountCount}}' mem)" 1
    is "$(floe exec c ls /p)" kept
    floe rm -f -t 0 c
    run ! mounted mem
}

@test "many containers that begin at once share one new volume, filled once" {
    local i pids=()

    full_image
    for ((i = 0; i < 8; i++)); do
        "${program[@]}" run --rm -v data:/data full sh -c 'cat /data/*' >"$BATS_TEST_TMPDIR/out$i" 2>&1 &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
    is "$(floe volume ls -q)" data
    is "$(contents "$(in_volume data)")" "$wanted"
    is "$(cksum "$BATS_TEST_TMPDIR"/out* | cut -d' ' -f1,2 | sort -u | wc -l)" 1
}

@test "volumes are made and removed at once by many, and none is left half" {
    local i pids=()

    for ((i = 0; i < 12; i++)); do
        case $((i % 3)) in
            0) "${program[@]}" run --rm -v shared:/s busybox touch /s/x & ;;
            1) "${program[@]}" volume rm shared & ;;
            2) "${program[@]}" volume prune -f & ;;
        esac >>"$BATS_TEST_TMPDIR/out" 2>&1
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i" || :; done
    lists_volumes
    floe run --rm -v shared:/s busybox touch /s/y
    is "$(floe volume rm -f shared)" shared
    is "$(ls "$root/volumes")" ''
    is "$(grep -v -e '^Error: no volume with name "shared"' -e '^Error: volume shared is being used' \
        -e '^shared$' "$BATS_TEST_TMPDIR/out")" ''
}
