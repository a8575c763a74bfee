# SPDX-License-Identifier: Apache-2.0
# update: limits of a container, while it runs and for its next start.

# bats file_tags=sanitize

load helpers

# What the container's own cgroup says, v1 or v2.
cgroup_value() { # CONTROLLER V1-FILE V2-FILE
    cat "$(cgroup_file c "$1" "$2" "${3:-}")"
}

limits_of() { # CONTAINER
    floe inspect -f '{{with .HostConfig}}{{.Memory}} {{.NanoCpus}} {{.CpuQuota}} {{.CpuPeriod}} {{.CpuShares}} {{.CpusetCpus}} {{.PidsLimit}}{{end}}' "$1"
}

# bats test_tags=host
@test "a running container has new limits at once, and after a restart" {
    sleeper c --memory 64m
    id=$(floe inspect -f '{{.Id}}' c)
    run -0 floe update --memory 128m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 0 --pids-limit 77 c
    is "$output" "$id"
    is "$(limits_of c)" '134217728 500000000 0 0 512 0 77'
    is "$(cgroup_value memory memory.limit_in_bytes memory.max)" 134217728
    is "$(cgroup_value pids pids.max pids.max)" 77
    is "$(cgroup_value cpuset cpuset.cpus cpuset.cpus)" 0
    floe restart --time 0 c
    is "$(cgroup_value memory memory.limit_in_bytes memory.max)" 134217728
    is "$(cgroup_value pids pids.max pids.max)" 77
    is "$(floe events --stream=false -f event=update --format '{{.Name}}')" c
}

@test "what no flag is given for stays" {
    sleeper c --memory 64m --pids-limit 50 --cpus 1
    id=$(floe inspect -f '{{.Id}}' c)
    floe update --cpu-quota 20000 --cpu-period 50000 c
    is "$(limits_of c)" '67108864 0 20000 50000 0  50'
    floe update --pids-limit -1 c
    is "$(limits_of c)" '67108864 0 20000 50000 0  -1'
    is "$(cgroup_value pids pids.max pids.max)" max
    floe update --cpus 2 c
    is "$(limits_of c)" '67108864 2000000000 0 0 0  -1'
}

@test "one that does not run gets them with its next start" {
    floe create --name c --network none busybox sleep 1000 >/dev/null
    floe update --memory 32m c
    floe start c
    id=$(floe inspect -f '{{.Id}}' c)
    is "$(cgroup_value memory memory.limit_in_bytes memory.max)" 33554432
}

# bats test_tags=host
@test "a paused one too" {
    sleeper c
    floe pause c
    floe update --pids-limit 33 c
    is "$(state_of c)" paused
    id=$(floe inspect -f '{{.Id}}' c)
    is "$(cgroup_value pids pids.max pids.max)" 33
    floe unpause c
}

# bats test_tags=host
@test "run and create have the same limits" {
    floe create --name c --cpu-quota 20000 --cpu-period 50000 --cpuset-cpus 0 --memory 64m \
        --memory-reservation 32m busybox true >/dev/null
    is "$(limits_of c)" '67108864 0 20000 50000 0 0 2048'
    is "$(floe inspect -f '{{.HostConfig.MemoryReservation}}' c)" 33554432
    refused 125 'excludes' floe create --cpus 1 --cpu-quota 20000 busybox true
    refused 125 'needs a memory limit' floe create --memory-swap 64m busybox true
}

@test "what is refused changes nothing" {
    sleeper c --memory 64m
    local before
    before=$(limits_of c)
    refused 125 '6 MiB' floe update --memory 1m c
    refused 125 'excludes' floe update --cpus 1 --cpu-quota 20000 c
    refused 125 "'none'" floe update --cpuset-cpus none c
    refused 125 cpuset floe update --cpuset-cpus 4096 --pids-limit 12 c
    refused 125 'between 10 and 1000' floe update --blkio-weight 5 c
    refused 125 'between 1000 and 1000000' floe update --cpu-period 5 c
    refused 125 'invalid argument' floe update --memory lots c
    refused 125 'not supported by floe yet' floe update --memory-swappiness 5 c
    refused 125 'no container with name or ID "nonesuch"' floe update --memory 64m nonesuch
    refused 125 'name or id' floe update --memory 64m
    refused 125 'too many arguments' floe update --memory 64m c d
    is "$(limits_of c)" "$before"
}

# bats test_tags=host
@test "what the kernel refuses half-way leaves the limits as they were" {
    [ -e /sys/fs/cgroup/memory/memory.limit_in_bytes ] || skip "cgroup v2 takes any limit"
    sleeper c --memory 64m --tmpfs /t
    id=$(floe inspect -f '{{.Id}}' c)
    before="$(limits_of c) $(cgroup_value cpuset cpuset.cpus) $(cgroup_value cpu cpu.shares)"
    floe exec c dd if=/dev/zero of=/t/file bs=1M count=24
    run -125 floe update --memory 8m --cpuset-cpus 0 --cpu-shares 333 c
    is "$(limits_of c) $(cgroup_value cpuset cpuset.cpus) $(cgroup_value cpu cpu.shares)" "$before"
}

@test "the restart policy" {
    sleeper c
    is "$(floe inspect -f '{{.HostConfig.RestartPolicy.Name}}' c)" no
    floe update --restart on-failure:3 c
    is "$(floe inspect -f '{{with .HostConfig.RestartPolicy}}{{.Name}} {{.MaximumRetryCount}}{{end}}' c)" 'on-failure 3'
    is "$(floe ps --filter restart-policy=on-failure --format '{{.Names}}')" c
    floe update --memory 64m c
    floe update --restart no c
    is "$(floe inspect -f '{{.HostConfig.RestartPolicy.Name}}' c)" no
    refused 125 sometimes floe update --restart sometimes c
    floe run -d --rm --network none --name d busybox sleep 1000 >/dev/null
    refused 125 '--rm' floe update --restart always d
}

# bats test_tags=host
@test "a policy that is given to a running container restarts it" {
    background c busybox sh -c 'until [ -e /stop ]; do sleep 0.1; done; rm /stop; exit 1'
    floe update --restart always c
    let_end c /stop
    eventually has_restarted c
    floe rm -f --time 0 c
}

has_restarted() { # CONTAINER
    [ "$(floe inspect -f '{{.RestartCount}} {{.State.Status}}' "$1")" = '1 running' ]
}
