# SPDX-License-Identifier: Apache-2.0
# Containers of all kinds, frozen by one engine and thawed by another: what they remember, have open and look like is as
# it was. This file has a name for each route; see helpers-peers.

load ../system/helpers
load helpers-peers

@test "a shell loop: no number is lost, the log goes on" {
    old run -d --name c --network none busybox sh -c "$COUNTER" >/dev/null
    eventually counted_to old 3
    move c
    reached=$(new logs c | tail -n 1)
    eventually counted_to new $((reached + 3))
    new logs c >"$BATS_TEST_TMPDIR/log"
    awk '$1 != NR { print "line " NR " says " $1; exit 1 }' "$BATS_TEST_TMPDIR/log"
}

counted_to() { # old|new NUMBER
    [ "$("$1" logs c | tail -n 1)" -ge "$2" ] 2>/dev/null
}

@test "redis: data, and a client's connection" {
    redis_server
    is "$(ask 'SET colour green')" +OK
    is "$(ask 'INCR visits')" :1
    is "$(ask 'EVAL "for i=1,16 do redis.call(\"SET\", i, string.rep(\"x\", 1048576)) end return 16" 0')" :16
    move c --tcp-established
    is "$(ask 'INCR visits')" :2
    is "$(ask 'EVAL "local n = 0 for i=1,16 do n = n + redis.call(\"STRLEN\", i) end return n" 0')" :16777216
    is "$(inside redis-cli get colour)" green
}

redis_server() { # OPTION...
    old run -d --name c "$@" redis redis-server --bind 0.0.0.0 --protected-mode no --save '' >/dev/null
    eventually connect "$(address_on old c)" 6379
}

@test "redis: a request that was sent while it was nowhere is answered" {
    redis_server
    is "$(ask 'INCR visits')" :1
    old container checkpoint --tcp-established --export "$BATS_TEST_TMPDIR/c.tar" c
    old rm -f c
    # podman lets the kernel answer before the process is there, with a reset.
    if to_podman; then
        new container restore --tcp-established --import "$BATS_TEST_TMPDIR/c.tar"
        is "$(ask 'INCR visits')" :2
        return
    fi
    printf 'INCR visits\r\n' >&$CLIENT_FD
    new container restore --tcp-established --import "$BATS_TEST_TMPDIR/c.tar"
    read -r -t 30 -u $CLIENT_FD answer
    is "$answer" $':2\r'
}

@test "nginx: a connection that is kept alive" {
    old run -d --name c services sh -c 'mkdir /web; echo first >/web/a; echo "second page" >/web/b
        printf "daemon off; worker_processes 2; user root; events {} http { access_log /access; keepalive_timeout 600;
            server { listen 80; root /web; } }" >/etc/nginx.conf; exec nginx -c /etc/nginx.conf' >/dev/null
    eventually connect "$(address_on old c)" 80
    is "$(get /a)" first
    move c --tcp-established
    is "$(get /b)" "second page"
    is "$(get /a)" first
    inside grep -c GET /access | is "$(cat)" 3
    is "$(inside sh -c 'cat /proc/1/task/1/children | wc -w')" 2
}

# One page on the one connection; its content.
get() { # PATH
    local line length=0

    printf 'GET %s HTTP/1.1\r\nHost: c\r\n\r\n' "$1" >&$CLIENT_FD
    while read -r -t 20 -u $CLIENT_FD line && [ "$line" != $'\r' ]; do
        [[ $line != Content-Length:* ]] || length=${line//[^0-9]/}
    done
    head -c "$length" <&$CLIENT_FD
}

@test "PostgreSQL: an open session in the middle of a transaction" {
    old run -d --name c -v "$tag-data:/data" -e PGDATA=/data/pg services sh -c '
        mkdir /data/pg; chown postgres /data/pg; export LD_PRELOAD=/usr/lib/somebody.so
        initdb -A trust --wal-segsize=1 >/dev/null 2>&1 && echo "host all all all trust" >>/data/pg/pg_hba.conf &&
        exec postgres -c listen_addresses="*" -c unix_socket_directories=/tmp -c shared_buffers=16MB' >/dev/null
    session_start
    is "$(query 'CREATE TABLE coins (n int)')" ""
    is "$(query "INSERT INTO coins SELECT generate_series(1, 1000)")" ""
    is "$(query 'CREATE TEMPORARY TABLE mine AS SELECT 7 AS n')" ""
    is "$(query 'BEGIN')" ""
    is "$(query 'DELETE FROM coins WHERE n > 500')" ""
    backend=$(query 'SELECT pg_backend_pid()')
    move c --tcp-established
    is "$(query 'SELECT count(*) FROM coins, mine')" 500
    is "$(query 'ROLLBACK')" ""
    is "$(query 'SELECT count(*) FROM coins')" 1000
    is "$(query 'SELECT pg_backend_pid()')" "$backend"
    is "$(query 'CHECKPOINT')" ""
    session_end
}

session_start() {
    local address

    address=$(address_on old c)
    FLOE_TEST_PATIENCE_S=60 eventually logged old "ready to accept connections"
    coproc SESSION { exec "$BATS_TEST_DIRNAME/postgres-session" "$address" 3>&- 9>&-; }
    read -r -t 20 -u "${SESSION[0]}" answer
    is "$answer" ready
}

query() { # SQL
    local answer

    echo "$1" >&"${SESSION[1]}"
    read -r -t 30 -u "${SESSION[0]}" answer
    echo "$answer"
}

session_end() {
    exec {SESSION[1]}>&-
    wait "$SESSION_PID"
}

@test "Python: threads, their queues, locks and own memory" {
    old run -d --name c --network none services python3 -c "$(cat "$BATS_TEST_DIRNAME/ring.py")" >/dev/null
    eventually counted_to old 3
    threads=$(old exec c ls /proc/1/task | wc -l)
    move c
    is "$(inside ls /proc/1/task | wc -l)" "$threads"
    reached=$(new logs c | tail -n 1)
    eventually counted_to new $((reached + 3))
    new logs c >"$BATS_TEST_TMPDIR/log"
    awk '$1 != NR { print "line " NR " says " $0; exit 1 }' "$BATS_TEST_TMPDIR/log"
}

@test "a named volume: content, owners, modes, links, attributes" {
    old run -d --name c --network none -v "$tag-treasure:/v" busybox sh -c '
        mkdir -p /v/a/b; echo x >/v/a/b/x; chown 1234:4321 /v/a/b/x; chmod 4751 /v/a/b/x; chmod 1770 /v/a; chown 77:88 /v
        ln -s ../a/b/x /v/a/link; ln /v/a/b/x /v/hard; mkfifo /v/pipe; echo y >"/v/odd name
with a line"; touch -d "2001-02-03 04:05:06" /v/a/b/x; : >/v/empty; dd if=/dev/zero of=/v/sparse bs=1 seek=3000000 count=1
        echo done; exec sleep 1000' >/dev/null
    eventually logged old done
    at=$(old volume inspect --format '{{.Mountpoint}}' "$tag-treasure")
    python3 - "$at" <<'END'
import os, sys
os.chdir(sys.argv[1])
os.setxattr("a/b/x", "user.note", b"kept with it")
os.setxattr("empty", "security.capability", bytes.fromhex("0100000200040000000000000000000000000000"))
END
    tree_of "$at" >"$BATS_TEST_TMPDIR/volume-before"
    move c
    at=$(new volume inspect --format '{{.Mountpoint}}' "$tag-treasure")
    # podman leaves out who the volume itself belongs to, and nanoseconds.
    if [ "$route" != floe-to-floe ]; then
        chown 77:88 "$at"
        sed -i -E 's/([0-9]{10})[0-9]{9}, /\1, /' "$BATS_TEST_TMPDIR/volume-before"
    fi
    tree_of "$at" >"$BATS_TEST_TMPDIR/volume-after"
    [ "$route" = floe-to-floe ] || sed -i -E 's/([0-9]{10})[0-9]{9}, /\1, /' "$BATS_TEST_TMPDIR/volume-after"
    diff "$BATS_TEST_TMPDIR/volume-before" "$BATS_TEST_TMPDIR/volume-after"
    is "$(inside cat /v/hard)" x
    inside sh -c 'echo new >/v/new'
    is "$(cat "$at/new")" new
}

# Everything about the files below a directory that a copy should have.
tree_of() { # DIRECTORY
    python3 - "$1" <<'END'
import hashlib, os, stat, sys
os.chdir(sys.argv[1])
for folder, folders, files in os.walk("."):
    folders.sort()
    for name in [".", *files] if folder == "." else ["", *files]:
        path = os.path.join(folder, name)
        info = os.lstat(path)
        xattrs = [(each, os.getxattr(path, each, follow_symlinks=False)) for each in sorted(os.listxattr(path, follow_symlinks=False))]
        regular, link = stat.S_ISREG(info.st_mode), stat.S_ISLNK(info.st_mode)
        print(path, oct(info.st_mode), info.st_uid, info.st_gid, xattrs, regular and (info.st_nlink, info.st_size, info.st_mtime_ns,
              hashlib.md5(open(path, "rb").read()).hexdigest()), link and os.readlink(path))
END
}

@test "the root: files that were added, changed, deleted, replaced; directories that were made anew" {
    old run -d --name c --network none busybox sh -c '
        echo added >/etc/added; mkdir -p /new/deep; echo deep >/new/deep/file; chown 12:34 /new/deep; chmod 700 /new/deep
        echo "bob:x:1:1::/:/bin/sh" >/etc/passwd; rm /etc/group; rm -r /home; mkdir /home; echo fresh >/home/fresh
        chmod 751 /var; rm /bin/zcip; echo mine >/bin/zcip; ln -s /etc/added /link; echo done; exec sleep 1000' >/dev/null
    eventually logged old done
    move c
    is "$(inside cat /etc/added /new/deep/file /link /etc/passwd | paste -sd ' ')" \
        "added deep added bob:x:1:1::/:/bin/sh"
    is "$(inside stat -c '%a %u:%g' /new/deep)" "700 12:34"
    inside sh -c '! [ -e /etc/group ]'
    is "$(inside ls /home)" fresh
    # podman leaves out the modes of directories, and changed files that this machine does not have. floe has them.
    from_podman || is "$(inside stat -c %a /var) $(inside cat /bin/zcip)" "751 mine"
}

@test "published ports" {
    port=$(free_ports 2)
    old run -d --name c -p "$port:8080" -p "127.0.0.1:$((port + 1)):8080" busybox sh -c '
        echo "page of c" >/tmp/index.html; exec httpd -f -p 8080 -h /tmp' >/dev/null
    eventually serves 127.0.0.1 "$port" c
    move c
    eventually serves 127.0.0.1 "$port" c
    eventually serves "$(host_address)" "$port" c
    eventually serves 127.0.0.1 $((port + 1)) c
    ! serves "$(host_address)" $((port + 1)) c
}

@test "a static address and MAC" {
    address=${subnet_prefix:=$(engine_subnet "$engine" | cut -d . -f 1,2)}.77.7
    redis_server --ip "$address" --mac-address 92:d0:c6:0a:29:33
    is "$(ask 'INCR visits')" :1
    move c --tcp-established
    is "$(ask 'INCR visits')" :2
    is "$(new inspect --format '{{.NetworkSettings.IPAddress}} {{.NetworkSettings.MacAddress}}' c)" \
        "$address 92:d0:c6:0a:29:33"
    has "$(inside ifconfig eth0 | tr a-z A-Z)" 92:D0:C6:0A:29:33
    has "$(inside ifconfig eth0)" "$address"
}

@test "a terminal: its size, and a shell that waits at it" {
    old run -dt -i --name c --network none busybox sh -c '
        stty rows 33 cols 99; stty -echo; i=0; echo waiting; while read word; do i=$((i + 1)); echo "got $i $word"; done' >/dev/null
    eventually logged old waiting
    type_and_see old 'type one\r' 'see got 1 one'
    move c
    type_and_see new 'type two\r' 'see got 2 two'
    is "$(inside stty -F /dev/pts/0 size 2>&1)" "33 99"
}

# As the user of a terminal, attach to the container, do these steps and be gone.
type_and_see() { # old|new STEP...
    local -n host=$1_host

    run -137 "$SYSTEM/on-terminal" --size 33x99 quiet "${@:2}" 'signal KILL' -- "${host[@]}" attach c
}

@test "standard input that is kept open" {
    old run -di --name c --network none busybox sh -c '
        i=0; echo waiting; while read word; do i=$((i + 1)); echo "got $i $word"; done' >/dev/null
    eventually logged old waiting
    say_to old one
    eventually logged old "got 1 one"
    move c
    say_to new two
    eventually logged new "got 2 two"
    exec 8>&-
}

# By somebody who attaches to the container, and stays: podman closes the container's input with the client's.
say_to() { # old|new WORD
    local -n host=$1_host
    local pipe=$BATS_TEST_TMPDIR/stdin-$1

    mkfifo "$pipe"
    "${host[@]}" attach c <"$pipe" >/dev/null 2>&1 3>&- &
    exec 8>"$pipe"
    echo "$2" >&8
}

@test "environment, directory, host name, labels, limits" {
    old run -d --name c --network none -e COLOUR=green -e 'ODD=a b=c' --workdir /home/alice \
        --hostname frost --label tier=cold --memory 64m --pids-limit 77 --ulimit nofile=300:400 --ulimit nproc=900:900 \
        --stop-signal INT --restart on-failure:3 --cap-drop CHOWN busybox sh -c '
        echo waiting; trap "env; pwd; hostname; ulimit -n; echo done" USR1
        while :; do sleep 3600 & wait $!; done' >/dev/null
    eventually logged old waiting
    move c
    new kill --signal USR1 c
    eventually logged new done
    log=$(new logs c)
    for part in COLOUR=green 'ODD=a b=c' /home/alice frost 300; do
        has "$log" "$part"
    done
    is "$(inside sh -c 'echo $COLOUR; pwd' | paste -sd ' ')" "green /home/alice"
    is "$(limit_of memory memory.limit_in_bytes memory.max)" 67108864
    is "$(limit_of pids pids.max pids.max)" 77
}

# Of the moved container, as the kernel has it.
limit_of() { # CONTROLLER FILE-OF-VERSION-1 FILE-OF-VERSION-2
    local cgroup

    cgroup=$(sed -n "s/^[0-9]*:$1:/$1/p; s/^0::/unified/p" "/proc/$(new inspect --format '{{.State.Pid}}' c)/cgroup" | head -n 1)
    cat "/sys/fs/cgroup/$cgroup/$2" 2>/dev/null || cat "/sys/fs/cgroup/${cgroup#unified}/$3"
}

@test "tmpfs and /dev/shm: what is in them" {
    old run -d --name c --network none --tmpfs /scratch:size=8m --shm-size 16m busybox sh -c '
        mkdir /scratch/d; echo one >/scratch/d/one; chmod 640 /scratch/d/one; chown 5:6 /scratch/d/one; echo two >/dev/shm/two
        ln -s two /dev/shm/link; exec 5<>/dev/shm/two 6</scratch/d/one; echo done; exec sleep 1000' >/dev/null
    eventually logged old done
    move c
    is "$(inside cat /scratch/d/one /dev/shm/link | paste -sd ' ')" "one two"
    is "$(inside stat -c '%a %u:%g' /scratch/d/one)" "640 5:6"
    has "$(inside df -k /scratch | tail -n 1)" 8192
    has "$(inside df -k /dev/shm | tail -n 1)" 16384
}

@test "secrets: the other host has them, and the archive has not" {
    for host in old new; do
        "$host" secret rm --all >/dev/null
        printf one-file | "$host" secret create key - >/dev/null
        printf other | "$host" secret create cert - >/dev/null
    done
    old run -d --name c --network none --secret key,uid=5,mode=0400 --secret cert,target=/etc/cert busybox sh -c '
        exec 5</run/secrets/key; echo done; exec sleep 1000' >/dev/null
    eventually logged old done
    allow=secrets
    move c
    is "$(inside sh -c 'stat -c "%a %u" /run/secrets/key; cat /run/secrets/key /etc/cert')" $'400 5\none-fileother'
    is "$(tar -xOaf "$BATS_TEST_TMPDIR/c.tar.zst" | grep -ca one-file || :)" 0
}

@test "a read-only root with a volume, and --rm" {
    old run -d --rm --name c --network none --read-only -v "$tag-data:/data" busybox sh -c '
        i=0; while :; do i=$((i + 1)); echo $i >>/data/count; echo $i; usleep 20000; done' >/dev/null
    eventually counted_to old 3
    move c
    reached=$(new logs c | tail -n 1)
    eventually counted_to new $((reached + 3))
    inside sh -c '! echo x >/x' 2>/dev/null
    inside awk '$1 != NR { exit 1 }' /data/count
    new stop -t 0 c >/dev/null
    eventually gone new c
}

gone() { # old|new CONTAINER
    ! "$1" container exists "$2"
}

@test "pipes, unix sockets, deleted and half-read files" {
    old run -d --name c --network none services python3 -c "$(cat "$BATS_TEST_DIRNAME/descriptors.py")" >/dev/null
    eventually logged old ready
    move c
    new kill --signal USR1 c
    eventually logged new "all there"
}

@test "processes: parents, sessions, ignored signals, zombies" {
    old run -d --name c --network none busybox sh -c '
        trap "" HUP; setsid sh -c "echo session; exec sleep 1001" & (sleep 1002 & exec sleep 1003) &
        sh -c "exit 7" & while [ ! -e /end ]; do usleep 20000; done; wait $!; echo "child $?"; exec sleep 1004' >/dev/null
    eventually logged old session
    eventually eval '[ "$(processes_on old | grep -c " sleep ")" = 3 ]'
    processes_on old >"$BATS_TEST_TMPDIR/ps-before"
    move c
    processes_on new >"$BATS_TEST_TMPDIR/ps-after"
    diff "$BATS_TEST_TMPDIR/ps-before" "$BATS_TEST_TMPDIR/ps-after"
    inside touch /end
    eventually logged new "child 7"
}

# Without the shell's short-lived children.
processes_on() { # old|new
    "$1" exec c sh -c 'for p in /proc/[0-9]*; do
        sed "s/^\([0-9]*\) (\(.*\)) \(.\) \([0-9]*\) \([0-9]*\) \([0-9]*\) .*/\1 \2 \3 \4 \5 \6/" $p/stat
    done' | grep -E '^1 | sleep |^[0-9]+ sh Z ' | sed 's/^1 sh ./1 sh x/' | sort
}

@test "the host's network" {
    old run -d --name c --network host busybox sh -c "$COUNTER" >/dev/null
    eventually counted_to old 3
    allow=namespaces
    move c
    reached=$(new logs c | tail -n 1)
    eventually counted_to new $((reached + 3))
    is "$(inside readlink /proc/1/ns/net)" "$(readlink /proc/self/ns/net)"
}

@test "from a plain and from a gzip archive" {
    for compress in none gzip; do
        old run -d --name c --network none busybox sh -c "$COUNTER" >/dev/null
        eventually counted_to old 3
        old container checkpoint --compress $compress --export "$BATS_TEST_TMPDIR/c" c
        old rm -f c
        new container restore --import "$BATS_TEST_TMPDIR/c"
        reached=$(new logs c | tail -n 1)
        eventually counted_to new $((reached + 3))
        new rm -f -t 0 c
    done
}

@test "there and back again" {
    redis_server
    is "$(ask 'INCR visits')" :1
    move c --tcp-established
    is "$(ask 'INCR visits')" :2
    new container checkpoint --tcp-established --export "$BATS_TEST_TMPDIR/back.tar" c
    new rm -f c
    old container restore --tcp-established --import "$BATS_TEST_TMPDIR/back.tar"
    is "$(ask 'INCR visits')" :3
    is "$(old inspect --format '{{.State.Status}}' c)" running
}

@test "a copy under another name of one that ran on" {
    port=$(free_ports 2)
    old run -d --name c -p "$port:8080" busybox sh -c '
        echo "page of c" >/tmp/index.html; exec httpd -f -p 8080 -h /tmp' >/dev/null
    eventually serves 127.0.0.1 "$port" c
    old container checkpoint --leave-running --export "$BATS_TEST_TMPDIR/c.tar" c
    serves 127.0.0.1 "$port" c
    old rm -f -t 0 c
    new container restore --import "$BATS_TEST_TMPDIR/c.tar" --name d --publish "$((port + 1)):8080"
    eventually serves 127.0.0.1 $((port + 1)) c
    new rm -f -t 0 d
}
