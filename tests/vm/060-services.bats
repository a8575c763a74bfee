# SPDX-License-Identifier: Apache-2.0
# Containers as services of systemd: files that the generator makes services of, the journal, the end of the host.

load helpers-vm

clean_services() {
    guest <<'END'
for unit in web side app-pod db data-volume; do systemctl -q stop "$unit" 2>/dev/null || true; done
rm -rf /etc/floe/systemd
systemctl daemon-reload
floe volume rm -f systemd-data >/dev/null 2>&1 || true
END
}

@test "quadlet: a file is a service, which starts, tells of itself, fails and is started again" {
    guest <<'END'
images
mkdir -p /etc/floe/systemd
printf '%s\n' '[Container]' Image=localhost/redis Volume=data.volume:/data 'HealthCmd=redis-cli ping' HealthInterval=1s \
    Notify=healthy '[Service]' Restart=on-failure MemoryMax=300M >/etc/floe/systemd/db.container
echo '[Volume]' >/etc/floe/systemd/data.volume
systemctl daemon-reload
systemctl start db
is "$(systemctl is-active db data-volume | sort -u)" active
is "$(floe inspect --format '{{.State.Health.Status}}' systemd-db)" healthy
is "$(systemctl show -p MainPID --value db)" "$(floe inspect --format '{{.State.ConmonPid}}' systemd-db)"
is "$(cgroup_of "$(pid_of systemd-db)" | cut -d / -f 1-3)" /system.slice/db.service
is "$(cat /sys/fs/cgroup/system.slice/db.service/memory.max)" 314572800
is "$(ask systemd-db 'SET kept yes')" +OK
id=$(floe inspect --format '{{.Id}}' systemd-db)
floe kill systemd-db >/dev/null
is_new() { [ "$(floe inspect --format '{{.Id}} {{.State.Status}}' systemd-db)" != "$id running" ] && systemctl -q is-active db; }
eventually is_new
systemctl stop db
is "$(floe ps -aq)" ''
END
    clean_services
}

@test "quadlet: a startup check that fails too often has the service started anew" {
    guest <<'END'
images
mkdir -p /etc/floe/systemd
printf '%s\n' '[Container]' Image=localhost/redis 'HealthCmd=redis-cli ping' HealthInterval=1s \
    'HealthStartupCmd=test -e /data/up' HealthStartupInterval=1s HealthStartupRetries=2 \
    '[Service]' Restart=on-failure >/etc/floe/systemd/side.container
systemctl daemon-reload
systemctl start side
again() { [ "$(systemctl show -P NRestarts side)" -ge 1 ] && floe exec systemd-side touch /data/up; }
eventually again
healthy() { [ "$(floe inspect --format '{{.State.Health.Status}}' systemd-side)" = healthy ]; }
eventually healthy
is "$(cgroup_of "$(pid_of systemd-side)")" "/system.slice/side.service/libpod-payload-$(id_of systemd-side)"
is "$(systemctl list-units --all --plain --no-legend "$(id_of systemd-side)-*.timer" | wc -l)" 1
is "$(systemctl list-units --all --plain --no-legend '*-startup-*.timer' | wc -l)" 0
systemctl stop side
is "$(floe ps -aq)" ''
END
    clean_services
}

@test "quadlet: a pod's containers come and go with it, and a bad file is told of in the journal" {
    guest <<'END'
images
mkdir -p /etc/floe/systemd
echo '[Pod]' >/etc/floe/systemd/app.pod
printf '%s\n' '[Container]' Image=localhost/redis Pod=app.pod '[Service]' MemoryMax=300M >/etc/floe/systemd/web.container
printf '%s\n' '[Container]' Image=x Colour=red >/etc/floe/systemd/bad.container
systemctl daemon-reload
systemctl start app-pod
eventually systemctl -q is-active web
is "$(floe pod ps --format '{{.Name}} {{.Status}}')" 'systemd-app Running'
# In its own service and not in the pod's slice: there its limits are, and systemctl shows its processes.
own=/system.slice/web.service/libpod-payload-$(id_of systemd-web)
is "$(cgroup_of "$(pid_of systemd-web)")" "$own"
is "$(floe inspect --format '{{.State.CgroupPath}}' systemd-web)" "$own"
is "$(cat /sys/fs/cgroup/system.slice/web.service/memory.max)" 314572800
systemctl status --no-pager web | grep -q redis-server
is "$(floe pod stats --no-stream --format '{{.Name}}' systemd-app | grep -c systemd-web)" 1
floe pod checkpoint --export /root/pod.tar.zst --leave-running systemd-app >/dev/null
is "$(cat "/sys/fs/cgroup$own/cgroup.freeze")" 0
systemctl -q is-active web
rm /root/pod.tar.zst
systemctl stop app-pod
eventually test "$(systemctl is-active web || true)" = inactive
is "$(floe pod ps -q)" ''
journalctl -b --no-pager | grep "bad.container:3: unknown key 'Colour'" >/dev/null
END
    clean_services
}

@test "socket activation: systemd's socket reaches the container" {
    guest <<'END'
images
systemd-run -q --unit activated --socket-property=ListenStream=/run/activated.sock --service-type=exec \
    floe run --rm --name activated localhost/redis sh -c 'echo "$LISTEN_FDS $LISTEN_PID" >/proc/1/fd/1; sleep 1000'
python3 - <<'PY'
import socket
s = socket.socket(socket.AF_UNIX); s.connect("/run/activated.sock")
PY
started() { floe logs activated | grep -q '^1 1$'; }
eventually started
floe stop -t 0 activated >/dev/null
systemctl -q stop activated.socket activated.service || true
END
}

@test "journald: the container's output is in the journal, and logs reads it" {
    guest <<'END'
images
floe run -d --name talker --log-driver journald localhost/redis sh -c 'echo one; echo two >&2; sleep 1; echo three' >/dev/null
is "$(floe logs -f talker 2>/dev/null | paste -sd,)" one,three
is "$(floe logs --tail 1 talker 2>/dev/null)" three
is "$(journalctl -q --no-pager -o cat CONTAINER_NAME=talker PRIORITY=3)" two
floe rm talker >/dev/null
END
}

@test "health checks are timers of systemd's, named as podman's, and go with the run" {
    guest <<'END'
images
floe run -d --name c --health-cmd 'redis-cli ping' --health-interval 1s redis >/dev/null
timers() { systemctl list-units --all --plain --no-legend "$(id_of c)-*.timer" | wc -l; }
healthy() { [ "$(floe inspect --format '{{.State.Health.Status}}' c)" = healthy ]; }
eventually healthy
is "$(timers)" 1
is "$(pgrep -f -c 'floe .* healthcheck monitor [0-9a-f]*$' || true)" 0
floe restart -t 0 c >/dev/null
is "$(timers)" 1
eventually healthy
floe stop -t 0 c >/dev/null
gone() { no_units "$(id_of c)"; }
eventually gone
floe rm c >/dev/null
END
}
