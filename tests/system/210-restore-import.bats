# SPDX-License-Identifier: Apache-2.0
# restore --import: a container out of an archive of floe's, on another host, and on the same.

load helpers
load helpers-checkpoint
load helpers-network
load helpers-import

@test "a container goes on on another host, with its memory, its log and its name" {
    counter c -e COLOUR=red --label a=b
    archived c
    local id
    id=$(id_of c)
    other_host busybox
    restored >"$BATS_TEST_TMPDIR/printed"
    is "$(cat "$BATS_TEST_TMPDIR/printed")" "$id"
    is_running c
    is "$(id_of c)" "$id"
    counts_on c
    counted_without_a_gap c
    is "$(floe inspect -f '{{index .Config.Labels "a"}} {{.State.Restored}}' c)" 'b true'
    has "$(floe inspect -f '{{.Config.Env}}' c)" COLOUR=red
    is "$(checkpoint_files c)" ''
    floe stop -t 0 c
    floe start c
    counts_on c
}

@test "what was masked comes along, what was unmasked needs a word" {
    counter c --security-opt mask=/proc/version
    counter open --security-opt mask=/proc/version --security-opt unmask=/proc/keys:/proc/bus
    archived c
    cp "$archive" "$BATS_TEST_TMPDIR/c"
    archived open
    other_host busybox
    restored_from "$BATS_TEST_TMPDIR/c" >/dev/null
    refused 125 "'/proc/keys' of the kernel (unmasked); '/proc/bus' of the kernel (unmasked); if you trust it, use --allow privileged" restored
    restored --allow privileged >/dev/null
    counts_on open
    floe restart -t 0 c open >/dev/null
    is "$(floe exec c cat /proc/version)$(floe exec open cat /proc/version)" ''
    is "$(floe inspect -f '{{json .HostConfig.SecurityOpt}}' c open | xargs)" '[mask=/proc/version] [mask=/proc/version,unmask=/proc/keys:/proc/bus]'
}

@test "an archive comes through a pipe, of any compression" {
    counter c
    local each
    for each in none gzip zstd; do
        archived c --compress "$each" --leave-running
        cp "$archive" "$BATS_TEST_TMPDIR/$each"
    done
    other_host busybox
    for each in none gzip zstd; do
        restored_from - --name "$each" <"$BATS_TEST_TMPDIR/$each" >/dev/null
        restored_from - --name "$each-pipe" < <(cat "$BATS_TEST_TMPDIR/$each") >/dev/null
        counts_on "$each"
        counts_on "$each-pipe"
    done
}

@test "with --name an archive is restored twice, with new ids and addresses" {
    networked first busybox true
    networked c --ip "$(address_in 77)" busybox sh -c "$COUNTER"
    archived c --leave-running
    restored --name one --ignore-static-ip >/dev/null
    restored --name two --ignore-static-ip >/dev/null
    counts_on one
    counts_on two
    [ "$(id_of one)" != "$(id_of two)" ]
    [ "$(address_of one)" != "$(address_of two)" ]
    [ "$(address_of one)" != "$(address_of c)" ]
    refused 125 'in use' restored --name one
    # The address that a user asked for is the container's, which goes on here.
    refused 125 "$(address_in 77)" restored --name three
    is "$(floe ps -aq | wc -l)" 4
}

@test "the same container has its address and MAC again, and --ignore-static-* another" {
    networked c busybox sh -c "$COUNTER"
    local before mac
    before=$(address_of c)
    mac=$(floe inspect -f '{{.NetworkSettings.MacAddress}}' c)
    archived c
    refused 125 'in use' restored
    floe rm c >/dev/null
    restored >/dev/null
    is "$(address_of c)" "$before"
    is "$(floe inspect -f '{{.NetworkSettings.MacAddress}}' c)" "$mac"
    floe rm -f -t 0 c >/dev/null
    restored --ignore-static-mac --ignore-static-ip >/dev/null
    [ "$(floe inspect -f '{{.NetworkSettings.MacAddress}}' c)" != "$mac" ]
}

@test "changed, added and deleted files come along, and stay away with --ignore-rootfs" {
    background c busybox sh -c 'mkdir /new; echo x >/new/file; chmod 700 /new; chown 7:8 /new/file
        echo changed >/etc/passwd; rm /etc/group; chmod 1711 /home; sleep 1000'
    eventually floe exec c test ! -e /etc/group
    archived c
    other_host busybox
    restored >/dev/null
    is "$(floe exec c sh -c 'cat /new/file /etc/passwd; stat -c "%a %u:%g" /new /new/file /home; ls /etc')" \
        "$(printf '%s\n' x changed '700 0:0' '644 7:8' '1711 0:0' hostname hosts passwd resolv.conf)"
    floe rm -f -t 0 c >/dev/null
    restored --ignore-rootfs >/dev/null
    is "$(floe exec c ls -d /new /etc/group 2>/dev/null)" /etc/group
}

@test "what is in /dev/shm, in a tmpfs and in the terminal comes along" {
    background c -t --tmpfs /scratch busybox sh -c 'echo a >/dev/shm/a; echo b >/scratch/b; sleep 1000'
    eventually floe exec c test -e /scratch/b
    archived c
    other_host busybox
    restored >/dev/null
    is "$(floe exec c cat /dev/shm/a /scratch/b | xargs)" 'a b'
    is "$(floe inspect -f '{{.Config.Tty}}' c)" true
}

@test "an exit code is that of the restored process, and wait waits for it" {
    background c busybox sh -c 'while [ ! -e /tmp/end ]; do sleep 0.1; done; exit 7'
    archived c
    other_host busybox
    restored >/dev/null
    "${program[@]}" wait c >"$BATS_TEST_TMPDIR/code" 3>&- &
    let_end c /tmp/end
    wait $!
    is "$(cat "$BATS_TEST_TMPDIR/code")" 7
}

@test "--publish replaces the ports of the archive" {
    networked c -p 18711:80 busybox sh -c 'mkdir /w; echo hello >/w/index.html; httpd -f -p 80 -h /w'
    archived c --leave-running
    refused 125 18711 restored --name two
    is "$(floe ps -aq | wc -l)" 1
    restored --name two --publish 18712:80 >/dev/null
    is "$(floe inspect -f '{{json .HostConfig.PortBindings}}' two | jq -r '."80/tcp"[0].HostPort')" 18712
    eventually curl -sf -o "$BATS_TEST_TMPDIR/page" http://127.0.0.1:18712/
    is "$(cat "$BATS_TEST_TMPDIR/page")" hello
}

@test "named volumes come along, exist only once, or stay away" {
    background c -v data:/data busybox sh -c 'echo x >/data/file; chown 5:6 /data/file; sleep 1000'
    eventually floe exec c test -s /data/file
    archived c
    refused 125 'volume "data" exists' restored --name again
    other_host busybox
    restored >/dev/null
    is "$(floe exec c sh -c 'cat /data/file; stat -c %u:%g /data/file' | xargs)" 'x 5:6'
    floe exec c sh -c 'echo mine >/data/file'
    floe rm -f -t 0 c >/dev/null
    restored --ignore-volumes >/dev/null
    is "$(floe exec c cat /data/file)" mine
}

@test "flags that need an archive, and that exclude each other, are refused before any work" {
    refused 125 '--import' floe restore --name x c
    refused 125 '--import' floe restore --publish 80:80 c
    refused 125 '--import' floe restore --ignore-rootfs c
    refused 125 '--import' floe restore --ignore-volumes c
    refused 125 '--import' floe restore --allow all c
    refused 125 '--all' floe restore --all --import /nowhere
    refused 125 '--latest' floe restore -l --import /nowhere
    refused 125 name floe restore --import /nowhere c
    refused 125 '--name' floe restore --import /nowhere --name x --tcp-established
    refused 125 '--tcp-close' floe restore --import /nowhere --tcp-close --tcp-established
    refused 125 '--ignore-static-ip' floe restore --import /nowhere --ignore-static-ip --tcp-established
    refused 125 bad/name floe restore --import /nowhere --name bad/name
    refused 125 magic floe restore --import /nowhere --allow magic
    refused 125 /nowhere floe restore --import /nowhere
    nothing_here
}

@test "an image that is not here, or is another one, is told of" {
    background c busybox sleep 1000
    archived c
    other_host
    refused 125 'is not here' restored
    nothing_here
    floe import -q -c 'CMD ["true"]' "$BUSYBOX_TAR" busybox >/dev/null
    refused 125 'another one' floe restore --import "$archive"
    has "$stderr" '--allow image'
    nothing_here
    restored --allow image >/dev/null
    is_running c
}

@test "the host's things need --allow, or the same container here" {
    mkdir "$BATS_TEST_TMPDIR/mine"
    background c -v "$BATS_TEST_TMPDIR/mine:/mine" --cap-add NET_ADMIN \
        --security-opt seccomp=unconfined busybox sleep 1000
    archived c --leave-running
    # It is here, and has all that.
    restored --name again >/dev/null
    other_host busybox
    refused 125 "'$BATS_TEST_TMPDIR/mine' at '/mine'" restored
    has "$stderr" CAP_NET_ADMIN
    has "$stderr" '--allow mounts,seccomp,capabilities'
    refused 125 '--allow capabilities' restored --allow mounts,seccomp
    nothing_here
    restored --allow mounts,seccomp,capabilities >/dev/null
    is_running c
    floe rm -f -t 0 c >/dev/null
    rmdir "$BATS_TEST_TMPDIR/mine"
    refused 125 'no such thing' restored --allow all
    nothing_here
}

@test "an import that fails at any step leaves nothing" {
    networked c -v data:/data busybox sleep 1000
    archived c
    other_host busybox
    local step whole=$archive
    for step in 'checkpoint/inventory.img:b""' 'checkpoint/pstree.img:b"x" * 100' \
        'checkpoint/mountpoints-13.img:None' 'checkpoint/descriptors.json:None' \
        'network.status:b"[1"' 'volumes/data.tar:None' 'volumes/data.tar:b"no tar"' \
        'spec.dump:b"{}"' 'config.dump:b"[]"'; do
        archive=$whole
        altered "${step%%:*}" "${step#*:}"
        run -125 --separate-stderr restored
        has "$stderr" 'Error: import: '
        nothing_here
    done
    archive=$whole
    refused 125 import floe_with_criu 'exit 1' restore --import "$archive"
    nothing_here
    head -c 20000 "$archive" >"$BATS_TEST_TMPDIR/cut"
    refused 125 truncated restored_from "$BATS_TEST_TMPDIR/cut"
    nothing_here
    restored >/dev/null
    is_running c
}

# --- connections ----------------------------------------------------------------------------------------

server() { # NAME
    redis_import
    floe run -d --name "$1" redis redis-server --bind 0.0.0.0 --protected-mode no --save '' >/dev/null
    address=$(address_of "$1")
    eventually connect
}

connect() {
    { exec 9<>"/dev/tcp/$address/6379"; } 2>/dev/null
}

ask() { # REQUEST
    printf '%s\r\n' "$1" >&9
    heard
}

heard() {
    local answer

    read -r -t 10 -u 9 answer
    echo "${answer%$'\r'}"
}

# floe must not hold the test's connection open.
floe() {
    "${program[@]}" "$@" 9>&-
}

@test "an open connection goes on, though its client asks all the while" {
    server redis
    archive=$BATS_TEST_TMPDIR/redis.tar
    is "$(ask 'INCR visits')" :1
    local round
    for round in 2 3 4; do
        floe checkpoint --tcp-established --export "$archive" redis >/dev/null
        floe rm redis >/dev/null
        printf 'INCR visits\r\n' >&9
        restored --tcp-established >/dev/null
        is "$(heard)" ":$round"
    done
    is "$(address_of redis)" "$address"
}

@test "connections have to be wished for, or dropped" {
    server redis
    archived redis --tcp-established
    floe rm redis >/dev/null
    refused 125 '--tcp-established' restored
    has "$stderr" '--tcp-close'
    nothing_here
    restored --tcp-close >/dev/null
    exec 9>&-
    connect
    is "$(ask 'INCR visits')" :1
    # In place it is the same.
    floe checkpoint --tcp-established redis >/dev/null
    refused 125 '--tcp-close' floe restore redis
    refused 125 'exclude' floe restore --tcp-close --tcp-established redis
    floe restore --tcp-close redis >/dev/null
    exec 9>&-
    connect
    is "$(ask 'INCR visits')" :2
}

@test "connections do not move to a host that does not have their address" {
    server redis
    archived redis --tcp-established
    other_host busybox redis
    floe run --rm busybox true
    refused 125 "$address" restored --tcp-established
    has "$stderr" '--tcp-close'
    nothing_here
    restored --tcp-close >"$BATS_TEST_TMPDIR/printed" 2>"$BATS_TEST_TMPDIR/notice"
    has "$(cat "$BATS_TEST_TMPDIR/notice")" 'new address'
    floe rm -f -t 0 redis >/dev/null
    address=$(engine_subnet "$engine" | sed 's|[0-9]*/.*|99|')
    restored --tcp-close --network "podman:ip=$address,mac=92:11:22:33:44:55" >/dev/null
    is "$(address_of redis)" "$address"
    is "$(floe inspect -f '{{.NetworkSettings.MacAddress}}' redis)" 92:11:22:33:44:55
    refused 125 "no network 'other'" restored --name x --network other
}

@test "file locks have to be wished for" {
    redis_import
    cp "$(command -v flock)" "$BATS_TEST_TMPDIR/flock"
    background c -v "$BATS_TEST_TMPDIR/flock:/flock:ro" redis \
        sh -c 'trap "exit 0" TERM; exec 7>/data/lock; /flock 7; echo locked; while :; do sleep 1 & wait $!; done'
    eventually has_logged c locked
    archived c --file-locks
    floe rm c >/dev/null
    refused 125 '--file-locks' restored --allow mounts
    nothing_here
    restored --allow mounts --file-locks >/dev/null
    run ! floe exec c /flock -n /data/lock true
}

@test "umask, groups, time zone and OOM score come along, for later starts too" {
    local zone=()
    [ ! -e /usr/share/zoneinfo/Asia/Tokyo ] || zone=(--tz Asia/Tokyo)
    counter c --umask 0027 --group-add 4321 --oom-score-adj 77 "${zone[@]}"
    archived c
    other_host busybox
    restored >/dev/null
    counts_on c
    look() { # what a command in it, and its first process, have
        floe exec c sh -c 'grep Umask /proc/1/status; cat /proc/1/oom_score_adj; id -G; md5sum </etc/localtime' 2>/dev/null
    }
    local before
    before=$(look)
    is "$(sed 2q <<<"$before")" $'Umask:\t0027\n77'
    has "$(sed -n 3p <<<"$before")" 4321
    floe stop -t 0 c
    floe start c
    counts_on c
    is "$(look)" "$before"
}

@test "processes with more than their container has need a word" {
    counter c
    archived c
    floe rm -f c
    local whole=$archive
    # 0x800405fb as a varint; in the effective set, the whole low word instead.
    altered checkpoint/core-1.img 'old.replace(bytes.fromhex("58fb8b908008"), bytes.fromhex("58ffffffff0f"), 1)'
    refused 125 'processes of the checkpoint have more than their container: the capabilities' restored
    has "$stderr" SYS_ADMIN
    has "$stderr" '--allow capabilities'
    is "$(floe ps -aq)" ''
    archive=$whole
    # The thread's mode of seccomp, before the number of its filter.
    altered checkpoint/core-1.img 'old.replace(bytes.fromhex("580260"), bytes.fromhex("580060"))'
    refused 125 'process 1 has no seccomp filter' restored
    is "$(floe ps -aq)" ''
    archive=$whole
    restored >/dev/null
    counts_on c
}
