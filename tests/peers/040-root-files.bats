# SPDX-License-Identifier: Apache-2.0
# The root file systems that floe and podman make of the same images, entry by entry (see odd-images, tree-of). Where they
# differ the image specification decides, and the difference is written down here.

load ../system/helpers

export BATS_TEST_NAME_PREFIX="root files: "

setup() {
    command -v podman >/dev/null || skip "there is no podman here"
    floe_setup
    cd "$BATS_TEST_TMPDIR"
    "$BATS_TEST_DIRNAME/odd-images" .
}

teardown() {
    podman_here rm -fa >/dev/null 2>&1 || true
    podman_here rmi -fa >/dev/null 2>&1 || true
    umount "$BATS_TEST_TMPDIR/p/overlay" 2>/dev/null || true # podman binds it on itself
    floe_teardown
}

podman_here() {
    podman --root "$BATS_TEST_TMPDIR/p" --runroot "$BATS_TEST_TMPDIR/pr" --runtime runc --storage-driver overlay "$@" 2>/dev/null
}

tree_of() { # ENGINE IMAGE
    local dir
    "$1" load -q -i "$2.tar" >/dev/null
    "$1" create --name "$2" --network none "localhost/$2:1" x >/dev/null
    dir=$("$1" mount "$2")
    "$BATS_TEST_DIRNAME/tree-of" "$dir"
    "$1" umount "$2" >/dev/null
}

# What floe has otherwise, as diff shows it: "<" is podman's.
differences() { # IMAGE
    tree_of floe "$1" >"$1.floe"
    tree_of podman_here "$1" >"$1.podman"
    [ "$(wc -l <"$1.floe")" -gt 3 ]
    # Where no layer says what the root directory is, podman makes it 0555.
    diff "$1.podman" "$1.floe" | grep '^[<>]' | grep -Ev "^< '' dir 0555 0:0 mtime=now|^> '' dir 0755 0:0 mtime=now" || true
}

@test "names, nodes, hard links, attributes, and what replaces what are the same" {
    local image

    for image in hard-links attributes nodes replaced; do
        is "$(differences "$image")" ""
    done
    # But for the time of directories that no entry is of: floe has that of their making, podman that of their last entry.
    is "$(differences names | grep -v "dir 0755 0:0 mtime=now")" ""
}

@test "modes and owners are the same; floe has the root's too" {
    is "$(differences modes)" "> '' dir 0711 3:4 mtime=1600000000000000000"
}

@test "times are the same; floe has those before 1970 too" {
    is "$(differences times)" "< 'before' file 0644 0:0 mtime=0 size=0 sha256=e3b0c44298fc1c14 full
> 'before' file 0644 0:0 mtime=-86400000000000 size=0 sha256=e3b0c44298fc1c14 full"
}

@test "sparse files have the same content; floe's stay sparse" {
    is "$(differences sparse | grep '^>' | sed 's/ mtime.*full//; s/ mtime=.* / /')" "> 'all-hole' file 0644 0:0 sparse
> 'new' file 0644 0:0 sparse"
    is "$(sed 's/ sparse$/ full/' sparse.floe | tail -n +2)" "$(tail -n +2 sparse.podman)"
}

# A whiteout hides what is in lower layers, and nothing of its own (layer.md, "Whiteouts"): `again` was made anew. Names that
# begin with ".wh..wh." are nobody's but aufs's. And a layer without an entry for a directory leaves it as it is.
@test "whiteouts hide the same; floe's hide all of a directory that was made anew" {
    is "$(differences whiteouts)" "< '.wh..wh.plnk' dir 0755 0:0 mtime=now
< '.wh..wh.plnk/77.88' file 0644 0:0 mtime=1600000000000000000 size=0 sha256=e3b0c44298fc1c14 full
> '' dir 0755 0:0 mtime=1600000000000000000
< 'again/old' file 0644 0:0 mtime=1600000000000000000 size=3 sha256=cba06b5736faf67e full
< 'part' dir 0755 0:0 mtime=now
> 'part' dir 0755 0:0 mtime=1600000000000000000"
    is "$(differences opaque-again)" "< 'a' dir 0755 0:0 mtime=now
> 'a' dir 0700 0:0 mtime=1600000000000000000"
}

# A changeset is applied on top of what is there (layer.md, "Applying Changesets").
@test "a directory that a layer has no entry for stays what it was" {
    is "$(differences implied-directories)" "< 'a' dir 0755 0:0 mtime=now
< 'a/b' dir 0755 0:0 mtime=now
> '' dir 0711 3:4 mtime=1600000000000000000
> 'a' dir 0750 5:6 mtime=1600000000000000000
> 'a/b' dir 2700 7:0 mtime=1600000000000000000 user.of=b'b'
< 'tmp' dir 0755 0:0 mtime=now
> 'tmp' dir 1777 0:0 mtime=1600000000000000000"
    # One that was removed and made again is a new one.
    is "$(grep "^'gone'" implied-directories.floe)" "'gone' dir 0755 0:0 mtime=now"
}

@test "what podman refuses: names twice, GNU's old sparse files, whiteouts beside what they name" {
    local image

    for image in duplicates old-sparse own-whiteouts; do
        run podman_here load -q -i $image.tar
        [ "$status" != 0 ]
        tree_of floe $image | sed 's/ mtime=[^ ]*//; s/ sha256=[^ ]*//' | tail -n +2 >$image.floe
    done
    is "$(cat duplicates.floe)" "'kept' dir 0755 5:0
'kept/a' file 0644 0:0 size=0 full
'one' file 0644 0:0 size=6 full is b'one'
'same' link 0777 0:0 -> b'target'
'self' file 0644 0:0 size=1 full
'taken' file 0644 0:0 size=6 full is b'one'
'target' dir 0755 0:0
'twice' file 0644 0:0 size=6 full"
    is "$(cat old-sparse.floe)" "'hole-at-end' file 0644 0:0 size=5242880 sparse
'old' file 0644 0:0 size=2097664 sparse"
    is "$(cat own-whiteouts.floe)" "'both' dir 0755 0:0
'both/new' file 0644 0:0 size=0 full
'cut' dir 0755 0:0
'implied' dir 0755 0:0
'implied/new' file 0644 0:0 size=0 full
'new' dir 0755 0:0
'single' file 0644 0:0 size=13 full"
}

@test "a hard link to a file of a lower layer is refused by both" {
    local layer

    mkdir -p low/etc up/etc
    echo here >low/etc/file
    tar -C low -cf low.tar etc
    cp low/etc/file up/etc/file
    ln up/etc/file up/etc/link
    tar -C up --sort=name -cf up.tar etc/file etc/link
    tar --delete -f up.tar etc/file
    "$BATS_TEST_DIRNAME/../system/oci-layout" linked linked:1 low.tar up.tar
    layer=$(skopeo inspect --raw oci:linked | jq -r '.layers[1].digest')
    run podman_here pull -q oci:linked
    is "$status" 125
    refused 125 "layer $layer: entry 'etc/link': hard link to 'etc/file'" floe pull -q oci:linked
}
