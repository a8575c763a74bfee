# SPDX-License-Identifier: Apache-2.0
# The default sandbox, and what takes pieces of it away: capabilities, seccomp, privileges, masked paths, devices.

load helpers

# One line of /proc/self/status.
status_line() { # NAME OPTION...
    in_container "${@:2}" busybox sed -n "s/^$1:[[:space:]]*//p" /proc/self/status
}

# Those that this machine has to give; a virtual machine or a container may lack some.
all_capabilities() {
    sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status
}

# CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE SYS_CHROOT SETFCAP
readonly DEFAULT_CAPABILITIES=00000000800405fb

@test "the default capabilities are podman's eleven, also as the bounding set" {
    is "$(status_line CapEff)" $DEFAULT_CAPABILITIES
    is "$(status_line CapPrm)" $DEFAULT_CAPABILITIES
    is "$(status_line CapBnd)" $DEFAULT_CAPABILITIES
    is "$(status_line CapInh)" 0000000000000000
    is "$(status_line CapAmb)" 0000000000000000
}

@test "a user other than root has no effective capabilities" {
    is "$(status_line CapEff -u alice)" 0000000000000000
    is "$(status_line CapBnd -u alice)" $DEFAULT_CAPABILITIES
}

@test "a user that is named has its own group among the supplementary ones, and cannot drop it" {
    is "$(status_line Groups -u alice | xargs)" '50 1000'
    is "$(status_line Groups -u alice:staff | xargs)" 50
    is "$(status_line Groups -u 4242 | xargs)" 0
}

@test "--cap-add and --cap-drop change the set" {
    is "$(status_line CapEff --cap-add NET_ADMIN)" 00000000800415fb
    is "$(status_line CapEff --cap-add CAP_NET_ADMIN --cap-add sys_ptrace)" 00000000800c15fb
    is "$(status_line CapEff --cap-drop CHOWN,KILL)" 00000000800405da
    is "$(status_line CapEff --cap-drop all)" 0000000000000000
    is "$(status_line CapBnd --cap-drop ALL --cap-add CHOWN)" 0000000000000001
    is "$(status_line CapEff --cap-add ALL)" "$(all_capabilities)"
    is "$(status_line CapEff --cap-add ALL --cap-drop CHOWN)" \
        "$(printf '%016x' $((0x$(all_capabilities) - 1)))"
}

@test "an unknown capability is refused" {
    refused 125 FLYING in_container --cap-add FLYING busybox true
    refused 125 FLYING in_container --cap-drop FLYING busybox true
}

@test "inspect tells the capabilities" {
    floe create --name c --cap-drop ALL --cap-add CHOWN busybox true
    is "$(floe inspect c | jq -c '.[0] | .EffectiveCaps, .BoundingCaps' | xargs)" '[CAP_CHOWN] [CAP_CHOWN]'
}

@test "seccomp is on, and off when asked" {
    is "$(status_line Seccomp)" 2
    is "$(status_line Seccomp --security-opt seccomp=unconfined)" 0
    is "$(status_line Seccomp --privileged)" 0
}

# bats test_tags=host
@test "the default seccomp profile refuses what it does not name, and goes by the capabilities" {
    sleeper plain
    sleeper admin --cap-add SYS_ADMIN
    is "$(jq -r .linux.seccomp.defaultAction "$(floe inspect -f '{{.OCIConfigPath}}' plain)")" SCMP_ACT_ERRNO
    # unshare(2) is for those who have SYS_ADMIN.
    run -1 floe exec plain unshare -u true
    floe exec admin unshare -u true
}

@test "a seccomp profile of one's own is used, and one that cannot be read is an error" {
    echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],
           "action":"SCMP_ACT_ERRNO","errnoRet":17}]}' >"$BATS_TEST_TMPDIR/profile.json"
    run -1 in_container --security-opt "seccomp=$BATS_TEST_TMPDIR/profile.json" busybox mkdir /dir
    has "$output" 'File exists'

    # The path is from the working directory of whoever creates it, not of whoever starts it.
    cd "$BATS_TEST_TMPDIR"
    floe create --name c --network none --security-opt seccomp=profile.json busybox mkdir /dir
    cd /
    run -1 --separate-stderr floe start -a c
    has "$stderr" 'File exists'

    refused 125 '/no/profile' in_container --security-opt seccomp=/no/profile busybox true
    refused 125 'seccomp profile: /etc/passwd' in_container --security-opt seccomp=/etc/passwd busybox true
    echo '{"defaultAction":' >"$BATS_TEST_TMPDIR/broken.json"
    refused 125 broken.json in_container --security-opt "seccomp=$BATS_TEST_TMPDIR/broken.json" busybox true
    refused 125 nonsense in_container --security-opt nonsense=1 busybox true
}

@test "mask= hides more of the kernel's files, unmask= fewer" {
    sleeper plain
    run -1 floe exec plain sh -c 'test -s /proc/keys'
    run -1 floe exec plain sh -c 'echo core 2>/dev/null >/proc/sys/kernel/core_pattern'
    sleeper other --security-opt mask=/proc/version:/sys/fs/ext4 --security-opt 'unmask=/proc/k*:/proc/asound'
    is "$(floe exec other sh -c 'cat /proc/version; ls /sys/fs/ext4')" ''
    [ "$(floe exec other stat -c %t:%T /proc/keys)" != "$(floe exec plain stat -c %t:%T /proc/keys)" ]
    run -1 floe exec other sh -c 'echo core 2>/dev/null >/proc/sys/kernel/core_pattern'
    is "$(floe inspect -f '{{json .HostConfig.SecurityOpt}}' other)" \
        '["mask=/proc/version:/sys/fs/ext4","unmask=/proc/k*:/proc/asound"]'
    sleeper open --security-opt unmask=ALL
    floe exec open test -w /proc/sys/kernel/core_pattern
    is "$(jq -c '.linux.maskedPaths, .linux.readonlyPaths' "$(floe inspect -f '{{.OCIConfigPath}}' open)")" $'null\nnull'
    refused 125 "'proc/x' is no absolute path" in_container --security-opt mask=/proc/y:proc/x busybox true
}

@test "no-new-privileges is off by default, and on when asked" {
    is "$(status_line NoNewPrivs)" 0
    is "$(status_line NoNewPrivs --security-opt no-new-privileges)" 1
    is "$(status_line NoNewPrivs --security-opt no-new-privileges=true)" 1
    is "$(status_line NoNewPrivs --security-opt no-new-privileges:true)" 1
    is "$(status_line NoNewPrivs --security-opt no-new-privileges=false)" 0
}

@test "masked paths show nothing" {
    run -0 in_container busybox sh -c '
        for path in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug; do
            test ! -e $path || wc -c <$path
        done
        ls -A /proc/acpi /proc/scsi /sys/firmware /sys/fs/selinux 2>/dev/null | grep -v :; true'
    is "$(sort -u <<<"$output" | xargs)" 0
}

@test "read-only paths cannot be written" {
    run in_container busybox sh -c '
        for path in /proc/sys/kernel/hostname /proc/sysrq-trigger /proc/irq/default_smp_affinity; do
            (echo x >$path) 2>&1 && echo "wrote $path"
        done; true'
    lacks "$output" wrote
    has "$output" 'Read-only file system'
    in_container busybox grep -qE '^proc /proc/(sys|bus|fs|irq|sysrq-trigger) proc ro,' /proc/self/mounts
}

# bats test_tags=host
@test "--privileged takes the sandbox off" {
    is "$(status_line CapEff --privileged)" "$(all_capabilities)"
    in_container --privileged busybox sh -c 'mount -t tmpfs x /mnt 2>/dev/null || { mkdir /mnt; mount -t tmpfs x /mnt; }'
    in_container --privileged busybox sh -c 'echo box >/proc/sys/kernel/hostname && hostname | grep -qx box'
    in_container --privileged busybox sh -c 'ls /dev | wc -l | grep -qvx 16'
    run -0 in_container --privileged busybox grep -c ' /proc/[a-z]' /proc/self/mounts || true
    is "$output" 0
}

# bats test_tags=host
@test "without --privileged mounts and devices are out of reach" {
    run in_container busybox mount -t tmpfs x /tmp
    [ "$status" != 0 ]
    # Making a node needs MKNOD, using it the device cgroup's consent.
    run -1 in_container busybox mknod /tmp/disk b 1 0
    run in_container --cap-add MKNOD busybox sh -c 'mknod /tmp/ram b 1 0 && head -c 1 /tmp/ram'
    has "$output" 'Operation not permitted'
    run in_container --cap-add MKNOD busybox sh -c 'mknod /tmp/mem c 1 1 && head -c 1 /tmp/mem'
    has "$output" 'Operation not permitted'
}

@test "the container's processes have their own namespaces" {
    run -0 in_container busybox sh -c 'for ns in pid ipc uts mnt net; do readlink /proc/self/ns/$ns; done'
    local ns
    for ns in pid ipc uts mnt net; do
        lacks "$output" "$(readlink /proc/self/ns/$ns)"
    done
    is "$(in_container busybox sh -c 'echo $$')" 1
}

@test "setuid programs work, unless new privileges are off" {
    local tree=$BATS_TEST_TMPDIR/tree
    busybox_tree "$tree"
    rm "$tree/bin/su"
    cp "$tree/bin/busybox" "$tree/bin/su"
    chmod 4755 "$tree/bin/su"
    sed -i 's/^root:x:/root::/' "$tree/etc/passwd"
    tar -C "$tree" -cf "$BATS_TEST_TMPDIR/t.tar" .
    floe import -q "$BATS_TEST_TMPDIR/t.tar" suid

    is "$(in_container -u alice suid su root -c 'id -u')" 0
    run in_container -u alice --security-opt no-new-privileges suid su root -c 'id -u'
    [ "$status" != 0 ]
    lacks "$output" $'\n0'
}

# bats test_tags=host
@test "--device gives a device of the host, with the access that is named" {
    [ -c /dev/loop-control ] || skip "this host has no /dev/loop-control"
    local number
    number=$(stat -c '%t:%T' /dev/loop-control)
    is "$(in_container --device /dev/loop-control busybox stat -c '%t:%T' /dev/loop-control)" "$number"
    is "$(in_container --device /dev/loop-control:/dev/mine/one:r busybox stat -c '%t:%T' /dev/mine/one)" "$number"
    in_container --device /dev/loop-control:r busybox sh -c ': </dev/loop-control'
    run -1 in_container --device /dev/loop-control:r busybox sh -c ': >/dev/loop-control'
    has "$output" 'not permitted'
    # A directory stands for what is in it.
    mkdir "$BATS_TEST_TMPDIR/dev"
    mknod "$BATS_TEST_TMPDIR/dev/zero2" c 1 5
    is "$(in_container --device "$BATS_TEST_TMPDIR/dev:/dev/all" busybox head -c 3 /dev/all/zero2 | wc -c)" 3
    floe create --name d --device /dev/loop-control:/dev/l:rw busybox true
    is "$(floe inspect -f '{{range .HostConfig.Devices}}{{.PathOnHost}} {{.PathInContainer}} {{.CgroupPermissions}}{{end}}' d)" \
        '/dev/loop-control /dev/l rw'
    refused 125 'not a device' floe create --device /etc/passwd busybox
    refused 125 'No such file' floe create --device /dev/none busybox
    refused 125 'not made of' floe create --device /dev/null:/dev/x:rx busybox
    refused 125 'absolute' floe create --device /dev/null:x:r busybox
}

@test "a device that has gone is an error of the start" {
    mknod "$BATS_TEST_TMPDIR/gone" c 1 5
    floe create --name d --network none --device "$BATS_TEST_TMPDIR/gone:/dev/gone" busybox sleep 100
    rm "$BATS_TEST_TMPDIR/gone"
    refused 125 gone floe start d
    mknod "$BATS_TEST_TMPDIR/gone" c 1 3
    floe start d
    is "$(floe exec d stat -c '%t:%T' /dev/gone)" 1:3
}

# bats test_tags=host
@test "--device-cgroup-rule lets a device be used that the container makes itself" {
    local make='mknod /tmp/d c 10 237 && : </tmp/d'
    run -1 in_container --cap-add MKNOD busybox sh -c "$make"
    has "$output" 'not permitted'
    in_container --cap-add MKNOD --device-cgroup-rule 'c 10:* rwm' busybox sh -c "mknod /tmp/d c 10 237"
    [ ! -c /dev/loop-control ] || in_container --cap-add MKNOD --device-cgroup-rule 'c 10:237 rwm' busybox sh -c "$make"
    local bad
    for bad in 'c 10:237' 'x 1:2 r' 'c 1:x r' 'c 1:2 q' ''; do
        refused 125 'TYPE MAJOR:MINOR' floe create --device-cgroup-rule "$bad" busybox
    done
}
