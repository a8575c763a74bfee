# SPDX-License-Identifier: Apache-2.0
# The Debian package: installed it does what floe is for, and purged it leaves nothing.

load helpers-vm

package() {
    local root

    root=$(realpath "$BATS_TEST_DIRNAME/../..")
    compgen -G "$root/build/deb/floe_*.deb" >/dev/null || "$root/scripts/deb" >"$BATS_TEST_TMPDIR/deb.log" 2>&1
    compgen -G "$root/build/deb/floe_*.deb"
}

@test "the package installs, does the main job, and is purged without a trace" {
    command -v dh >/dev/null || skip 'debhelper, which makes the package, is not installed'
    "$vm" copy "$(package)" "$FLOE_VM:/root/floe.deb"
    guest <<'END'
# Not the floe that was put into /usr/local by hand.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu
host_now() {
    find / -xdev -regex '/\(proc\|sys\|run\|tmp\|root\|usr/local\|floe\|var/\(log\|cache\|lib/dpkg\|lib/systemd\)\)' -prune -o -print
    # Not CRIU's notes of the kernel, nor the directory that all have their network namespaces in.
    ls -A -d /run/* /sys/class/net/floe* /sys/fs/cgroup/*floe* 2>/dev/null | grep -vx '/run/criu.kdat\|/run/netns' || true
}
is "$(floe ps -aq 2>/dev/null || true)" ''
# What the purge may take along: it is the same service by name, and the same directories.
systemctl -q disable floe-restart
rm -rf /var/lib/floe /run/floe /etc/floe
host_now | sort >/tmp/before
dpkg -i /root/floe.deb >/dev/null
systemctl is-active -q floe-restart
floe import -q -c 'CMD ["redis-server","--protected-mode","no","--save",""]' /floe/build/redis.tar redis >/dev/null
floe run -d --name c -v data:/data --restart always redis >/dev/null
eventually answers c
is "$(ask c 'SET kept yes')" +OK
floe checkpoint c >/dev/null
floe restore c >/dev/null
is "$(ask c 'GET kept')" '$3'
# With a container that runs.
dpkg -P floe >/dev/null
host_now | sort >/tmp/after
is "$(diff /tmp/before /tmp/after)" ''
is "$(pgrep -c redis-server || true)" 0
rm /root/floe.deb
END
}
