# SPDX-License-Identifier: Apache-2.0
# --restart: who runs again, when, how often, and what ends it.

load helpers

count_of() { # CONTAINER
    floe inspect --format '{{.RestartCount}}' "$1"
}

has_restarted() { # CONTAINER NUMBER
    [ "$(count_of "$1")" -ge "$2" ]
}

is_in_pause() { # CONTAINER
    [ "$(floe inspect --format '{{.State.Restarting}} {{.State.Status}}' "$1")" = "true exited" ]
}

# A container in a pause of some seconds: it has ended quickly some times before.
container_in_pause() { # NAME OPTION...
    background "$1" --restart "${2:-always}" busybox sh -c 'exit 3'
    eventually has_restarted "$1" 5
    eventually is_in_pause "$1"
}

# The process that waits to start it again.
sleepers() { # CONTAINER
    pgrep -f "^$FLOE .*--runroot $runroot container cleanup .*$(floe inspect --format '{{.Id}}' "$1")"
}

# --- the option ---------------------------------------------------------------------------------------

@test "--restart is on record, and a wrong one is refused" {
    for policy in no always unless-stopped on-failure; do
        floe create --name "c-$policy" --restart "$policy" busybox true
        is "$(floe inspect --format '{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}' \
            "c-$policy")" "$policy 0"
    done
    floe create --name counted --restart on-failure:4 busybox true
    is "$(floe inspect --format '{{.HostConfig.RestartPolicy}} {{.RestartCount}}' counted)" "map[MaximumRetryCount:4 Name:on-failure] 0"
    refused 125 'not a valid restart policy' floe create --restart sometimes busybox true
    refused 125 'can only be specified with on-failure' floe create --restart always:3 busybox true
    refused 125 'not a number' floe create --restart on-failure:x busybox true
    refused 125 'conflicts with --restart' floe run --rm --restart always busybox true
    floe run --rm --restart no --network none busybox true
}

@test "ps filters by restart policy, and by what starts with the host" {
    sleeper a --restart always
    sleeper u --restart unless-stopped
    floe create --name f --restart on-failure busybox true
    floe create --name n busybox true
    is "$(floe ps -a --filter restart-policy=always --format '{{.Names}}')" a
    is "$(floe ps -a --filter restart-policy=no --format '{{.Names}}')" n
    is "$(floe ps -a --filter restart-policy=always --filter restart-policy=on-failure --format '{{.Names}}')" $'a\nf'
    is "$(floe ps -a --filter should-start-on-boot=true --format '{{.Names}}')" $'a\nu'
    is "$(floe ps -a --filter should-start-on-boot=false --format '{{.Names}}')" $'f\nn'
    floe stop -a -t 0
    is "$(floe ps -a --filter should-start-on-boot=true --format '{{.Names}}')" a
    refused 125 'bogus invalid restart policy' floe ps --filter restart-policy=bogus
    refused 125 'should-start-on-boot=maybe' floe ps --filter should-start-on-boot=maybe
}

@test "stop --host-shutdown is no user's wish: unless-stopped comes back at boot" {
    sleeper a --restart always
    sleeper u --restart unless-stopped
    sleeper n
    sleeper p
    floe pause p
    floe stop -a -t 5 --host-shutdown
    is "$(floe ps -q)" ''
    # It was paused, and yet could answer the signal.
    is "$(floe inspect --format '{{.State.ExitCode}}' p)" 0
    is "$(floe ps -a --filter should-start-on-boot=true --format '{{.Names}}')" $'a\nu'
    # They stay stopped until then.
    is "$(floe wait u) $(state_of u)" "$(floe inspect --format '{{.State.ExitCode}}' u) exited"
    floe start --all --filter should-start-on-boot=true >/dev/null
    is "$(floe ps --format '{{.Names}}')" $'a\nu'
}

@test "stop --host-shutdown ends what depends on a container before it" {
    sleeper base
    background above --pid container:base --stop-timeout 1 busybox sh -c "trap '' TERM; touch /deaf; $SLEEPER"
    eventually floe exec above test -e /deaf
    background top --requires above busybox sh -c "$SLEEPER"
    floe stop -a --host-shutdown
    is "$(floe events --stream=false --since 1h --filter event=died --format '{{.Name}}' | xargs)" 'top above base'
}

# --- who runs again -----------------------------------------------------------------------------------

@test "on-failure:N runs again N times, in the foreground too, whose exit code is the last one" {
    run -3 --separate-stderr floe run --name c --network none --restart on-failure:2 busybox sh -c 'echo hello; exit 3'
    is "$output" hello
    is "$(floe inspect --format '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}} {{.State.Restarting}}' c)" \
        "2 exited 3 false"
    is "$(floe logs c)" $'hello\nhello\nhello'
    is "$(floe ps -a --format '{{.Restarts}}')" 2
}

@test "on-failure does not run again after a success; always does" {
    floe run --name f --network none --restart on-failure busybox true
    is "$(floe inspect --format '{{.RestartCount}} {{.State.Restarting}}' f)" "0 false"
    background a --restart always busybox true
    eventually has_restarted a 2
}

@test "on-failure ends when a run succeeds" {
    background c --restart on-failure busybox sh -c '[ -e /tried ] || { touch /tried; exit 3; }'
    is "$(floe wait c)" 0
    eventually eval '[ "$(state_of c)" = exited ]'
    is "$(floe inspect --format '{{.RestartCount}}' c)" 1
}

@test "a container that something kills runs again, on the network and with its files" {
    floe run -d --name c --restart always busybox sh -c "echo x >>/runs; $SLEEPER" >/dev/null
    eventually floe exec c test -s /runs
    kill -9 "$(floe inspect --format '{{.State.Pid}}' c)"
    eventually has_restarted c 1
    eventually eval '[ "$(state_of c)" = running ]'
    eventually eval '[ "$(floe exec c cat /runs)" = $'"'x\\nx'"' ]'
    floe exec c ip addr show eth0
}

@test "the pause grows" {
    background c --restart always busybox sh -c 'cut -d " " -f 1 /proc/uptime; exit 1'
    eventually has_restarted c 4
    eventually eval '[ "$(floe logs c | wc -l)" -ge 5 ]'
    floe stop c
    floe logs c | awk 'NR > 1 && $1 - last < 0.1 * 2 ^ (NR - 2) - 0.02 { print NR, $1 - last; exit 1 } { last = $1 }'
}

@test "what cannot be started again is not tried for ever, and says why" {
    background c --restart always busybox sh -c 'rm /bin/sh; exit 1'
    eventually eval '[ -n "$(floe inspect --format "{{.State.Error}}" c)" ]'
    is "$(floe inspect --format '{{.State.Status}} {{.State.ExitCode}} {{.State.Restarting}}' c)" "exited 1 false"
    is "$(floe wait c)" 1
}

# --- what ends it -------------------------------------------------------------------------------------

@test "stopped or killed by a user, it stays so; another signal that ends it does not count" {
    sleeper c --restart always
    floe stop -t 5 c
    is "$(floe inspect --format '{{.State.Status}} {{.State.Restarting}} {{.State.StoppedByUser}}' c)" "exited false true"
    floe start c
    floe kill c
    eventually eval '[ "$(state_of c)" = exited ]'
    is "$(floe inspect --format '{{.State.Restarting}} {{.RestartCount}}' c)" "false 0"
    floe start c
    has_its_trap c
    floe kill -s TERM c
    eventually has_restarted c 1
}

@test "stop in the pause ends it at once, and keeps the count" {
    container_in_pause c
    pid=$(sleepers c)
    count=$(count_of c)
    matches "$(floe ps -a --format '{{.Status}}')" '^Restarting \(3\) '
    floe stop c
    is "$(floe inspect --format '{{.State.Restarting}} {{.State.Status}} {{.RestartCount}}' c)" "false exited $count"
    eventually eval '[ ! -e "/proc/$pid" ]'
    matches "$(floe ps -a --format '{{.Status}}')" '^Exited \(3\) '
}

@test "stop --all and kill in the pause end it, too" {
    container_in_pause c
    floe stop --all
    is "$(floe inspect --format '{{.State.Restarting}}' c)" false
    floe rm c
    container_in_pause c
    refused 125 'state' floe kill -s TERM c
    floe kill c
    is "$(floe inspect --format '{{.State.Restarting}}' c)" false
}

@test "start in the pause starts at once, and counts anew" {
    container_in_pause c
    pid=$(sleepers c)
    floe start c
    eventually eval '[ ! -e "/proc/$pid" ]'
    [ "$(count_of c)" -lt 4 ]
}

@test "rm in the pause removes it, and nothing stays" {
    container_in_pause c
    floe rm c
    processes_wait "$engine"
    is "$(engine_leftovers "$engine")" ""
    is "$(ls "$runroot/restarts")" ""
}

@test "wait waits until it does not run again" {
    background c --restart on-failure:3 busybox sh -c 'exit 4'
    is "$(floe wait c)" 4
    is "$(count_of c)" 3
}

@test "a restart by hand counts anew, and is no end" {
    background c --restart on-failure:1 busybox sh -c "[ -e /tried ] || { touch /tried; exit 3; }; $SLEEPER"
    eventually has_restarted c 1
    eventually eval '[ "$(state_of c)" = running ]'
    floe restart -t 0 c
    is "$(floe inspect --format '{{.State.Status}} {{.RestartCount}}' c)" "running 0"
}

# --- beside the rest ----------------------------------------------------------------------------------

@test "a checkpoint is no end, and a restored container restarts again" {
    sleeper c --restart always
    floe checkpoint c
    is "$(floe inspect --format '{{.State.Status}} {{.State.Restarting}} {{.RestartCount}}' c)" "exited false 0"
    is "$(floe ps -a --filter should-start-on-boot=true -q)" ""
    floe restore c
    kill -9 "$(floe inspect --format '{{.State.Pid}}' c)"
    eventually has_restarted c 1
}

@test "the process that waits is killed: the next command puts another one in its place" {
    container_in_pause c
    kill -9 "$(sleepers c)"
    count=$(count_of c)
    eventually has_restarted c $((count + 1))
}

@test "conmon and the container are killed: it runs again all the same" {
    sleeper c --restart always
    pid=$(floe inspect --format '{{.State.Pid}}' c)
    kill -9 "$(floe inspect --format '{{.State.ConmonPid}}' c)"
    kill -9 "$pid"
    eventually has_restarted c 1
    eventually eval '[ "$(state_of c)" = running ]'
}

@test "floe is killed while it starts a container again: it runs in the end" {
    background c --restart always busybox sh -c 'exit 3'
    for _ in 1 2 3 4; do
        before=$(count_of c)
        sleepers c | xargs -r kill -9 || : # it may just have ended
        eventually eval 'floe inspect c >/dev/null; [ "$(count_of c)" -gt "$before" ]'
    done
    floe rm -f -t 0 c
    is "$(ls "$runroot/restarts")" ""
}
