# SPDX-License-Identifier: Apache-2.0
# The storage driver vfs: containers whose root is a copy of their image's files, asked for by floe.conf, and taken
# by itself where overlayfs does not work.
# shellcheck disable=SC2016,SC2034,SC2154 # shells in containers read what is in quotes; $program and the like are of the helpers

load helpers
load helpers-checkpoint
load helpers-import

setup() {
    floe_setup
    printf '[engine]\nstorage_driver = vfs\n' >"$BATS_TEST_TMPDIR/vfs"
    export FLOE_CONF=$BATS_TEST_TMPDIR/vfs
}

# What a mount says that a test has made is taken away, whatever became of the test.
teardown() {
    local each

    floe rm -af -t 0 >/dev/null 2>&1 || :
    for each in "${mounted[@]}"; do
        umount "$each" || :
    done
    floe_teardown
}

# Everything that a layer can say of the one below, made by a container and read by another.
readonly CHANGE='cd /etc && echo more >>passwd && rm group && ln -s passwd link && mkdir -p new/dir && : >new/dir/file
    mkfifo new/fifo && chmod 711 /home && rm -r /home/alice && chown 1000 /var/tmp && ln passwd hard'
readonly LOOK='cd /etc; tail -n 1 passwd; ls; readlink link; stat -c %F new/fifo; stat -c %a /home; ls /home
    stat -c %u /var/tmp; stat -c %h hard'

@test "vfs: the main job, and what a container has changed is told as from an overlay" {
    is "$(floe info -f '{{.Store.GraphDriverName}}')" vfs
    floe create --name c --network none busybox sh -c "$CHANGE; sleep 1000" >/dev/null
    echo copied >"$BATS_TEST_TMPDIR/file"
    floe cp "$BATS_TEST_TMPDIR/file" c:/root/file
    floe start c >/dev/null
    eventually floe exec c test -e /etc/hard
    # It keeps what it was made with.
    printf '[engine]\nstorage_driver = overlay\n' >"$BATS_TEST_TMPDIR/overlay"
    FLOE_CONF=$BATS_TEST_TMPDIR/overlay floe run --name over --network none busybox \
        sh -c "echo copied >/root/file; $CHANGE" >/dev/null
    unset FLOE_CONF
    is "$(floe inspect -f '{{.Driver}} {{.GraphDriver.Name}}' c over)" $'vfs vfs\noverlay overlay'
    is "$(floe diff c)" "$(floe diff over)"
    has "$(floe diff c)" $'D /home/alice'
    matches "$(floe ps --size --filter name=c --format '{{.Size}}')" '^[1-9][0-9.]*k?B \(virtual [0-9.]*MB\)$'
    is "$(floe exec c sh -c "$LOOK")" "$(floe start -a over >/dev/null 2>&1; floe commit -q over o >/dev/null; \
        floe run --rm --network none o sh -c "$LOOK")"
    floe commit -q c v >/dev/null
    for driver in overlay vfs; do
        is "$(floe --storage-driver $driver run --rm --network none v sh -c "$LOOK")" "$(floe exec c sh -c "$LOOK")"
    done
    floe export c | tar -t | grep -x '\(\./\)\?etc/new/dir/file' >/dev/null
    floe stop -t 0 c >/dev/null
    floe start c >/dev/null
    floe container clone c >/dev/null
    is "$(floe inspect -f '{{.Driver}}' c-clone)" overlay
    floe rm -af -t 0 >/dev/null
    is "$(ls "$root/containers")" ''
    refused 125 'neither overlay nor vfs' floe --storage-driver zfs ps
    printf '[engine]\nstorage_driver = zfs\n' >"$BATS_TEST_TMPDIR/vfs"
    FLOE_CONF=$BATS_TEST_TMPDIR/vfs refused 125 "storage_driver is 'zfs', which is none of" floe create busybox
}

@test "vfs: a file that is replaced by one of the same size and time has changed" {
    floe run --name c --network none busybox sh -c 'cp -p /etc/passwd /new; sed -i s/alice/malin/ /new
        touch -r /etc/passwd /new; mv /new /etc/passwd; touch -d "2001-01-01" /etc'
    has "$(floe diff c)" 'C /etc/passwd'
    floe run --name rest --network none --read-only busybox true
    is "$(floe diff rest)" 'C /etc'
    is "$(floe ps -as --filter name=rest --format '{{.Size}}' | cut -d' ' -f1)" 0B
}

@test "vfs: a checkpoint is restored in place, and goes from host to host by either driver" {
    floe run -d --name c --network none busybox sh -c \
        'echo of-c >/tmp/file; rm /etc/group; exec 5</tmp/file; n=0; while :; do echo $((n += 1)); sleep 0.1; done' >/dev/null
    goes_on() { local before; before=$(floe logs c | wc -l) && eventually eval "[ \"\$(floe logs c | wc -l)\" -gt $((before + 1)) ]"; }
    goes_on
    floe checkpoint c >/dev/null
    floe restore c >/dev/null
    goes_on
    for driver in overlay vfs; do
        archived c
        printf '[engine]\nstorage_driver = %s\n' $driver >"$FLOE_CONF"
        other_host busybox
        restored >/dev/null
        goes_on
        is "$(floe inspect -f '{{.Driver}}' c) $(floe exec c sh -c 'cat /tmp/file; ls /etc/group 2>&1')" \
            "$driver of-c"$'\nls: /etc/group: No such file or directory'
    done
    floe rm -f -t 0 c >/dev/null
}

@test "vfs: a copy that is cut off does not count, by a kill and by a full disk" {
    local id attempt aside
    mkdir -p "$BATS_TEST_TMPDIR/many/d"
    (cd "$BATS_TEST_TMPDIR/many/d" && seq 3000 | xargs touch)
    tar -C "$BATS_TEST_TMPDIR/many" -c . | floe import -q - many >/dev/null
    for attempt in {1..20}; do
        id=$(floe create --name "k$attempt" --network none many true)
        aside=$root/containers/$id/upper.new
        "${program[@]}" mount "k$attempt" >/dev/null 3>&- &
        until [ -e "$aside" ] || [ -e "$root/containers/$id/upper" ]; do :; done
        kill -9 $!
        wait $! || :
        [ -e "$root/containers/$id/upper" ] || break
    done
    [ -e "$aside" ]
    is "$(find "$(floe mount "k$attempt")/d" -mindepth 1 | wc -l)" 3000
    [ ! -e "$aside" ]
    floe umount "k$attempt" >/dev/null
    is "$(floe diff "k$attempt")" ''
    floe rm -a >/dev/null
    mounted=("$root/containers")
    mount -t tmpfs -o size=512k floe-test "$root/containers"
    floe create --name c --network none busybox true >/dev/null
    refused 125 'No space left' floe start c
    is "$(find "$root"/containers -name 'upper*')" ''
    mount -o remount,size=100m "$root/containers"
    floe start -a c
    floe rm c >/dev/null
}

@test "vfs: taken by itself where floe's root is on an overlay" {
    local layers=$BATS_TEST_TMPDIR/layers
    floe run --name c --network none busybox sh -c 'rm -r /home/alice; rm /etc/group; echo x >/etc/x'
    floe commit -q c changed >/dev/null
    floe save -q -o "$BATS_TEST_TMPDIR/changed.tar" changed
    floe rm c >/dev/null
    unset FLOE_CONF
    engine_add
    mkdir -p "$layers"/{l,u,w} "$added/r"
    mounted=("$added/r")
    mount -t overlay -o "lowerdir=$layers/l,upperdir=$layers/u,workdir=$layers/w" overlay "$added/r"
    engine=$added root=$added/r runroot=$added/x
    floe load -q -i "$BATS_TEST_TMPDIR/changed.tar" >/dev/null
    is "$(floe info -f '{{.Store.GraphDriverName}}')" vfs
    is "$(floe run --rm --network none changed sh -c 'cat /etc/x; ls /home /etc/group 2>&1')" \
        $'x\nls: /etc/group: No such file or directory\n/home:'
    run floe doctor
    matches "$output" 'warning +overlay .*itself on an overlay.*copy of its image'
    refused 125 'overlay' floe build "$BATS_TEST_TMPDIR"
    is "$(find "$root" -maxdepth 1 -name '*trial*')" ''
    floe system reset -f
}
