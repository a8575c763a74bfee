# SPDX-License-Identifier: Apache-2.0
# Pods: what their containers share, the verbs on all of them, and who goes with whom.

load helpers
load helpers-crash

pod_state() { # POD
    floe pod inspect --format '{{.State}}' "$1"
}

infra_of() { # POD
    floe pod inspect --format '{{.InfraContainerID}}' "$1"
}

# A container in a pod that ends at once when it is asked to: `member POD NAME [OPTION...]`
member() {
    floe run -d --pod "$1" --name "$2" "${@:3}" busybox sh -c "$SLEEPER" >/dev/null
}

# A pod without a network, for what is not about one.
pod() { # NAME [OPTION...]
    floe pod create --network none "$@"
}

pod_is() { # POD STATE
    [ "$(pod_state "$1")" = "$2" ]
}

# namespace KIND CONTAINER
namespace() {
    floe exec "$2" readlink "/proc/self/ns/$1"
}

# --- create -------------------------------------------------------------------------------------------

@test "pod create prints the id, and nothing runs" {
    id=$(pod shop --label a=b --label c)
    matches "$id" '^[0-9a-f]{64}$'
    is "$(floe pod inspect --format '{{.Id}} {{.Name}} {{.State}} {{.NumContainers}} {{.Labels.a}} {{.ExitPolicy}}' shop)" \
        "$id shop Created 1 b continue"
    is "$(floe inspect --format '{{.State.Status}} {{.Name}} {{.IsInfra}} {{.Pod}}' "$(infra_of shop)")" \
        "created ${id:0:12}-infra true $id"
    is "$(floe ps -a --pod --format '{{.Names}} {{.PodName}}')" "${id:0:12}-infra shop"
    is "$(floe inspect --format '{{.Id}}' shop)" "$id"
    is "$(floe inspect --type pod --format '{{.Name}}' "${id:0:12}")" shop
    is "$(pod --infra-name boss --name named >/dev/null; floe inspect --format '{{.Name}}' "$(infra_of named)")" boss
    matches "$(floe pod inspect --format '{{.Name}}' "$(pod)")" '^[a-z]+_[a-z]+$'
}

@test "pods and containers share names and ids" {
    pod shop
    floe create --name web busybox true
    refused 125 'name "shop" is in use' floe create --name shop busybox true
    refused 125 'name "web" is in use' floe pod create web
    refused 125 'name "shop" is in use' floe pod create shop
    refused 125 'name "shop" is in use' floe rename web shop
    first=$(floe pod inspect --format '{{.Id}}' shop)
    second=$(pod --replace shop)
    [ "$first" != "$second" ]
    is "$(floe pod ps -q --no-trunc)" "$second"
}

@test "pod create refuses what cannot be" {
    refused 125 'invalid kernel namespace to share: foo' floe pod create --share foo
    refused 125 'invalid pod exit policy' floe pod create --exit-policy never
    refused 125 'must have an infra container to publish' floe pod create --infra=false -p 80:80
    refused 125 'without an infra container' floe pod create --infra=false --share net
    refused 125 'cannot replace a pod without --name' floe pod create --replace
    refused 125 'must begin with a letter' floe pod create '/x'
    refused 125 'cannot specify --name and NAME' floe pod create --name shop web
    refused 125 'infra-image' floe pod create --infra-command x
    refused 125 'image not known' floe pod create --infra-image nope
    refused 125 '--share-parent=false' floe pod create --share-parent=false
    refused 125 'port' floe pod create -p 99999999:80
    refused 125 '6 MiB' floe pod create --memory 1m
    refused 125 'exists' floe pod create --pod-id-file "$BUSYBOX_TAR"
    is "$(floe pod ps -q)" ""
    is "$(floe ps -aq)" ""
}

@test "without a program for the infra container there is a clear error" {
    # A floe that lies where no other program of its own does.
    mkdir "$BATS_TEST_TMPDIR/alone"
    cp "$FLOE" "$BATS_TEST_TMPDIR/alone/floe"
    libraries=$(dirname "$(ldd "$FLOE" | awk '/libfloe/ { print $3 }')")
    # shellcheck disable=SC2046
    refused 125 'floe-pause' without "$(places_of catatonit floe-pause floe/floe-pause)" \
        env LD_LIBRARY_PATH="$libraries" "$BATS_TEST_TMPDIR/alone/floe" --root "$root" --runroot "$runroot" \
        pod create
    is "$(floe pod ps -q)" ""
}

@test "an infra container may be made of an image" {
    pod shop --infra-image busybox --infra-command '["sleep", "1000"]'
    floe pod start shop >/dev/null
    eventually eval 'floe pod top shop args | grep -q "sleep 1000"' # at first it is the runtime yet
}

# --- what is shared -----------------------------------------------------------------------------------

# bats test_tags=host
@test "ipc, net and uts are shared, pid is not, and /dev/shm, hosts and resolv.conf are one" {
    floe pod create shop >/dev/null
    member shop one
    member shop two
    for kind in ipc net uts; do
        is "$(namespace $kind one)" "$(namespace $kind two)"
        [ "$(namespace $kind one)" != "$(readlink /proc/self/ns/$kind)" ]
    done
    [ "$(namespace pid one)" != "$(namespace pid two)" ]
    is "$(floe exec one hostname)" shop
    is "$(floe exec two cat /etc/hostname)" shop
    floe exec one sh -c 'echo shared >/dev/shm/x; echo 192.0.2.9 other >>/etc/hosts'
    is "$(floe exec two cat /dev/shm/x)" shared
    has "$(floe exec two cat /etc/hosts)" '192.0.2.9 other'
    matches "$(floe exec two cat /etc/hosts)" '[[:space:]]shop[[:space:]]'
    is "$(floe exec one cat /etc/resolv.conf)" "$(floe exec two cat /etc/resolv.conf)"
    floe exec -d one nc -l -p 9000 -e echo hello
    eventually floe exec two nc 127.0.0.1 9000 </dev/null | grep -q hello
    infra=$(infra_of shop)
    is "$(floe inspect --format '{{.HostConfig.NetworkMode}} {{.HostConfig.IpcMode}} {{.HostConfig.PidMode}}' one)" \
        "container:$infra container:$infra private"
    is "$(floe inspect --format '{{.Dependencies}}' one)" "[$infra]"
    is "$(floe ps --filter pod=shop --format '{{.Networks}}' | sort -u)" podman
}

@test "--share chooses, +pid adds, and a flag of a container wins" {
    pod few --share ipc
    member few one --network none
    member few two --network none
    is "$(namespace ipc one)" "$(namespace ipc two)"
    [ "$(namespace net one)" != "$(namespace net two)" ]
    [ "$(namespace uts one)" != "$(namespace uts two)" ]
    pod more --share +pid
    is "$(floe pod inspect --format '{{.SharedNamespaces}}' more)" '[pid ipc net uts]'
    member more three
    member more four --ipc private
    is "$(namespace pid three)" "$(namespace pid four)"
    has "$(floe exec three ps)" /pause
    [ "$(namespace ipc three)" != "$(namespace ipc four)" ]
    pod nothing --share none
    is "$(floe pod inspect --format '{{.CreateInfra}} {{.NumContainers}}' nothing)" 'false 0'
}

@test "what is the pod's is refused for a container in it" {
    pod shop
    refused 125 'ports must be defined when the pod is created' floe run --pod shop -p 80:80 busybox true
    refused 125 'extra host entries must be specified on the pod' floe run --pod shop --add-host a:1.1.1.1 busybox true
    refused 125 'name servers must be defined when the pod is created' floe run --pod shop --dns 1.1.1.1 busybox true
    refused 125 'cannot set hostname when joining the pod UTS' floe run --pod shop --hostname x busybox true
    refused 125 'no pod with name or ID nope found' floe run --pod nope busybox true
    refused 125 'read pod id file' floe run --pod-id-file /nope busybox true
    refused 125 'exclude each other' floe run --pod shop --pod-id-file /nope busybox true
    is "$(floe ps -aq | wc -l)" 1
}

@test "run --pod new:NAME makes the pod, and the pod has the ports" {
    is "$(floe run --rm --pod new:fresh -p 127.0.0.1:18431:80 busybox hostname)" fresh
    is "$(floe pod inspect --format '{{(index (index .InfraConfig.PortBindings "80/tcp") 0).HostPort}}' fresh)" 18431
    has "$(floe ps --format '{{.Ports}}')" '127.0.0.1:18431->80/tcp'
    refused 125 'in use' floe run --rm --pod new:fresh busybox true
    refused 125 'needs a name' floe run --rm --pod new: busybox true
    floe pod create --network none --pod-id-file "$BATS_TEST_TMPDIR/id" >/dev/null
    floe run --rm --pod-id-file "$BATS_TEST_TMPDIR/id" busybox true
    is "$(floe pod stop --pod-id-file "$BATS_TEST_TMPDIR/id")" "$(cat "$BATS_TEST_TMPDIR/id")"
}

@test "a pod without an infra container groups its containers only" {
    floe pod create --infra=false plain >/dev/null
    is "$(pod_state plain)" Created
    floe run -d --pod plain --network none --name one busybox sh -c "$SLEEPER" >/dev/null
    floe run -d --pod plain --network none --name two busybox sh -c "$SLEEPER" >/dev/null
    [ "$(namespace ipc one)" != "$(namespace ipc two)" ]
    is "$(pod_state plain)" Running
    floe pod stop -t 1 plain
    is "$(pod_state plain)" Exited
    floe pod rm plain
    is "$(floe ps -aq)" ""
}

# bats test_tags=host
@test "the cgroups of a pod's containers are in the pod's, with its limits" {
    id=$(pod shop --memory 64m --cpus 0.5 --cpu-shares 512)
    member shop one
    cgroup=$(floe pod inspect --format '{{.CgroupPath}}' shop)
    matches "$cgroup" "$id(\.slice)?\$"
    matches "$(floe inspect --format '{{.State.CgroupPath}}' one)" \
        "^$cgroup/(libpod-$tag-)?$(floe inspect --format '{{.Id}}' one)(\.scope)?\$"
    if [ -e "/sys/fs/cgroup$cgroup/memory.max" ]; then
        is "$(cat "/sys/fs/cgroup$cgroup/memory.max")" 67108864
        is "$(cat "/sys/fs/cgroup$cgroup/cpu.max")" '50000 100000'
    else
        is "$(cat "/sys/fs/cgroup/memory$cgroup/memory.limit_in_bytes")" 67108864
        is "$(cat "/sys/fs/cgroup/cpu$cgroup/cpu.cfs_quota_us")" 50000
    fi
    is "$(floe pod inspect --format '{{.memory_limit}} {{.cpu_quota}} {{.cpu_shares}}' shop)" '67108864 50000 512'
    floe pod rm -f -t 0 shop
    leaves_nothing
}

# --- the verbs ----------------------------------------------------------------------------------------

@test "the state of a pod is that of its containers" {
    pod shop
    is "$(pod_state shop)" Created
    member shop one
    is "$(pod_state shop)" Running
    floe create --pod shop --name two busybox sh -c "$SLEEPER" >/dev/null
    is "$(pod_state shop)" Degraded
    floe pod start shop
    is "$(pod_state shop)" Running
    floe stop one
    is "$(pod_state shop)" Degraded
    floe start one
    floe pod pause shop
    is "$(pod_state shop)" Paused
    is "$(state_of one)" paused
    floe pod unpause shop
    is "$(pod_state shop)" Running
    floe pod stop shop
    is "$(pod_state shop)" Exited
    floe create --pod shop --name three busybox true >/dev/null
    is "$(pod_state shop)" Stopped
}

# bats test_tags=host
@test "start, stop, restart, kill, pause and unpause print the ids and take all that is named" {
    first=$(pod first)
    second=$(pod second)
    member first one
    is "$(floe pod stop -t 1 first second)" "$first
$second"
    is "$(floe pod start --all | sort)" "$(printf '%s\n' "$first" "$second" | sort)"
    is "$(floe pod start --latest)" "$second"
    pid=$(floe inspect --format '{{.State.Pid}}' one)
    is "$(floe pod restart first)" "$first"
    [ "$(floe inspect --format '{{.State.Pid}}' one)" != "$pid" ]
    is "$(floe pod kill --signal CONT first)" "$first"
    is "$(pod_state first)" Running
    is "$(floe pod kill first)" "$first"
    eventually pod_is first Exited
    is "$(floe inspect --format '{{.State.ExitCode}}' one)" 137
    # What does not run is passed over.
    floe pod kill first
    floe pod pause first
    floe pod unpause first
    floe pod stop first
    is "$(floe pod stop --ignore nope)" ""
}

@test "bad input of the verbs" {
    pod shop
    for verb in start stop restart kill pause unpause rm; do
        refused 125 'at least one name' floe pod $verb
        refused 125 'no arguments are needed with --all' floe pod $verb --all shop
        refused 125 'latest' floe pod $verb --latest shop
    done
    for verb in start stop restart kill pause unpause top logs; do
        refused 125 'no pod with name or ID nope found' floe pod $verb nope
    done
    run -125 --separate-stderr floe pod inspect nope
    is "$output" '[]'
    has "$stderr" 'no pod with name or ID nope found'
    refused 1 'no pod with name or ID nope found' floe pod rm nope
    refused 125 'invalid signal' floe pod kill --signal FOO shop
    refused 125 'invalid filter' floe pod ps --filter bogus=1
    refused 125 'not a valid pod status' floe pod ps --filter status=bogus
    refused 125 'invalid option for --sort' floe pod ps --sort bogus
    refused 125 'can only be used on pods with at least one running container' floe pod top shop
    refused 125 'unknown verb' floe pod nope
    refused 125 'missing verb' floe pod
    run -1 floe pod exists nope
    floe pod exists shop
    is "$(floe pod rm --ignore nope)" ""
}

# bats test_tags=sanitize
@test "what fails for one container is told with its id, and done for the others" {
    pod shop
    member shop one
    floe create --pod shop --name broken busybox /no/such/program >/dev/null
    floe pod stop -t 1 shop
    broken=$(floe inspect --format '{{.Id}}' broken)
    run -125 --separate-stderr floe pod start shop
    is "$output" ""
    has "$stderr" "Error: container $broken: "
    has "$stderr" 'Error: starting some containers: some containers failed'
    is "$(state_of one)" running
    is "$(pod_state shop)" Degraded
}

@test "pod stop waits for all at once, not for one after the other" {
    pod slow
    for i in 1 2 3; do
        floe run -d --pod slow --name "c$i" busybox sh -c 'trap : TERM; while :; do sleep 1; done' >/dev/null
    done
    SECONDS=0
    floe pod stop -t 3 slow
    [ $SECONDS -lt 8 ]
    is "$(pod_state slow)" Exited
}

# --- who goes with whom -------------------------------------------------------------------------------

@test "starting a container starts its pod's infra container, restarting it, too" {
    pod shop
    floe create --pod shop --name one busybox sh -c "$SLEEPER" >/dev/null
    floe start one
    is "$(state_of "$(infra_of shop)")" running
    floe pod stop -t 1 shop
    floe restart one
    is "$(pod_state shop)" Running
    floe pod stop -t 1 shop
    floe init one
    is "$(state_of "$(infra_of shop)")" running
}

@test "an infra container goes with its pod only" {
    pod shop
    member shop one
    infra=$(infra_of shop)
    refused 125 'is the infra container of pod' floe rm "$infra"
    refused 125 'is the infra container of pod' floe rm -f "$infra"
    refused 125 'containers in it are running: one' floe pod rm shop
    is "$(pod_state shop)" Running
    floe rm --all --force --time 0 >/dev/null
    is "$(floe ps -aq --no-trunc)" "$infra"
    floe container prune --force
    is "$(floe pod rm shop)" "$(floe events --stream=false --filter type=pod --filter event=remove --format '{{.ID}}')"
    leaves_nothing
}

# bats test_tags=sanitize
@test "pod rm -f stops what runs, and pod prune takes what has ended" {
    pod shop
    pod fresh
    pod ended
    member shop one
    member ended two
    floe pod stop -t 0 ended
    floe pod prune --force >/dev/null
    is "$(floe pod ps --format '{{.Name}}' | sort | paste -sd' ')" 'fresh shop'
    run -125 floe pod prune </dev/null
    has "$output" 'there is no answer'
    floe pod rm -f -t 0 shop fresh
    is "$(floe pod ps -q)" ""
    is "$(floe ps -aq)" ""
    leaves_nothing
}

# bats test_tags=host
@test "with the exit policy stop the infra container ends with the last container" {
    pod shop --exit-policy stop
    member shop one
    member shop two
    floe stop one
    is "$(state_of "$(infra_of shop)")" running
    floe stop two
    eventually pod_is shop Exited
    floe start one
    is "$(state_of "$(infra_of shop)")" running
    has_its_trap one
    floe exec one kill 1 || : # which may end before its exec does
    eventually pod_is shop Exited
    floe run --rm --pod shop busybox true
    eventually pod_is shop Exited
    pod stays
    floe run --rm --pod stays busybox true
    is "$(pod_state stays)" Running
}

@test "a restart policy brings a container of a pod back into it" {
    pod shop
    floe run -d --pod shop --name one --restart always busybox sh -c "$SLEEPER" >/dev/null
    before=$(namespace ipc one)
    has_its_trap one
    floe exec one kill 1 || :
    eventually back one
    is "$(namespace ipc one)" "$before"
    floe pod stop -t 1 shop
    is "$(pod_state shop)" Exited
}

back() {
    [ "$(floe inspect --format '{{.RestartCount}} {{.State.Status}}' "$1")" = '1 running' ]
}

# --- looking ------------------------------------------------------------------------------------------

@test "pod ps: columns, formats, filters, order" {
    first=$(pod first --label a=b)
    second=$(pod second)
    member second two
    is "$(floe pod ps --format '{{.Name}} {{.NumberOfContainers}} {{.Status}}')" 'second 2 Running
first 1 Created'
    matches "$(floe pod ps | head -1)" '^POD ID +NAME +STATUS +CREATED +INFRA ID +# OF CONTAINERS'
    has "$(floe pod ps --ctr-ids --ctr-names --ctr-status)" ',two '
    is "$(floe pod ps -q)" "${second:0:12}
${first:0:12}"
    is "$(floe pod ps --sort name --format '{{.Name}}')" 'first
second'
    is "$(floe pod ps --latest --noheading --format '{{.Name}}')" second
    for filter in name=irs id="${first:0:5}" status=created label=a label=a=b ctr-number=1 ctr-status=created 'label!=c'; do
        has "$(floe pod ps --filter "$filter" --format '{{.Name}}')" first
    done
    is "$(floe pod ps --filter ctr-names=two --format '{{.Name}}')" second
    is "$(floe pod ps --filter name=nope -q)" ""
    is "$(floe pod ps --format json | jq -r '.[1] | .Id, .Name, .Status, (.Containers | length), .Labels.a')" \
        "$first
first
Created
1
b"
    is "$(floe ps -a --filter pod=second --format '{{.Names}}' | wc -l)" 2
    is "$(floe ps -a --filter pod=nope -q)" ""
}

pod_said() { # WORDS POD
    floe pod logs "$2" | grep -q "$1"
}

@test "pod top, logs and stats are of all containers" {
    pod shop
    floe run -d --pod shop --name one busybox sh -c "echo from one; $SLEEPER" >/dev/null
    floe run -d --pod shop --name two busybox sh -c "echo from two; $SLEEPER" >/dev/null
    has "$(floe pod top shop args)" /pause
    is "$(floe pod top shop pid | head -1)" PID
    eventually pod_said 'from one' shop
    eventually pod_said 'from two' shop
    is "$(floe pod logs --names shop | sort)" 'one from one
two from two'
    is "$(floe pod logs --container two shop)" 'from two'
    refused 125 'is not in the pod' floe pod logs --container "$(floe create busybox true)" shop
    is "$(floe pod stats --no-stream --format '{{.Name}}' shop | sort | tail -2)" 'one
two'
    matches "$(floe pod stats --no-stream | head -1)" '^POD +CID +NAME +CPU %'
    is "$(floe pod stats --no-stream --format json shop | jq length)" 3
}

@test "events tell of pods, and of the pod of a container" {
    id=$(pod shop)
    member shop one
    floe pod stop -t 1 shop
    floe pod rm shop
    is "$(floe events --stream=false --filter type=pod --format '{{.Status}} {{.Name}}')" 'create shop
stop shop
remove shop'
    has "$(floe events --stream=false --filter pod="$id" --format '{{.Type}} {{.Status}}')" 'container start'
}

# --- kill -9 ------------------------------------------------------------------------------------------

@test "kill -9 of floe during pod create" {
    measure floe pod create --network none measured
    floe pod rm measured
    for_each_moment 15 pod_created_or_not
}

pod_created_or_not() {
    cut_short pod create --network none shop
    lists_everything
    floe pod exists shop || pod shop
    is "$(floe pod inspect --format '{{.State}} {{.NumContainers}}' shop)" 'Created 1'
    floe pod rm shop
    leaves_nothing
}

# bats test_tags=host
@test "kill -9 of floe during pod start" {
    pod shop
    floe create --pod shop --name one busybox sh -c "$SLEEPER" >/dev/null
    floe create --pod shop --name two busybox sh -c "$SLEEPER" >/dev/null
    measure floe pod start shop
    floe pod stop -t 0 shop
    for_each_moment 15 pod_started_or_not
    floe pod rm -f -t 0 shop
    leaves_nothing
}

pod_started_or_not() {
    cut_short pod start shop
    lists_everything
    floe pod start shop
    is "$(pod_state shop)" Running
    is "$(namespace ipc one)" "$(namespace ipc two)"
    floe pod stop -t 0 shop
    is "$(pod_state shop)" Exited
}

@test "kill -9 of floe during pod rm -f" {
    removable
    measure floe pod rm -f -t 0 shop
    for_each_moment 15 pod_removed_or_not
}

removable() {
    pod shop
    member shop one
    member shop two
}

pod_removed_or_not() {
    removable
    cut_short pod rm -f -t 0 shop
    lists_everything
    floe pod rm -f -t 0 shop
    is "$(floe pod ps -q)" ""
    is "$(floe ps -aq)" ""
    leaves_nothing
}

@test "what a pod has bound, all its containers have" {
    mkdir "$BATS_TEST_TMPDIR/bound"
    echo bound >"$BATS_TEST_TMPDIR/bound/file"
    pod shop -v "$BATS_TEST_TMPDIR/bound:/bound:ro" -v kept:/kept
    member shop one
    is "$(floe exec one cat /bound/file)" bound
    run -1 floe exec one touch /bound/new
    floe exec one touch /kept/mark
    # Its own come first.
    member shop two -v other:/kept
    is "$(floe exec two ls /kept /bound)" $'/bound:\nfile\n\n/kept:'
    pod late --volumes-from one --no-hosts
    member late three
    is "$(floe exec three ls /kept)" mark
    run -1 floe exec three grep -q ' /etc/hosts ' /proc/self/mounts
}

# bats test_tags=host
@test "a device of a pod's all its containers have" {
    pod p --device /dev/loop-control:/dev/one:r --device /dev/full:/dev/two --infra-conmon-pidfile "$engine/conmon.pid"
    member p c --device /dev/zero:/dev/two
    is "$(floe exec c stat -c '%n %t:%T' /dev/one /dev/two)" $'/dev/one a:ed\n/dev/two 1:5'
    is "$(cat "$engine/conmon.pid")" "$(floe inspect -f '{{.State.ConmonPid}}' "$(infra_of p)")"
    refused 125 'infra container' pod q --infra=false --device /dev/zero
    refused 125 '/dev/nope' pod q --device /dev/nope
    refused 125 'share-parent' pod q --share-parent=false
    is "$(floe pod ps -q | wc -l)" 1
}

@test "pod inspect of none prints an empty list" {
    run -125 --separate-stderr floe pod inspect none
    is "$output" '[]'
    has "$stderr" 'no such pod'
}

# --- clone --------------------------------------------------------------------------------------------

@test "pod clone makes the containers anew, in a pod of their own" {
    pod shop --label a=b --add-host other:192.0.2.9 --exit-policy stop
    member shop one -v data:/data
    member shop two --requires one
    floe exec one sh -c 'echo x >/written; echo volume >/data/x'
    id=$(floe pod clone shop)
    is "$(floe pod inspect --format '{{.Id}} {{.Name}} {{.State}} {{.Labels.a}} {{.ExitPolicy}} {{.Hostname}}' shop-clone)" \
        "$id shop-clone Created b stop shop-clone"
    floe pod start shop-clone
    is "$(pod_state shop-clone)" Running
    is "$(namespace ipc one-clone)" "$(namespace ipc two-clone)"
    [ "$(namespace ipc one-clone)" != "$(namespace ipc one)" ]
    run ! floe exec one-clone cat /written
    is "$(floe exec one-clone cat /data/x)" volume
    has "$(floe exec two-clone cat /etc/hosts)" 192.0.2.9
    is "$(floe inspect --format '{{.Dependencies}}' two-clone | grep -c "$(floe inspect --format '{{.Id}}' one-clone)")" 1
    refused 125 'in use' floe pod clone shop
    is "$(floe pod clone --destroy --start --name third shop-clone | wc -l)" 1
    is "$(floe pod ps --sort name --format '{{.Name}} {{.Status}}')" 'shop Running
third Running'
    refused 125 'name or id of a pod' floe pod clone
    refused 125 'no such pod' floe pod clone nope
}
