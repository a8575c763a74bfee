# SPDX-License-Identifier: Apache-2.0
# floe checkpoint --export: what is in an archive, what is refused before anything is done, and that a
# failed export loses nothing. Killed floes are in 245-export-crash.bats.

load helpers
load helpers-checkpoint

# ARCHIVE becomes a directory of what is in it, $opened.
open_archive() { # ARCHIVE
    opened=$BATS_TEST_TMPDIR/opened
    rm -rf "$opened"
    mkdir "$opened"
    tar -C "$opened" -xf "$1"
}

entries() { # ARCHIVE
    tar -tf "$1" 2>/dev/null
}

of_config() { # JQ-FILTER
    jq -r "$1" "$opened/config.dump"
}

export_of() { # CONTAINER [OPTION...]: sets $archive
    archive=$BATS_TEST_TMPDIR/archive
    floe checkpoint --export "$archive" "${@:2}" "$1" >/dev/null
}

# Nothing has been done to it, and nothing is left of a try.
is_untouched() { # CONTAINER [FILE]
    is_running "$1"
    is "$(checkpoint_files "$1")" ""
    [ ! -e "${2:-$BATS_TEST_TMPDIR/archive}" ]
}

# --- what is in it ------------------------------------------------------------------------------------

@test "an archive has podman's entries, and what says what it is comes first" {
    counter c
    floe exec c sh -c 'echo x >/added; rm /etc/group; echo shared >/dev/shm/s'
    echo kept | floe container artifact add c note - 2>/dev/null || echo kept >"$(container_dir c)/artifacts/note"
    export_of c
    is_frozen c
    is "$(entries "$archive" | grep -v '^checkpoint/.')" "config.dump
spec.dump
network.status
artifacts/
artifacts/note
devshm-checkpoint.tar
rootfs-diff.tar
deleted.files
ctr.log
stats-dump
checkpoint/"
    open_archive "$archive"
    [ -s "$opened/checkpoint/inventory.img" ]
    [ -s "$opened/checkpoint/descriptors.json" ]
    is "$(tar -xOf "$opened/devshm-checkpoint.tar" ./s)" shared
    is "$(jq -c . "$opened/deleted.files")" '["/etc/group"]'
    is "$(cat "$opened/network.status")" null
    is "$(tail -n 1 "$opened/ctr.log" | cut -d ' ' -f 4)" "$(counted c)"
}

@test "an archive is for root's eyes only, whatever the umask is" {
    sleeper c
    umask 000
    export_of c
    is "$(stat -c %a "$archive")" 600
    is "$(tar -tvf "$archive" | cut -c 5-10 | sort -u)" ------
}

@test "a container that is exported stays checkpointed, and can be restored" {
    counter c
    run --separate-stderr floe checkpoint -e "$BATS_TEST_TMPDIR/archive" c
    is "$status/$output/$stderr" "0/c/"
    is_frozen c
    floe restore c
    counts_on c
    counted_without_a_gap c
}

@test "an archive is compressed with zstd, gzip or not at all" {
    sleeper c
    export_of c -R
    is "$(head -c 4 "$archive" | xxd -p)" 28b52ffd
    zstd -tq "$archive"
    export_of c -R -c GZip
    is "$(head -c 2 "$archive" | xxd -p)" 1f8b
    gzip -t "$archive"
    export_of c -R --compress=none
    is "$(head -c 11 "$archive")" config.dump
    has "$(entries "$archive")" checkpoint/inventory.img
}

@test "an archive goes to standard output, and the name does not" {
    sleeper c
    floe checkpoint --export - c >"$BATS_TEST_TMPDIR/archive"
    is "$(entries "$BATS_TEST_TMPDIR/archive" | head -n 1)" config.dump
    zstd -tq "$BATS_TEST_TMPDIR/archive"
    is_frozen c
}

@test "an archive is not written to a terminal" {
    sleeper c
    run "$BATS_TEST_DIRNAME/on-terminal" -- "${program[@]}" checkpoint --export - c
    is "$status" 125
    has "$output" "refusing to export to a terminal"
    is_untouched c
}

@test "a file that there was is replaced when the archive is whole, through a link too" {
    sleeper c
    echo before >"$BATS_TEST_TMPDIR/real"
    ln -s real "$BATS_TEST_TMPDIR/archive"
    export_of c
    [ -L "$BATS_TEST_TMPDIR/archive" ]
    zstd -tq "$BATS_TEST_TMPDIR/real"
    is "$(cd "$BATS_TEST_TMPDIR" && compgen -G '*.tmp')" ""
}

@test "a device stays a device" {
    sleeper c
    floe checkpoint -e /dev/null c
    [ -c /dev/null ]
    is_frozen c
}

# --- the root's files ---------------------------------------------------------------------------------

@test "a changed file is carried that has no such path on the host" {
    [ ! -e /home/alice ]
    tree=$BATS_TEST_TMPDIR/tree
    busybox_tree "$tree"
    echo image >"$tree/home/alice/only-here"
    tar -C "$tree" -cf "$BATS_TEST_TMPDIR/t.tar" .
    floe import -q -c 'CMD ["sh"]' "$BATS_TEST_TMPDIR/t.tar" busybox >/dev/null
    sleeper c
    floe exec c sh -c 'echo changed >/home/alice/only-here'
    export_of c
    open_archive "$archive"
    is "$(tar -xOf "$opened/rootfs-diff.tar" home/alice/only-here)" changed
}

@test "modes and owners of directories are carried, and of the root itself" {
    sleeper c
    floe exec c sh -c 'chmod 2700 /home/alice; chown 12:34 /var/tmp; chmod 711 /'
    export_of c
    open_archive "$archive"
    list=$(tar --numeric-owner -Ptvf "$opened/rootfs-diff.tar" | awk '{ print $1, $2, $NF }')
    has "$list" "drwx--S--- 1000/1000 home/alice/"
    has "$list" "12/34 var/tmp/"
    is "$(head -n 1 <<<"$list")" "drwx--x--x 0/0 /"
}

@test "links, devices, pipes and holes are carried as they are" {
    sleeper c
    floe exec c sh -c 'mkdir /zz; echo x >/zz/a; ln /zz/a /zz/b; ln -s a /zz/l; mkfifo /zz/p
        truncate -s 64M /zz/hole'
    export_of c -c none
    open_archive "$archive"
    is "$(tar -tvf "$opened/rootfs-diff.tar" | sed -n 's/^\(.\).*[0-9] zz\//\1 /p')" "d 
- a
h b link to zz/a
- hole
l l -> a
p p"
    [ "$(stat -c %s "$archive")" -lt 16000000 ]
}

@test "what a directory held before it was made anew is deleted" {
    sleeper c
    floe exec c sh -c 'rm -r /home; mkdir -p /home/alice; echo x >/home/alice/new; rm -r /usr'
    export_of c
    open_archive "$archive"
    is "$(jq -c . "$opened/deleted.files")" '["/usr"]'
    has "$(tar -tf "$opened/rootfs-diff.tar")" home/alice/new
}

@test "what floe puts into a root is not carried" {
    sleeper c
    export_of c
    open_archive "$archive"
    list=$(tar -Ptf "$opened/rootfs-diff.tar")
    for path in etc/hosts etc/resolv.conf etc/hostname run/.containerenv dev/ proc/ sys/; do
        lacks "$list" "$path"
    done
    [ ! -e "$opened/deleted.files" ]
}

@test "--ignore-rootfs leaves the changed files out, and nothing else" {
    sleeper c
    floe exec c sh -c 'echo x >/added; rm /etc/group'
    export_of c --ignore-rootfs
    lacks "$(entries "$archive")" rootfs-diff.tar
    lacks "$(entries "$archive")" deleted.files
    has "$(entries "$archive")" checkpoint/inventory.img
}

# --- volumes ------------------------------------------------------------------------------------------

@test "named volumes are in the archive with owner, mode and xattrs of all, each once" {
    sleeper c -v vol:/data -v vol:/twice:ro -v "$BATS_TEST_TMPDIR:/host"
    floe exec c sh -c 'echo in volume >/data/file; chown 5:6 /data/file; chmod 640 /data/file; chmod 1770 /data'
    export_of c
    is "$(entries "$archive" | grep volumes/)" "volumes/
volumes/vol.tar"
    open_archive "$archive"
    list=$(tar --numeric-owner -Ptvf "$opened/volumes/vol.tar" | awk '{ print $1, $2, $NF }')
    is "$list" "drwxrwx--T 0/0 /
-rw-r----- 5/6 file"
    is "$(of_config '.namedVolumes | map(.volumeName + " " + .dest) | join(",")')" "vol /data,vol /twice"
}

@test "--ignore-volumes leaves the volumes out" {
    sleeper c -v vol:/data
    export_of c --ignore-volumes
    lacks "$(entries "$archive")" volumes
    is "$(floe inspect --format '{{.State.Status}}' c)" exited
}

# --- the documents ------------------------------------------------------------------------------------

@test "config.dump has podman's keys" {
    floe run -d --name c -p 18090:80/udp --restart on-failure:3 --dns 192.0.2.1 --add-host peer:192.0.2.2 \
        --label key=value --stop-timeout 3 --stop-signal INT --health-cmd 'exit 0' \
        --health-interval 5m --health-on-failure kill --shm-size 1m --user 0 \
        busybox sh -c "$SLEEPER" >/dev/null
    export_of c
    open_archive "$archive"
    is "$(of_config .id)" "$(id_of c)"
    is "$(of_config .name)" c
    is "$(of_config '.rootfsImageName, .runtime, .logDriver')" "localhost/busybox:latest
$RUNTIME
k8s-file"
    is "$(of_config .rootfsImageID)" "$(floe inspect --format '{{.Image}}' c)"
    is "$(of_config '.createNetNS, .networkMode')" "true
bridge"
    is "$(of_config '.newNetworks.podman.interface_name, .orderedNetworks[0].name')" "eth0
podman"
    is "$(of_config '.newPortMappings[0] | .container_port, .host_port, .protocol, .range')" "80
18090
udp
1"
    is "$(of_config '.restart_policy, .restart_retries, .stopSignal, .stopTimeout')" "on-failure
3
2
3"
    is "$(of_config '.healthcheck.Interval, .healthcheck_on_failure_action')" "300000000000
2"
    is "$(of_config '.dnsServer[0], .hostsAdd[0], .labels.key')" "192.0.2.1
peer:192.0.2.2
value"
    is "$(of_config '.shmSize, .user, .Dependencies')" "1048576
0
null"
    matches "$(jq -r '.podman.interfaces.eth0.subnets[0].ipnet' "$opened/network.status")" '^[0-9.]+/[0-9]+$'
}

@test "config.dump says under floe's own key who made it, on what and how" {
    sleeper c
    export_of c --file-locks
    open_archive "$archive"
    is "$(of_config '.floe.version')" "$(floe version --format '{{.Client.Version}}')"
    is "$(of_config '.floe | .tcp_established, .file_locks')" "false
true"
    is "$(of_config '.floe.host.kernel')" "$(uname -r)"
    matches "$(of_config '.floe.host.criu_version')" '^[34][0-9]{4}$'
    has "$(of_config '.floe.host.runtime')" "$RUNTIME"
    has " $(of_config '.floe.host.cpu_flags | join(" ")') " " fpu "
}

@test "spec.dump is the runtime's document" {
    sleeper c --env NAME=value --memory 64m -v vol:/data
    export_of c
    open_archive "$archive"
    has "$(jq -c .process.env "$opened/spec.dump")" NAME=value
    is "$(jq -r '.linux.resources.memory.limit' "$opened/spec.dump")" 67108864
    is "$(jq -r '.annotations["io.podman.annotations.autoremove"]' "$opened/spec.dump")" FALSE
    is "$(jq -r '.mounts[] | select(.destination == "/data").source' "$opened/spec.dump")" \
        /var/lib/containers/storage/volumes/vol/_data
}

# --- an image -----------------------------------------------------------------------------------------

@test "--create-image makes an image of the same files, whose manifest says what it is" {
    command -v skopeo >/dev/null || skip "skopeo is not installed"
    counter c
    run --separate-stderr floe checkpoint --create-image frozen c
    is "$status/$output/$stderr" "0/c/"
    is_frozen c
    manifest=$BATS_TEST_TMPDIR/manifest
    skopeo inspect --raw "oci:$root/images:localhost/frozen:latest" >"$manifest"
    is "$(jq '.layers | length' "$manifest")" 1
    is "$(jq -r '.annotations["io.podman.annotations.checkpoint.name"]' "$manifest")" c
    is "$(jq -r '.annotations["io.podman.annotations.checkpoint.runtime.name"]' "$manifest")" "$RUNTIME"
    is "$(jq -r '.annotations["io.podman.annotations.checkpoint.rootfsImageName"]' "$manifest")" \
        localhost/busybox:latest
    layer=$root/images/blobs/sha256/$(jq -r '.layers[0].digest' "$manifest" | cut -d : -f 2)
    has "$(tar -tzf "$layer")" checkpoint/inventory.img
    has "$(tar -tzf "$layer")" config.dump
    floe restore c
    counts_on c
}

@test "an image is made of one that is left running, too; a bad name leaves all as it is" {
    counter c
    refused 125 "exclude" floe checkpoint --create-image x -e "$BATS_TEST_TMPDIR/archive" c
    refused 125 "" floe checkpoint --create-image 'Not A Name' c
    is "$(state_of c)" running
    floe checkpoint -R --create-image frozen c
    is_running c
    is "$(checkpoint_files c)" ""
    counts_on c
    has "$(floe images --format '{{.Repository}}')" localhost/frozen
}

# --- what is refused ----------------------------------------------------------------------------------

@test "flags that need --export, or exclude each other, are refused before anything is done" {
    sleeper c
    refused 125 "--compress" floe checkpoint --compress gzip c
    refused 125 "--ignore-rootfs" floe checkpoint --ignore-rootfs c
    refused 125 "--ignore-volumes" floe checkpoint --ignore-volumes c
    refused 125 "unknown compression 'lz4'" floe checkpoint -e "$BATS_TEST_TMPDIR/archive" -c lz4 c
    refused 125 "standard output" floe checkpoint -e - --print-stats c
    is_untouched c
}

@test "what needs memory tracking is refused where there is none, again and again, and leaves nothing" {
    sleeper c
    refused 125 "exclude" floe checkpoint --pre-checkpoint --with-previous c
    ! floe doctor 2>&1 | grep -q 'ok.*memory tracking' || skip "this kernel tracks memory"
    for flag in --pre-checkpoint --with-previous --with-previous; do
        refused 125 "does not track changes of memory" floe checkpoint $flag c
        refused 125 "does not track" floe checkpoint $flag -e "$BATS_TEST_TMPDIR/archive" c
    done
    is_untouched c
    [ ! -e "$(container_dir c)/pre-checkpoint" ]
}

@test "one archive is for one container" {
    sleeper a
    sleeper b
    refused 125 "these are 2" floe checkpoint -e "$BATS_TEST_TMPDIR/archive" a b
    refused 125 "these are 2" floe checkpoint -e "$BATS_TEST_TMPDIR/archive" --all
    is_untouched a
    is_untouched b
    floe stop -t 0 b
    is "$(floe checkpoint -e "$BATS_TEST_TMPDIR/archive" --all)" "$(id_of a)"
    zstd -tq "$BATS_TEST_TMPDIR/archive"
}

@test "a file that cannot be made is told before the dump" {
    sleeper c
    refused 125 "No such file" floe checkpoint -e /no/such/place c
    refused 125 "directory" floe checkpoint -e "$BATS_TEST_TMPDIR" c
    is_untouched c
}

@test "a container that needs others is not exported" {
    sleeper a
    sleeper b --uts container:a
    refused 125 "$(id_of a)" floe checkpoint -e "$BATS_TEST_TMPDIR/archive" b
    is_untouched b
    floe checkpoint b
}

@test "a failed dump leaves no archive, and the old file" {
    sleeper c
    echo before >"$BATS_TEST_TMPDIR/archive"
    refused 125 "" floe_with_criu 'exec false' checkpoint -e "$BATS_TEST_TMPDIR/archive" c
    is_running c
    is "$(cat "$BATS_TEST_TMPDIR/archive")" before
    is "$(cd "$BATS_TEST_TMPDIR" && compgen -G 'archive?*')" ""
}

@test "exec sessions are named; --end-exec-sessions ends them and says so" {
    counter c
    floe exec -d c sleep 1234
    floe exec -d c sh -c 'exec tail -f /dev/null'
    refused 125 "--end-exec-sessions" floe checkpoint -e "$BATS_TEST_TMPDIR/archive" c
    refused 125 "sleep, " floe checkpoint -e "$BATS_TEST_TMPDIR/archive" c
    is_untouched c
    run --separate-stderr floe checkpoint --end-exec-sessions -e "$BATS_TEST_TMPDIR/archive" c
    is "$status/$output" 0/c
    has "$stderr" "(sleep) is ended"
    is "$(wc -l <<<"$stderr")" 2
    is "$(floe inspect --format '{{.ExecIDs}}' c)" "[]"
    floe restore c
    counts_on c
    lacks "$(floe top c)" "sleep 1234"
}

# --- what becomes of the container --------------------------------------------------------------------

@test "a container with --rm goes when its archive is written, and not before" {
    sleeper c --rm
    refused 125 "--rm" floe checkpoint c
    is_running c
    refused 125 "No space" floe checkpoint -e /dev/full c
    is_frozen c
    floe restore c
    export_of c
    zstd -tq "$archive"
    is "$(floe ps -aq)" ""
    is "$(mounts "$engine")" ""
}

@test "with --leave-running it runs on, and nothing stays beside the archive" {
    counter c
    export_of c --leave-running
    is_running c
    counts_on c
    is "$(checkpoint_files c)" ""
    has "$(entries "$archive")" checkpoint/inventory.img
    export_of c --leave-running --keep
    is_running c
    is "$(checkpoint_files c)" "checkpoint criu"
}

@test "with --leave-running the files in the archive fit the memory" {
    # It writes every number before it counts on, so the file is never more than one ahead.
    background c busybox sh -c 'i=0; while :; do echo $i >/number; i=$((i + 1)); echo $i; done'
    eventually has_counted_to c 100
    for _ in 1 2 3; do
        export_of c -R
        open_archive "$archive"
        in_file=$(tar -xOf "$opened/rootfs-diff.tar" number)
        in_log=$(tail -n 1 "$opened/ctr.log" | cut -d ' ' -f 4)
        [ -z "$in_file" ] || [ $((in_log - in_file)) -le 1 ]
        [ -z "$in_file" ] || [ $((in_file - in_log)) -le 20 ]
    done
}

@test "statistics have the containers' names" {
    sleeper c
    floe checkpoint --print-stats -e "$BATS_TEST_TMPDIR/archive" "$(id_of c)" >"$BATS_TEST_TMPDIR/stats"
    is "$(jq -r '.container_statistics[0].Name' "$BATS_TEST_TMPDIR/stats")" c
    [ "$(jq -r '.container_statistics[0].criu_statistics.frozen_time' "$BATS_TEST_TMPDIR/stats")" -gt 0 ]
}

# --- when it cannot be written ------------------------------------------------------------------------

@test "on a full disk the container stays checkpointed, and the error says what to do" {
    mkdir "$BATS_TEST_TMPDIR/small"
    mount -t tmpfs -o size=64k small "$BATS_TEST_TMPDIR/small"
    counter c
    run --separate-stderr floe checkpoint -c none -e "$BATS_TEST_TMPDIR/small/archive" c
    files=$(ls -A "$BATS_TEST_TMPDIR/small")
    umount "$BATS_TEST_TMPDIR/small"
    is "$status/$output" 125/
    has "$stderr" "No space left"
    has "$stderr" 'floe restore c'
    is "$files" ""
    is_frozen c
    floe restore c
    counts_on c
    counted_without_a_gap c
}

@test "on a full disk a container that is left running runs on" {
    counter c
    refused 125 "runs on" floe checkpoint -R -e /dev/full c
    is_running c
    counts_on c
    is "$(checkpoint_files c)" ""
}

@test "a reader that goes away costs only the archive" {
    counter c
    run --separate-stderr bash -c '"$@" checkpoint -c none -e - c | head -c 1000 >/dev/null; exit "${PIPESTATUS[0]}"' \
        bash "${program[@]}"
    is "$status" 125
    has "$stderr" "Broken pipe"
    is_frozen c
    floe restore c
    counts_on c
}

@test "what takes long is told on a terminal" {
    sleeper c
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    floe exec c sh -c 'dd if=/dev/urandom of=/big bs=1M count=8 2>/dev/null'
    { eventually [ -e "$BATS_TEST_TMPDIR/go" ]; cat "$BATS_TEST_TMPDIR/pipe" >/dev/null; } 3>&- &
    "$BATS_TEST_DIRNAME/on-terminal" "until sleep 1.2; touch $BATS_TEST_TMPDIR/go" "see Exporting c:" -- \
        "${program[@]}" checkpoint -c none -e "$BATS_TEST_TMPDIR/pipe" c >"$BATS_TEST_TMPDIR/seen"
    has "$(cat "$BATS_TEST_TMPDIR/seen")" "%"
    wait
}

# --- podman -------------------------------------------------------------------------------------------

# A podman with a store of its own that has floe's image.
podman_with_image() {
    command -v podman >/dev/null || skip "podman is not installed"
    command -v skopeo >/dev/null || skip "skopeo is not installed"
    podman_dir=$(mktemp -d /tmp/pm.XXXXXX)
    podman_conf "$podman_dir/conf"
    skopeo --insecure-policy copy -q "oci:$root/images:localhost/busybox:latest" \
        "containers-storage:[overlay@$podman_dir/r+$podman_dir/x]localhost/busybox:latest"
}

podman_here() {
    CONTAINERS_CONF=$podman_dir/conf PATH=/usr/local/lib/floe/bin:$PATH podman --runtime runc --root "$podman_dir/r" \
        --runroot "$podman_dir/x" --tmpdir "$podman_dir/t" "$@" 3>&-
}

teardown() {
    if [ -n "${podman_dir:-}" ]; then
        podman_here rm -af -t 0 >/dev/null 2>&1 || :
        umount "$podman_dir/r/overlay" 2>/dev/null || :
        rm -rf "$podman_dir"
    fi
    floe_teardown
}

@test "podman restores an archive: memory, files and /dev/shm are as they were" {
    podman_with_image
    counter c
    floe exec c sh -c 'mkdir /zz; echo x >/zz/f; ln /zz/f /zz/g; chmod 700 /home/alice; rm /etc/group; echo y >/dev/shm/s'
    export_of c
    last=$(counted c)
    podman_here container restore --import "$archive"
    is "$(podman_here exec c cat /zz/g /dev/shm/s)" "x
y"
    is "$(podman_here exec c stat -c %a /home/alice)" 700
    run podman_here exec c ls /etc/group
    [ "$status" != 0 ]
    counts_there() { [ "$(podman_here logs c | tail -n 1)" -gt $((last + 3)) ]; }
    eventually counts_there
    podman_here logs c | awk '$1 != NR { exit 1 }'
}
