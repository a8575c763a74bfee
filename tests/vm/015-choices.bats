# SPDX-License-Identifier: Apache-2.0
# Where hosts differ floe chooses; here each choice is forced on the machine that has them all, and the one thing is
# done with it that all of floe is for.

load helpers-vm

# floe says what was chosen; limits are in their files, a published port answers, and its rules are where they should
# be; what is in memory outlives a checkpoint.
main_job() { # RUNTIME CGROUP-MANAGER FIREWALL STORAGE-DRIVER
    {
        printf 'runtime=%q manager=%q firewall=%q driver=%q\n' "$@"
        cat <<'END'
export FLOE_CONF=/root/floe.conf
printf '[engine]\nruntime = %s\ncgroup_manager = %s\nstorage_driver = %s\n[network]\nfirewall_driver = %s\n' \
    "$runtime" "$manager" "$driver" "$firewall" >/root/floe.conf
is "$(floe info --format '{{.Host.OCIRuntime.Name}} {{.Host.CgroupManager}} {{.Host.NetworkBackendInfo.Firewall}}')" \
    "$runtime $manager $firewall"
is "$(floe info --format '{{.Store.GraphDriverName}}')" "$driver"
# Debian 12's crun was built without CRIU.
freezes() { ! grep -q 'built without checkpoint' <<<"$(floe --runtime "$runtime" doctor)"; }
images
# Its netavark has nothing but iptables: then that is what floe says.
newest() { [ "$(printf '%s\n' "$@" | sort -V | tail -n 1)" = "$1" ]; }
if [ $firewall = nftables ] && ! newest "$(/usr/lib/podman/netavark --version | cut -d ' ' -f 2)" 1.11; then
    matches "$(floe run --rm redis true 2>&1 || true)" nftables
    exit
fi
floe run -d --name c -p 8080:6379 -m 64m --pids-limit 100 --cpus 0.5 --cpu-shares 512 --blkio-weight 500 \
    --device-read-bps /dev/vda:1mb redis >/dev/null
eventually answers c
case $firewall in
nftables) nft list table inet netavark ;;
iptables) iptables-save -t nat ;;
esac | grep 'dport 8080' >/dev/null
# What it began with it keeps.
rm /root/floe.conf
unset FLOE_CONF
cgroup=/sys/fs/cgroup$(floe inspect --format '{{.State.CgroupPath}}' c)
# crun has a cgroup of its own in systemd's, with what systemd is not asked for.
limits() { cat "$cgroup"/{memory.max,pids.max,cpu.max}; cat "$cgroup"/io.max "$cgroup"/container/io.max 2>/dev/null | grep -o 'rbps=[0-9]*'; }
is "$(limits | xargs)" '67108864 100 50000 100000 rbps=1048576'
matches "$(cat "$cgroup/cpu.weight")" '^(20|59)$'
# bfq has the scale of v1; to the other one the runtimes do not come by the same sum.
matches "$(cat "$cgroup/io.bfq.weight" 2>/dev/null || cat "$cgroup/io.weight")" '^default (500|4500|4950)$'
exec 7<>/dev/tcp/127.0.0.1/8080
exec 7>&-
is "$(ask c 'SET kept yes')" +OK
if freezes; then
    floe checkpoint c >/dev/null
    floe restore c >/dev/null
fi
is "$(ask c 'GET kept')" '$3'
is "$(limits | xargs)" '67108864 100 50000 100000 rbps=1048576'
floe update -m 96m c >/dev/null
is "$(cat "$cgroup/memory.max")" 100663296
matches "$(floe stats --no-stream --format '{{.MemUsage}} {{.PIDs}}' c)" ' / 100\.7MB [1-9]'
floe rm -f -t 0 c >/dev/null
! iptables-save -t nat 2>/dev/null | grep 'dport 8080'
END
    } | guest
}

@test "crun, systemd's cgroups, nftables" {
    main_job crun systemd nftables overlay
}

@test "crun, cgroups by hand, iptables" {
    main_job crun cgroupfs iptables overlay
}

@test "runc, systemd's cgroups, iptables" {
    main_job runc systemd iptables overlay
}

@test "runc, cgroups by hand, nftables, copies for overlays" {
    main_job runc cgroupfs nftables vfs
}
