# SPDX-License-Identifier: Apache-2.0
# export: the root file system as a tar, whole or not at all.

# bats file_tags=sanitize

load helpers
load helpers-crash

# A container with one of everything in /all, which has ended.
everything() { # NAME
    local path
    floe create --name "$1" busybox true
    path=$(floe mount "$1")/all
    mkdir "$path"
    (
        cd "$path"
        echo one >file
        ln file hard
        ln -s /nowhere link
        mkfifo -m 640 fifo
        mknod -m 666 null c 1 3
        truncate -s 300M sparse
        echo end >>sparse
        touch "$(printf '%0200d' 0)"
        mkdir -m 1755 empty
        chown 1000:50 file
        chmod 4755 file
        touch -d '2001-02-03 04:05:06.789' empty
        python3 -c '
import os, socket
os.setxattr("file", "user.test", b"value")
socket.socket(socket.AF_UNIX).bind("socket")'
    )
    floe umount "$1"
}

@test "export keeps owners, modes, times, links, devices, xattrs, holes and long names" {
    local tree=$BATS_TEST_TMPDIR/tree
    everything c
    floe export c >"$BATS_TEST_TMPDIR/c.tar"
    [ "$(stat -c %s "$BATS_TEST_TMPDIR/c.tar")" -lt 20000000 ]
    mkdir "$tree"
    tar --xattrs -C "$tree" -xf "$BATS_TEST_TMPDIR/c.tar" all
    cd "$tree/all"
    is "$(stat -c '%u:%g %a %h' file)" "1000:50 4755 2"
    is "$(python3 -c 'import os; print(os.getxattr("file", "user.test").decode())')" value
    [ file -ef hard ]
    is "$(readlink link)" /nowhere
    is "$(stat -c '%F %a' fifo)" "fifo 640"
    is "$(stat -c '%F %t:%T' null)" "character special file 1:3"
    is "$(stat -c %s sparse)" $((300 * 1024 * 1024 + 4))
    [ "$(stat -c %b sparse)" -lt 1000 ]
    [ -e "$(printf '%0200d' 0)" ]
    is "$(TZ=UTC stat -c '%a %.3Y' empty)" "1755 $(date -d '2001-02-03 04:05:06' +%s).789"
    [ ! -e socket ]
    is "$(tar -tf "$BATS_TEST_TMPDIR/c.tar" | grep -c '^\./')" 0
}

@test "what is exported can be imported and run" {
    everything c
    floe export c | floe import -q -c 'CMD ["cat", "/all/hard"]' - again
    is "$(in_container again)" one
}

@test "a running container is exported without what is mounted in it" {
    mkdir "$BATS_TEST_TMPDIR/volume"
    touch "$BATS_TEST_TMPDIR/volume/secret"
    sleeper c -v "$BATS_TEST_TMPDIR/volume:/volume" --tmpfs /memory
    floe exec c sh -c 'echo x >/memory/file; echo y >/new'
    run -0 eval 'floe container export c | tar -t'
    has "$output" new
    has "$output" volume/
    lacks "$output" secret
    lacks "$output" memory/file
    lacks "$output" proc/1
    floe pause c
    is "$(floe export --latest | tar -t | grep -c '^new$')" 1
}

@test "export of a container that keeps changing its files" {
    # shellcheck disable=SC2016
    background c busybox sh -c 'while :; do for i in 1 2 3; do mkdir -p /tmp/d/e; seq 1000 >/tmp/d/f$i; :>/tmp/d/f$i; rm -r /tmp/d; done; done'
    local i
    for i in 1 2 3 4 5; do
        floe export c >"$BATS_TEST_TMPDIR/c.tar"
        tar -tf "$BATS_TEST_TMPDIR/c.tar" >/dev/null
    done
}

@test "a container is not locked while its tar is read, and may go meanwhile" {
    sleeper c
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    "${program[@]}" export c >"$BATS_TEST_TMPDIR/fifo" 3>&- &
    local pid=$!
    exec 7<"$BATS_TEST_TMPDIR/fifo"
    head -c 1000 <&7 >/dev/null
    is "$(floe exec c echo unlocked)" unlocked
    floe stop -t 0 c
    # It is mounted for the export still.
    is "$(mounts "$engine" | grep -c '/merged$')" 1
    tar -t <&7 >/dev/null 2>&1 || cat <&7 >/dev/null
    exec 7<&-
    wait $pid
    is "$(mounts "$engine")" ""
}

@test "export to a file: all of it, or the file is as it was" {
    local file=$BATS_TEST_TMPDIR/out.tar
    floe create --name c busybox true
    run -0 floe export -o "$file" c
    is "$output" ""
    is "$(stat -c %a "$file")" 644
    tar -tf "$file" bin/sh
    is "$(mounts "$engine")" ""
    echo before >"$file"
    refused 125 nope floe export -o "$file" nope
    is "$(cat "$file")" before
    # A link stays a link, a device a device.
    ln -s out.tar "$BATS_TEST_TMPDIR/link"
    floe export --output "$BATS_TEST_TMPDIR/link" c
    [ -L "$BATS_TEST_TMPDIR/link" ]
    tar -tf "$file" bin/sh
    floe export -o /dev/null c
    [ -c /dev/null ]
    is "$(find "$BATS_TEST_TMPDIR" -name 'out*')" "$file"
}

@test "an export that finds no room leaves nothing" {
    local small=$BATS_TEST_TMPDIR/small
    mkdir "$small"
    floe create --name c busybox true
    # shellcheck disable=SC2016
    run -125 --separate-stderr unshare --mount --propagation private bash -c '
        mount -t tmpfs -o size=100k small "$1" || exit 99
        "${@:2}"
        status=$?
        ls -A "$1"
        exit $status' bash "$small" "${program[@]}" export -o "$small/out" c
    has "$stderr" 'No space left'
    is "$output" ""
    is "$(mounts "$engine")" ""
}

@test "export with bad input" {
    floe create --name c busybox true
    refused 125 nope floe export nope
    refused 125 'one container' floe export
    refused 125 'one container' floe export -l c
    refused 125 'too many' floe export c c
    refused 125 /no/such floe export -o /no/such/file c
    refused 125 output floe export --outptu x c
    run -125 script -qec "${program[*]} export c" /dev/null </dev/null
    has "$output" terminal
    # A reader that goes away early is no reason to die by a signal.
    run -125 bash -o pipefail -c '"$@" | true' bash "${program[@]}" export c
    has "$output" 'Broken pipe'
    is "$(mounts "$engine")" ""
}

@test "kill -9 of floe during export" {
    floe create --name c busybox true
    measure floe export -o "$BATS_TEST_TMPDIR/out" c
    rm "$BATS_TEST_TMPDIR/out"
    for_each_moment 15 exported_or_not
    floe rm c
    leaves_nothing
}

exported_or_not() {
    cut_short export -o "$BATS_TEST_TMPDIR/out" c
    [ ! -e "$BATS_TEST_TMPDIR/out" ] || tar -tf "$BATS_TEST_TMPDIR/out" bin/sh
    rm -f "$BATS_TEST_TMPDIR/out"
    is "$(ls "$BATS_TEST_TMPDIR")" steps
    # The killed one may be dying yet.
    eventually eval 'floe inspect c >/dev/null; [ -z "$(mounts "$engine")" ]'
}
