# SPDX-License-Identifier: Apache-2.0
# image mount and unmount: read-only, counted, over a removal, a kill and a reboot.

# bats file_tags=sanitize

load helpers
load helpers-crash

mounted() { # the engine's mounted images
    mounts "$engine" | grep "^$runroot/images/" || :
}

@test "an image is mounted to be read, and counted" {
    local path id
    path=$(floe image mount busybox)
    is "$path" "$(mounted)"
    is "$(head -n 1 "$path/etc/passwd")" 'root:x:0:0:root:/root:/bin/sh'
    run -1 touch "$path/new"
    matches "$output" 'Read-only file system'
    is "$(floe image mount busybox)" "$path"
    id=$(floe image unmount busybox)
    is "$id" "$(floe images -q --no-trunc | sed s/sha256://)"
    is "$(mounted)" "$path"
    floe image umount busybox
    is "$(mounted)" ""
    is "$(find "$runroot/images" -mindepth 1)" ""
    is "$(floe image unmount busybox)" "$id"
}

@test "an image of several layers shows the topmost files" {
    local path
    floe run --name c --network none busybox sh -c 'echo new >/etc/passwd; rm /etc/group'
    floe commit -q c two
    path=$(floe image mount two)
    is "$(cat "$path/etc/passwd")" new
    [ ! -e "$path/etc/group" ]
    floe image unmount two
}

@test "the list of mounted images; all of them; several" {
    local id path
    is "$(floe image mount)" ""
    is "$(floe image mount --format json)" "[]"
    floe import -q -c 'CMD a' "$BUSYBOX_TAR" one
    is "$(floe image mount busybox one | wc -l)" 2
    matches "$(floe image mount | grep busybox)" '^localhost/busybox:latest +/.*merged'
    is "$(floe image mount --format json | jq -c 'map(.Repositories[0]) | sort')" \
        '["localhost/busybox:latest","localhost/one:latest"]'
    floe image mount --all
    floe image unmount busybox one
    is "$(mounted | wc -l)" 2
    # Unmounted by hand, it is not there, and counts anew.
    path=$(floe image mount one)
    umount "$path"
    is "$(floe image mount | wc -l)" 1
    is "$(floe image mount one)" "$path"
    floe image unmount one
    is "$(mounted | wc -l)" 1
    floe image unmount --all --force
    is "$(mounted)" ""
}

@test "a mounted image is not removed but by force" {
    floe image mount busybox
    refused 2 'mounted' floe rmi busybox
    floe image prune --all --force
    floe image exists busybox
    floe rmi --force busybox
    is "$(mounted)" ""
    is "$(find "$root/layers" -mindepth 1 -maxdepth 1)" ""
}

@test "image mount and unmount with bad input" {
    refused 125 nope floe image mount nope
    refused 125 nope floe image unmount nope
    refused 125 'missing' floe image unmount
    refused 125 json floe image mount --format yaml
    refused 125 format floe image mount --format json busybox
    refused 125 exclude floe image mount --all busybox
    refused 125 exclude floe image unmount --all busybox
    run -125 floe image mount nope busybox
    is "$(mounted | wc -l)" 1
    floe image unmount busybox
}

@test "a reboot ends all mounts of images" {
    floe image mount busybox
    floe image mount busybox
    reboot_host
    is "$(floe image mount)" ""
    floe image mount busybox
    floe image unmount busybox
    is "$(mounted)" ""
    floe rmi busybox
}

@test "kill -9 of floe during image mount and unmount" {
    measure floe image mount busybox
    floe image unmount busybox
    for_each_moment 20 mounted_or_not
    floe rmi busybox
    leaves_nothing
}

mounted_or_not() {
    cut_short image mount busybox
    floe image mount busybox
    cut_short image unmount busybox
    [ "$(mounted | wc -l)" -le 1 ]
    floe image unmount --force busybox
    is "$(mounted)" ""
}
