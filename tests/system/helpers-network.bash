# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests of networks and ports: small servers in containers, and clients on the host. Loaded after
# helpers.

# A web server whose page is the container's name.
web() { # NAME PORT-INSIDE [OPTION...]
    floe run -d --name "$1" "${@:3}" busybox sh -c "echo page of $1 >/tmp/index.html; exec httpd -f -p $2 -h /tmp" \
        >/dev/null
}

address_of() { # CONTAINER
    floe inspect --format '{{.NetworkSettings.IPAddress}}' "$1"
}

gateway_of() { # CONTAINER
    floe inspect --format '{{.NetworkSettings.Gateway}}' "$1"
}

# page ADDRESS PORT: what the server there has. Fails if there is none.
page() {
    timeout 1 bash -c 'exec 8<>"/dev/tcp/$1/$2" || exit
        printf "GET /index.html HTTP/1.0\r\n\r\n" >&8
        sed "1,/^\r\$/d" <&8' sh "$@" 2>/dev/null
}

serves() { # ADDRESS PORT NAME
    [ "$(page "$1" "$2")" = "page of $3" ]
}

# No TCP connection in the container's network is established; one that was closed may still wait for its end.
nobody_is_connected() { # CONTAINER
    local pid

    pid=$(floe inspect --format '{{.State.Pid}}' "$1")
    ! nsenter -t "$pid" -n grep -qE '^ *[0-9]+: \S+ \S+ 0[14589B] ' /proc/net/tcp
}

# An address of the host's own, other than the loopback's and those of bridges.
host_address() {
    ip -4 -o route get 192.0.2.200 | sed -n 's/.* src \([0-9.]*\).*/\1/p'
}

# free_ports COUNT: the first of so many consecutive ports that are free for TCP and UDP.
free_ports() {
    python3 - "$1" <<'END'
import random, socket, sys

def is_free(port):
    for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
        with socket.socket(socket.AF_INET, kind) as s:
            try:
                s.bind(("", port))
            except OSError:
                return False
    return True

count = int(sys.argv[1])
while True:
    first = random.randrange(20000, 32000)
    if all(is_free(port) for port in range(first, first + count)):
        print(first)
        break
END
}

# listen_on_host PORT: takes the port by something that is not floe's, until the test ends. Sets $listener.
listen_on_host() {
    python3 -c "
import socket, sys, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('', $1))
s.listen()
print('listening', flush=True)
time.sleep(60)" >"$BATS_TEST_TMPDIR/listener" 3>&- &
    listener=$!
    eventually grep -q listening "$BATS_TEST_TMPDIR/listener"
}
