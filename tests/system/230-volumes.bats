# SPDX-License-Identifier: Apache-2.0
# Volumes in containers: what they hold at first, how they are mounted, when they go. The verbs are in
# 231-volume.bats, killed floes in 235-volume-crash.bats.

# bats file_tags=sanitize

# shellcheck disable=SC2012,SC2154 # names of volumes are plain; $root is of the helpers

load helpers

# An image with something to copy: IMAGE [CHANGE...]
image_with_data() {
    local name=$1 tree=$BATS_TEST_TMPDIR/tree change changes=()
    shift

    busybox_tree "$tree"
    mkdir -p "$tree/data/sub" "$tree/empty"
    echo image >"$tree/data/sub/file"
    ln "$tree/data/sub/file" "$tree/data/twin"
    ln -s sub/file "$tree/data/link"
    chown -h 1000:100 "$tree/data/sub/file" "$tree/data"
    chmod 2750 "$tree/data"
    chmod 4711 "$tree/data/sub/file"
    for change; do changes+=(-c "$change"); done
    tar -C "$tree" -cf "$BATS_TEST_TMPDIR/t.tar" .
    floe import -q "${changes[@]}" "$BATS_TEST_TMPDIR/t.tar" "$name" >/dev/null
}

in_volume() { # NAME PATH: the place on the host
    echo "$root/volumes/$1/_data${2:+/$2}"
}

@test "a named volume is made when a container needs it, and stays" {
    floe run --rm -v data:/data busybox sh -c 'echo kept >/data/file'
    is "$(cat "$(in_volume data file)")" kept
    is "$(floe run --rm -v data:/elsewhere busybox cat /elsewhere/file)" kept
    is "$(floe run --rm --mount type=volume,src=data,dst=/m busybox cat /m/file)" kept
}

@test "an empty volume gets what the image has there, with owners, modes and links" {
    image_with_data full
    floe run --rm -v data:/data full true
    is "$(stat -c '%u:%g %a' "$(in_volume data)")" '1000:100 2750'
    is "$(stat -c '%u:%g %a %h' "$(in_volume data sub/file)")" '1000:100 4711 2'
    is "$(readlink "$(in_volume data link)")" sub/file

    # Once: what a container has removed does not come back.
    floe run --rm -v data:/data full rm -rf /data/sub
    is "$(floe run --rm -v data:/data full ls /data)" $'link\ntwin'
}

@test "what is in a volume already is not mixed with the image's" {
    image_with_data full
    floe create --name one -v data:/data full true
    echo mine >"$(in_volume data mine)"
    floe start -a one
    is "$(ls "$(in_volume data)")" mine
}

@test "nocopy leaves a volume empty" {
    image_with_data full
    is "$(floe run --rm -v data:/data:nocopy full ls -A /data)" ''
    is "$(stat -c '%u:%g %a' "$(in_volume data)")" '1000:100 2750'
}

@test "where the image has nothing, the user of the container owns the volume" {
    floe run --rm -u alice -v data:/new busybox touch /new/mine
    is "$(stat -c '%U %u:%g %a' "$(in_volume data)" | cut -d' ' -f2-)" '1000:1000 755'
}

@test "U gives all of a volume to the user, at each start" {
    floe run --rm -v data:/d busybox touch /d/roots
    is "$(stat -c %u "$(in_volume data roots)")" 0
    floe run --rm -u alice -v data:/d:U busybox touch /d/roots
    is "$(stat -c %u "$(in_volume data roots)")" 1000
}

@test "options of a volume are the mount's" {
    run -1 floe run --rm -v data:/d:ro busybox touch /d/file
    has "$output" 'Read-only'
    has "$(floe run --rm -v data:/d busybox grep ' /d ' /proc/mounts)" 'nosuid,nodev'
    run floe run --rm -v data:/d:suid,dev,noexec busybox grep ' /d ' /proc/mounts
    lacks "$output" nosuid
    lacks "$output" nodev
    has "$output" noexec
}

@test "a volume without a name goes with --rm, and with rm --volumes" {
    floe run --rm -v /anon --mount type=volume,dst=/two busybox touch /anon/a /two/b
    is "$(ls "$root/volumes")" ''
    floe run --name one -v /anon -v data:/data busybox touch /anon/a
    is "$(ls "$root/volumes" | wc -l)" 2
    floe rm -v one
    is "$(ls "$root/volumes")" data

    floe run --name two -v /anon busybox true
    floe rm two
    is "$(ls "$root/volumes" | wc -l)" 2
}

@test "the image's volumes are volumes without a name" {
    image_with_data full 'VOLUME /data /other'
    is "$(floe run --name one full cat /data/sub/file)" image
    is "$(floe inspect -f '{{range .Mounts}}{{.Type}} {{.Destination}} {{end}}' one)" \
        'volume /data volume /other '
    floe rm -v one
    is "$(ls "$root/volumes")" ''

    # A place that the user fills is not the image's any more.
    floe run --name two -v mine:/data --tmpfs /other full true
    is "$(ls "$root/volumes")" mine
    floe rm two
    is "$(floe run --rm --image-volume ignore full grep -c ' /data ' /proc/mounts || true)" 0
    has "$(floe run --rm --image-volume tmpfs full grep ' /data ' /proc/mounts)" 'tmpfs /data'
    is "$(ls "$root/volumes")" mine
    refused 125 'image-volume' floe create --image-volume nonsense full true
}

@test "--volumes-from has what the other container has" {
    local host=$BATS_TEST_TMPDIR/host
    mkdir "$host"
    floe run --name one -v data:/data -v /anon -v "$host:/host" --tmpfs /mem busybox \
        sh -c 'echo d >/data/f; echo a >/anon/f; echo h >/host/f'
    is "$(floe run --rm --volumes-from one busybox cat /data/f /anon/f /host/f)" $'d\na\nh'
    run -1 floe run --rm --volumes-from one:ro busybox touch /data/x
    is "$(floe run --rm --volumes-from one -v other:/data busybox ls /data)" ''

    # It stays as long as somebody has it.
    floe create --name two --volumes-from one busybox cat /anon/f
    floe rm -v one
    is "$(floe start -a two)" a
    floe rm -v two
    is "$(ls "$root/volumes" | sort)" $'data\nother'

    refused 125 'no such container' floe create --volumes-from nobody busybox
    refused 125 'nonsense' floe create --volumes-from one:nonsense busybox
}

@test "inspect and ps tell of volumes" {
    floe create --name one -v data:/data:ro -v /anon busybox
    is "$(floe inspect -f '{{with index .Mounts 0}}{{.Type}} {{.Name}} {{.Source}} {{.Destination}} {{.Driver}} {{.RW}} {{.Propagation}} {{json .Options}}{{end}}' one)" \
        "volume data $(in_volume data) /data local false rprivate [\"nosuid\",\"nodev\",\"rbind\"]"
    is "$(floe inspect -f '{{index .HostConfig.Binds 0}}' one)" data:/data:ro,rprivate,nosuid,nodev,rbind
    is "$(floe ps -a --filter volume=data --format '{{.Names}}')" one
    is "$(floe ps -a --filter volume=dat --format '{{.Names}}')" ''
}

@test "cp goes into a volume and out of it, whether the container runs or not" {
    image_with_data full
    echo in >"$BATS_TEST_TMPDIR/file"
    floe create --name one -v data:/data full sleep 100

    # What the image has there comes first.
    floe cp "$BATS_TEST_TMPDIR/file" one:/data/new
    is "$(cat "$(in_volume data new)")" in
    is "$(cat "$(in_volume data sub/file)")" image
    floe start one
    floe cp one:/data/sub/file "$BATS_TEST_TMPDIR/out"
    is "$(cat "$BATS_TEST_TMPDIR/out")" image
    floe cp "$BATS_TEST_TMPDIR/file" one:/data/newer
    is "$(cat "$(in_volume data newer)")" in
}

@test "wrong forms of volumes are refused, and leave nothing" {
    refused 125 "must begin with a letter" floe create -v -x:/data busybox
    refused 125 "must begin with a letter" floe create -v 'a b:/data' busybox
    refused 125 'absolute' floe create -v data:data busybox
    refused 125 'root' floe create -v data:/ busybox
    refused 125 'nonsense' floe create -v data:/data:nonsense busybox
    refused 125 'exclude each other' floe create -v data:/data:ro,rw busybox
    refused 125 'duplicate mount destination' floe create -v data:/data -v other:/data busybox
    refused 125 'at most' floe create -v "$(printf 'a%.0s' {1..256}):/data" busybox
    refused 125 'name' floe create --name '?' -v data:/data busybox
    floe create --name taken busybox >/dev/null
    refused 125 'already in use' floe create --name taken -v data:/data busybox
    is "$(ls "$root/volumes" 2>/dev/null)" ''
    is "$(floe ps -a --format '{{.Names}}')" taken
}
