# SPDX-License-Identifier: Apache-2.0
# Images: import, images, image inspect, image exists, rmi.

# bats file_tags=sanitize

load helpers

# A root file system of one small file; what an import keeps can be compared with it.
small_tar() { # FILE [TEXT]
    local tree

    tree=$(mktemp -d "$BATS_TEST_TMPDIR/tree.XXXXXX")
    mkdir "$tree/etc"
    echo "${2:-small}" >"$tree/etc/name"
    tar -C "$tree" -cf "$1" .
}

config_of() { # IMAGE JQ-FILTER
    floe image inspect "$1" | jq -c ".[0].Config$2"
}

# Everything in the store but SQLite's files, whose bytes say nothing; and the rows of the tables.
store() {
    (cd "$root" && find images layers -printf '%p %s %m\n' | sort)
    sqlite3 "$root/floe.db" 'SELECT id FROM image; SELECT * FROM image_name; SELECT * FROM image_layer'
}

@test "import reads a plain, a gzip and a zstd tar, from a file and from standard input" {
    small_tar "$BATS_TEST_TMPDIR/s.tar"
    cd "$BATS_TEST_TMPDIR"
    gzip -k s.tar
    zstd -q s.tar

    run -0 floe import s.tar plain
    matches "$output" '^sha256:[0-9a-f]{64}$'
    floe import s.tar.gz gzip
    floe import s.tar.zst zstd
    floe import - stdin <s.tar.gz
    floe import /dev/stdin piped < <(cat s.tar)

    # It is the same layer each time.
    run -0 floe image inspect plain gzip zstd stdin piped
    is "$(jq -r '.[].RootFS.Layers[0]' <<<"$output" | sort -u)" \
        "sha256:$(sha256sum <s.tar | cut -d ' ' -f 1)"
    is "$(find "$root/layers" -mindepth 1 -maxdepth 1 -type d | wc -l)" 2
    [ -d "$(jq -r '.[0].GraphDriver.Data.UpperDir' <<<"$output")/etc" ]
    is "$(jq -c '.[0].GraphDriver | [.Name, .Data.LowerDir]' <<<"$output")" '["overlay",null]'
}

@test "import of what a URL has" {
    cd "$BATS_TEST_TMPDIR"
    zstd -q "$BUSYBOX_TAR" -o box.tar.zst
    head -c 5000 box.tar.zst >cut.zst
    python3 -u -m http.server -b 127.0.0.1 0 >log 2>&1 3>&- &
    local server=$! url
    eventually grep -qs http:// log
    url=$(grep -o 'http://[0-9.:]*' log)

    floe import -q -c 'CMD ["echo","fetched"]' "$url/box.tar.zst" fetched
    is "$(in_container fetched)" fetched
    refused 125 "curl: (22)" floe import "$url/nothing.tar" bad
    refused 125 "import '$url/cut.zst': " floe import "$url/cut.zst" bad
    refused 125 "neither http:// nor https://" floe import ftp://127.0.0.1/x bad
    kill "$server"
    wait "$server" || true
    refused 125 "curl: (7)" floe import "$url/box.tar.zst" bad
    mkdir nothing
    refused 125 "curl" env PATH="$PWD/nothing" "${program[@]}" import "$url/x" bad
    run -1 floe image exists bad
}

@test "import for another platform" {
    floe import -q --arch arm64 --variant v8 --os plan9 "$BUSYBOX_TAR" foreign
    is "$(floe image inspect -f '{{.Os}}/{{.Architecture}}' foreign)" plan9/arm64
    floe save --format oci-dir -o "$BATS_TEST_TMPDIR/dir" foreign
    is "$(skopeo inspect --config --raw "oci:$BATS_TEST_TMPDIR/dir" | jq -c '[.os, .architecture, .variant]')" \
        '["plan9","arm64","v8"]'
}

@test "import --change takes each instruction" {
    small_tar "$BATS_TEST_TMPDIR/s.tar"
    floe import -m 'a note' \
        -c 'CMD ["sh", "-c", "echo hi"]' -c 'ENTRYPOINT ["/bin/env"]' -c 'ENV A=1 B="two words"' \
        -c 'WORKDIR /home/alice' -c 'USER alice:users' -c 'EXPOSE 80 53/udp' -c 'STOPSIGNAL SIGINT' \
        -c 'LABEL one=1 "two"="b c"' -c 'VOLUME ["/data"]' "$BATS_TEST_TMPDIR/s.tar" full:v1

    is "$(config_of full:v1 .Cmd)" '["sh","-c","echo hi"]'
    is "$(config_of full:v1 .Entrypoint)" '["/bin/env"]'
    is "$(config_of full:v1 .Env)" '["A=1","B=two words"]'
    is "$(config_of full:v1 .WorkingDir)" '"/home/alice"'
    is "$(config_of full:v1 .User)" '"alice:users"'
    is "$(config_of full:v1 .ExposedPorts)" '{"80/tcp":{},"53/udp":{}}'
    is "$(config_of full:v1 .StopSignal)" '"SIGINT"'
    is "$(config_of full:v1 .Labels)" '{"one":"1","two":"b c"}'
    is "$(config_of full:v1 .Volumes)" '{"/data":{}}'
    is "$(floe image inspect --format '{{.Comment}}' full:v1)" 'a note'
}

@test "import --change takes the shell forms, and the last CMD wins" {
    small_tar "$BATS_TEST_TMPDIR/s.tar"
    floe import -c 'CMD echo one' -c 'CMD echo "$HOME"' -c 'ENTRYPOINT exec top' -c 'ENV OLD value here' \
        "$BATS_TEST_TMPDIR/s.tar" shell

    is "$(config_of shell .Cmd)" '["/bin/sh","-c","echo \"$HOME\""]'
    is "$(config_of shell .Entrypoint)" '["/bin/sh","-c","exec top"]'
    is "$(config_of shell .Env)" '["OLD=value here"]'
}

@test "import refuses an instruction it does not know, and one that cannot be right" {
    small_tar "$BATS_TEST_TMPDIR/s.tar"
    local before
    before=$(store)

    refused 125 FROM floe import -c 'FROM scratch' "$BATS_TEST_TMPDIR/s.tar" bad
    refused 125 EXPOSE floe import -c 'EXPOSE eighty' "$BATS_TEST_TMPDIR/s.tar" bad
    refused 125 STOPSIGNAL floe import -c 'STOPSIGNAL SIGNOPE' "$BATS_TEST_TMPDIR/s.tar" bad
    refused 125 WORKDIR floe import -c WORKDIR "$BATS_TEST_TMPDIR/s.tar" bad
    is "$(store)" "$before"
}

@test "importing the same again keeps one layer" {
    small_tar "$BATS_TEST_TMPDIR/s.tar"
    floe import "$BATS_TEST_TMPDIR/s.tar" one
    floe import "$BATS_TEST_TMPDIR/s.tar" two
    is "$(find "$root/layers" -mindepth 1 -maxdepth 1 -type d | wc -l)" 2

    floe rmi one
    is "$(floe run --rm --network none -v /proc/self/exe:/nothing two /etc/name 2>&1 | grep -c Error)" 1
    floe image exists two
    floe rmi two
    is "$(find "$root/layers" -mindepth 1 -maxdepth 1 -type d | wc -l)" 1
}

@test "import moves a name that is taken, and the old image stays without it" {
    small_tar "$BATS_TEST_TMPDIR/1.tar" first
    small_tar "$BATS_TEST_TMPDIR/2.tar" second
    run -0 floe import "$BATS_TEST_TMPDIR/1.tar" app
    local first=${output#sha256:}
    run -0 floe import "$BATS_TEST_TMPDIR/2.tar" app
    local second=${output#sha256:}

    is "$(floe image inspect --format '{{.Id}}' app)" "$second"
    run -0 floe images
    matches "$output" "<none> +<none> +${first:0:12}"
    floe rmi "$first"
    run -1 floe image exists "$first"
    floe image exists "$second"
}

@test "an image without a name is found by its id" {
    small_tar "$BATS_TEST_TMPDIR/s.tar"
    run -0 floe import "$BATS_TEST_TMPDIR/s.tar"
    local id=${output#sha256:}

    floe image exists "$id"
    floe image exists "${id:0:8}"
    is "$(floe image inspect --format '{{.Id}}' "sha256:$id")" "$id"
    floe rmi "${id:0:12}"
    run -1 floe image exists "$id"
}

@test "images prints a table, ids, JSON and templates" {
    small_tar "$BATS_TEST_TMPDIR/s.tar"
    floe import "$BATS_TEST_TMPDIR/s.tar" quay.example:5000/team/app:2.0
    local id
    id=$(floe image inspect --format '{{.Id}}' quay.example:5000/team/app:2.0)

    run -0 floe images
    matches "${lines[0]}" '^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE$'
    # The newest first.
    matches "${lines[1]}" "^quay.example:5000/team/app +2.0 +${id:0:12} +.* ago +[0-9.]+ k?B$"
    matches "${lines[2]}" '^localhost/busybox +latest +[0-9a-f]{12} +.* ago +[0-9.]+ MB$'
    is "${#lines[@]}" 3

    is "$(floe images -q | head -n 1)" "${id:0:12}"
    is "$(floe images -q --no-trunc | head -n 1)" "sha256:$id"
    is "$(floe images --format '{{.Repository}}:{{.Tag}}' | tail -n 1)" localhost/busybox:latest
    is "$(floe images -n | wc -l)" 2
    is "$(floe images -q busybox | wc -l)" 1
    is "$(floe images --format json | jq -r '.[0].Names[0], (.[0].Size | type), (.[0].Created | type)' | xargs)" \
        "quay.example:5000/team/app:2.0 number number"
}

@test "images --filter and --history" {
    local seen
    floe import -q -c 'LABEL l=1' "$BUSYBOX_TAR" second
    floe import -q -c 'LABEL l=2' "$BUSYBOX_TAR" third
    floe tag third other:3
    floe import -q -c 'CMD ["none"]' "$BUSYBOX_TAR"
    floe create third true
    seen() { floe images --format '{{.Repository}}' "$@" | sed s,localhost/,, | sort | xargs; }

    is "$(seen --filter before=second)" busybox
    is "$(seen --filter since=second --filter dangling=false)" "other third"
    is "$(seen --filter after=third)" "<none>"
    is "$(seen --filter until=1h)" ""
    is "$(seen --filter until=2100-01-01 | wc -w)" 5
    is "$(seen --filter containers=true)" "other third"
    is "$(seen --filter label=l --filter label!=l=2)" second
    is "$(seen --filter reference=second --filter 'reference=ot*:3')" "other second"
    is "$(seen --filter readonly=true)$(seen --filter intermediate=1)" ""
    is "$(seen --filter manifest=false | wc -w)" 5
    run -0 floe images --history third
    matches "${lines[0]}" ' SIZE +HISTORY$'
    matches "${lines[1]}" ' localhost/other:3, localhost/third:latest$'
    refused 125 "before=nosuch': nosuch: image not known" floe images --filter before=nosuch
    refused 125 "dangling=perhaps'" floe images --filter dangling=perhaps
    refused 125 "until=then'" floe images --filter until=then
    refused 125 "none of reference=" floe images --filter name=x
}

@test "a short name is looked for under localhost" {
    is "$(floe image inspect --format '{{.Id}}' busybox)" \
        "$(floe image inspect --format '{{.Id}}' localhost/busybox:latest)"
    run -1 floe image exists busybox:other
    run -1 floe image exists quay.io/busybox
}

@test "rmi takes names off, and deletes with the last one" {
    small_tar "$BATS_TEST_TMPDIR/s.tar"
    run -0 floe import "$BATS_TEST_TMPDIR/s.tar" app:1
    local id=${output#sha256:} before

    run -0 floe rmi app:1
    is "$output" "Untagged: localhost/app:1
Deleted: $id"
    refused 1 'app:1' floe rmi app:1
    run -0 floe rmi -f app:1
    run -0 floe rmi -i app:1

    before=$(store)
    floe import "$BATS_TEST_TMPDIR/s.tar" app:2
    floe rmi app:2
    is "$(store)" "$before"
}

@test "rmi of an image in use fails with 2, and with --force takes the containers along" {
    floe create --name idle busybox true
    sleeper busy
    refused 2 'in use' floe rmi busybox
    has "$stderr" "$(floe inspect -f '{{.Id}}' idle | cut -c 1-12)"
    floe image exists busybox

    run -0 floe rmi -f busybox
    has "$output" 'Untagged: localhost/busybox:latest'
    run -1 floe container exists idle
    run -1 floe container exists busy
    is "$(floe images -q)" ''
    is "$(find "$root/layers" "$root/images/blobs" -type f)" ''
}

@test "rmi with several names does what it can and tells the rest" {
    small_tar "$BATS_TEST_TMPDIR/s.tar"
    floe import "$BATS_TEST_TMPDIR/s.tar" one
    run -1 --separate-stderr floe rmi nope one
    has "$output" 'Untagged: localhost/one:latest'
    has "$stderr" 'nope'
    run -1 floe image exists one
}

@test "rmi --all empties the store" {
    small_tar "$BATS_TEST_TMPDIR/s.tar"
    floe import "$BATS_TEST_TMPDIR/s.tar" one
    floe rmi -a
    is "$(floe images -q)" ''
    is "$(find "$root/layers" "$root/images/blobs" -type f)" ''
}

@test "image exists answers by its exit status" {
    run -0 floe image exists busybox
    is "$output" ''
    run -1 floe image exists nope
    is "$output" ''
}

@test "inspect of an unknown image prints an empty list and fails with 125" {
    run -125 --separate-stderr floe image inspect nope
    is "$output" '[]'
    has "$stderr" 'Error: nope: image not known'
    run -125 --separate-stderr floe image inspect nope busybox
    is "$(jq length <<<"$output")" 1
}

@test "an imported tree keeps owners, modes, times, links and devices" {
    local tree=$BATS_TEST_TMPDIR/tree
    busybox_tree "$tree"
    echo text >"$tree/file"
    chmod 4750 "$tree/file"
    chown 12:34 "$tree/file"
    touch -d '2001-02-03 04:05:06 UTC' "$tree/file" "$tree/home"
    chmod 4750 "$tree/file"
    ln "$tree/file" "$tree/hard"
    ln -s /etc/passwd "$tree/absolute"
    ln -s ../../../etc/passwd "$tree/climbing"
    mkfifo "$tree/fifo"
    mknod "$tree/null" c 1 3
    printf -v long '%0150d' 7
    echo long >"$tree/$long"
    setfattr -n user.note -v hello "$tree/file" 2>/dev/null || true
    tar -C "$tree" --xattrs -cf "$BATS_TEST_TMPDIR/t.tar" .
    floe import -c 'CMD sh' "$BATS_TEST_TMPDIR/t.tar" tree

    run -0 in_container tree sh -c "
        stat -c '%a %u:%g %Y %h' /file; stat -c '%Y' /home; readlink /absolute; readlink /climbing
        stat -c '%F' /fifo; stat -c '%F %t:%T' /null; cat /$long /climbing | head -n 2; cmp /file /hard"
    is "$output" "4750 12:34 981173106 2
981173106
/etc/passwd
../../../etc/passwd
fifo
character special file 1:3
long
root:x:0:0:root:/root:/bin/sh"
}
