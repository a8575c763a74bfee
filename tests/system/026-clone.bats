# SPDX-License-Identifier: Apache-2.0
# container clone: a second container with what the first was made with, and nothing of what it did.

# bats file_tags=sanitize

load helpers
load helpers-crash

@test "a clone has the first one's configuration, and nothing that it wrote" {
    local id
    floe run --name c --network none -v data:/d -e A=1 --memory 64m --pidfile "$engine/pid" \
        --log-opt "path=$engine/log" busybox sh -c 'ls /new; touch /new; echo $A' >/dev/null
    id=$(floe container clone c)
    is "$(floe inspect -f '{{.Name}} {{.HostConfig.Memory}} {{.State.Status}}' "$id")" 'c-clone 67108864 created'
    is "$(floe inspect -f '{{range .Mounts}}{{.Name}}{{end}}' c-clone)" data
    matches "$(floe inspect -f '{{.PidFile}}' c-clone)" "^$runroot/"
    matches "$(floe inspect -f '{{.HostConfig.LogConfig.Path}}' c-clone)" "^$root/"
    run -0 --separate-stderr floe start -a c-clone
    is "$output" 1
    has "$stderr" '/new: No such file'
    refused 2 "$id" floe volume rm data
}

@test "another name, another image, and the first one goes" {
    floe import -q -c 'CMD a' "$BUSYBOX_TAR" other
    sleeper web
    floe container clone web two other >/dev/null
    is "$(floe inspect -f '{{.ImageName}}' two)" localhost/other:latest
    floe container clone --name three --run two >/dev/null
    is "$(state_of three)" running
    refused 125 'running' floe container clone --destroy web four
    floe rm four
    floe container clone --destroy --force --run web five >/dev/null
    run -1 floe container exists web
    is "$(state_of five)" running
}

@test "a clone has other limits where they are given" {
    floe create --name c --memory 64m --cpus 1 busybox true
    floe container clone -m 96m --cpu-shares 300 c two >/dev/null
    is "$(floe inspect -f '{{.HostConfig.Memory}} {{.HostConfig.CpuShares}} {{.HostConfig.NanoCpus}}' c two)" \
        $'67108864 0 1000000000\n100663296 300 1000000000'
    floe container clone --cpu-period 50000 --cpu-quota 25000 c three >/dev/null
    is "$(floe inspect -f '{{.HostConfig.NanoCpus}} {{.HostConfig.CpuQuota}}' three)" '0 25000'
    refused 125 'quota' floe container clone --cpus 2 --cpu-quota 1000 c four
    refused 125 'set of numbers' floe container clone --cpuset-cpus x c four
    refused 125 'memory' floe container clone -m 1k c four
    run -1 floe container exists four
}

@test "container clone refuses what cannot be" {
    sleeper c
    floe pod create --name p >/dev/null
    refused 125 nope floe container clone nope
    refused 125 nope floe container clone c two nope
    refused 125 'already in use' floe container clone c c
    refused 125 name floe container clone c 'a/b'
    refused 125 'infra container' floe container clone "$(floe pod inspect --format '{{.InfraContainerID}}' p)"
    refused 125 'for --destroy' floe container clone --force c
    refused 125 'missing' floe container clone
    is "$(floe ps -aq | wc -l)" 2
}

@test "kill -9 of floe during container clone" {
    sleeper c
    measure floe container clone c x
    floe rm x
    for_each_moment 12 cloned_or_not
}

cloned_or_not() {
    cut_short container clone c x
    lists_everything
    floe rm -f x 2>/dev/null || :
    is "$(floe ps -a --format '{{.Names}}')" c
}
