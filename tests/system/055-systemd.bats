# SPDX-License-Identifier: Apache-2.0
# Containers whose first process is a systemd, and the cgroup manager.
# bats file_tags=host

load helpers

stop_signal_of() { # CONTAINER
    floe inspect --format '{{.Config.StopSignal}}' "$1"
}

@test "--systemd always prepares the container" {
    run -0 in_container --systemd always busybox sh -c 'echo $container_uuid; grep -c -E " (/run|/run/lock|/tmp|/var/log/journal) tmpfs" /proc/mounts'
    matches "${lines[0]}" '^[0-9a-f]{32}$'
    is "${lines[1]}" 4
    floe create --name c --systemd always -v "$engine:/run" busybox true
    is "$(stop_signal_of c)" 37
    has "$(floe inspect --format '{{range .Mounts}}{{.Destination}} {{.Type}};{{end}}' c)" '/run bind;'
}

@test "--systemd true does so for a systemd only, and gives way to a signal that is asked for" {
    floe create --name init busybox /sbin/init
    floe create --name path --stop-signal TERM busybox /usr/lib/systemd/systemd
    floe create --name shell busybox sh
    floe create --name off --systemd=false busybox /sbin/init
    is "$(stop_signal_of init) $(stop_signal_of path) $(stop_signal_of shell) $(stop_signal_of off)" '37 SIGTERM SIGTERM SIGTERM'
    lacks "$(floe inspect --format '{{.Config.Env}}' shell off)" container_uuid
    has "$(floe inspect --format '{{.Config.Env}}' path)" container_uuid
    refused 125 'none of true, false and always' floe create --systemd maybe busybox true
}

@test "--cgroup-parent, --cgroups and --cgroup-manager: what is wrong is told" {
    refused 125 'neither systemd nor cgroupfs' floe --cgroup-manager nonsense create busybox true
    refused 125 'systemd slice received as cgroup parent when using cgroupfs' \
        floe --cgroup-manager cgroupfs create --cgroup-parent a.slice busybox true
    refused 125 'not the path of a cgroup' floe --cgroup-manager cgroupfs create --cgroup-parent / busybox true
    refused 125 'invalid cgroup mode' floe create --cgroups nonsense busybox true
    refused 125 'must create a private PID namespace' floe create --cgroups disabled --pid host busybox true
    refused 125 'cgroup parent if not creating' floe --cgroup-manager cgroupfs create --cgroups disabled --cgroup-parent /a busybox true
    refused 125 'runc is not compatible with NoCgroups' floe --runtime runc create --cgroups disabled busybox true
    [ -d /run/systemd/system ] ||
        refused 125 'needs cgroup v2 and systemd' floe --cgroup-manager systemd create busybox true
}

@test "--cgroup-parent has the container's cgroup in it" {
    floe --cgroup-manager cgroupfs run -d --name c --network none --cgroup-parent "/floe-$tag/web" busybox \
        sh -c "$SLEEPER"
    is "$(floe inspect --format '{{.State.CgroupPath}}' c)" "/floe-$tag/web/libpod-$tag-$(floe inspect --format '{{.Id}}' c)"
    grep -q "/floe-$tag/web/" "/proc/$(floe inspect --format '{{.State.Pid}}' c)/cgroup"
    floe rm -f -t 0 c
    processes_wait "$engine"
    cgroups "$engine" | sed 's,$,/web,' | xargs -r rmdir
    cgroups "$engine" | xargs -r rmdir
}
