# SPDX-License-Identifier: Apache-2.0
# Quadlet's services over the end of the host: an orderly one, and a power cut.

load helpers-vm

write_files() {
    guest <<'END'
images
mkdir -p /etc/floe/systemd
cd /etc/floe/systemd
echo '[Volume]' >data.volume
printf '%s\n' '[Network]' Subnet=10.97.1.0/24 >lan.network
printf '%s\n' '[Container]' Image=localhost/redis 'Exec=redis-server --protected-mode no --dir /data' \
    Volume=data.volume:/data Network=lan.network PublishPort=8081:6379 'HealthCmd=redis-cli ping' HealthInterval=1s \
    '[Service]' Restart=on-failure '[Install]' WantedBy=multi-user.target >db.container
printf '%s\n' '[Pod]' PublishPort=8082:6379 '[Install]' WantedBy=multi-user.target >app.pod
printf '%s\n' '[Container]' Image=localhost/redis Pod=app.pod >web.container
systemctl daemon-reload
systemctl start db app-pod
END
}

# Everything is there, once, and works.
all_is_well() {
    guest <<'END'
is_up() { [ "$(systemctl is-active db app-pod web | sort -u)" = active ]; }
eventually is_up
is "$(floe ps -q | wc -l) $(floe ps -aq | wc -l)" '3 3'
is "$(floe pod ps --format '{{.Name}} {{.Status}}')" 'systemd-app Running'
is "$(floe volume ls -q)" systemd-data
is "$(floe network ls -q | grep -c systemd-lan)" 1
responds() { [ "$(floe exec "$1" redis-cli ping)" = PONG ]; }
eventually responds systemd-db
eventually responds systemd-web
for port in 8081 8082; do
    exec 7<>/dev/tcp/127.0.0.1/$port
    exec 7>&-
done
is "$(cgroup_of "$(pid_of systemd-db)")" "/system.slice/db.service/libpod-payload-$(id_of systemd-db)"
is "$(cgroup_of "$(pid_of systemd-web)")" "/system.slice/web.service/libpod-payload-$(id_of systemd-web)"
healthy() { [ "$(floe inspect --format '{{.State.Health.Status}}' systemd-db)" = healthy ]; }
eventually healthy
is "$(systemctl list-units --all --plain --no-legend '*.timer' | grep -cE '^[0-9a-f]{64}-')" 1
is "$(systemctl list-units --all --plain --no-legend --state failed '*floe*' '*libpod*')" ''
END
}

# What it had before is free, or is its own again.
address_is_free() {
    guest <<'END'
address() { floe inspect systemd-db | jq -r '.[0].NetworkSettings.Networks["systemd-lan"].IPAddress'; }
old=$(cat /root/db.address)
[ "$(address)" = "$old" ] || floe run --rm --network systemd-lan --ip "$old" redis true
END
}

@test "quadlet: containers, pods and their data are back after a reboot, and after a power cut" {
    write_files
    all_is_well
    guest <<'END'
is "$(floe exec systemd-db redis-cli SET kept yes)" OK
floe inspect systemd-db | jq -r '.[0].NetworkSettings.Networks["systemd-lan"].IPAddress' >/root/db.address
END
    "$vm" reboot "$FLOE_VM"
    all_is_well
    address_is_free
    guest <<'END'
# Redis saved it when its service was stopped, in time.
is "$(floe exec systemd-db redis-cli GET kept)" yes
is "$(journalctl -b -1 -q --no-pager -o cat _PID=1 | grep -E '^(db|web|app-pod).*(timed out|Killing)' || true)" ''
is "$(floe exec systemd-db redis-cli SET kept again)" OK
is "$(floe exec systemd-db redis-cli SAVE)" OK
sync
END
    "$vm" cut "$FLOE_VM"
    "$vm" start "$FLOE_VM"
    all_is_well
    address_is_free
    guest <<'END'
is "$(floe exec systemd-db redis-cli GET kept)" again
systemctl stop app-pod web db
is "$(floe ps -aq)$(floe pod ps -q)" ''
rm -rf /etc/floe/systemd /root/db.address
systemctl daemon-reload
systemctl -q stop data-volume lan-network 2>/dev/null || true
floe volume rm systemd-data >/dev/null
floe network rm systemd-lan >/dev/null
END
}
