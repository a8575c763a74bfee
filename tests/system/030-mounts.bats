# SPDX-License-Identifier: Apache-2.0
# Mounts of the user's, and those that every container has: -v, --mount, --tmpfs, --read-only, /dev/shm, /proc.

# bats file_tags=sanitize

load helpers

setup() {
    floe_setup
    host=$BATS_TEST_TMPDIR/host
    mkdir "$host"
    echo from-host >"$host/file"
}

# The options of the mount at PATH in a container run with OPTION...
mount_options() { # PATH OPTION...
    in_container "${@:2}" busybox grep " $1 " /proc/self/mounts
}

@test "-v binds a directory, writable" {
    is "$(in_container -v "$host:/data" busybox sh -c 'cat /data/file; echo back >/data/new')" from-host
    is "$(cat "$host/new")" back
}

@test "-v binds a single file" {
    is "$(in_container -v "$host/file:/etc/motd:ro" busybox cat /etc/motd)" from-host
}

@test "-v with ro is read-only, and z is of no effect" {
    run -1 in_container -v "$host:/data:ro" busybox sh -c 'echo x >/data/new'
    has "$output" 'Read-only file system'
    [ ! -e "$host/new" ]
    is "$(in_container -v "$host:/data:ro,z" busybox cat /data/file)" from-host
    in_container -v "$host:/data:rw,Z" busybox touch /data/z
}

@test "-v makes the mount point, also below others" {
    mkdir "$host/sub"
    is "$(in_container -v "$host:/a/b/c" -v "$host:/a/b/c/sub/deep" busybox cat /a/b/c/sub/deep/file)" from-host
}

@test "-v in any order: the outer mount comes first" {
    mkdir -p "$host/inner"
    is "$(in_container -v "$host/file:/data/inner/f" -v "$host:/data" busybox cat /data/inner/f)" from-host
}

@test "-v does not follow the image's links out of its root" {
    local tree=$BATS_TEST_TMPDIR/tree
    busybox_tree "$tree"
    ln -s "../../../../../..$host" "$tree/out"
    tar -C "$tree" -cf "$BATS_TEST_TMPDIR/t.tar" .
    floe import -q "$BATS_TEST_TMPDIR/t.tar" linked
    mkdir "$BATS_TEST_TMPDIR/other"

    run in_container -v "$BATS_TEST_TMPDIR/other:/out/made" linked true
    [ ! -e "$host/made" ]
    is "$(ls "$host")" file
}

@test "-v takes a path from the working directory, if it begins with a dot" {
    mkdir "$BATS_TEST_TMPDIR/here"
    touch "$BATS_TEST_TMPDIR/here/file"
    cd "$BATS_TEST_TMPDIR"
    is "$(in_container -v ./here:/data busybox ls /data)" file
    cd here
    is "$(in_container -v .:/data busybox ls /data)" file
}

@test "-v is refused where the host has no such path, and in other wrong forms" {
    refused 125 '/no/such' in_container -v /no/such:/data busybox true
    refused 125 'absolute' in_container -v "$host:data" busybox true
    refused 125 'nonsense' in_container -v "$host:/data:nonsense" busybox true
    refused 125 'root' in_container -v "$host:/" busybox true
    is "$(floe ps -aq)" ''
}

@test "a mount on the host later does not come into a container, nor the other way round" {
    sleeper apart -v "$host:/data"
    mkdir "$host/m"
    mount -t tmpfs floe-test "$host/m"
    touch "$host/m/inside"
    run floe exec apart ls /data/m
    umount "$host/m"
    is "$output" ''
}

@test "--mount type=bind" {
    is "$(in_container --mount "type=bind,src=$host,dst=/data" busybox cat /data/file)" from-host
    run -1 in_container --mount "type=bind,source=$host,target=/data,readonly" busybox touch /data/x
    run -1 in_container --mount "type=bind,source=$host,destination=/data,ro=true" busybox touch /data/x
    refused 125 'type' in_container --mount "type=nonsense,dst=/data" busybox true
    refused 125 'nonsense' in_container --mount "type=bind,src=$host,dst=/data,nonsense=1" busybox true
    refused 125 '' in_container --mount "type=bind,src=$host" busybox true
}

@test "--mount type=tmpfs and --tmpfs" {
    run -0 mount_options /scratch --mount type=tmpfs,dst=/scratch,tmpfs-size=4m,tmpfs-mode=700
    matches "$output" '^tmpfs /scratch tmpfs .*size=4096k,mode=700'
    run -0 mount_options /scratch --tmpfs /scratch
    matches "$output" '^tmpfs /scratch tmpfs rw,nosuid,nodev,noexec'
    run -0 mount_options /scratch --tmpfs /scratch:size=1m,exec
    has "$output" size=1024k
    lacks "$output" noexec
    refused 125 nonsense in_container --tmpfs /scratch:nonsense=1 busybox true
    refused 125 'no source' in_container --mount type=tmpfs,src=/usr,dst=/scratch busybox true
}

@test "a tmpfs begins with what the image has there, unless that is not wanted" {
    has "$(in_container --tmpfs /etc busybox cat /etc/passwd)" alice
    has "$(in_container --mount type=tmpfs,dst=/etc busybox cat /etc/passwd)" alice
    is "$(in_container --tmpfs /bin/none:notmpcopyup busybox ls /bin/none)" ''
    run -1 in_container --tmpfs /etc:notmpcopyup busybox test -e /etc/passwd
    floe run -d --name t --network none --tmpfs /etc busybox sleep 1000
    floe exec t rm /etc/passwd
    floe checkpoint t
    floe restore t
    run -1 floe exec t test -e /etc/passwd
    floe exec t test -e /etc/group
}

@test "a tmpfs is writable and gone with the container" {
    floe run --name t --network none --tmpfs /scratch busybox touch /scratch/file
    floe start -a t
    is "$(find "$root/containers" -name file)" ''
}

@test "--read-only leaves only /dev, /run, /tmp and the like writable" {
    run -1 in_container --read-only busybox touch /file
    has "$output" 'Read-only file system'
    run -1 in_container --read-only busybox touch /home/file
    in_container --read-only busybox sh -c 'touch /tmp/a /run/b /dev/shm/c /var/tmp/d'
    in_container --read-only --tmpfs /home busybox touch /home/file
    in_container --read-only -v "$host:/data" busybox touch /data/ok
}

@test "what a container writes stays its own" {
    floe run --name w --network none busybox sh -c 'echo mine >/etc/passwd; rm /etc/group; echo x >/new'
    in_container busybox sh -c 'test -e /etc/group && ! test -e /new && grep -q root /etc/passwd'
    floe start -a w
}

@test "a stopped container keeps what it wrote" {
    floe run --name count --network none busybox sh -c 'echo x >>/tries; wc -l </tries'
    is "$(floe start -a count)" 2
    is "$(floe start -a count)" 3
}

@test "/dev/shm is as large as asked for" {
    run -0 mount_options /dev/shm
    has "$output" 'size=64000k'
    has "$output" 'nosuid,nodev,noexec'
    run -0 mount_options /dev/shm --shm-size 2m
    has "$output" 'size=2048k'
    refused 125 shm-size in_container --shm-size lots busybox true
}

@test "/dev has the usual devices and no others" {
    run -0 in_container busybox sh -c 'ls /dev | xargs'
    # crun adds a link "core", runc does not.
    is "${output#core }" 'fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero'
    in_container busybox sh -c 'echo x >/dev/null && head -c 1 /dev/urandom >/dev/null && : </dev/zero'
    run -1 in_container busybox sh -c ': >/dev/full && echo x >/dev/full'
    has "$output" 'No space left'
}

@test "/proc and /sys are the container's own, and /sys is read-only" {
    run -0 in_container busybox sh -c 'ls -d /proc/[0-9]* | wc -l; grep " /sys " /proc/self/mounts'
    [ "${lines[0]}" -le 5 ]
    matches "${lines[1]}" 'sysfs ro,'
    run -1 in_container busybox sh -c 'echo x >/sys/kernel/mm/ksm/run'
}

@test "U gives a path of the host to the container's user" {
    mkdir "$host/deep"
    ln -s /etc/shadow "$host/deep/link"
    in_container -u alice -v "$host:/data:U" busybox touch /data/deep/mine
    is "$(cd "$host" && stat -c '%u:%g' . file deep deep/link deep/mine | sort -u)" 1000:1000
    is "$(stat -c %u /etc/shadow)" 0
    in_container -u 7:8 --mount "type=bind,src=$host/file,dst=/f,U=true" busybox sh -c 'echo x >/f'
    is "$(stat -c '%u:%g' "$host/file" "$host/deep")" $'7:8\n1000:1000'
    in_container -u 9:9 --mount "type=bind,src=$host/file,dst=/f,U=false" busybox true
    is "$(stat -c '%u:%g' "$host/file")" 7:8
    local own
    for own in / /etc /usr/../var /root; do
        refused 125 'to the container' floe create -v "$own:/x:U" busybox
    done
}

@test "--mount type=bind,bind-nonrecursive leaves out what is mounted below" {
    mkdir "$host/below"
    mount -t tmpfs below "$host/below"
    touch "$host/below/there"
    is "$(in_container --mount "type=bind,src=$host,dst=/d,bind-nonrecursive" busybox ls /d/below)" ''
    is "$(in_container --mount "type=bind,src=$host,dst=/d" busybox ls /d/below)" there
    umount "$host/below"
}

@test "--mount type=devpts has terminals of its own" {
    has "$(in_container --mount type=devpts,dst=/ttys,mode=0600,max=4 busybox grep ' /ttys ' /proc/self/mounts)" mode=600
    is "$(in_container --mount type=devpts,dst=/ttys busybox ls /ttys)" ptmx
    refused 125 'type must be' floe create --mount type=devpts,src=/x,dst=/ttys busybox
    refused 125 'unknown option' floe create --mount type=devpts,dst=/ttys,size=3 busybox
}
