# SPDX-License-Identifier: Apache-2.0
# Whole pods freeze and thaw: connections between their containers, what they share, all or nothing, kill -9.

load helpers
load helpers-crash

setup() {
    floe_setup
    archive=$BATS_TEST_TMPDIR/pod.tar
}

# A server that sends back what it is sent, and a client that counts over one connection: `talking_pod [OPTION...]`
talking_pod() {
    floe pod create "$@" shop >/dev/null
    floe run -d --pod shop --name server busybox nc -l -p 7000 -e cat >/dev/null
    floe run -d --pod shop --name client busybox sh -c '
        until { i=0; while echo $((i += 1)); do sleep 0.05; done; } | nc 127.0.0.1 7000; do sleep 0.05; done' >/dev/null
    eventually has_heard client 3
}

heard() { # CONTAINER
    floe logs --tail 1 "$1"
}

has_heard() { # CONTAINER NUMBER
    local last

    last=$(heard "$1")
    [ "${last:-0}" -ge "$2" ]
}

# Every number once and in order: nothing was lost or came twice.
heard_all() { # CONTAINER
    floe logs "$1" | awk '$1 != NR { print "line " NR " is " $1; exit 1 }'
}

states() { # POD
    floe pod inspect shop | jq -r '.Containers[].State' | sort | uniq -c | xargs
}

nothing_of_it() {
    is "$(floe pod ps -q)" ""
    is "$(floe ps -aq)" ""
    is "$(floe volume ls -q)" ""
    [ ! -e "$root/imports" ]
    leaves_nothing
}

# bats test_tags=sanitize,host
@test "a connection between two containers goes on in the pod that is thawed" {
    talking_pod
    id=$(floe pod inspect --format '{{.Id}}' shop)
    is "$(floe pod checkpoint --tcp-established --export "$archive" shop)" "$id"
    is "$(states shop)" '3 exited'
    is "$(stat -c %a "$archive")" 600
    last=$(heard client)
    floe pod rm shop
    is "$(floe pod restore --tcp-established --import "$archive")" "$id"
    is "$(states shop)" '3 running'
    eventually has_heard client $((last + 5))
    heard_all client
    is "$(floe pod inspect --format '{{.Id}} {{.Name}} {{.Hostname}}' shop)" "$id shop shop"
    # And once more, out of what was thawed.
    floe pod checkpoint --tcp-established --export "$archive" shop
    floe pod rm shop
    floe pod restore --tcp-established --import "$archive"
    eventually has_heard client $((last + 10))
    heard_all client
    floe pod rm -f -t 0 shop
    nothing_of_it
}

# bats test_tags=host
@test "a connection from outside goes on, too" {
    floe pod create shop >/dev/null
    floe run -d --pod shop --name server busybox nc -l -p 7000 -e cat >/dev/null
    floe run -d --pod shop --name other busybox sh -c "$SLEEPER" >/dev/null
    address=$(floe inspect --format '{{.NetworkSettings.IPAddress}}' server)
    eventually floe exec server sh -c 'grep -q :1B58 /proc/net/tcp /proc/net/tcp6' # 7000 is listened to
    exec 7<>"/dev/tcp/$address/7000"
    echo before >&7
    read -r -t 5 -u 7 answer
    is "$answer" before
    floe pod checkpoint --tcp-established --export "$archive" shop
    echo meanwhile >&7
    floe pod rm shop
    floe pod restore --tcp-established --import "$archive"
    read -r -t 20 -u 7 answer
    is "$answer" meanwhile
    echo after >&7
    read -r -t 20 -u 7 answer
    is "$answer" after
    exec 7>&-
}

# bats test_tags=host
@test "one container of a pod is frozen and thawed in it, and moved into another" {
    floe pod create --network none shop >/dev/null
    floe run -d --pod shop --name one busybox sh -c 'i=0; while echo $((i += 1)); do sleep 0.05; done' >/dev/null
    floe run -d --pod shop --name two busybox sh -c "$SLEEPER" >/dev/null
    eventually has_heard one 3
    floe checkpoint one
    is "$(states shop)" '1 exited 2 running'
    # It starts the infra container, whose namespaces it needs.
    floe pod stop -t 1 shop
    floe restore one
    last=$(heard one)
    eventually has_heard one $((last + 3))
    heard_all one
    floe exec one true
    floe start two
    is "$(floe exec one readlink /proc/self/ns/ipc)" "$(floe exec two readlink /proc/self/ns/ipc)"
    refused 125 '--tcp-established' floe checkpoint --tcp-established one
    floe checkpoint --export "$archive" one
    floe rm one
    floe pod create --network none other >/dev/null
    floe restore --pod other --name three --import "$archive"
    is "$(floe inspect --format '{{.Pod}}' three)" "$(floe pod inspect --format '{{.Id}}' other)"
    eventually has_heard three $((last + 6))
}

@test "without --tcp-established it is refused, and the pod goes on as if nothing had been" {
    talking_pod --network none
    refused 125 'use --tcp-established' floe pod checkpoint --export "$archive" shop
    is "$(states shop)" '3 running'
    [ ! -e "$archive" ]
    last=$(heard client)
    eventually has_heard client $((last + 3))
    heard_all client
    floe pod checkpoint --tcp-established --export "$archive" shop
    floe pod rm shop
    refused 125 'use --tcp-established' floe pod restore --import "$archive"
    nothing_of_it
}

# bats test_tags=host
@test "--leave-running makes an archive of a moment, and the pod goes on" {
    talking_pod --network none
    floe pod checkpoint --leave-running --tcp-established --export "$archive" shop
    is "$(states shop)" '3 running'
    last=$(heard client)
    eventually has_heard client $((last + 3))
    heard_all client
    floe pod rm -f -t 0 shop
    floe pod restore --tcp-established --import "$archive"
    eventually has_heard client $((last + 3))
    heard_all client
}

@test "files, /dev/shm, hosts, volumes and host name are as they were" {
    floe pod create --network none --add-host "other:192.0.2.9" --label a=b shop >/dev/null
    floe run -d --pod shop --name one -v data:/data busybox sh -c "$SLEEPER" >/dev/null
    floe run -d --pod shop --name two -v data:/data busybox sh -c "$SLEEPER" >/dev/null
    floe exec one sh -c 'echo root >/mark; echo shm >/dev/shm/mark; echo volume >/data/mark'
    floe pod checkpoint --export - shop >"$archive"
    floe pod rm shop
    floe volume rm data >/dev/null
    floe pod restore --import - <"$archive"
    is "$(floe exec one cat /mark /dev/shm/mark)" 'root
shm'
    is "$(floe exec two cat /dev/shm/mark /data/mark)" 'shm
volume'
    is "$(floe exec two hostname)" shop
    has "$(floe exec two cat /etc/hosts)" '192.0.2.9'
    is "$(floe pod inspect --format '{{.Labels.a}}' shop)" b
    # What is thawed can be stopped and started like any other.
    floe pod restart -t 1 shop 2>/dev/null || floe pod restart shop
    is "$(states shop)" '3 running'
}

answers() { # PORT
    busybox nc -w 1 127.0.0.1 "$1" </dev/null 2>/dev/null | grep -q here
}

# bats test_tags=host
@test "on another engine, with its ports" {
    floe pod create -p 127.0.0.1:18437:7000 shop >/dev/null
    floe run -d --pod shop --name server busybox sh -c 'while :; do echo here | nc -l -p 7000; done' >/dev/null
    eventually answers 18437
    floe pod checkpoint --compress gzip --export "$archive" shop
    floe pod rm shop
    engine_add
    floe_on "$added" import -q -c 'CMD ["sh"]' "$BUSYBOX_TAR" busybox >/dev/null
    floe_on "$added" pod restore --ignore-static-ip --allow image --import "$archive"
    is "$(floe_on "$added" pod inspect --format '{{.State}}' shop)" Running
    eventually answers 18437
}

@test "--name makes another pod with other ids and names, beside the first" {
    floe pod create --network none shop >/dev/null
    floe run -d --pod shop --name one busybox sh -c "$SLEEPER" >/dev/null
    floe run -d --pod shop --name two --requires one busybox sh -c "$SLEEPER" >/dev/null
    floe pod checkpoint --leave-running --export "$archive" shop
    refused 125 'in use' floe pod restore --import "$archive"
    floe pod restore --name copy --import "$archive"
    is "$(floe pod ps --sort name --format '{{.Name}} {{.Status}} {{.NumberOfContainers}}')" 'copy Running 3
shop Running 3'
    is "$(floe ps --filter pod=copy --format '{{.Names}}' | grep -v infra | sort)" 'copy-one
copy-two'
    [ "$(floe exec copy-one readlink /proc/self/ns/ipc)" != "$(floe exec one readlink /proc/self/ns/ipc)" ]
    is "$(floe exec copy-one readlink /proc/self/ns/ipc)" "$(floe exec copy-two readlink /proc/self/ns/ipc)"
    refused 125 '--tcp-established cannot be used with --name' \
        floe pod restore --name third --tcp-established --import "$archive"
}

@test "what cannot be frozen is refused before anything stands still" {
    floe pod create --network none shop >/dev/null
    refused 125 'it is not running' floe pod checkpoint --export "$archive" shop
    floe run -d --pod shop --name one busybox sh -c "$SLEEPER" >/dev/null
    floe create --pod shop --name two busybox true >/dev/null
    refused 125 'container "two"' floe pod checkpoint --export "$archive" shop
    floe rm two
    floe exec -d one sleep 1000
    refused 125 'exec sessions are active' floe pod checkpoint --export "$archive" shop
    refused 125 'infra container of a pod' floe checkpoint "$(floe pod inspect --format '{{.InfraContainerID}}' shop)"
    refused 125 '--export is missing' floe pod checkpoint shop
    refused 125 'name or id of a pod' floe pod checkpoint --export "$archive"
    refused 125 'no such pod' floe pod checkpoint --export "$archive" nope
    run -125 floe pod checkpoint --end-exec-sessions --export /no/such/file shop
    has "$output" '/no/such/file'
    refused 125 'compression' floe pod checkpoint --compress lzma --export "$archive" shop
    is "$(states shop)" '2 running'
    [ ! -e "$archive" ]
    floe pod create --infra=false plain >/dev/null
    refused 125 'has no infra container' floe pod checkpoint --export "$archive" plain
    floe pod create --network none --share +pid more >/dev/null
    floe run -d --pod more busybox sh -c "$SLEEPER" >/dev/null
    refused 125 'pid namespace' floe pod checkpoint --export "$archive" more
}

# bats test_tags=sanitize
@test "a broken archive is refused, and nothing stays" {
    floe pod create --network none shop >/dev/null
    floe run -d --pod shop --name one busybox sh -c "$SLEEPER" >/dev/null
    floe pod checkpoint --compress none --export "$archive" shop
    floe pod rm shop
    cd "$BATS_TEST_TMPDIR"
    mkdir parts
    tar -C parts -xf "$archive"
    repack() { # FILE
        (cd parts && tar -cf "../$1" pod.options pod.dump containers)
    }
    refused 125 '--import is missing' floe pod restore
    refused 125 'open' floe pod restore --import /no/such
    refused 125 'no archive of a pod' floe pod restore --import "$BUSYBOX_TAR"
    for size in 100 5000 100000; do
        head -c $size "$archive" >"cut"
        refused 125 'restore pod' floe pod restore --import cut
    done
    tar -C parts -cf no-dump pod.options containers
    refused 125 "comes before 'pod.dump'" floe pod restore --import no-dump
    tar -C parts -cf lacks pod.options pod.dump
    refused 125 'it lacks container' floe pod restore --import lacks
    echo x >parts/extra
    tar -C parts -cf more pod.dump extra
    refused 125 "entry 'extra'" floe pod restore --import more
    cp parts/pod.dump dump
    for change in '.version = 2' '.id = "x"' '.name = "../x"' '.infraContainerID = 5' '.network = "host"' \
        '.containers = {}' '.containers[0].id = .infraContainerID' '.containers[0].name = "another"' \
        '.sharedNamespaces = "foo"' '.publish = ["x"] | .network = "bridge"' '.sysctls = ["kernel.hostname"]' 'del(.hostname, .name)' \
        '.containers += [.containers[0]]' '.memory = 1'; do
        jq "$change" dump >parts/pod.dump
        repack changed
        refused 125 'restore pod' floe pod restore --import changed
    done
    nothing_of_it
    cp dump parts/pod.dump
    repack whole
    floe pod restore --import whole
}

@test "kill -9 of floe during pod checkpoint" {
    talking_pod --network none
    measure floe pod checkpoint --leave-running --tcp-established --export "$archive" shop
    for_each_moment 12 frozen_or_not
    floe pod rm -f -t 0 shop
    leaves_nothing
}

# Either the archive is whole, or the pod goes on; in both cases all of it.
frozen_or_not() {
    rm -f "$archive"
    cut_short pod checkpoint --tcp-established --export "$archive" shop
    # To look at it is enough to put it right.
    floe pod inspect shop >/dev/null
    lists_everything
    if [ -e "$archive" ]; then
        floe pod rm -f -t 0 shop
        floe pod restore --tcp-established --import "$archive"
    fi
    is "$(states shop)" '3 running'
    last=$(heard client)
    eventually has_heard client $((last + 2))
    heard_all client
}

# bats test_tags=host
@test "kill -9 of floe during pod restore" {
    talking_pod --network none
    floe pod checkpoint --tcp-established --export "$archive" shop
    floe pod rm shop
    measure floe pod restore --tcp-established --import "$archive"
    floe pod rm -f -t 0 shop
    for_each_moment 12 thawed_or_not
}

thawed_or_not() {
    cut_short pod restore --tcp-established --import "$archive"
    lists_everything
    floe pod exists shop || floe pod restore --tcp-established --import "$archive"
    is "$(states shop)" '3 running'
    last=$(heard client)
    eventually has_heard client $((last + 2))
    heard_all client
    floe pod rm -f -t 0 shop
    nothing_of_it
}
