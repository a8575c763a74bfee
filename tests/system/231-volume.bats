# SPDX-License-Identifier: Apache-2.0
# floe volume create, ls, inspect, exists, rm, prune, export, import, mount, unmount.

# bats file_tags=sanitize

# shellcheck disable=SC2012,SC2154 # names of volumes are plain; $root is of the helpers

load helpers

in_volume() { # NAME PATH: the place on the host
    echo "$root/volumes/$1/_data${2:+/$2}"
}

mounted() { # VOLUME: is something mounted there?
    mountpoint -q "$(in_volume "$1")"
}

@test "volume create makes a volume and prints its name" {
    is "$(floe volume create data)" data
    is "$(stat -c '%a %u:%g' "$(in_volume data)")" '755 0:0'
    run floe volume create
    is "$(grep -cE '^[0-9a-f]{64}$' <<<"$output")" 1
    is "$(floe volume create -o o=uid=12,gid=34 owned)" owned
    is "$(stat -c '%u:%g' "$(in_volume owned)")" 12:34
    floe run --rm -u alice -v owned:/data busybox true
    is "$(stat -c '%u:%g' "$(in_volume owned)")" 12:34
}

@test "volume create refuses what cannot be right, and leaves nothing" {
    floe volume create data
    refused 125 'volume with name data already exists' floe volume create data
    is "$(floe volume create --ignore data)" data
    refused 125 'must begin with a letter' floe volume create --ignore ../x
    refused 125 'must begin with a letter' floe volume create ../x
    refused 125 'must begin with a letter' floe volume create ''
    refused 125 'at most' floe volume create "$(printf 'a%.0s' {1..256})"
    refused 125 "invalid mount option foo for driver 'local'" floe volume create -o foo=bar x
    refused 125 'needs a device' floe volume create -o type=tmpfs x
    refused 125 'not an absolute path' floe volume create -o type=bind -o device=here x
    refused 125 '/no/such' floe volume create -o type=bind -o device=/no/such x
    refused 125 'not a number' floe volume create -o o=uid=me x
    refused 125 'has no name' floe volume create -l =x x
    refused 125 'nosuch' floe volume create --driver nosuch x
    refused 125 'too many arguments' floe volume create a b
    is "$(floe volume ls -q)" data
    is "$(ls "$root/volumes")" data
}

@test "volume ls and inspect have podman's keys" {
    is "$(floe volume ls)" ''
    floe volume create --label colour=blue --label empty data
    floe volume create -o type=tmpfs -o device=tmpfs -o o=size=1m mem
    is "$(floe volume ls)" $'DRIVER      VOLUME NAME\nlocal       data\nlocal       mem'
    is "$(floe volume ls -n)" $'local       data\nlocal       mem'
    is "$(floe volume ls -q)" $'data\nmem'
    is "$(floe volume ls --format json)" "$(floe volume inspect --all)"
    is "$(floe volume list --format '{{.Name}} {{.Driver}} {{.Labels}} {{.Options}} {{.Scope}}' | head -1)" \
        'data local map[colour:blue empty:] map[] local'
    is "$(floe volume inspect -f '{{.Mountpoint}} {{.MountCount}} {{.NeedsCopyUp}} {{.NeedsChown}}' da)" \
        "$(in_volume data) 0 true true"
    is "$(floe volume inspect mem | jq -c '.[0].Options')" '{"type":"tmpfs","device":"tmpfs","o":"size=1m"}'
    floe run --rm -v data:/data busybox true
    is "$(floe volume inspect data | jq '.[0] | has("NeedsCopyUp") or has("Anonymous")')" false
    floe create -v /anon busybox >/dev/null
    is "$(floe volume inspect -a | jq '[.[] | select(.Anonymous)] | length')" 1

    run -125 --separate-stderr floe volume inspect data nobody
    is "$(jq -r '.[].Name' <<<"$output")" data
    has "$stderr" 'no volume with name "nobody" found'
    refused 125 'volume names' floe volume inspect
    refused 125 'volume names' floe volume inspect --all data
    refused 125 'exclude each other' floe volume ls -q --format json
}

@test "inspect finds volumes, after containers and images" {
    floe volume create data
    is "$(floe inspect data)" "$(floe volume inspect data)"
    is "$(floe inspect --type volume -f '{{.Name}}' data)" data
    floe create --name data busybox >/dev/null
    is "$(floe inspect -f '{{.State.Status}}' data)" created
    is "$(floe inspect --type volume -f '{{.Driver}}' data)" local
    run -125 --separate-stderr floe inspect --type image data
    has "$stderr" data
    run -125 --separate-stderr floe inspect --type volume nobody
    has "$stderr" 'no volume with name "nobody" found'
    run -125 --separate-stderr floe inspect nobody
    has "$stderr" 'no such object: "nobody"'
    refused 125 'none of container, image, volume, network, pod, all' floe inspect --type nonsense data
}

@test "volume ls filters" {
    floe volume create --label colour=blue data
    floe volume create --label colour=red -o o=uid=3 dates
    floe volume create other
    floe create --name one -v other:/o busybox >/dev/null
    filtered() {
        floe volume ls -q "$@" | tr '\n' ' '
    }
    is "$(filtered --filter name=dat)" 'data dates '
    is "$(filtered --filter 'name=^data$')" 'data '
    is "$(filtered --filter label=colour)" 'data dates '
    is "$(filtered --filter label=colour=red)" 'dates '
    is "$(filtered --filter label!=colour=red)" 'data other '
    is "$(filtered --filter dangling=true)" 'data dates '
    is "$(filtered --filter dangling=false)" 'other '
    is "$(filtered --filter name=dat --filter label=colour=blue)" 'data '
    is "$(filtered --filter opt=o=uid=3)" 'dates '
    is "$(filtered --filter driver=local --filter scope=local)" 'data dates other '
    is "$(filtered --filter driver=other)" ''
    is "$(filtered --filter until=1h)" ''
    refused 125 'invalid volume filter' floe volume ls --filter foo=bar
    refused 125 'invalid volume filter' floe volume ls --filter name
    refused 125 'must be true or false' floe volume ls --filter dangling=maybe
    refused 125 "filter 'name=('" floe volume ls --filter 'name=('
}

@test "volume exists answers by its status" {
    floe volume create data
    floe volume exists data
    run -1 floe volume exists dat
    is "$output" ''
    refused 125 'missing' floe volume exists
}

@test "volume rm removes, and not what is used" {
    floe volume create data
    floe volume create dates
    touch "$(in_volume data file)"
    refused 125 'ambiguous' floe volume rm dat
    is "$(floe volume rm data)" data
    is "$(ls "$root/volumes")" dates
    is "$(floe volume rm d)" dates
    refused 1 'no volume with name "data" found' floe volume rm data
    floe volume rm --force data

    id=$(floe create --name one -v data:/data busybox)
    refused 2 "volume data is being used by the following container(s): $id" floe volume rm data
    refused 125 'either' floe volume rm
    refused 125 'either' floe volume rm -a data
    run -2 floe volume rm -a
    floe rm one
    is "$(floe volume rm -a)" data
}

@test "volume rm --force says which containers went" {
    floe run -d --name one -v data:/data busybox sleep 100
    floe create --name two -v data:/data busybox
    run --separate-stderr floe volume rm -f -t 0 data
    is "$output" data
    has "$stderr" 'removed container one ('
    has "$stderr" 'removed container two ('
    is "$(floe ps -aq)" ''
}

@test "volume prune removes what no container uses" {
    floe volume create --label keep data
    floe volume create other
    floe create --name one -v used:/u -v /anon busybox >/dev/null
    refused_prune=$(floe volume prune <<<n)
    has "$refused_prune" 'WARNING!'
    is "$(floe volume ls -q | wc -l)" 4
    run -125 floe volume prune </dev/null
    is "$(floe volume prune -f --filter label!=keep)" other
    refused 125 'invalid volume filter' floe volume prune -f --filter name=data
    is "$(floe volume prune -f)" data
    floe rm one
    is "$(floe volume prune -f | wc -l)" 2
    is "$(ls "$root/volumes")" ''
}

@test "volume export and import carry owners, modes, xattrs and links" {
    floe volume create data
    mkdir -m 2770 "$(in_volume data sub)"
    echo content >"$(in_volume data sub/file)"
    chown 12:34 "$(in_volume data sub/file)"
    chmod 4751 "$(in_volume data sub/file)"
    chown 5:6 "$(in_volume data)"
    python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.colour", b"blue")' "$(in_volume data sub/file)"
    ln "$(in_volume data sub/file)" "$(in_volume data twin)"
    ln -s /etc/passwd "$(in_volume data link)"
    floe volume export data -o "$BATS_TEST_TMPDIR/t.tar"

    floe volume create copy
    floe volume export data | floe volume import copy -
    is "$(stat -c '%u:%g %a %h' "$(in_volume copy sub/file)")" '12:34 4751 2'
    is "$(python3 -c 'import os, sys; print(os.getxattr(sys.argv[1], "user.colour").decode())' \
        "$(in_volume copy sub/file)")" blue
    is "$(stat -c '%u:%g' "$(in_volume copy)") $(readlink "$(in_volume copy link)")" '5:6 /etc/passwd'
    # It is filled: the first container leaves it as it is.
    floe run --rm -u bob -v copy:/home busybox true
    is "$(stat -c '%u:%g' "$(in_volume copy)") $(ls "$(in_volume copy)" | wc -l)" '5:6 3'

    zstd -q "$BATS_TEST_TMPDIR/t.tar"
    floe volume create second
    floe volume import second "$BATS_TEST_TMPDIR/t.tar.zst"
    is "$(cat "$(in_volume second twin)")" content
}

@test "volume import takes no tar that leaves the volume, and nothing that is no tar" {
    local tree=$BATS_TEST_TMPDIR/tree
    floe volume create data
    mkdir "$tree"
    ln -s "$BATS_TEST_TMPDIR" "$tree/out"
    echo evil >"$BATS_TEST_TMPDIR/evil"
    tar -C "$tree" -cf "$BATS_TEST_TMPDIR/t.tar" out
    tar -C "$BATS_TEST_TMPDIR" -rf "$BATS_TEST_TMPDIR/t.tar" --transform 's|^|out/deep/|' evil
    tar -C "$BATS_TEST_TMPDIR" -rf "$BATS_TEST_TMPDIR/t.tar" -P --transform 's|^|../../|' evil

    refused 125 '../../evil' floe volume import data "$BATS_TEST_TMPDIR/t.tar"
    [ ! -e "$BATS_TEST_TMPDIR/deep" ]
    is "$(find "$root/volumes" -name evil | grep -v "^$(in_volume data)/" || true)" ''
    refused 125 'not a tar' floe volume import data "$BATS_TEST_TMPDIR/evil"
    refused 125 'No such file' floe volume import data "$BATS_TEST_TMPDIR/none"
    refused 125 'nobody' floe volume import nobody "$BATS_TEST_TMPDIR/t.tar"
    refused 125 'nobody' floe volume export nobody -o "$BATS_TEST_TMPDIR/none"
    [ ! -e "$BATS_TEST_TMPDIR/none" ]
}

@test "a volume with a device is mounted for the first container and unmounted after the last" {
    floe volume create -o type=tmpfs -o device=tmpfs -o o=size=1m,mode=700 mem
    run ! mounted mem
    floe run -d --name one -v mem:/m busybox sh -c 'echo shared >/m/file; sleep 100'
    mounted mem
    floe run -d --name two -v mem:/n busybox sleep 100
    is "$(floe exec two cat /n/file)" shared
    is "$(floe volume inspect -f '{{.MountCount}}' mem)" 2
    floe rm -f -t 0 one
    mounted mem
    is "$(floe exec two cat /n/file)" shared
    floe stop -t 0 two
    run ! mounted mem
    is "$(floe volume inspect -f '{{.MountCount}}' mem)" 0
}

@test "a bound volume has what is in the host's directory, and keeps it" {
    mkdir "$BATS_TEST_TMPDIR/host"
    echo mine >"$BATS_TEST_TMPDIR/host/file"
    floe volume create -o type=bind -o "device=$BATS_TEST_TMPDIR/host" bound
    is "$(floe run --rm -v bound:/home busybox ls /home)" file
    floe volume rm bound
    is "$(cat "$BATS_TEST_TMPDIR/host/file")" mine
}

@test "volume mount counts, and does not disturb containers" {
    floe volume create -o type=tmpfs -o device=tmpfs mem
    is "$(floe volume mount mem)" "$(in_volume mem)"
    floe volume mount mem
    touch "$(in_volume mem file)"
    is "$(floe volume unmount mem)" mem
    mounted mem
    is "$(floe run --rm -v mem:/m busybox ls /m)" file
    mounted mem
    floe volume umount mem
    run ! mounted mem
    floe volume unmount mem

    # A plain one is always there.
    floe volume create plain
    is "$(floe volume mount plain)" "$(in_volume plain)"
    refused 125 'nobody' floe volume mount nobody
    refused 125 'missing' floe volume mount
}

@test "a device that cannot be mounted fails the start, and says why" {
    floe volume create -o type=tmpfs -o device=tmpfs -o o=nosuchoption bad
    floe create --name one -v bad:/b busybox true
    refused 125 "volume 'bad': mount: " floe start one
    has "$stderr" 'exit status 32'
    is "$(floe ps -a --format '{{.State}}')" created
    refused 125 "volume 'bad': mount: " floe volume mount bad
    floe rm one
    floe volume rm bad
}

@test "events tell of volumes" {
    floe volume create data
    floe volume rm data
    floe volume create other
    floe volume prune -f
    is "$(floe events --stream=false --filter type=volume --format '{{.Type}} {{.Status}} {{.Name}}')" \
        $'volume create data\nvolume remove data\nvolume create other\nvolume remove other\nvolume prune other'
    is "$(floe events --stream=false --filter volume=data --format '{{.Status}}')" $'create\nremove'
}

@test "a limit of a volume's size is refused where nothing would hold it" {
    refused 125 'project quotas' floe volume create -o o=size=1m q
    refused 125 'project quotas' floe volume create -o o=inodes=100 q
    is "$(floe volume ls -q)" ''
    floe volume create -o type=tmpfs -o device=tmpfs -o o=size=1m,nr_inodes=64 small
    is "$(floe run --rm --network none -v small:/x busybox df -k /x | awk 'END {print $2}')" 1024
}
