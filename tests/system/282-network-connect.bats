# SPDX-License-Identifier: Apache-2.0
# floe network connect, disconnect and reload, in every state, and with netavark or floe killed on the way.

load helpers
load helpers-network
load helpers-faults

asleep() { # NAME OPTION...
    floe run -d --name "$1" "${@:2}" busybox sh -c "$SLEEPER" >/dev/null
}

addresses() { # CONTAINER
    floe exec "$1" ip -4 -o addr show | awk '$2 != "lo" { print $2 "=" $4 }' | sort | xargs
}

networks_of() { # CONTAINER
    floe inspect "$1" | jq -r '.[0].NetworkSettings.Networks | keys | join(" ")'
}

n_leases() {
    sqlite3 "$root/floe.db" 'SELECT count(*) FROM lease'
}

@test "connect and disconnect a running container, again and again" {
    floe network create a
    floe network create b
    asleep c --network a
    first=$(addresses c)
    for _ in 1 2 3; do
        floe network connect --alias x b c
        matches "$(addresses c)" '^eth0=[^ ]+ eth1=[^ ]+$'
        is "$(networks_of c)" "a b"
        has "$(floe exec c cat /etc/resolv.conf)" "$(floe inspect c | jq -r '.[0].NetworkSettings.Networks.b.Gateway')"
        floe network disconnect b c
        is "$(addresses c)" "$first"
        is "$(networks_of c)" a
        is "$(n_leases)" 1
    done
    floe network disconnect a c
    is "$(addresses c)" ""
    is "$(n_leases)" 0
    floe network connect a c
    matches "$(addresses c)" '^eth0='
    floe stop -t 0 c
    floe network connect b c
    id=$(floe inspect --format '{{.Id}}' c)
    is "$(floe events --stream=false --filter type=network --filter event=connect --filter event=disconnect |
        cut -d ' ' -f 5- | tail -n 3)" "network disconnect $id (container=$id, name=a)
network connect $id (container=$id, name=a)
network connect $id (container=$id, name=b)"
}

@test "of a container that does not run it is the next start that has it; a paused one has it at once" {
    floe network create a
    floe network create b
    floe create --name c --network a busybox sh -c "$SLEEPER"
    floe network connect --interface-name second b c
    is "$(networks_of c)" "a b"
    is "$(n_leases)" 0
    floe start c
    matches "$(addresses c)" '^eth0=[^ ]+ second='
    floe pause c
    floe network disconnect a c
    floe unpause c
    matches "$(addresses c)" '^second=[^ ]+$'
    floe stop -t 0 c
    floe network disconnect b c
    floe network connect a c
    floe start c
    matches "$(addresses c)" '^eth0=[^ ]+$'
    floe init "$(floe create --name i --network a busybox true)" >/dev/null
    floe network connect b i
    is "$(networks_of i)" "a b"
}

@test "what cannot be connected is refused, and leaves nothing" {
    floe network create a
    asleep c --network a
    asleep h --network host
    refused 125 'already connected' floe network connect a c
    refused 125 'nowhere' floe network connect nowhere c
    refused 125 'nobody' floe network connect a nobody
    refused 125 'no networks of its own' floe network connect a h
    refused 125 'not a MAC address' floe network connect --mac-address x podman c
    refused 125 'not an IPv4 address' floe network connect --ip x podman c
    refused 125 'is not connected' floe network disconnect podman c
    refused 125 'nobody' floe network disconnect a nobody
    floe network disconnect --force a nobody
    floe network disconnect --force podman c
    refused 125 'no networks of its own' floe network reload h
    refused 125 'nobody' floe network reload nobody
    is "$(networks_of c)" a
    is "$(n_leases)" 1
    floe stop -t 0 c >/dev/null
    refused 125 'cannot reload the network' floe network reload c
}

# As by `iptables -F`, but of this engine's rules alone: that of a port is another rule's target.
rules_flushed() {
    iptables-save -t nat | grep -F "floe-$tag" | grep -- '--comment' | sed 's/^-A/-D/' >"$BATS_TEST_TMPDIR/rules" || :
    iptables-save -t nat | grep -F " fl-$tag" | grep -- '--comment' | sed 's/^-A/-D/' >>"$BATS_TEST_TMPDIR/rules" || :
    while read -r rule; do
        eval "iptables -w -t nat $rule"
    done <"$BATS_TEST_TMPDIR/rules"
    [ -s "$BATS_TEST_TMPDIR/rules" ]
}

@test "reload brings back the rules, names and bridges that somebody took away" {
    floe network create a
    port=$(free_ports 1)
    web c 8000 --network a -p "$port:8000"
    asleep d --network a
    asleep h --network host
    eventually serves 127.0.0.1 "$port" c
    before=$(floe inspect c | jq -c '.[0].NetworkSettings.Networks')
    rules_flushed
    ! serves 127.0.0.1 "$port" c
    is "$(floe network reload c)" c
    eventually serves 127.0.0.1 "$port" c
    is "$(floe inspect c | jq -c '.[0].NetworkSettings.Networks')" "$before"
    kill -9 "$(cat "$runroot/network/aardvark-dns/aardvark.pid")"
    floe network reload -a
    eventually floe exec d nslookup c
    ip link delete "$(floe network inspect --format '{{.NetworkInterface}}' a)"
    floe network reload --all
    eventually serves 127.0.0.1 "$port" c
}

# Of this engine; one whose floe was killed goes on.
no_netavark() {
    ! pgrep -f -- "netavark --config=$runroot" >/dev/null
}

# Whatever happened: what is told is what is there, and all goes with the container.
told_is_there() {
    local told

    told=$(floe inspect c | jq -r '.[0].NetworkSettings.Networks[].IPAddress' | sort | xargs)
    is "$(addresses c | tr ' ' '\n' | sed 's/.*=//; s,/.*,,' | sort | xargs)" "$told"
    is "$(n_leases)" "$(wc -w <<<"$told")"
    is "$(sqlite3 "$root/floe.db" "SELECT count(*) FROM container WHERE json_extract(status, '\$.intent') IS NOT NULL")" 0
}

@test "netavark or floe killed in a connect, a disconnect or a reload: the next command puts it right" {
    faulty_parts
    floe network create a
    floe network create b
    for what in "network connect b c" "network disconnect b c" "network reload c"; do
        for mode in fails late killed killed-late floe-killed floe-killed-late; do
            asleep c --network a
            [[ $what == *" connect "* ]] || floe network connect b c
            fault_plan netavark 1 $mode
            "${program[@]}" $what 2>/dev/null &
            echo $! >"$faults/floe"
            wait $! || true
            rm -f "$faults/plan"
            eventually no_netavark
            floe exec c true
            told_is_there || { echo "$what: $mode" >&2; false; }
            floe network reload c
            told_is_there
            floe rm -f -t 0 c
            is "$(n_leases)" 0
        done
    done
}
