# SPDX-License-Identifier: Apache-2.0
# Events: each operation writes one, and `floe events` finds and follows them.

# bats file_tags=sanitize

load helpers

# The names of the events so far, of all or of the containers given, in one line.
events_of() { # [CONTAINER...]
    floe events --stream=false --format '{{.Status}}' "${@/#/--filter=container=}" | xargs
}

# An inspection notices what nobody has noted yet.
has_events() { # WORDS CONTAINER
    floe inspect "$2" >/dev/null
    [ "$(events_of "$2")" = "$1" ]
}

# Follow in the background, into $BATS_TEST_TMPDIR/followed; $follower is its process id.
follow() { # [OPTION...]
    "${program[@]}" events --since 1970-01-01 --format '{{.Status}} {{.Name}}' "$@" \
        >"$BATS_TEST_TMPDIR/followed" 3>&- &
    follower=$!
}

followed() { # LINE
    grep -qFx -e "$1" "$BATS_TEST_TMPDIR/followed"
}

@test "a container's life has one event for each step" {
    background web --label kind=test busybox sleep 1000
    floe exec web true
    run -3 floe exec web sh -c 'exit 3'
    floe pause web
    floe unpause web
    floe kill --signal CONT web
    floe restart --time 0 web
    floe stop --time 0 web
    floe rm web
    # conmon has it cleaned up too, and may be the faster one.
    is "$(events_of web | sed 's/ cleanup//g')" "create init start exec exec_died exec exec_died pause unpause kill died \
init start restart died stop remove"
}

@test "an event has podman's keys in podman's order" {
    floe run --name web --network none --label kind=test busybox sh -c 'exit 7' || true
    run -0 floe events --stream=false --filter event=died --format json
    matches "$output" '^\{"ContainerExitCode":7,"ID":"[0-9a-f]{64}","Image":"localhost/busybox:latest","Name":"web",'
    matches "$output" ',"Status":"died","Time":"20[0-9T:.-]*Z","Type":"container","Attributes":\{"kind":"test"\}\}$'
    run -0 floe events --stream=false --filter event=died --no-trunc=false
    matches "$output" '^20[0-9-]+ [0-9:.]+ \+0000 UTC container died [0-9a-f]{12} \(image=localhost/busybox:latest, name=web, kind=test\)$'
    run -0 floe events --stream=false --filter event=died \
        --format '{{.ContainerExitCode}} {{.Name}} {{.Type}} {{.Image}} {{.Attributes.kind}} {{.Network}}.'
    is "$output" '7 web container localhost/busybox:latest test .'
}

@test "an end that nobody saw is noted later, once" {
    sleeper web
    kill -KILL "$(floe inspect -f '{{.State.ConmonPid}}' web)" "$(floe inspect -f '{{.State.Pid}}' web)"
    eventually has_events 'create init start died' web
    floe container cleanup web
    floe container cleanup web
    is "$(events_of web)" 'create init start died cleanup'
    is "$(floe events --stream=false --filter event=died --format '{{.ContainerExitCode}}')" -1
}

@test "removal of a running container tells of its end" {
    sleeper web
    floe pause web
    floe rm --force --time 0 web
    is "$(events_of web)" 'create init start pause died remove'
}

@test "exec sessions in the background and those that end with the container" {
    sleeper web
    floe exec -d web sh -c 'exit 5'
    eventually has_events 'create init start exec exec_died' web
    run -127 floe exec web nonesuch
    is "$(events_of web)" 'create init start exec exec_died'
    is "$(floe events --stream=false --filter event=exec_died --format '{{.ContainerExitCode}}')" 5
}

@test "images have events" {
    floe import -q "$BUSYBOX_TAR" other >/dev/null
    floe rmi other
    is "$(floe events --stream=false --filter type=image --format '{{.Status}} {{.Name}}' | tail -n 4 | xargs)" \
        'import localhost/other:latest tag localhost/other:latest untag localhost/other:latest remove localhost/other:latest'
}

@test "filters" {
    floe create --name web --label a=1 --label b=2 busybox true >/dev/null
    floe create --name sql --label a=1 busybox true >/dev/null
    floe rm web
    is "$(events_of web)" 'create remove'
    is "$(events_of web sql)" 'create create remove'
    is "$(floe events --stream=false -f label=a=1 -f label=b --format '{{.Name}}' | xargs)" 'web web'
    is "$(floe events --stream=false -f event=remove -f event=import --format '{{.Name}}' | xargs)" \
        'localhost/busybox:latest web'
    is "$(floe events --stream=false -f event=remove -f container=sql)" ''
    is "$(floe events --stream=false -f "container=$(floe inspect -f '{{.Id}}' sql)" --format '{{.Status}}')" create
    is "$(floe events --stream=false --until 2020-01-01)" ''
    is "$(floe events --stream=false --since 1m --filter event=remove --format '{{.Name}}')" web
}

@test "bad flags" {
    refused 125 "unknown key 'colour'" floe events --filter colour=red
    refused 125 KEY=VALUE floe events --filter colour
    refused 125 'invalid argument' floe events --since yesterdayish
    refused 125 'invalid argument' floe events --until ''
    refused 125 "too many arguments: 'c'" floe events c
    refused 125 template floe events --format '{{.Foo'
    refused 125 Foo floe events --stream=false --format '{{.Foo}}'
}

@test "a follower gets what happens, over a rotation too" {
    follow --filter type=container
    floe create --name before busybox true >/dev/null
    eventually followed 'create before'
    # As big as a file may be: the next event begins a new one.
    head -c 1048576 /dev/zero | tr '\0' x | fold -w 1000 >>"$runroot/events/events.log"
    floe create --name after busybox true >/dev/null
    eventually followed 'create after'
    [ -e "$runroot/events/events.log.1" ]
    kill "$follower"
    is "$(sort "$BATS_TEST_TMPDIR/followed")" $'create after\ncreate before'
    is "$(events_of)" 'import tag create create'
}

@test "a follower ends at --until, and when its reader goes" {
    run -0 floe events --until 100ms --filter type=container
    is "$output" ''
    "${program[@]}" events --since 1h --format '{{.Status}}' 3>&- | head -n 1
}

@test "many writers at once lose nothing" {
    local i

    for i in {1..16}; do
        "${program[@]}" create --name "c$i" busybox true >/dev/null 3>&- &
    done
    wait
    is "$(floe events --stream=false --filter event=create --format '{{.Name}}' | sort -V | xargs)" \
        'c1 c2 c3 c4 c5 c6 c7 c8 c9 c10 c11 c12 c13 c14 c15 c16'
}

@test "an operation does not fail with its event" {
    rm -rf "$runroot/events"
    touch "$runroot/events"
    run -0 --separate-stderr floe create --name web busybox true
    matches "$stderr" '^warning: cannot note the event container create, ignoring: '
    rm "$runroot/events"
}
