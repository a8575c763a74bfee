# SPDX-License-Identifier: Apache-2.0
# run --rootfs: a directory of the host's in the place of an image.

# bats file_tags=sanitize

load helpers
load helpers-checkpoint

setup() {
    floe_setup
    tree=$BATS_TEST_TMPDIR/tree
    busybox_tree "$tree"
}

teardown() {
    mountpoint -q "$tree/tmp" && umount "$tree/tmp"
    floe_teardown
}

listed() {
    (cd "$tree" && find . | sort)
}

sleeper_of_root() { # NAME [OPTION...]
    background "$@" --rootfs "${root_of:-$tree}" sh -c "$SLEEPER"
    has_its_trap "$1"
}

@test "what the container writes is in the directory, which stays when it goes" {
    is "$(in_container --name c --rootfs "$tree" sh -c 'echo x >/made; cat /etc/group; id -un')" \
        "$(cat "$tree/etc/group")"$'\nroot'
    is "$(cat "$tree/made")" x
    is "$(in_container --rootfs --user alice "$tree" id -un)" alice
    cd "$BATS_TEST_TMPDIR"
    is "$(in_container --rootfs tree cat /made)" x
    [ -e "$tree/bin/busybox" ]
    is "$(floe ps -aq)" ''
}

@test "with :O the directory stays as it is, and the changes are the container's" {
    listed >"$BATS_TEST_TMPDIR/before"
    floe run --name c --network none --rootfs "$tree:O" sh -c 'echo x >/made; rm /etc/group'
    is "$(floe diff c)" $'C /etc\nD /etc/group\nA /made'
    floe cp c:/made - | tar -xOf - | grep -qx x
    floe export c | tar -t | grep -qx made
    floe start c
    floe wait c >/dev/null
    floe rm c
    is "$(listed)" "$(cat "$BATS_TEST_TMPDIR/before")"
}

@test "what is mounted in the directory is seen, and stays mounted" {
    mount -t tmpfs tmpfs "$tree/tmp"
    mount --make-shared "$tree/tmp"
    echo there >"$tree/tmp/file"
    is "$(in_container --rootfs "$tree" cat /tmp/file)" there
    floe create --name c --network none --rootfs "$tree" cat /tmp/file
    is "$(cat "$(floe mount c)/tmp/file")" there
    floe rm -f c
    is "$(cat "$tree/tmp/file")" there
    umount "$tree/tmp"
}

@test "inspect, ps and what needs an image" {
    sleeper_of_root c
    is "$(floe inspect --format '{{.Rootfs}} [{{.Image}}] [{{.ImageName}}]' c)" "$tree [] []"
    is "$(floe ps --format '{{.Image}}|{{.Names}}')" '|c'
    refused 125 "$tree" floe commit c image
    refused 125 "compare" floe diff c
    is "$(floe exec c ls /bin/busybox)" /bin/busybox
    floe container clone c d
    floe start d
    is "$(floe inspect --format '{{.Rootfs}}' d)" "$tree"
}

@test "checkpoint and restore, in place and by archive" {
    sleeper_of_root c
    floe checkpoint c
    floe restore c
    floe checkpoint --export "$BATS_TEST_TMPDIR/a" c
    tar -tf "$BATS_TEST_TMPDIR/a" >"$BATS_TEST_TMPDIR/entries"
    run ! grep -q rootfs-diff "$BATS_TEST_TMPDIR/entries"
    floe rm c
    refused 125 "as its root" floe restore --import "$BATS_TEST_TMPDIR/a" --name d
    floe restore --import "$BATS_TEST_TMPDIR/a" --allow mounts --name d
    is_running d
    is "$(floe inspect --format '{{.Rootfs}}' d)" "$tree"
    floe rm -f d
    mv "$tree" "$tree.away"
    refused 125 "$tree" floe restore --import "$BATS_TEST_TMPDIR/a" --allow mounts
    mv "$tree.away" "$tree"
}

@test "with :O an archive holds the changes" {
    root_of=$tree:O sleeper_of_root c
    floe exec c sh -c 'echo x >/made'
    floe checkpoint --export "$BATS_TEST_TMPDIR/a" c
    floe rm c
    floe restore --import "$BATS_TEST_TMPDIR/a" --allow mounts
    is "$(floe exec c cat /made)" x
    [ ! -e "$tree/made" ]
}

@test "the directory outlives a monitor that was killed" {
    sleeper_of_root c
    kill -9 "$(floe inspect --format '{{.State.ConmonPid}}' c)"
    floe rm -f c
    [ -e "$tree/bin/busybox" ]
}

@test "what is no directory, and words that do not go together" {
    refused 125 "$BATS_TEST_TMPDIR/nothing" in_container --rootfs "$BATS_TEST_TMPDIR/nothing" true
    refused 125 "$tree/etc/passwd" in_container --rootfs "$tree/etc/passwd" true
    refused 125 'command' in_container --rootfs "$tree"
    refused 125 '--rmi' floe run --rmi --rootfs "$tree" true
    refused 125 missing floe run --rootfs
    is "$(floe ps -aq)" ''
}
