# SPDX-License-Identifier: Apache-2.0
# systemd as the cgroup manager: names, limits and places of scopes and slices, as podman has them. The machine where
# the other tests are at home has no systemd.

load helpers-vm

@test "systemd is the manager where it is the first process, and what is created otherwise stays so" {
    guest <<'END'
is "$(floe info --format '{{.Host.CgroupManager}} {{.Host.CgroupVersion}}')" 'systemd v2'
images
floe --cgroup-manager cgroupfs run -d --name hand redis >/dev/null
floe run -d --name scope redis >/dev/null
is "$(floe inspect --format '{{.HostConfig.CgroupManager}} {{.State.CgroupPath}}' hand)" \
    "cgroupfs /floe/$(id_of hand)"
is "$(floe inspect --format '{{.HostConfig.CgroupManager}} {{.HostConfig.CgroupParent}} {{.State.CgroupPath}}' scope)" \
    "systemd machine.slice /machine.slice/libpod-$(id_of scope).scope"
floe restart -t 0 hand >/dev/null
is "$(cgroup_of "$(pid_of hand)")" "/floe/$(id_of hand)"
printf '[engine]\ncgroup_manager = cgroupfs\n' >/root/floe.conf
is "$(FLOE_CONF=/root/floe.conf floe info --format '{{.Host.CgroupManager}}')" cgroupfs
floe rm -f -t 0 -a >/dev/null
eventually test ! -e /sys/fs/cgroup/floe
floe --cgroup-manager cgroupfs run --rm redis true
eventually test ! -e /sys/fs/cgroup/floe
END
}

@test "container and conmon are in scopes named as podman's, which go with them" {
    guest <<'END'
images
floe run -d --name web -m 64m --cpus 0.5 --cpu-shares 512 --pids-limit 100 redis >/dev/null
id=$(id_of web)
case $(cgroup_of "$(pid_of web)") in
"/machine.slice/libpod-$id.scope" | "/machine.slice/libpod-$id.scope/container") ;;
*) cgroup_of "$(pid_of web)"; exit 1 ;;
esac
is "$(cgroup_of "$(floe inspect --format '{{.State.ConmonPid}}' web)")" "/machine.slice/libpod-conmon-$id.scope"
is "$(floe exec web cat /proc/self/cgroup)" 0::/
is "$(systemctl show -p MemoryMax,TasksMax,CPUQuotaPerSecUSec --value "libpod-$id.scope" | sort | xargs)" '100 500ms 67108864'
cd "/sys/fs/cgroup/machine.slice/libpod-$id.scope"
is "$(cat memory.max pids.max cpu.max | xargs)" '67108864 100 50000 100000'
matches "$(cat cpu.weight)" '^(20|59)$'
floe update -m 96m --pids-limit 50 --cpus 1 web >/dev/null
is "$(cat memory.max pids.max cpu.max | xargs)" '100663296 50 100000 100000'
matches "$(floe stats --no-stream --format '{{.MemUsage}} {{.PIDs}}' web)" ' / 100\.7MB [1-9]'
floe pause web >/dev/null
is "$({ grep -h frozen cgroup.events container/cgroup.events 2>/dev/null || true; } | tail -n 1 | cut -d ' ' -f 2)" 1
floe unpause web >/dev/null
is "$({ grep -h frozen cgroup.events container/cgroup.events 2>/dev/null || true; } | tail -n 1 | cut -d ' ' -f 2)" 0
cd /
for i in 1 2 3; do floe restart -t 0 web >/dev/null; done
floe rm -f -t 0 web >/dev/null
eventually no_units libpod
END
}

@test "a pod is a slice with the pod's limits, which goes with it" {
    guest <<'END'
images
pod=$(floe pod create --name shop -m 200m --cpus 0.5 --cpuset-cpus 0 --cgroup-parent web.slice)
floe run -d --pod shop --name one redis >/dev/null
slice=/web.slice/web-libpod_pod_$pod.slice
is "$(floe pod inspect --format '{{.CgroupParent}} {{.CgroupPath}}' shop)" "web.slice $slice"
is "$(floe inspect --format '{{.State.CgroupPath}}' one)" "$slice/libpod-$(id_of one).scope"
is "$(cat /sys/fs/cgroup$slice/{memory.max,memory.swap.max,cpu.max,cpuset.cpus} | xargs)" '209715200 209715200 50000 100000 0'
systemctl daemon-reload
is "$(cat "/sys/fs/cgroup$slice/memory.max")" 209715200
floe pod rm -f -t 0 shop >/dev/null
eventually no_units libpod
END
}

@test "--cgroup-parent takes a slice, and with cgroupfs a path" {
    guest <<'END'
images
floe run -d --name in --cgroup-parent web-a.slice redis >/dev/null
is "$(floe inspect --format '{{.State.CgroupPath}}' in)" "/web.slice/web-a.slice/libpod-$(id_of in).scope"
floe --cgroup-manager cgroupfs run -d --name below --cgroup-parent /web redis >/dev/null
is "$(cgroup_of "$(pid_of below)")" "/web/libpod-$(id_of below)"
floe rm -f -t 0 -a >/dev/null
rmdir /sys/fs/cgroup/web
for wrong in web web.scope a--b.slice; do
    refused floe create --cgroup-parent "$wrong" redis
done
refused floe --cgroup-manager cgroupfs create --cgroup-parent web.slice redis
END
}

@test "--cgroups=disabled makes no cgroup, and all of the container ends with its first process" {
    guest <<'END'
images
systemd-run -q --unit none /usr/local/bin/floe --runtime crun run --name none --cgroups disabled redis
eventually answers none
for each in $(pid_of none) "$(floe inspect --format '{{.State.ConmonPid}}' none)"; do
    is "$(cgroup_of "$each")" /system.slice/none.service
done
is "$(floe inspect --format '{{.State.CgroupPath}}|{{.HostConfig.Cgroups}}' none)" '|disabled'
is "$(floe exec none echo here)" here
matches "$(floe top none comm)" redis-server
for verb in pause checkpoint 'update -m 64m' 'stats --no-stream'; do
    said=$(floe $verb none 2>&1) && { echo "was not refused: $verb"; exit 1; }
    matches "$said" 'does not have a cgroup'
done
floe stats --no-stream >/dev/null
floe stop none >/dev/null
eventually ended none.service
floe start none >/dev/null
eventually answers none
floe exec -d none sleep 1000
first=$(pid_of none)
# Even where conmon has gone.
kill -9 "$(floe inspect --format '{{.State.ConmonPid}}' none)"
is "$(state_of none)" running
floe rm -f -t 0 none >/dev/null
is "$(test -e "/proc/$first" && echo there || true)$(pgrep -c redis-server || true)$(pgrep -cx sleep || true)" 00
refused floe --runtime runc create --cgroups disabled redis
refused floe --runtime crun create --cgroups disabled --pid host redis
refused floe --runtime crun create --cgroups disabled -m 64m redis
refused floe --runtime crun create --cgroups disabled --cgroup-parent web.slice redis
END
}

@test "--cgroups=split keeps container and conmon in the service, no-conmon conmon alone" {
    guest <<'END'
images
systemd-run -q --unit split -p Delegate=yes /usr/local/bin/floe run --name split --cgroups split redis
eventually answers split
service=/system.slice/split.service
is "$(cgroup_of "$(pid_of split)")" "$service/libpod-payload-$(id_of split)"
is "$(cgroup_of "$(floe inspect --format '{{.State.ConmonPid}}' split)")" "$service/runtime"
floe stop -t 5 split >/dev/null
floe rm split >/dev/null
eventually ended split.service
systemd-run -q --unit stay /usr/local/bin/floe run --name stay --cgroups no-conmon redis
eventually answers stay
is "$(cgroup_of "$(floe inspect --format '{{.State.ConmonPid}}' stay)")" /system.slice/stay.service
is "$(cgroup_of "$(pid_of stay)" | cut -d / -f 2)" machine.slice
floe rm -f -t 0 stay >/dev/null
eventually ended stay.service
END
}

@test "a checkpoint goes to another slice, and to the other manager and back" {
    guest <<'END'
images
floe run -d --name moved -m 64m --cgroup-conf memory.high=50331648 redis >/dev/null
eventually answers moved
is "$(ask moved 'SET kept yes')" +OK
floe checkpoint moved >/dev/null
floe restore moved >/dev/null
eventually answers moved
for manager in cgroupfs systemd; do
    floe checkpoint --export /root/moved.tar moved >/dev/null
    floe rm moved >/dev/null
    floe --cgroup-manager $manager restore --import /root/moved.tar >/dev/null
    eventually answers moved
    is "$(floe inspect --format '{{.HostConfig.CgroupManager}}' moved)" $manager
    cgroup=/sys/fs/cgroup$(floe inspect --format '{{.State.CgroupPath}}' moved)
    is "$(cat "$cgroup/memory.max" "$cgroup/memory.high" | xargs)" '67108864 50331648'
done
is "$(ask moved 'GET kept' | tr -d '\r')" '$3'
floe rm -f -t 0 moved >/dev/null
rm /root/moved.tar
eventually no_units libpod
END
}

@test "an end for want of memory is known, and leaves no failed unit" {
    guest <<'END'
images
floe run -d --name hungry -m 32m --memory-swap 32m redis >/dev/null
eventually answers hungry
ask hungry 'SETRANGE big 200000000 x' >/dev/null || true
floe wait hungry >/dev/null
is "$(floe inspect --format '{{.State.OOMKilled}} {{.State.ExitCode}}' hungry)" 'true 137'
floe rm hungry >/dev/null
eventually no_units libpod
END
}
