# SPDX-License-Identifier: Apache-2.0
# Limits: control groups on version 1, mixed and 2, resource limits, kernel parameters.
# bats file_tags=host

load helpers

# What a container's cgroup says, on whichever hierarchy holds the controller.
cgroup_value() { # CONTAINER CONTROLLER VERSION-1-FILE VERSION-2-FILE
    cat "$(cgroup_file "$@")"
}

@test "-m limits memory" {
    sleeper m -m 64m
    is "$(cgroup_value m memory memory.limit_in_bytes memory.max)" $((64 * 1024 * 1024))
    is "$(floe inspect -f '{{.HostConfig.Memory}}' m)" $((64 * 1024 * 1024))
}

@test "a container that takes more memory than it may is killed, and inspect says why" {
    run floe run --name oom --network none -m 16m busybox sh -c \
        'x=$(head -c 100000000 /dev/zero | tr "\0" x); echo survived'
    is "$status" 137
    lacks "$output" survived
    is "$(floe inspect -f '{{.State.OOMKilled}}' oom)" true
}

@test "--cpus limits processor time" {
    sleeper c --cpus 1.5
    if [ -d /sys/fs/cgroup/cpu ]; then
        is "$(cgroup_value c cpu cpu.cfs_quota_us '')" 150000
        is "$(cgroup_value c cpu cpu.cfs_period_us '')" 100000
    else
        is "$(cgroup_value c cpu '' cpu.max)" '150000 100000'
    fi
    is "$(floe inspect -f '{{.HostConfig.NanoCpus}}' c)" 1500000000
}

@test "--cpu-shares sets the weight" {
    sleeper s --cpu-shares 512
    if [ -d /sys/fs/cgroup/cpu ]; then
        is "$(cgroup_value s cpu cpu.shares '')" 512
    else
        # The runtimes translate it, each release in its own way.
        matches "$(cgroup_value s cpu '' cpu.weight)" '^(20|59)$'
    fi
    is "$(floe inspect -f '{{.HostConfig.CpuShares}}' s)" 512
}

@test "--pids-limit, and 2048 without it" {
    sleeper p --pids-limit 50
    is "$(cgroup_value p pids pids.max pids.max)" 50
    sleeper default
    is "$(cgroup_value default pids pids.max pids.max)" 2048
    is "$(floe inspect -f '{{.HostConfig.PidsLimit}}' default)" 2048
    sleeper none --pids-limit -1
    is "$(cgroup_value none pids pids.max pids.max)" max
    # It holds.
    run in_container --pids-limit 20 busybox sh -c 'i=0; while [ $((i += 1)) -le 25 ]; do sleep 5 & done; kill $(jobs -p)'
    has "$output" 'fork'
}

@test "--memory-swappiness says how readily memory is swapped" {
    if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
        refused 125 'cgroup v2' floe create --memory-swappiness 7 busybox true
        return
    fi
    refused 125 'between 0 and 100' floe create --memory-swappiness 101 busybox true
    refused 125 'between 0 and 100' floe create --memory-swappiness -2 busybox true
    sleeper box --memory-swappiness 7
    is "$(cat "$(cgroup_file box memory memory.swappiness -)")" 7
    is "$(floe inspect -f '{{.HostConfig.MemorySwappiness}}' box)" 7
    floe create --name usual --memory-swappiness -1 busybox true
    is "$(floe inspect -f '{{.HostConfig.MemorySwappiness}}' usual)" 0
}

@test "--cgroup-conf writes files of cgroup version 2" {
    if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
        refused 125 'cgroup v2' floe create --cgroup-conf memory.high=33554432 busybox true
        return
    fi
    refused 125 name=value floe create --cgroup-conf memory.high busybox true
    refused 125 ../memory.high floe create --cgroup-conf ../memory.high=1 busybox true
    refused 125 cgroup floe create --name wrong --cgroup-conf nothing=1 busybox true
    sleeper box --cgroup-conf memory.high=33554432,pids.max=70 --cgroup-conf memory.oom.group=1
    is "$(cgroup_value box memory - memory.high)" 33554432
    # What systemd has no name for crun writes into its own cgroup in the scope.
    of_group=$(cgroup_file box memory - memory.oom.group)
    has "$(cat "$of_group" "${of_group%/*}/container/memory.oom.group" 2>/dev/null)" 1
    is "$(floe inspect box | jq -Sc '.[0].HostConfig.CgroupConf')" \
        '{"memory.high":"33554432","memory.oom.group":"1","pids.max":"70"}'
    floe update -m 64m box >/dev/null
    is "$(cgroup_value box memory - memory.high)" 33554432
    floe restart -t 0 box >/dev/null
    is "$(cgroup_value box memory - memory.high)" 33554432
    # What the kernel does not know is an error of the start.
    floe create --name unknown --cgroup-conf memory.nothing=1 busybox true
    refused 125 memory.nothing floe start unknown
}

@test "limits that cannot be right are refused" {
    refused 125 lots in_container -m lots busybox true
    refused 125 -- in_container --cpus -1 busybox true
    refused 125 x in_container --pids-limit x busybox true
    refused 125 x in_container --cpu-shares x busybox true
    is "$(floe ps -aq)" ''
}

@test "limits hold again after a restart" {
    sleeper again -m 64m --pids-limit 50
    floe restart -t 0 again
    is "$(cgroup_value again memory memory.limit_in_bytes memory.max)" $((64 * 1024 * 1024))
    is "$(cgroup_value again pids pids.max pids.max)" 50
}

@test "the container sees its own cgroup, read-only" {
    run -0 in_container busybox sh -c 'grep " /sys/fs/cgroup" /proc/self/mounts | grep -v tmpfs'
    lacks "$output" ' rw,'
}

@test "--ulimit sets resource limits" {
    is "$(in_container --ulimit nofile=100:200 busybox sh -c 'ulimit -Sn; ulimit -Hn' | xargs)" '100 200'
    is "$(in_container --ulimit nofile=128 busybox sh -c 'ulimit -Sn; ulimit -Hn' | xargs)" '128 128'
    is "$(in_container --ulimit core=0 --ulimit nproc=77 busybox sh -c \
        'ulimit -c; sed -n "s/Max processes *//p" /proc/self/limits' | xargs)" '0 77 77 processes'
    floe create --name u --ulimit nofile=100:200 busybox true
    is "$(floe inspect u | jq -c '.[0].HostConfig.Ulimits[] | select(.Name == "RLIMIT_NOFILE")')" \
        '{"Name":"RLIMIT_NOFILE","Soft":100,"Hard":200}'
    refused 125 nonsense in_container --ulimit nonsense=1 busybox true
    refused 125 nofile in_container --ulimit nofile=many busybox true
    refused 125 nofile in_container --ulimit nofile=200:100 busybox true
    refused 125 "the limit 'nofile'" in_container --ulimit nofile=9223372036854775807 busybox true
}

@test "--sysctl sets parameters of the container's namespaces only" {
    is "$(in_container --sysctl net.ipv4.ip_forward=1 busybox cat /proc/sys/net/ipv4/ip_forward)" 1
    is "$(in_container --sysctl kernel.shmmax=12345 busybox cat /proc/sys/kernel/shmmax)" 12345
    refused 125 kernel.panic in_container --sysctl kernel.panic=1 busybox true
    refused 125 net.core.somaxconn floe run --rm --network host --sysctl net.core.somaxconn=1 busybox true
    refused 125 '=' in_container --sysctl net.core.somaxconn busybox true
}

@test "limits of a block device reach the cgroup" {
    local disk number file

    disk=$(lsblk -dnpo NAME,TYPE 2>/dev/null | awk '$2 == "disk" && $1 !~ /zram/ {print $1; exit}')
    [ -b "$disk" ] || skip "this machine has no disk"
    number=$((0x$(stat -c %t "$disk"))):$((0x$(stat -c %T "$disk")))
    sleeper slow --device-read-bps "$disk:1mb" --device-write-iops "$disk:500"
    if [ -d /sys/fs/cgroup/blkio ]; then
        is "$(cgroup_value slow blkio blkio.throttle.read_bps_device '')" "$number 1048576"
        is "$(cgroup_value slow blkio blkio.throttle.write_iops_device '')" "$number 500"
    else
        # In systemd's scope crun has a cgroup of its own, with what systemd is not asked for.
        file=$(cgroup_file slow io '' io.max)
        has "$(cat "$file" "${file%/*}/container/io.max" 2>/dev/null)" "$number rbps=1048576 wbps=max riops=max wiops=500"
    fi
    is "$(floe inspect -f '{{range .HostConfig.BlkioDeviceReadBps}}{{.Path}} {{.Rate}}{{end}}' slow)" "$disk 1048576"
    refused 125 'not of the form' floe create --device-read-bps "$disk" busybox
    refused 125 'not a block device' floe create --device-read-bps /dev/null:1 busybox
    refused 125 'no device' floe create --device-write-bps /dev/none:1 busybox
    refused 125 'read-iops' floe create --device-read-iops "$disk:many" busybox
}
