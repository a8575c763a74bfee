# SPDX-License-Identifier: Apache-2.0
# What run leaves on the host, or takes from there: process ids, the log, the init, the image; and how long it may run.

# bats file_tags=sanitize

load helpers

@test "--pidfile and --conmon-pidfile have the processes of each start" {
    cd "$engine"
    sleeper c --pidfile c.pid --conmon-pidfile "$engine/conmon.pid"
    cd /
    is "$(cat "$engine/c.pid")" "$(floe inspect -f '{{.State.Pid}}' c)"
    is "$(cat "$engine/conmon.pid")" "$(floe inspect -f '{{.State.ConmonPid}}' c)"
    is "$(floe inspect -f '{{.PidFile}} {{.ConmonPidFile}}' c)" "$engine/c.pid $engine/conmon.pid"
    rm "$engine/c.pid"
    floe restart -t 0 c
    is "$(cat "$engine/c.pid")" "$(floe inspect -f '{{.State.Pid}}' c)"
    floe rm -f -t 0 c
    refused 125 'no/c.pid' floe run --network none --pidfile "$engine/no/c.pid" busybox true
    is "$(floe ps --filter status=running -q)" ""
}

@test "--timeout ends a container that runs too long" {
    run -255 floe run --name c --network none --timeout 3 busybox sleep 1000
    is "$(floe inspect -f '{{.Config.Timeout}} {{.State.Status}}' c)" '3 exited'
    floe run --rm --network none --timeout 1000 busybox true
}

@test "--log-opt: a log of the user's, and a limit of its size" {
    floe run --name c --network none --log-opt "path=$engine/log,max-size=2k" busybox \
        sh -c 'for i in $(seq 200); do echo line $i; done' >/dev/null
    [ "$(stat -c %s "$engine/log")" -lt 2048 ]
    is "$(floe logs c | tail -n 1)" 'line 200'
    is "$(floe inspect -f '{{.HostConfig.LogConfig.Path}} {{.HostConfig.LogConfig.Size}}' c)" "$engine/log 2048B"
    floe rm c
    [ -e "$engine/log" ]
    refused 125 'KEY=VALUE' floe create --log-opt path busybox
    refused 125 'are known' floe create --log-opt colour=red busybox
    refused 125 'no directory' floe create --log-opt "path=$engine/no/log" busybox
    refused 125 'log driver journald' floe create --log-opt tag=x busybox
    refused 125 'log driver k8s-file' floe create --log-driver none --log-opt max-size=1k busybox
    is "$(floe ps -aq)" ""
}

@test "--init-path runs that program first" {
    cp "$(command -v catatonit)" "$engine/init"
    is "$(floe run --rm --network none --init --init-path "$engine/init" busybox \
        sh -c 'tr "\0" " " </proc/1/cmdline; cmp /run/podman-init /run/podman-init')" \
        '/run/podman-init -- sh -c tr "\0" " " </proc/1/cmdline; cmp /run/podman-init /run/podman-init '
    refused 125 'no program' floe run --network none --init --init-path "$engine/none" busybox true
    refused 125 'absolute' floe create --init --init-path init busybox
}

@test "--cgroupns: what the container sees of the cgroups" {
    matches "$(floe run --rm --network none --cgroupns private busybox tail -n 1 /proc/self/cgroup)" ':/$'
    lacks "$(floe run --rm --network none --cgroupns host busybox tail -n 1 /proc/self/cgroup)" $':/\n'
    is "$(floe inspect -f '{{.HostConfig.CgroupMode}}' "$(floe create --cgroupns private busybox)")" private
    refused 125 'neither' floe create --cgroupns other busybox
}

@test "--rmi removes the image that nobody else uses" {
    floe import -q -c 'CMD a' "$BUSYBOX_TAR" other
    run -3 floe run --rmi --network none other sh -c 'exit 3'
    run -1 floe image exists other
    is "$(floe ps -aq)" ""
    floe create --name user busybox >/dev/null
    floe run --rmi --network none busybox true
    floe image exists busybox
    refused 125 'foreground' floe run --rmi -d busybox true
    refused 125 'did you mean' floe create --rmi busybox
}

@test "the time, the size of the log and the cgroup namespace go with a checkpoint" {
    sleeper c --timeout 1000 --log-opt max-size=1m --cgroupns private
    floe checkpoint -e "$engine/c.tar" c
    floe rm c
    floe restore -i "$engine/c.tar"
    is "$(floe inspect -f '{{.Config.Timeout}} {{.HostConfig.LogConfig.Size}} {{.HostConfig.CgroupMode}}' c)" '1000 1048576B private'
    floe rm -f -t 0 c
    refused 125 'only the policy' floe create --seccomp-policy image busybox
    floe create --seccomp-policy default --disable-content-trust busybox
}
