# SPDX-License-Identifier: Apache-2.0
# A host that goes down by its own systemd in the middle of everything, and comes back.
# bats file_tags=short

load helpers-vm

# One container in every state that outlives a command, beside those whose restart policy wants them back.
fill_host() {
    guest <<'END'
images
floe run -d --name running redis >/dev/null
floe run -d --name paused redis >/dev/null
floe run -d --name frozen redis >/dev/null
floe run -d --name always --restart always -p 8080:6379 --health-cmd 'redis-cli ping' --health-interval 1s redis >/dev/null
floe run -d --name needy --restart always --requires always redis >/dev/null
floe run -d --name unless --restart unless-stopped redis >/dev/null
floe run -d --name halted --restart unless-stopped redis >/dev/null
floe run -d --name exporting redis >/dev/null
floe create --name configured redis >/dev/null
floe create --name created redis >/dev/null
floe init created >/dev/null
for each in running paused frozen always needy unless halted exporting; do
    eventually answers "$each"
done
is "$(ask frozen 'SET kept yes')" +OK
address_of frozen >/root/frozen.address
floe pause paused >/dev/null
floe checkpoint frozen >/dev/null
floe stop halted >/dev/null
systemctl -q enable --now floe-restart.service
END
}

# What is under way when the host goes down: an exec session, an export that takes a while.
keep_busy() {
    guest <<'END'
floe exec -d running sleep 1000 >/dev/null
floe exec exporting dd if=/dev/urandom of=/data/big bs=1M count=100 2>/dev/null
systemd-run -q --unit exporting floe checkpoint --leave-running --export /root/export.tar.gz --compress gzip exporting
# The archive has no name before it is whole.
is_writing() { find "/proc/$(systemctl show -P MainPID exporting)/fd" -lname '/root/#*' | grep -q .; }
eventually is_writing
END
}

@test "after a reboot ps tells the truth, policies are heeded, checkpoints restore, nothing is stale" {
    fill_host
    keep_busy
    "$vm" reboot "$FLOE_VM"

    guest <<'END'
# At once, whatever the unit is at: what ran does not run by itself any more. What was never started may have been ended
# at shutdown, or have gone with the machine.
is "$(floe ps -a --format '{{.Names}} {{.State}}' | grep -v -e always -e needy -e unless | sort |
    sed 's/^created created$/created exited/')" "configured created
created exited
exporting exited
frozen exited
halted exited
paused exited
running exited"
END
    guest <<'END'
is "$(find /root -name 'export*')" ""
eventually systemctl is-active -q floe-restart.service
is "$(state_of always) $(state_of needy) $(state_of unless)" "running running running"
eventually answers always
eventually answers needy
eventually answers unless
exec 7<>/dev/tcp/127.0.0.1/8080
exec 7>&-
END
    guest <<'END'
# At shutdown they could end by themselves, and who needs another one did so before it.
is "$(floe inspect --format '{{.State.ExitCode}}' running paused | xargs)" '0 0'
ended_at() { date -d "$(floe inspect "$1" | jq -r ".[0].State.FinishedAt")" +%s%N; }
is "$(for each in needy always; do echo "$(ended_at $each) $each"; done | sort -n | cut -d ' ' -f 2 | xargs)" 'needy always'
# That was floe's doing, and not that of systemd, which would have ended conmon beside it.
is "$(journalctl -b -1 -q --no-pager -o cat _PID=1 | grep -E '^libpod-.*(timed out|Killing)' || true)" ''
# Its health is looked at again, by the one timer of this run; the last boot's has not stayed.
healthy() { [ "$(floe inspect --format '{{.State.Health.Status}}' always)" = healthy ]; }
eventually healthy
is "$(systemctl list-units --all --plain --no-legend "$(id_of always)-*.timer" | wc -l)" 1
is "$(systemctl list-units --all --plain --no-legend --state failed '*floe*' '*libpod*' "$(id_of always)*")" ''
END
    guest <<'END'
is "$(floe inspect --format '{{.State.Checkpointed}}' frozen)" true
floe restore frozen >/dev/null
is "$(ask frozen 'GET kept')" '$3'
is "$(address_of frozen)" "$(cat /root/frozen.address)"
END
    guest <<'END'
# Those that lost their processes begin anew, and no address is given twice.
floe start running paused exporting created configured halted >/dev/null
all=$(for each in running paused frozen always needy unless halted exporting created configured; do address_of $each; done)
is "$(sort <<<"$all" | uniq -d)" ""
is "$(wc -l <<<"$all")" 10
is "$(floe inspect --format '{{len .ExecIDs}}' running)" 0
floe exec running true
is "$(find /var/lib/floe -name '*.new' -o -name '*checkpoint-new*' | wc -l)" 0
rm -f /root/frozen.address
END
}
