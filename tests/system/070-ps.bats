# SPDX-License-Identifier: Apache-2.0
# ps: which containers it lists, and in what form.

# bats file_tags=sanitize

load helpers

# Three containers, the oldest first: web runs, done has exited with 3, new was never started.
three() {
    web=$(floe run -d --name web --network none -l tier=front -l a=1 -v /tmp:/data:ro busybox sleep 1000)
    over=$(floe create --name done --network none -l tier=back busybox sh -c 'echo a long command; exit 3')
    floe start -a done >/dev/null || true
    new=$(floe create --name new --network none --rm busybox true)
}

# The names that ps lists with these arguments, in order.
names() {
    floe ps --format '{{.Names}}' "$@" | xargs
}

@test "ps without containers prints the header" {
    matches "$(floe ps)" '^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$'
    is "$(floe ps -q)" ''
    is "$(floe ps --format json)" '[]'
    is "$(floe ps --format '{{.ID}}')" ''
}

@test "ps prints those that run, -a all, in a table" {
    three
    run -0 floe ps
    is "${#lines[@]}" 2
    matches "${lines[1]}" "^${web:0:12}  localhost/busybox:latest  sleep 1000 +.* ago +Up .* web$"

    run -0 floe ps -a
    is "${#lines[@]}" 4
    matches "${lines[1]}" ' Up .* web$'
    matches "${lines[2]}" '  sh -c echo a long\.\.\.  .* Exited \(3\) .* ago +done$'
    matches "${lines[3]}" ' Created +new$'
}

@test "ps -q, -n, -l, --no-trunc, --noheading" {
    three
    is "$(floe ps -q)" "${web:0:12}"
    is "$(floe ps -aq --no-trunc)" "$web"$'\n'"$over"$'\n'"$new"
    is "$(names -l)" new
    is "$(names -n 2)" 'done new'
    is "$(names -n 9)" 'web done new'
    has "$(floe ps -a --no-trunc)" 'sh -c echo a long command; exit 3'
    has "$(floe ps -a --no-trunc)" "$web"
    is "$(floe ps -a --noheading | wc -l)" 3
    refused 125 exclude floe ps -l -n 2
}

@test "ps tells a state as people say it" {
    sleeper p
    floe pause p
    # Paused is not running, as podman has it.
    is "$(floe ps -q)" ''
    matches "$(floe ps -a)" ' Paused +p$'
    matches "$(floe ps -a --format '{{.State}} {{.Status}}')" '^paused Paused$'
}

@test "ps --format json has podman's keys and two of its own, each of its type" {
    three
    is "$(floe ps -a --format json | jq -r '.[] | select(.Names[0] == "done") |
        to_entries | map(.key + " " + (.value | type)) | sort | .[]')" 'AutoRemove boolean
CIDFile string
Command array
Created number
CreatedAt string
ExitCode number
Exited boolean
ExitedAt number
ExposedPorts array
Health string
Id string
Image string
ImageID string
IsInfra boolean
Labels object
Mounts array
Names array
Namespaces object
Networks array
Pid number
Pod string
PodName string
Ports array
Restarting boolean
Restarts number
Size null
StartedAt number
State string
Status string'
    is "$(floe ps -a --format json | jq -c '.[] | [.Names[0], .State, .ExitCode, .Exited, .AutoRemove, .Mounts, .Labels.tier]')" \
        '["web","running",0,false,false,["/data"],"front"]
["done","exited",3,true,false,[],"back"]
["new","created",0,false,true,[],null]'
    is "$(floe ps --format json | jq -r '.[0].Id, .[0].Pid' | xargs)" "$web $(floe inspect -f '{{.State.Pid}}' web)"
}

@test "ps --format takes Go templates" {
    three
    is "$(floe ps -a --format '{{.Names}}\t{{.State}}\t{{.ExitCode}}')" \
        $'web\trunning\t0\ndone\texited\t3\nnew\tcreated\t0'
    is "$(floe ps --format '{{.ID}} {{.Label "tier"}} {{.Mounts}} {{.Command}}')" "${web:0:12} front /data sleep 1000"
    is "$(floe ps -a --format '{{if eq .State "running"}}{{upper .Names}}{{else}}-{{end}}' | xargs)" 'WEB - -'
    is "$(floe ps --format '{{json .Labels}}' | jq -cS .)" '{"a":"1","tier":"front"}'
    is "$(floe ps --format '{{printf "%-6s|" .Names}}')" 'web   |'

    run -0 floe ps -a --format 'table {{.Names}} {{.State}}'
    matches "${lines[0]}" '^NAMES +STATE$'
    matches "${lines[2]}" '^done +exited$'

    refused 125 Nonsense floe ps -a --format '{{.Nonsense}}'
    refused 125 '' floe ps -a --format '{{.Names'
}

@test "ps --filter, each key" {
    three
    is "$(names -a -f id="${over:0:5}")" done
    is "$(names -a -f name=^d)" done
    is "$(names -a -f name=e)" 'web done new'
    is "$(names -f status=exited)" done
    is "$(names -f status=exited -f status=created)" 'done new'
    is "$(names -a -f exited=3)" done
    is "$(names -a -f label=tier)" 'web done'
    is "$(names -a -f label=tier=back)" done
    is "$(names -a -f label=tier -f label=a=1)" web
    is "$(names -a -f 'label!=tier=front')" 'done new'
    is "$(names -a -f before=done)" web
    is "$(names -a -f since=web)" 'done new'
    is "$(names -a -f ancestor=busybox)" 'web done new'
    is "$(names -a -f volume=/data)" web
    is "$(names -a -f network=none)" 'web done new'
    is "$(names -a -f network=podman)" ''
    is "$(names -a -f until=10m)" ''
    # Different keys: all must hold.
    is "$(names -a -f label=tier -f name=web)" web
    is "$(names -f name=done)" ''
}

@test "a filter that cannot be right is refused" {
    refused 125 nonsense floe ps -f nonsense=1
    refused 125 status floe ps -f status=nonsense
    refused 125 noequals floe ps -f noequals
    refused 125 nope floe ps -a -f before=nope
}

@test "ps --sort" {
    three
    is "$(names -a --sort names)" 'done new web'
    is "$(names -a --sort created)" 'web done new'
    is "$(names -a --sort status | cut -d ' ' -f 1)" new
    refused 125 nonsense floe ps --sort nonsense
}

@test "ps notices that a container has ended while no floe was looking" {
    sleeper gone
    local conmon pid
    conmon=$(floe inspect -f '{{.State.ConmonPid}}' gone)
    pid=$(floe inspect -f '{{.State.Pid}}' gone)
    kill -KILL "$conmon"
    kill -KILL "$pid"
    timeout 5 tail --pid="$pid" -s 0.02 -f /dev/null
    run -0 --separate-stderr floe ps -a --format '{{.State}}'
    matches "$output" '^(stopped|exited)$'
    is "$(names)" ''
}

@test "--size counts the files, and sorts" {
    floe run --name big --network none busybox sh -c 'head -c 5000 /dev/zero >/file'
    floe run --name small --network none busybox sh -c 'echo 12345 >/file'
    matches "$(floe ps -a --size --format '{{.Size}}' --filter name=big)" '^5kB \(virtual [0-9.]+MB\)$'
    matches "$(floe ps -a --size | sed -n 1p)" 'NAMES +SIZE$'
    matches "$(floe ps -a -s --filter name=small)" ' 6B \(virtual [0-9.]+MB\)$'
    is "$(floe ps -a --sort size --format '{{.Names}}' | xargs)" 'small big'
    is "$(floe ps -a --size --format json --filter name=small | jq -c '.[0].Size | [.rwSize, .rootFsSize > 100000]')" '[6,true]'
    is "$(floe ps -a --format '{{.Names}}{{.Size}}' --filter name=small)" small
}

@test "--watch prints what is new, and ends with its reader" {
    sleeper one
    "${program[@]}" ps --watch 1 --noheading --format '{{.Names}}' >"$BATS_TEST_TMPDIR/out" 3>&- &
    local watcher=$!
    eventually grep -qx one "$BATS_TEST_TMPDIR/out"
    sleeper two
    eventually grep -qx two "$BATS_TEST_TMPDIR/out"
    kill "$watcher"
    timeout 20 "${program[@]}" ps --watch 1 -q 3>&- | head -n 1
    is "${PIPESTATUS[0]}" 0
    refused 125 'exclude' floe ps --watch 1 --latest
}

@test "ps --ns tells of processes and namespaces" {
    sleeper c
    floe create --name d busybox true
    pid=$(floe inspect -f '{{.State.Pid}}' c)
    number=$(readlink "/proc/$pid/ns/net" | tr -dc 0-9)
    is "$(floe ps --ns | head -n 1 | tr -s ' ')" 'CONTAINER ID NAMES PID CGROUPNS IPC MNT NET PIDNS USERNS UTS'
    is "$(floe ps --ns --noheading | awk '{ print $2, $3, $7 }')" "c $pid $number"
    is "$(floe ps --format '{{.NET}} {{.Pid}}')" "$number $pid"
    is "$(floe ps -a --ns --noheading --filter name=d | awk '{ print $2, $3, $4 }')" 'd 0 '
    refused 125 exclude floe ps --ns --size
}
