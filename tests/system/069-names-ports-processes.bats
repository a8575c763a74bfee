# SPDX-License-Identifier: Apache-2.0
# rename, port, top, and container artifact.

# bats file_tags=sanitize

load helpers
load helpers-crash

# --- rename -------------------------------------------------------------------------------------------

@test "rename of a container that runs, and of one that does not" {
    sleeper old
    floe create --name e busybox true
    is "$(floe rename old new)" ""
    floe container rename e other
    is "$(floe ps -a --format '{{.Names}}')" $'new\nother'
    is "$(floe exec new echo works)" works
    floe stop -t 0 new
    floe start new
    floe rm -f -t 0 new
    run -1 floe container exists old
    floe create --name old busybox true
    has "$(floe events --stream=false --since 10m --filter event=rename --format '{{.Name}}')" new
}

@test "rename with bad input" {
    floe create --name c busybox true
    floe create --name e busybox true
    refused 125 'already in use' floe rename c e
    refused 125 'already in use' floe rename c c
    refused 125 nope floe rename nope x
    refused 125 'must begin with' floe rename c 'a b'
    refused 125 'must begin with' floe rename c ''
    refused 125 'must begin with' floe rename c ../x
    refused 125 'new name' floe rename c
    refused 125 'too many' floe rename c x y
    is "$(floe ps -a --format '{{.Names}}')" $'c\ne'
}

@test "kill -9 of floe during rename" {
    floe create --name c busybox true
    measure floe rename c d
    floe rename d c
    for_each_moment 10 renamed_or_not
}

renamed_or_not() {
    cut_short rename c d
    matches "$(floe ps -a --format '{{.Names}}')" '^[cd]$'
    floe container exists c || floe rename d c
}

# --- port ---------------------------------------------------------------------------------------------

@test "port lists what is published while the container runs" {
    floe create --name c -p 127.0.0.1:18080:80 -p 19000-19001:90-91/udp busybox sh -c "$SLEEPER"
    is "$(floe port c)" ""
    floe start c
    is "$(floe port c | sort)" "80/tcp -> 127.0.0.1:18080
90/udp -> 0.0.0.0:19000
91/udp -> 0.0.0.0:19001"
    is "$(floe port c 80)" 127.0.0.1:18080
    is "$(floe container port c 80/tcp)" 127.0.0.1:18080
    is "$(floe port --latest 91/udp)" 0.0.0.0:19001
    has "$(floe port --all)" "$(floe ps -q)"$'\t80/tcp -> 127.0.0.1:18080'
    refused 125 'failed to find published port "80/udp"' floe port c 80/udp
    refused 125 'failed to find published port "91"' floe port c 91
    floe stop -t 0 c
    is "$(floe port c)$(floe port -a)" ""
    refused 125 'failed to find' floe port c 80
}

@test "port with bad input" {
    floe create --name c busybox true
    refused 125 nope floe port nope
    refused 125 'name or id' floe port
    refused 125 'no port' floe port c x
    refused 125 'no port' floe port c 70000
    refused 125 'no port' floe port c 0
    refused 125 'no port' floe port c /tcp
    refused 125 without floe port -a c
    refused 125 without floe port -l c 80
    refused 125 'too many' floe port c 80 90
}

# --- top ----------------------------------------------------------------------------------------------

@test "top lists the container's processes, with its own numbers and names" {
    background c --user alice busybox sh -c 'sleep 1000; true'
    floe exec -d -u root c sh -c 'sleep 2000; true'
    eventually eval '[ "$(floe top c | wc -l)" = 5 ]'
    run -0 floe top c
    matches "${lines[0]}" '^USER +PID +PPID +%CPU +ELAPSED +TTY +TIME +COMMAND$'
    matches "${lines[1]}" '^alice +1 +0 +[0-9.]+ +([0-9]+m)?[0-9.]+s +\? +[0-9.]+s +sh -c sleep 1000; true'
    matches "$output" $'\nalice +[0-9]+ +1 .* sleep 1000'
    matches "$output" $'\nroot .* sleep 2000'
    is "$(floe top c pid,ppid comm | head -n 2 | tr -s ' ')" $'PID PPID COMMAND\n1 0 sh'
    is "$(floe top c hpid | sed -n 2p)" "$(floe inspect -f '{{.State.Pid}}' c)"
    is "$(floe container top --latest %p %U seccomp state | sed -n 2p | tr -s ' ')" "1 alice filter S"
    floe top c args comm etime group hgroup hpid huser nice pcpu pgid pid ppid rgroup rss ruser seccomp state \
        stime time tty user vsz | head -n 1 | grep -q 'COMMAND .* VSZ'
    floe pause c
    is "$(floe top c pid | sed -n 2p | tr -d ' ')" 1
}

@test "top tells groups and capabilities" {
    sleeper c -u alice --group-add 77 --cap-add NET_RAW --cap-drop ALL
    is "$(floe top c groups | sed -n 2p | tr -d ' ')" 'staff,77,alice'
    is "$(floe top c hgroups | sed -n 2p | tr -d ' ')" "staff,77,$(getent group 1000 | cut -d : -f 1 | grep . || echo 1000)"
    is "$(floe top c capbnd capeff capprm capinh capamb | sed -n 2p | tr -s ' ')" 'NET_RAW NET_RAW NET_RAW NET_RAW NET_RAW'
    floe top c label | grep -qE '^(LABEL|\?|[a-z].*)'
    background p --privileged busybox sleep 1000
    # A host that is itself confined has not all.
    matches "$(floe top p capbnd | sed -n 2p)" '^full|SYS_ADMIN'
    background r --cap-drop ALL --cap-add KILL --cap-add CHOWN busybox sleep 1000
    is "$(floe top r capeff capamb | sed -n 2p | tr -s ' ')" 'CHOWN,KILL none'
}

@test "top with bad input, and of what does not run" {
    floe create --name e busybox true
    refused 125 'in state created' floe top e
    refused 125 nope floe top nope
    refused 125 'name or id' floe top
    sleeper c
    refused 125 "descriptor 'nope'" floe top c nope
    refused 125 "descriptor 'comm2'" floe top c pid,comm2
    refused 125 'descriptor' floe top c -eo
    floe stop -t 0 c
    refused 125 'in state exited' floe top c
}

# --- artifact -----------------------------------------------------------------------------------------

@test "artifacts are kept with a container, whatever it is doing" {
    sleeper c
    printf 'one\0two' | floe container artifact add c data
    floe container artifact add c file "$BUSYBOX_TAR"
    floe container artifact get c data | cmp - <(printf 'one\0two')
    floe container artifact get c file | cmp - "$BUSYBOX_TAR"
    floe pause c
    echo again | floe container artifact add c data
    floe unpause c
    floe stop -t 0 c
    is "$(floe container artifact get c data)" again
    is "$(stat -c %a "$root/containers/$(floe inspect -f '{{.Id}}' c)/artifacts/data")" 740
    is "$(floe export c | tar -t | grep -c artifacts)" 0
    reboot_host
    is "$(floe container artifact get c data)" again
    floe container artifact rm c data
    refused 125 "no artifact 'data'" floe container artifact get c data
    refused 125 "no artifact 'data'" floe container artifact rm c data
    floe container artifact add c empty /dev/null
    is "$(floe container artifact get c empty)" ""
}

@test "artifacts with bad input" {
    floe create --name c busybox true
    for name in '' . .. a/b /etc/passwd ../../x .hidden; do
        refused 125 'cannot be called' floe container artifact add c "$name" /etc/hostname
        refused 125 'cannot be called' floe container artifact get c "$name"
        refused 125 'cannot be called' floe container artifact rm c "$name"
    done
    refused 125 'cannot be called' floe container artifact add c "$(printf '%0300d' 0)" /etc/hostname
    refused 125 nope floe container artifact get nope x
    refused 125 /no/such floe container artifact add c x /no/such
    refused 125 read floe container artifact add c x /etc
    refused 125 'at most' floe container artifact add c x /dev/zero
    refused 125 'none of add, get, rm' floe container artifact put c x
    refused 125 'an action' floe container artifact
    refused 125 'too many' floe container artifact get c x y
    is "$(find "$root/containers" -name artifacts -empty | wc -l)$(find "$root/containers" -path '*artifacts/*')" 0
}

@test "kill -9 of floe during artifact add" {
    floe create --name c busybox true
    head -c 3000000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/big"
    measure floe container artifact add c big "$BATS_TEST_TMPDIR/big"
    for_each_moment 12 added_or_not
    floe rm c
    leaves_nothing
}

added_or_not() {
    cut_short container artifact add c big "$BATS_TEST_TMPDIR/big"
    floe container artifact get c big | cmp - "$BATS_TEST_TMPDIR/big"
}
