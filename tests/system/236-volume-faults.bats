# SPDX-License-Identifier: Apache-2.0
# What floe does with volumes fails: by a system call, or on a full disk. A volume is as it was, and works then.

# shellcheck disable=SC2012,SC2154 # names of volumes are plain; variables are of the helpers

load helpers
load helpers-faults

in_volume() { # NAME PATH: the place on the host
    echo "$root/volumes/$1/_data${2:+/$2}"
}

# An image's tar, with something in /data. SIZE: of the large file in it.
full_tar() { # SIZE
    local tree=$BATS_TEST_TMPDIR/tree

    busybox_tree "$tree"
    mkdir -p "$tree/data/sub"
    echo content >"$tree/data/sub/file"
    head -c "$1" /dev/urandom >"$tree/data/large"
    tar -C "$tree" -cf "$BATS_TEST_TMPDIR/full.tar" .
}

# A container whose volume no other has had.
fresh_volume() {
    floe rm -f --ignore c >/dev/null
    floe volume rm -f v >/dev/null
    floe volume create v >/dev/null
    floe create --name c -v v:/data full true >/dev/null
}

setup() {
    floe_setup
    faulty_parts
}

@test "faults: a first use whose system calls fail leaves a volume as it was" {
    full_tar 100
    floe import -q "$BATS_TEST_TMPDIR/full.tar" full
    every_call "copy_file_range,renameat,mkdirat,fchownat" fresh_volume "start c"
    is "$(ls "$root/volumes/v")" _data
    floe start c
    is "$(cat "$(in_volume v sub/file)")" content
}

@test "faults: a volume whose making fails is not there" {
    every_call "mkdir,rename,pwrite64" no_volume "volume create v -o o=uid=12"
    floe volume rm -f v
    floe volume create v -o o=uid=12
    is "$(stat -c %u "$(in_volume v)")" 12
}

# That the one before failed is so, if it is not there.
no_volume() {
    ! floe volume exists v || [ "${fault_status:-0}" = 0 ]
    floe volume rm -f v >/dev/null
    is "$(ls "$root/volumes" 2>/dev/null)" ''
}

@test "a full disk fails the first use of a volume, which is whole when there is room again" {
    full_tar 3000000
    engine_add
    local root=$added/r failed=0 left needs again
    mkdir "$root"
    mount -t tmpfs -o size=14m floe-test "$root"
    floe_on "$added" import -q "$BATS_TEST_TMPDIR/full.tar" full
    floe_on "$added" volume create v
    head -c 100m /dev/zero >"$root/filler" 2>/dev/null || :
    truncate -s -1000000 "$root/filler"
    run -125 --separate-stderr floe_on "$added" run --rm --network none -v v:/data full true || failed=1
    left=$(find "$root/volumes" -mindepth 1 | sort)
    needs=$(floe_on "$added" volume inspect -f '{{.NeedsCopyUp}}' v)
    rm "$root/filler"
    again=$(floe_on "$added" run --rm --network none -v v:/data full sh -c 'cat /data/sub/file; wc -c </data/large')
    processes_wait "$added"
    umount "$root"
    [ "$failed" = 0 ]
    has "$stderr" 'No space left on device'
    is "$left" "$root/volumes/v"$'\n'"$root/volumes/v/_data"
    is "$needs" true
    is "$again" $'content\n3000000'
}
