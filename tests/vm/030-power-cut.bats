# SPDX-License-Identifier: Apache-2.0
# A host whose power goes at a moment that nobody has chosen. qemu is killed: the guest's memory is lost with all that
# it had not written, and of its disk (qcow2, cache=writeback) what it had not flushed may be, too.

load helpers-vm

readonly CUTS=${FLOE_VM_CUTS:-10} LONGEST_S=20

# Does what users do, without an end, and says what floe has said is done; a line that came out was true before.
busy() {
    guest <<'END'
images
floe run -d --name frozen redis >/dev/null
eventually answers frozen
floe checkpoint frozen >/dev/null
echo made frozen
for ((i = 1; ; i++)); do
    floe create --name "c$RANDOM-$i" -v "data$i:/data" redis >/tmp/id
    name=$(floe inspect --format '{{.Name}}' "$(cat /tmp/id)")
    echo "made $name"
    floe start "$name" >/dev/null
    [ $((i % 2)) = 0 ] || floe checkpoint --tcp-established "$name" >/dev/null
    [ $((i % 4)) = 0 ] || floe restore --tcp-established "$name" >/dev/null 2>&1 || true
    echo "leaving $name"
    [ $((i % 3)) = 0 ] || floe rm -f -v "$name" >/dev/null
    [ $((i % 3)) != 0 ] || echo "made $name"
done
END
}

# Those that were made, and whose removal had not begun.
must_be_there() { # LOG
    awk '$1 == "made" { there[$2] = 1 } $1 == "leaving" { delete there[$2] } END { for (name in there) print name }' "$1"
}

cut_and_look() { # LOG
    local pid

    busy >"$1" 2>"$1.errors" 3>&- &
    pid=$!
    eventually grep -q "leaving" "$1"
    sleep $((RANDOM % LONGEST_S)).$((RANDOM % 10))
    "$vm" cut "$FLOE_VM"
    wait $pid || true
    "$vm" start "$FLOE_VM"
    must_be_there "$1" >"$1.made"
    "$vm" copy "$1.made" "$FLOE_VM:/tmp/made"
    guest <<'END'
is "$(sqlite3 /var/lib/floe/floe.db 'PRAGMA integrity_check')" ok
floe ps -a --format '{{.Names}}' >/tmp/there
is "$(grep -v -x -F -f /tmp/there /tmp/made || true)" ""
is "$(floe ps -q)" ""
# What is there can be used, or at least removed: a container in the middle of its removal is neither lost nor kept.
floe restore frozen >/dev/null
eventually answers frozen
floe run --rm redis redis-cli --version >/dev/null
leave_nothing
floe volume prune -f >/dev/null
END
}

@test "power cuts at random moments: nothing that was made is lost, and the next commands heal the rest" {
    local round

    for ((round = 1; round <= CUTS; round++)); do
        echo "# cut $round" >&3
        cut_and_look "$BATS_TEST_TMPDIR/$round"
    done
}
