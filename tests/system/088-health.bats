# SPDX-License-Identifier: Apache-2.0
# Health checks: what is on record, what a check finds, who makes them and until when.

load helpers

# Healthy while /ok is there.
readonly CHECK='echo looked; [ -e /ok ]'

checked() { # NAME OPTION...
    background "$1" --health-cmd "$CHECK" --health-retries 2 "${@:2}" busybox sh -c "touch /ok; $SLEEPER"
    eventually floe exec "$1" test -e /ok
}

health_of() { # CONTAINER
    floe inspect --format '{{.State.Health.Status}}' "$1"
}

health_is() { # CONTAINER STATUS
    [ "$(health_of "$1")" = "$2" ]
}

n_checks() { # CONTAINER
    floe inspect --format '{{len .State.Health.Log}}' "$1"
}

# Who sees to the checks: a process each, or with systemd its timers.
monitors() {
    local id

    if [ -d /run/systemd/system ]; then
        for id in $(floe ps -aq --no-trunc); do compgen -G "/run/systemd/transient/$id-*.timer" || true; done
    else
        pgrep -f "^$FLOE .*--runroot $runroot healthcheck monitor "
    fi
}

end_monitor() {
    if [ -d /run/systemd/system ]; then
        systemctl stop "$(basename "$(monitors)")"
    else
        kill -9 "$(monitors | head -n 1)" # a check that it begins has its words for a moment
    fi
}

@test "health: the check is on record, and nonsense is refused" {
    floe create --name c --health-cmd 'true || false' --health-interval 1m --health-timeout 2s --health-retries 7 \
        --health-start-period 3s --health-on-failure stop busybox true
    is "$(floe inspect --format '{{json .Config.Healthcheck}} {{.Config.HealthcheckOnFailureAction}}' c)" \
        '{"Test":["CMD-SHELL","true || false"],"Interval":60000000000,"Timeout":2000000000,"StartPeriod":3000000000,"Retries":7} stop'
    floe create --name n --no-healthcheck busybox true
    is "$(floe inspect --format '{{json .Config.Healthcheck}} {{.State.Health.Status}}' n)" '{"Test":["NONE"]} '
    refused 125 'cannot specify both' floe create --health-cmd true --no-healthcheck busybox true
    refused 125 'is not a duration' floe create --health-cmd true --health-interval 5 busybox true
    refused 125 'greater than 0' floe create --health-cmd true --health-retries 0 busybox true
    refused 125 'without a health check' floe create --health-on-failure kill busybox true
    refused 125 'invalid on-failure action' floe create --health-cmd true --health-on-failure cry busybox true
}

@test "health: a run whose start was cut short begins with nothing known" {
    checked c --health-interval disable
    floe healthcheck run c
    is "$(health_of c)" healthy
    # As of a floe that was killed when the process had gone on.
    sqlite3 "$root/floe.db" "UPDATE container SET state = 2, status = json_set(status, '\$.intent', 'start')
        WHERE name = 'c'"
    is "$(state_of c) $(health_of c)" 'running starting'
}

@test "healthcheck run: 0, 1 and 125" {
    checked c --health-interval disable
    is "$(health_of c)" starting
    matches "$(floe ps --format '{{.Status}}')" '^Up .* \(starting\)$'
    run -0 floe healthcheck run c
    is "$output" ""
    is "$(health_of c)" healthy
    matches "$(floe ps --format '{{.Status}}')" '^Up .* \(healthy\)$'
    floe exec c rm /ok
    run -1 floe healthcheck run c
    is "$output" unhealthy
    is "$(floe inspect --format '{{.State.Health.Status}} {{.State.Health.FailingStreak}}' c)" "healthy 1"
    run -1 floe healthcheck run c
    is "$(floe inspect --format '{{.State.Health.Status}} {{.State.Health.FailingStreak}}' c)" "unhealthy 2"
    is "$(floe ps --filter health=unhealthy --format '{{.Names}}')" c
    is "$(floe ps --filter health=healthy --format '{{.Names}}')" ""
    is "$(floe inspect --format '{{range .State.Health.Log}}{{.ExitCode}} {{.Output}}|{{end}}' c)" "0 looked|1 looked|1 looked|"
    is "$(floe inspect --format '{{len .ExecIDs}}' c)" 0
    floe stop -t 0 c
    refused 125 'is not running' floe healthcheck run c
    sleeper n
    refused 125 'has no defined healthcheck' floe healthcheck run n
    refused 125 'no such container' floe healthcheck run nothing
    refused 125 'missing' floe healthcheck run
}

# bats test_tags=host
@test "health: checks come by themselves, and end with the container" {
    checked c --health-interval 100ms
    eventually health_is c healthy
    floe exec c rm /ok
    eventually health_is c unhealthy
    [ -n "$(monitors)" ]
    floe stop -t 0 c
    eventually eval '[ -z "$(monitors)" ]'
    floe start c
    eventually health_is c healthy
    floe rm -f -t 0 c
    processes_wait "$engine"
    is "$(engine_leftovers "$engine")" ""
}

# bats test_tags=host
@test "health: a check that takes too long is killed, and has failed" {
    background c --health-cmd 'sleep 1000' --health-timeout 300ms --health-retries 1 --health-interval disable \
        busybox sh -c "$SLEEPER"
    run -1 floe healthcheck run c
    is "$(health_of c)" unhealthy
    has "$(floe inspect --format '{{range .State.Health.Log}}{{.ExitCode}} {{.Output}}{{end}}' c)" "-1 the health check did not end"
    eventually eval '! floe exec c ps | grep -q "sleep 1000"'
}

@test "health: failures in the start period do not count" {
    background c --health-cmd false --health-retries 1 --health-interval disable --health-start-period 1h \
        busybox sh -c "$SLEEPER"
    run -1 floe healthcheck run c
    is "$(floe inspect --format '{{.State.Health.Status}} {{.State.Health.FailingStreak}}' c)" "starting 0"
}

# bats test_tags=host
@test "health: on failure it is stopped, killed or restarted" {
    background s --health-cmd false --health-retries 1 --health-interval 100ms --health-on-failure stop \
        --stop-timeout 1 busybox sh -c "$SLEEPER"
    eventually eval '[ "$(state_of s)" = exited ]'
    background k --health-cmd false --health-retries 1 --health-interval 100ms --health-on-failure kill \
        --restart on-failure:1 busybox sh -c "$SLEEPER"
    eventually eval '[ "$(floe inspect --format "{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}" k)" = "exited 1 137" ]'
    background r --health-cmd '[ -e /again ]' --health-retries 1 --health-interval 100ms --health-on-failure restart \
        --stop-timeout 1 busybox sh -c "[ ! -e /once ] || touch /again; touch /once; $SLEEPER"
    eventually health_is r healthy
}

# bats test_tags=host
# bats test_tags=host
@test "health: a startup check goes first, and starts the container anew when it fails too often" {
    background c --health-cmd 'echo regular; [ -e /ok ]' --health-interval 100ms --health-retries 1 \
        --health-startup-cmd 'echo startup; [ -e /up ]' --health-startup-interval 100ms --health-startup-success 2 \
        busybox sh -c "$SLEEPER"
    log_has() { has "$(floe inspect --format '{{range .State.Health.Log}}{{.ExitCode}} {{.Output}}|{{end}}' c)" "$1"; }
    eventually log_has '1 startup|1 startup|1 startup|'
    is "$(floe inspect --format '{{.State.Health.Status}} {{.State.Health.FailingStreak}}' c)" 'starting 0'
    floe exec c touch /up
    eventually eval 'log_has "0 startup|0 startup|1 regular" || log_has "1 regular|1 regular|1 regular|1 regular|1 regular"'
    eventually health_is c unhealthy
    eventually eval '[ "$(monitors | wc -l)" = 1 ]'
    floe rm -f -t 0 c
    background r --health-cmd true --health-startup-cmd false --health-startup-interval 100ms --health-startup-retries 2 \
        busybox sh -c "$SLEEPER"
    local begun
    begun=$(floe inspect --format '{{.State.StartedAt}}' r)
    eventually eval '[ "$(floe inspect --format "{{.State.StartedAt}} {{.State.Status}}" r)" != "$begun running" ]'
    eventually eval '[ "$(state_of r)" = running ]'
    is "$(floe inspect --format '{{.Config.StartupHealthCheck.Retries}}' r)" 2
    refused 125 'no regular healthcheck' floe create --health-startup-cmd true busybox true
    floe rm -f -t 0 r
    processes_wait "$engine"
}

@test "health: a monitor that was killed is found missing, and there is never more than one" {
    checked c --health-interval 100ms
    eventually health_is c healthy
    end_monitor
    floe inspect c >/dev/null
    eventually eval 'floe inspect c >/dev/null; [ "$(monitors | wc -l)" = 1 ]'
    floe exec c rm /ok
    eventually health_is c unhealthy
}

# bats test_tags=host
@test "health: a paused container is not checked, and goes on after it" {
    checked c --health-interval 100ms
    eventually health_is c healthy
    floe pause c
    is "$(health_of c)" healthy
    floe unpause c
    floe exec c rm /ok
    eventually health_is c unhealthy
}

# bats test_tags=host
@test "health: a checkpoint ends a check that runs, and a restored container is checked again" {
    background c --health-cmd 'sleep 1000' --health-interval 50ms --health-timeout 1h busybox sh -c "$SLEEPER"
    eventually eval 'floe exec c ps | grep -q "sleep 1000"'
    floe checkpoint c
    eventually eval '[ -z "$(monitors)" ]'
    floe restore c
    eventually eval 'floe exec c ps | grep -q "sleep 1000"'
    eventually eval '[ "$(monitors | wc -l)" = 1 ]'
}
