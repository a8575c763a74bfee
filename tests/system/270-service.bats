# SPDX-License-Identifier: Apache-2.0
# A container as the service of a service manager: who tells it what, and what it passes on.
# shellcheck disable=SC2016,SC2154 # shells in containers read what is in quotes; $engine and the like are of the helpers

load helpers


manager=$BATS_TEST_DIRNAME/service-manager

setup() {
    floe_setup
    socket=$engine/notify
    log=$engine/notify.log
    "$manager" listen "$socket" "$log" 3>&- &
    listener=$!
    eventually test -S "$socket"
}

teardown() {
    kill "$listener"
    wait "$listener" || true
    floe_teardown
}

# floe as a service manager starts it.
serve() {
    NOTIFY_SOCKET=$socket floe "$@"
}

conmon_of() { # CONTAINER
    floe inspect --format '{{.State.ConmonPid}}' "$1"
}

told() { # MESSAGE...: so and nothing else
    [ "$(cat "$log")" = "$(printf '%s\n' "$@")" ]
}


@test "sdnotify: with conmon, floe tells the main process and that it is ready" {
    serve run -d --name c --sdnotify conmon busybox sh -c "$SLEEPER" >/dev/null
    eventually told "MAINPID=$(conmon_of c) READY=1"
    # The container has no part in it.
    [ -z "$(floe exec c sh -c 'echo $NOTIFY_SOCKET')" ]
    run -1 floe exec c test -e /run/notify
    is "$(floe inspect --format '{{.Config.SdNotifyMode}}' c)" conmon
}

# bats test_tags=host
@test "sdnotify: the container itself says that it is ready" {
    serve run -d --name c busybox sh -c "$SLEEPER" >/dev/null
    pid=$(conmon_of c)
    eventually told "MAINPID=$pid"
    has_its_trap c
    is "$(tr '\0' '\n' <"/proc/$(floe inspect --format '{{.State.Pid}}' c)/environ" | grep NOTIFY)" \
        NOTIFY_SOCKET=/run/notify/notify.sock
    python3 - "/proc/$(floe inspect --format '{{.State.Pid}}' c)/root/run/notify/notify.sock" <<'END'
import os, socket, sys
directory = os.open(os.path.dirname(sys.argv[1]), os.O_PATH)
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(b"STATUS=nearly\nREADY=1\n", f"/proc/self/fd/{directory}/notify.sock")
END
    # Newer conmons (2.1.12) hand over all that they are told.
    eventually eval 'told "MAINPID=$pid" READY=1 || told "MAINPID=$pid" "STATUS=nearly READY=1"'
}

@test "sdnotify: ignore says nothing, nor does a start without a manager" {
    serve run -d --name i --sdnotify ignore busybox sh -c "$SLEEPER" >/dev/null
    floe run -d --name n --sdnotify conmon busybox sh -c "$SLEEPER" >/dev/null
    serve run -d --name last --sdnotify conmon busybox sh -c "$SLEEPER" >/dev/null
    eventually told "MAINPID=$(conmon_of last) READY=1"
}

@test "sdnotify: a start waits for the health and tells it" {
    floe create --name c --sdnotify healthy --health-cmd 'test -e /ok' --health-interval 100ms busybox \
        sh -c "sleep 1; touch /ok; $SLEEPER" >/dev/null
    serve start c
    eventually told "MAINPID=$(conmon_of c)" "MAINPID=$(conmon_of c) READY=1"
    is "$(floe inspect --format '{{.State.Health.Status}}' c)" healthy
    floe create --name short --sdnotify healthy --health-cmd false --health-interval 100ms busybox \
        sh -c 'sleep 1; exit 3' >/dev/null
    run -125 serve start short
    has "$output" 'ended before it was healthy, with exit code 3'
}

@test "sdnotify: nonsense is refused" {
    refused 125 'none of container, conmon' floe create --sdnotify later busybox true
    refused 125 'needs a health check' floe create --sdnotify healthy busybox true
}

@test "sdnotify: what it depends on is not the service" {
    floe create --name base busybox sh -c "$SLEEPER" >/dev/null
    floe create --name c --requires base --sdnotify conmon busybox sh -c "$SLEEPER" >/dev/null
    serve start c
    eventually told "MAINPID=$(conmon_of c) READY=1"
}

@test "sdnotify: a pod is ready when all of it runs" {
    floe pod create --name p >/dev/null
    floe create --pod p --name c busybox sh -c "$SLEEPER" >/dev/null
    serve pod start p
    infra=$(floe pod inspect --format '{{.InfraContainerID}}' p)
    eventually told "MAINPID=$(conmon_of "$infra") READY=1"
}

@test "sdnotify: a socket that nobody reads is a warning" {
    NOTIFY_SOCKET=/nowhere/at/all run -0 --separate-stderr floe run -d --sdnotify conmon busybox sh -c "$SLEEPER"
    has "$stderr" 'No such file'
}

@test "sdnotify: a restored container is ready" {
    serve run -d --name c busybox sh -c "$SLEEPER" >/dev/null
    floe container checkpoint c
    : >"$log"
    serve container restore c
    eventually told "MAINPID=$(conmon_of c) READY=1"
    floe container checkpoint c
    floe container restore c
    is "$(state_of c)" running
}

@test "preserve-fds: run passes on what was open, and nothing else" {
    exec 5>&- 6>&- 7>&-
    run -0 floe run --rm --preserve-fds 2 busybox sh -c 'cat <&3; cat <&4; ls /proc/self/fd | wc -l' \
        3< <(echo three) 4< <(echo four)
    has "$output" three
    has "$output" four
    run -125 floe run --rm --preserve-fds 9 busybox true
    has "$output" 'is not open'
    refused 125 'unknown flag' floe create --preserve-fds 1 busybox true
}

# bats test_tags=host
@test "socket activation: the container gets the sockets and what tells of them" {
    "$manager" activate "$engine/web.sock" "${program[@]}" run -d --name c busybox \
        sh -c 'echo "$LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES $$"; readlink /proc/self/fd/3; '"$SLEEPER" >/dev/null 3>&-
    eventually sh -c "${program[*]} logs c | grep -q socket:"
    has "$(floe logs c)" '1 1 web 1'
    # Its own count more.
    "$manager" activate "$engine/own.sock" "${program[@]}" run --rm --preserve-fds 1 busybox \
        sh -c 'echo "<$LISTEN_FDS>"' >"$engine/out" 3>&-
    is "$(cat "$engine/out")" '<>'
    # They were meant for another process.
    run -0 env LISTEN_FDS=1 LISTEN_PID=1 "${program[@]}" run --rm busybox sh -c 'echo "<$LISTEN_FDS>"'
    is "$output" '<>'
}
