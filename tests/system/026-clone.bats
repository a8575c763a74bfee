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
    run -0 floe start -a c-clone
    is "$(grep -cx 1 <<<"$output")" 1
    has "$output" '/new: No such file'
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
