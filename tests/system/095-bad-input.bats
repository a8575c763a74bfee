# SPDX-License-Identifier: Apache-2.0
# What goes wrong gets a clear error, and nothing is lost or left: broken tars, full and read-only disks, missing
# parts, ports in use, a database of another floe.

# bats file_tags=sanitize

load helpers

# The store's files and rows, to compare.
store() { # ENGINE
    (cd "$1/r" && find images layers containers -printf '%p %s %m\n' 2>/dev/null | sort)
    sqlite3 "$1/r/floe.db" 'SELECT id FROM image; SELECT * FROM image_name; SELECT id, state FROM container'
}

# tar_with FILE: makes a tar of the entries that Python, on standard input, adds by add(name, **attributes).
tar_with() {
    python3 -c '
import io, sys, tarfile
out = tarfile.open(sys.argv[1], "w")
def add(name, content=b"", kind=tarfile.REGTYPE, **attributes):
    info = tarfile.TarInfo(name)
    info.size, info.type = len(content), kind
    for key, value in attributes.items():
        setattr(info, key, value)
    out.addfile(info, io.BytesIO(content))
DIR, LINK, SYMLINK, CHAR = tarfile.DIRTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE
exec(sys.stdin.read())
out.close()' "$1"
}

# refused_tar PART-OF-MESSAGE FILE: not imported, and the store is as it was.
refused_tar() {
    local before
    before=$(store "$engine")
    refused 125 "$1" floe import "$2" broken
    is "$(store "$engine")" "$before"
    run -1 floe image exists broken
}

# --- tars ---------------------------------------------------------------------------------------------

@test "an import of what is no tar" {
    cd "$BATS_TEST_TMPDIR"
    head -c 100000 /dev/urandom >garbage
    : >empty
    echo '{"a": 1}' >text
    refused_tar garbage garbage
    refused_tar empty empty
    refused_tar text text
    refused_tar '/no/such' /no/such
    refused_tar '' /tmp
}

@test "an import of a truncated tar" {
    cd "$BATS_TEST_TMPDIR"
    gzip <"$BUSYBOX_TAR" | head -c 300000 >cut.tar.gz
    zstd -q <"$BUSYBOX_TAR" | head -c 300000 >cut.tar.zst
    head -c 300000 "$BUSYBOX_TAR" >cut.tar
    refused_tar cut.tar.gz cut.tar.gz
    refused_tar cut.tar.zst cut.tar.zst
    refused_tar cut.tar cut.tar
    # In the middle of the gzip data something else.
    { gzip <"$BUSYBOX_TAR" | head -c 300000 && head -c 300000 /dev/urandom; } >odd.tar.gz
    refused_tar odd.tar.gz odd.tar.gz
}

@test "an import whose names leave the root" {
    local outside=$BATS_TEST_TMPDIR/outside
    cd "$BATS_TEST_TMPDIR"
    tar_with up.tar <<<"add('a/../../outside', b'x')"
    refused_tar a/../../outside up.tar
    tar_with deep.tar <<<"add('../' * 20 + '$outside'[1:], b'x')"
    refused_tar .. deep.tar
    [ ! -e "$outside" ]
}

@test "an import that writes through links stays in the root, or is refused" {
    local outside=$BATS_TEST_TMPDIR/outside tar
    mkdir "$outside"
    cd "$BATS_TEST_TMPDIR"
    tar_with absolute.tar <<<"add('link', kind=SYMLINK, linkname='$outside'); add('link/file', b'x')"
    tar_with relative.tar <<<"add('link', kind=SYMLINK, linkname='../' * 20 + '$outside'[1:]); add('link/file', b'x')"
    tar_with twice.tar <<<"add('a', kind=SYMLINK, linkname='$outside'); add('b', kind=SYMLINK, linkname='a')
add('b/dir', kind=DIR); add('b/file', b'x')"
    for tar in absolute relative twice; do
        run floe import $tar.tar $tar
        is "$(ls -A "$outside")" ''
    done
}

@test "an import whose hard links lead out of the root" {
    echo secret >"$BATS_TEST_TMPDIR/secret"
    cd "$BATS_TEST_TMPDIR"
    tar_with up.tar <<<"add('stolen', kind=LINK, linkname='../' * 20 + '$BATS_TEST_TMPDIR/secret'[1:])"
    tar_with through.tar <<<"add('l', kind=SYMLINK, linkname='$BATS_TEST_TMPDIR'); add('stolen', kind=LINK, linkname='l/secret')"
    tar_with nowhere.tar <<<"add('stolen', kind=LINK, linkname='not-there')"
    refused_tar stolen up.tar
    refused_tar stolen through.tar
    refused_tar stolen nowhere.tar
    is "$(stat -c %h secret)" 1
}

@test "an absolute name means the root of the image" {
    cd "$BATS_TEST_TMPDIR"
    tar_with absolute.tar <<<"add('/floe-test-absolute', b'x')"
    run floe import absolute.tar absolute
    [ ! -e /floe-test-absolute ]
}

@test "an import over and over the same name: the last entry counts" {
    cd "$BATS_TEST_TMPDIR"
    tar_with same.tar <<<"add('f', b'one'); add('f', b'two'); add('d', kind=DIR); add('d', b'file now')
add('l', kind=SYMLINK, linkname='f'); add('l', b'three')"
    run -0 floe import -q same.tar same
    local layer
    layer=$(floe image inspect -f '{{index .RootFS.Layers 0}}' same)
    is "$(cat "$root/layers/${layer#sha256:}/diff/"{f,d,l})" 'twofile nowthree'
}

# --- disks --------------------------------------------------------------------------------------------

@test "an import onto a full disk changes nothing" {
    engine_add
    mkdir "$added/r"
    mount -t tmpfs -o size=1200k floe-test "$added/r"
    # What the first import would make anyway.
    tar -cf "$BATS_TEST_TMPDIR/small.tar" -C /etc passwd
    floe_on "$added" import -q "$BATS_TEST_TMPDIR/small.tar" small
    local before after
    before=$(store "$added")
    run -125 --separate-stderr floe_on "$added" import "$BUSYBOX_TAR" big
    after=$(store "$added")
    umount "$added/r"
    is "$output" ''
    has "$stderr" 'No space left on device'
    is "$after" "$before"
}

@test "a run on a full disk fails cleanly, and works when there is room again" {
    engine_add
    mkdir "$added/r"
    mount -t tmpfs -o size=8m,nr_inodes=4000 floe-test "$added/r"
    floe_on "$added" import -q "$BUSYBOX_TAR" busybox
    floe_on "$added" run --rm --network none busybox true
    mkdir "$added/r/filler"
    touch "$added/r/filler/"{1..4000} 2>/dev/null || true
    run -125 --separate-stderr floe_on "$added" run --rm --network none busybox true
    local left again=0
    left=$(engine_leftovers "$added")
    rm -r "$added/r/filler"
    floe_on "$added" run --rm --network none busybox true || again=$?
    floe_on "$added" ps -aq >"$BATS_TEST_TMPDIR/ps"
    processes_wait "$added"
    umount "$added/r"
    matches "$stderr" '^Error: .*(No space left on device|disk is full)'
    is "$left" "mount $added/r"
    is "$again" 0
    is "$(cat "$BATS_TEST_TMPDIR/ps")" ''
}

@test "on a full disk containers can be removed, which makes room" {
    local first=0 second=0

    engine_add
    mkdir "$added/r"
    mount -t tmpfs -o size=12m floe-test "$added/r"
    floe_on "$added" import -q "$BUSYBOX_TAR" busybox
    floe_on "$added" run --name one --network none busybox true
    floe_on "$added" create --name two --network none busybox true
    head -c 20000000 /dev/zero >"$added/r/filler" 2>/dev/null || true
    floe_on "$added" rm one >/dev/null || first=$?
    floe_on "$added" rm two >/dev/null || second=$?
    floe_on "$added" ps -aq >"$BATS_TEST_TMPDIR/ps"
    processes_wait "$added"
    umount "$added/r"
    is "$first $second" '0 0'
    is "$(cat "$BATS_TEST_TMPDIR/ps")" ''
}

@test "a read-only root directory" {
    local before
    before=$(store "$engine")
    mount --bind "$root" "$root"
    mount -o remount,bind,ro "$root"
    run -125 --separate-stderr floe import "$BUSYBOX_TAR" other
    local import=$stderr
    run -125 --separate-stderr floe run --rm --network none busybox true
    umount "$root"
    matches "$import" '^Error: .*([Rr]ead-only|readonly)'
    matches "$stderr" '^Error: .*([Rr]ead-only|readonly)'
    is "$(store "$engine")" "$before"
}

# --- the database -------------------------------------------------------------------------------------

@test "a database of a newer floe is left alone" {
    local version before verb
    version=$(sqlite3 "$root/floe.db" 'PRAGMA user_version')
    sqlite3 "$root/floe.db" 'PRAGMA user_version = 999' >/dev/null
    before=$(store "$engine")
    for verb in 'ps' 'images' 'run busybox true' "import $BUSYBOX_TAR x" 'rm -fa' 'container exists x' 'inspect x'; do
        run -125 --separate-stderr floe $verb
        matches "$stderr" "^Error: .*newer"
        has "$stderr" 999
    done
    is "$(store "$engine")" "$before"
    is "$(sqlite3 "$root/floe.db" 'PRAGMA user_version')" 999
    sqlite3 "$root/floe.db" "PRAGMA user_version = $version"
    in_container busybox true
}

@test "a database that is none is told" {
    engine_add
    mkdir "$added/r"
    head -c 8192 /dev/urandom >"$added/r/floe.db"
    refused 125 floe.db floe_on "$added" ps
    is "$(stat -c %s "$added/r/floe.db")" 8192
    rm "$added/r/floe.db"
}

# --- parts --------------------------------------------------------------------------------------------

# refused_without "FILE..." STATUS PART VERB...: floe where these programs are missing.
refused_without() {
    refused "$2" "$3" without "$1" "${program[@]}" "${@:4}"
    is "$(engine_leftovers "$engine")" ''
}

@test "without conmon nothing starts, and floe says how to get it" {
    refused_without "$(places_of conmon)" 125 conmon run --rm --network none busybox true
    matches "$stderr" 'install|make deps'
    in_container busybox true
}

@test "without an OCI runtime nothing starts, and floe says how to get one" {
    refused_without "$(places_of crun runc)" 125 runtime run --rm --network none busybox true
    matches "$stderr" 'install|make deps'
    in_container busybox true
    # Also when it has gone after it was chosen.
    refused_without "$(places_of crun runc)" 125 runtime run --rm --network none busybox true
}

@test "without the runtime that was chosen floe takes another" {
    runtime_option=()
    local chosen other=crun
    in_container busybox true
    chosen=$(floe info -f '{{.host.ociRuntime.path}}')
    [ "${chosen##*/}" = runc ] || other=runc
    if ! runtime_works $other; then
        refused 125 crun without "$chosen" "$FLOE" --root "$root" --runroot "$runroot" \
            run --rm --network none busybox true
        return
    fi
    is "$(without "$chosen" "$FLOE" --root "$root" --runroot "$runroot" run --rm --network none busybox echo ran)" ran
}

@test "without netavark there is no bridge, but all else" {
    refused_without "$(places_of netavark)" 125 netavark run --rm busybox true
    matches "$stderr" 'install|make deps'
    is "$(without "$(places_of netavark)" "${program[@]}" run --rm --network none busybox echo ran)" ran
}

@test "without CRIU a checkpoint fails, and the container runs on" {
    sleeper c
    refused 125 CRIU without "$(places_of criu)" "${program[@]}" checkpoint c
    matches "$stderr" 'install|make deps'
    is "$(state_of c)" running
    floe exec c true
}

@test "without CRIU or the runtime a restore fails, and the checkpoint stays" {
    local part
    sleeper c
    floe checkpoint c
    for part in criu "crun runc"; do
        # shellcheck disable=SC2086
        refused 125 "${part##* }" without "$(places_of $part)" "${program[@]}" restore c
        is "$(floe inspect -f '{{.State.Status}} {{.State.Checkpointed}}' c)" 'exited true'
    done
    floe restore c
    floe exec c true
}

@test "without netavark a container can still be stopped and removed" {
    floe run -d --name c busybox sh -c "$SLEEPER" >/dev/null
    without "$(places_of netavark)" "${program[@]}" stop -t 0 c
    is "$(state_of c)" exited
    floe start c
    without "$(places_of netavark)" "${program[@]}" rm -f -t 0 c
    is "$(floe ps -aq)" ''
    # What netavark made on the host goes with the next container of the network.
    floe run --rm busybox true
    is "$(engine_leftovers "$engine")" ''
}

@test "without catatonit --init fails" {
    refused_without "$(places_of catatonit)" 125 catatonit run --rm --network none --init busybox true
}

@test "a runtime that fails is quoted" {
    printf '#!/bin/sh\necho "the runtime says no" >&2\nexit 1\n' >"$BATS_TEST_TMPDIR/badrun"
    chmod +x "$BATS_TEST_TMPDIR/badrun"
    refused 125 'the runtime says no' floe --runtime "$BATS_TEST_TMPDIR/badrun" run --rm --network none busybox true
    is "$(engine_leftovers "$engine")" ''
}

# --- ports --------------------------------------------------------------------------------------------

# Holds a port until it is killed; sets $port and $holder.
hold_port() { # ADDRESS KIND
    rm -f "$BATS_TEST_TMPDIR/port"
    python3 -c '
import socket, sys, time
kind = socket.SOCK_STREAM if sys.argv[2] == "tcp" else socket.SOCK_DGRAM
s = socket.socket(socket.AF_INET, kind)
s.bind((sys.argv[1], 0))
if sys.argv[2] == "tcp": s.listen()
print(s.getsockname()[1], flush=True)
time.sleep(600)' "$1" "$2" >"$BATS_TEST_TMPDIR/port" 3>&- &
    holder=$!
    eventually test -s "$BATS_TEST_TMPDIR/port"
    port=$(cat "$BATS_TEST_TMPDIR/port")
}

@test "a port in use is told before anything starts" {
    local kind
    for kind in tcp udp; do
        hold_port 127.0.0.1 $kind
        run -125 --separate-stderr floe run --rm -p "127.0.0.1:$port:80/$kind" busybox sh -c 'echo started'
        local any=$stderr first=$output
        run -125 --separate-stderr floe run --rm -p "$port:80/$kind" busybox sh -c 'echo started'
        kill $holder
        is "$first$output" ''
        matches "$any" "$port.*in use"
        matches "$stderr" "$port.*in use"
        is "$(engine_leftovers "$engine")" ''
    done
}

@test "a port of another container is in use" {
    hold_port 127.0.0.1 tcp
    kill $holder
    wait $holder || true
    floe run -d --name first -p "127.0.0.1:$port:80" busybox sh -c "$SLEEPER" >/dev/null
    refused 125 "$port" floe run --rm -p "127.0.0.1:$port:81" busybox true
    floe exec first true
}

@test "ports that cannot be right are refused" {
    local wrong
    for wrong in 0x50 80:99999 'a:80' '80:80/none' '1.2.3:80:80' '1-5:1-4'; do
        refused 125 "$wrong" floe create -p "$wrong" busybox true
    done
    is "$(floe ps -aq)" ''
}
