# SPDX-License-Identifier: Apache-2.0
# floe checkpoint inspect: what is in an archive, of floe's and of podman's; what is no archive.

# bats file_tags=sanitize

load helpers
load helpers-checkpoint

# An archive that podman 4.3.1 wrote: see tests/unit/engine/archive-inspect.c.
PODMANS=$BATS_TEST_DIRNAME/../unit/engine/data/podman.tar.zst

inspect() { # ARG...
    floe checkpoint inspect "$@"
}

# The answer's values by a filter of jq's, as compact JSON.
told() { # FILTER FILE
    inspect --format json "$2" | jq -c ".[0] | $1"
}

export_of() { # NAME [OPTION...]: sets $archive
    archive=$BATS_TEST_TMPDIR/$1.tar
    floe checkpoint --export "$archive" "$@"
}

# --- what is told -------------------------------------------------------------------------------------

@test "an archive of floe's: container, maker, processes with their command lines" {
    background c -l key=value busybox sh -c 'echo up; sleep 1000 & wait' 'two words'
    eventually has_logged c up
    eventually eval 'floe top c args | grep -qx "sleep 1000"'
    id=$(id_of c)
    export_of c
    is "$(told '[.Name, .Id, .Command, .Labels]' "$archive")" \
        "[\"c\",\"$id\",[\"sh\",\"-c\",\"echo up; sleep 1000 & wait\",\"two words\"],{\"key\":\"value\"}]"
    is "$(told '.MadeBy | [.Engine, .Runtime, .Machine, .Kernel]' "$archive")" \
        "[\"floe\",\"$RUNTIME\",\"$(uname -m)\",\"$(uname -r)\"]"
    matches "$(told .MadeBy.CriuVersion "$archive")" '^"[0-9]+\.[0-9]+\.[0-9]+"$'
    is "$(told '[.Processes[] | .Command]' "$archive")" \
        '[["sh","-c","echo up; sleep 1000 & wait","two words"],["sleep","1000"]]'
    is "$(told '[.Processes[] | [.Ppid == 0, .State, .Uid]]' "$archive")" '[[true,"running",0],[false,"running",0]]'
    is "$(told '[.Archive.Kind, .Archive.Compression, .Needs]' "$archive")" '["container","zstd",[]]'
    is "$(told '.Archive.Size' "$archive")" "$(stat -c %s "$archive")"
    [ "$(told '.Statistics.pages_written * 4096 == .Sizes.Memory' "$archive")" = true ]
}

@test "memory of a process: what CRIU wrote" {
    background c busybox sh -c 'x=$(head -c 3000000 /dev/zero | tr "\0" x); echo up; while :; do sleep 1000; done'
    eventually has_logged c up
    export_of c
    [ "$(told '.Processes[0].Memory' "$archive")" -gt 3000000 ]
    is "$(told '([.Processes[].Memory] | add) <= .Sizes.Memory' "$archive")" true
}

@test "open files, also deleted ones" {
    background c busybox sh -c 'exec 7>/tmp/kept 8>/tmp/gone; echo x >&8; rm /tmp/gone; echo up
        while :; do sleep 1000; done'
    eventually has_logged c up
    export_of c
    is "$(told '[.Processes[0].Files[] | select(.Fd == 7 or .Fd == 8) | [.Fd, .Type, .Path, .Access, .Deleted]]' \
        "$archive")" \
        '[[7,"file","/tmp/kept","w",null],[8,"file","/tmp/gone","w",true]]'
    run -0 inspect --files "$archive"
    matches "$output" '1 +8 +file +w +/tmp/gone \(deleted\)'
}

@test "sockets: a listening one and an open connection" {
    background c busybox sh -c 'nc -l -p 2000 -e sleep 1000 &
        until netstat -tln | grep -q :2000; do usleep 20000; done
        sleep 1000 | nc 127.0.0.1 2000 & echo up; wait'
    eventually has_logged c up
    eventually floe exec c sh -c 'netstat -tn | grep -q ESTABLISHED'
    export_of c --tcp-established
    is "$(told .Needs "$archive")" '["tcp-established"]'
    is "$(told '[.Processes[].Sockets[] | select(.Remote == "127.0.0.1:2000") | [.Protocol, .State]] | unique' \
        "$archive")" '[["tcp","established"]]'
    run -0 inspect --sockets "$archive"
    matches "$output" 'tcp +established +127\.0\.0\.1:[0-9]+ +127\.0\.0\.1:2000'
}

@test "an archive of podman's" {
    run -0 inspect --all "$PODMANS"
    matches "$output" 'Name: +rich'
    matches "$output" "Command: +/rich one 'two words'"
    matches "$output" 'Made by: +podman, runc on x86_64'
    matches "$output" 'Volume: +data at /data, 1.54 kB'
    matches "$output" 'Restore with: +--tcp-established --file-locks'
    matches "$output" "8 +0 +1 +3.22 MB +\\\\_ /rich child 'with two words'"
    matches "$output" '9 +- +- +- +\\_ \[rich\] ended with 3'
    matches "$output" '1 +21 +file +rw +/tmp/gone \(deleted\)'
    matches "$output" '1 +9 +unix +@hidden'
    matches "$output" '/data +bind +/var/lib/containers'
    matches "$output" 'Frozen: +85.3 ms'
    is "$(told .FileLocks "$PODMANS")" '[{"Pid":1,"Fd":20,"Kind":"flock","Type":"write"}]'
    is "$(told '.Ports[0] | [.HostPort, .ContainerPort, .Protocol]' "$PODMANS")" '[18080,8080,"tcp"]'
    # A name of a process may hold anything, but not break the table.
    is "$(inspect "$PODMANS" | tail -n +2 | grep -c '^name')" 0
}

@test "every compression, standard input, several archives, templates" {
    local compression

    for compression in zstd gzip none; do
        sleeper $compression
        export_of $compression --compress $compression
        is "$(told '[.Archive.Compression, .Name]' "$archive")" "[\"$compression\",\"$compression\"]"
        is "$(inspect --format '{{.Name}} {{.Archive.Path}}' - <"$archive")" "$compression -"
        is "$(inspect --format '{{.Name}}' - < <(cat "$archive"))" "$compression"
    done
    is "$(inspect --format '{{.Name}}' - < <(cat "$PODMANS"))" rich
    run -0 inspect --format '{{.Name}}' "$archive" "$PODMANS"
    is "$output" $'none\nrich'
}

@test "no engine, no rights but to read the file" {
    local copy=$BATS_TEST_TMPDIR/archive

    cp "$PODMANS" "$copy"
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" || :
    chmod 644 "$copy"
    run -0 setpriv --reuid=65534 --regid=65534 --clear-groups -- "$FLOE" --root /no/such --runroot /no/such \
        checkpoint inspect --format '{{.Name}}' - <"$copy"
    is "$output" rich
}

# --- another tool's view ------------------------------------------------------------------------------

@test "checkpointctl shows and inspects an archive of floe's" {
    local id PATH=${FLOE_PRIVATE_PREFIX:-/usr/local/lib/floe}/test/bin:$PATH

    command -v checkpointctl >/dev/null || skip "there is no checkpointctl here"
    background c busybox sh -c 'exec 7>/tmp/kept; echo x >/tmp/new; echo up; while :; do sleep 1000; done'
    eventually has_logged c up
    id=$(id_of c)
    export_of c
    run -0 checkpointctl show "$archive"
    matches "$output" "c +\\| localhost/busybox:latest +\\| ${id:0:12} +\\| $RUNTIME"
    run -0 checkpointctl inspect --all "$archive"
    has "$output" "ID: $id"
    has "$output" "Pages written: $(told .Statistics.pages_written "$archive")"
    has "$output" '[REG 7]  /tmp/kept'
    has "$output" 'Destination: /proc'
    has "$output" 'Root FS diff size'
    is "$(checkpointctl inspect --format json --stats --ps-tree "$archive" |
        jq -c '.[0] | [.id, .process_tree.pid, .statistics.pages_written]')" \
        "$(told '[.Id, .Processes[0].Pid, .Statistics.pages_written]' "$archive")"
}

# --- what is refused ----------------------------------------------------------------------------------

@test "what is no archive" {
    local file=$BATS_TEST_TMPDIR/file

    refused 125 "open archive '/no/such': No such file or directory" inspect /no/such
    refused 125 "read the archive: Is a directory" inspect "$BATS_TEST_TMPDIR"
    : >"$file"
    refused 125 "archive '$file': the input is empty" inspect "$file"
    echo "Dear diary," >"$file"
    refused 125 "archive '$file': not a tar archive" inspect "$file"
    tar -cf "$file" -C "$BATS_TEST_DIRNAME" helpers.bash
    refused 125 "archive '$file' is no checkpoint archive: it has no config.dump" inspect "$file"
}

@test "one archive that is bad does not hide the others" {
    run -125 --separate-stderr inspect --format '{{.Name}}' /no/such "$PODMANS"
    is "$output" rich
    matches "$stderr" "open archive '/no/such'"
}

@test "a truncated archive, wherever it is cut" {
    local size cut file=$BATS_TEST_TMPDIR/cut

    size=$(stat -c %s "$PODMANS")
    for ((cut = 1; cut < size; cut += size / 20)); do
        head -c $cut "$PODMANS" >"$file"
        refused 125 "archive '$file': " inspect "$file"
    done
    zstd -dcq "$PODMANS" >"$file.tar"
    for cut in 1000 30000 60000 100000; do
        head -c $cut "$file.tar" >"$file"
        refused 125 "archive '$file': " inspect "$file"
    done
}

@test "an archive without CRIU's images, or with broken ones" {
    local dir=$BATS_TEST_TMPDIR/t file=$BATS_TEST_TMPDIR/file

    mkdir "$dir"
    tar -C "$dir" --zstd -xf "$PODMANS"
    : >"$dir/checkpoint/pstree.img"
    tar -C "$dir" -cf "$file" config.dump spec.dump checkpoint
    refused 125 "archive '$file': checkpoint: 'pstree.img' is not an image of CRIU" inspect "$file"
    tar -C "$dir" -cf "$file" config.dump spec.dump
    refused 125 "archive '$file': it holds no images of CRIU" inspect "$file"
    echo '[' >"$dir/spec.dump"
    tar -C "$dir" -cf "$file" config.dump spec.dump checkpoint
    refused 125 "archive '$file': spec.dump: " inspect "$file"
}

# --- the verb -----------------------------------------------------------------------------------------

@test "a file is needed, and a container named inspect is another verb's" {
    refused 125 "you must provide at least one file" inspect
    sleeper inspect
    refused 125 "you must provide at least one file" inspect
    is "$(state_of inspect)" running
    floe container checkpoint inspect
    is_frozen inspect
}
