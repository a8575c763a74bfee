# SPDX-License-Identifier: Apache-2.0
# Mounts over what a container must not change: --mount type=image, and option O; and what --mount says of new volumes.

# bats file_tags=sanitize

load helpers
load helpers-crash

run_once() { # ARG...
    floe run --rm --network none "$@"
}

@test "an image in a container is there to be read" {
    floe import -q -c 'CMD a' "$BUSYBOX_TAR" other
    is "$(run_once --mount type=image,src=other,dst=/img busybox head -n 1 /img/etc/passwd)" 'root:x:0:0:root:/root:/bin/sh'
    run -1 run_once --mount type=image,src=other,dst=/img busybox touch /img/new
    # What is written into one is forgotten at the next start.
    floe create --name c --network none --mount type=image,source=other,destination=/img,rw=true busybox \
        sh -c 'ls /img/etc; echo x >/img/etc/new; rm /img/etc/passwd; ls /img/etc'
    is "$(floe start -a c)" $'group\npasswd\ngroup\nnew'
    is "$(floe start -a c)" $'group\npasswd\ngroup\nnew'
    is "$(floe inspect -f '{{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}}{{end}}' c)" 'image /img true'
}

@test "an image that a container has mounted is not removed" {
    local id
    floe import -q -c 'CMD a' "$BUSYBOX_TAR" other
    id=$(floe create --name c --mount type=image,src=other,dst=/img busybox true)
    refused 2 "in use by containers: $id" floe rmi other
    floe image prune --all --force
    floe image exists other
    floe rmi --force other
    run -1 floe container exists c
}

@test "option O leaves the source as it is" {
    local host=$engine/host
    mkdir "$host"
    echo host >"$host/file"
    is "$(run_once -v "$host:/data:O" busybox sh -c 'cat /data/file; echo mine >/data/file; cat /data/file')" $'host\nmine'
    is "$(cat "$host/file")" host
    is "$(run_once -u alice -v "$host:/data:O,U" busybox stat -c %U /data /data/file | uniq)" alice
    is "$(stat -c %u "$host/file")" 0
    is "$(run_once -v data:/home/alice:O busybox sh -c 'touch /home/alice/new; ls /home/alice')" new
    is "$(run_once -v data:/home/alice busybox ls /home/alice)" ''
    mkdir "$engine/upper" "$engine/work"
    run_once -v "$host:/data:O,upperdir=$engine/upper,workdir=$engine/work" busybox sh -c 'echo kept >/data/file'
    is "$(cat "$host/file" "$engine/upper/file")" $'host\nkept'
}

@test "an overlay comes back from a checkpoint with what was written" {
    mkdir "$engine/host"
    sleeper c -v "$engine/host:/data:O" --mount type=image,src=busybox,dst=/img
    floe exec c sh -c 'echo mine >/data/file'
    refused 125 'cannot export' floe checkpoint -e "$engine/c.tar" c
    [ ! -e "$engine/c.tar" ]
    floe checkpoint c
    is "$(mounts "$engine" | grep -c overlays || :)" 0
    floe restore c
    is "$(floe exec c sh -c 'cat /data/file; ls /img/etc')" $'mine\ngroup\npasswd'
    floe rm -f -t 0 c
    is "$(ls "$root/containers")" ""
}

@test "kill -9 of floe during start and rm of a container with overlays" {
    mkdir "$engine/host"
    floe create --name c --network none -v "$engine/host:/data:O" --mount type=image,src=busybox,dst=/img busybox sleep 1000
    measure floe start c
    floe stop -t 0 c
    for_each_moment 10 started_or_not
    floe rm -f -t 0 c
    leaves_nothing
    floe rmi busybox
}

started_or_not() {
    cut_short start c
    floe stop -t 0 c || floe start c
    floe stop -t 0 c
    is "$(mounts "$engine")" ""
}

@test "options of a volume that is not there yet" {
    is "$(run_once --mount 'type=volume,src=mem,dst=/m,volume-driver=local,volume-opt=type=tmpfs,volume-opt=device=tmpfs,"volume-opt=o=size=1m,mode=700"' \
        busybox sh -c 'grep -o "/m tmpfs .*size=1024k,mode=700" /proc/mounts' | wc -l)" 1
    is "$(floe volume inspect -f '{{.Options}}' mem)" 'map[device:tmpfs o:size=1m,mode=700 type:tmpfs]'
    is "$(run_once --mount type=volume,dst=/etc,volume-nocopy busybox ls /etc)" $'hostname\nhosts\nresolv.conf'
}

@test "wrong forms of overlays and of --mount are refused, and leave nothing" {
    local host=$engine/host
    mkdir "$host"
    touch "$host/file"
    refused 125 'image is missing' floe create --mount type=image,dst=/x busybox
    refused 125 'nope' floe create --mount type=image,src=nope,dst=/x busybox
    refused 125 "'noexec'" floe create --mount type=image,src=busybox,dst=/x,noexec busybox
    refused 125 'exclude' floe create --mount type=image,src=busybox,dst=/x,ro,rw busybox
    refused 125 'over the container' floe create --mount type=image,src=busybox,dst=/ busybox
    refused 125 'go together' floe create -v "$host:/x:O,upperdir=/tmp" busybox
    refused 125 'options of an overlay' floe create -v "$host:/x:upperdir=/tmp,workdir=/tmp" busybox
    refused 125 'absolute' floe create -v "$host:/x:O,upperdir=a,workdir=b" busybox
    refused 125 'that are there' floe create -v "$host:/x:O,upperdir=$host/no,workdir=$host/no" busybox
    refused 125 'only a directory' floe create -v "$host/file:/x:O" busybox
    refused 125 'KEY=VALUE' floe create --mount type=volume,dst=/x,volume-opt=o busybox
    refused 125 'for volumes' floe create --mount "type=bind,src=$host,dst=/x,volume-opt=o=x" busybox
    refused 125 'invalid mount option nope' floe create --mount type=volume,src=v,dst=/x,volume-opt=nope=x busybox
    refused 125 'no volume driver' floe create --mount type=volume,dst=/x,volume-driver=nope busybox
    refused 125 'no end' floe create --mount 'type=volume,dst=/x,"volume-opt=o=a' busybox
    is "$(floe ps -aq)$(floe volume ls -q)" ""
}

# A real server cannot be had here: who is asked is a mount of the test's, which makes a tmpfs.
@test "a volume of NFS asks mount(8) for what its options say" {
    mkdir "$engine/bin"
    printf '%s\n' '#!/bin/bash' 'printf "%s\n" "$@" >"'"$engine"'/asked"' \
        'exec /bin/mount -t tmpfs tmpfs "${@: -1}"' >"$engine/bin/mount"
    chmod +x "$engine/bin/mount"
    floe volume create -o type=nfs -o device=:/export -o o=addr=10.0.0.2,rw,nfsvers=4 shared
    PATH=$engine/bin:$PATH run -0 floe run --rm --network none -v shared:/s busybox grep -c ' /s tmpfs' /proc/mounts
    is "$output" 1
    is "$(cat "$engine/asked")" $'-t\nnfs\n-o\naddr=10.0.0.2,rw,nfsvers=4\n--\n:/export\n'"$root/volumes/shared/_data"
    is "$(mounts "$engine")" ""
}

@test "a volume whose file system this host does not know says so" {
    floe volume create -o type=nosuchfs -o device=none odd
    refused 125 "this host's kernel has no file system 'nosuchfs'" floe volume mount odd
}
