# SPDX-License-Identifier: Apache-2.0
# restore --import of archives that podman has made, as they come: out of pods, as images, with all that a
# container can have.

load helpers
load helpers-freeze
load helpers-import

setup() {
    floe_setup
    command -v podman >/dev/null || skip "podman, which makes the archives, is not installed"
    # Its own root, the CRIU that floe has, and what containers may have on this kind of machine.
    podman_dir=$(mktemp -d /tmp/fl-podman.XXXXXX)
    podman_conf "$podman_dir/conf"
    echo 'default_subnet = "192.168.187.0/24"' >>"$podman_dir/conf" # where floe never looks
    podman import -q "$BUSYBOX_TAR" localhost/peer:latest >/dev/null
    podman push -q localhost/peer "oci:$podman_dir/oci:peer" >/dev/null
    floe pull -q "oci:$podman_dir/oci:peer" >/dev/null
    archive=$podman_dir/archive
}

teardown() {
    local failed=0

    floe_teardown || failed=1
    [ -z "${podman_dir-}" ] && return $failed
    podman pod rm -f -t 0 -a >/dev/null 2>&1
    podman rm -f -t 0 -a -v >/dev/null
    umount -l "$podman_dir/root/overlay" 2>/dev/null
    rm -rf --one-file-system "$podman_dir"
    return $failed
}

podman() {
    PATH=${FLOE_PRIVATE_PREFIX:-/usr/local/lib/floe}/bin:$PATH CONTAINERS_CONF=$podman_dir/conf command podman \
        --root "$podman_dir/root" --runroot "$podman_dir/run" --tmpdir "$podman_dir/tmp" \
        --network-config-dir "$podman_dir/networks" --runtime runc "$@" 3>&-
}

# podman's container counts, and is frozen into the archive.
frozen_by_podman() { # NAME [OPTION...]
    podman run -d --name "$1" "${@:2}" peer sh -c "$COUNTER" >/dev/null
    podman_has_counted "$1"
    podman container checkpoint --export "$archive" "$1" >/dev/null
    podman rm "$1" >/dev/null
}

podman_has_counted() {
    local end=$((SECONDS + 10))

    until podman logs "$1" 2>/dev/null | grep -q '^3'; do
        ((SECONDS <= end)) || return 1
        sleep 0.05
    done
}

@test "podman's container goes on, with its log, and starts again" {
    frozen_by_podman c --network none
    restored >/dev/null
    counts_on c
    counted_without_a_gap c
    floe stop -t 0 c
    floe start c >/dev/null
    counts_on c
    is "$(floe inspect -f '{{.ImageName}} {{.State.Status}}' c)" 'localhost/peer:latest running'
}

@test "podman's options are floe's" {
    mkdir "$podman_dir/bound"
    frozen_by_podman c --init -t -i --hostname myhost -e FOO=bar -v data:/data -v "$podman_dir/bound:/bound:ro" \
        --tmpfs /scratch:size=1m --cap-add NET_ADMIN --cap-drop CHOWN -m 64m --cpus 0.5 --pids-limit 99 \
        --ulimit nofile=100:200 --ulimit nproc=500 --ulimit core=-1 --label a=b --annotation x=y --stop-signal INT \
        --stop-timeout 3 --health-cmd true --health-interval disable --restart on-failure:3 --add-host foo:1.2.3.4 \
        --dns 9.9.9.9 -w /tmp --sysctl net.ipv4.ip_forward=1 --security-opt no-new-privileges --shm-size 32m \
        --read-only --expose 7777 -p 18799:80
    refused 125 "'$podman_dir/bound' at '/bound' (read-only); the capabilities CAP_NET_ADMIN" restored
    restored --allow mounts,capabilities >/dev/null 2>&1
    is "$(state_of c)" running
    local format='{{.Config.Hostname}} {{.Config.WorkingDir}} {{.Config.StopSignal}} {{.Config.StopTimeout}}
{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}} {{.HostConfig.ShmSize}}
{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}} {{.HostConfig.Init}}
{{.HostConfig.ReadonlyRootfs}} {{.Config.Tty}} {{.Config.OpenStdin}} {{index .Config.Labels "a"}}'
    is "$(floe inspect -f "$format" c | xargs)" "myhost /tmp SIGINT 3 67108864 500000000 99 33554432 on-failure 3 \
true true true true b"
    is "$(floe exec c sh -c 'ulimit -n; ulimit -c; grep foo /etc/hosts' | xargs)" '100 unlimited 1.2.3.4 foo'
    is "$(floe port c)" '80/tcp -> 0.0.0.0:18799'
    floe exec c touch /data/file /scratch/file
    run ! floe exec c touch /file
}

@test "volumes, changed and deleted files of podman's container come along" {
    podman run -d --name c --network none -v data:/data peer sh -c 'echo x >/data/x; chown 5:6 /data/x
        echo new >/new; rm /etc/group; echo done; sleep 1000' >/dev/null
    local end=$((SECONDS + 10))
    until podman logs c | grep -q done; do ((SECONDS <= end)); done
    podman container checkpoint --export "$archive" c >/dev/null
    restored >/dev/null
    is "$(floe exec c sh -c 'cat /data/x /new; stat -c %u:%g /data/x; ls /etc/group' 2>/dev/null | xargs)" 'x new 5:6'
}

@test "a container of podman's pod comes into a pod that shares the same" {
    podman pod create --name theirs >/dev/null
    frozen_by_podman c --pod theirs
    floe pod create --name ours >/dev/null
    floe pod create --name alone --share none >/dev/null
    refused 125 '--pod' restored
    refused 125 nowhere restored --pod nowhere
    refused 125 'shared the net namespace' restored --pod alone
    refused 125 "the pod's" restored --pod ours --publish 80:80
    is "$(floe ps -aq --filter 'name=^c$')" ''
    restored --pod ours >/dev/null
    counts_on c
    is "$(floe inspect -f '{{.Pod}}' c)" "$(floe pod inspect ours | jq -r .Id)"
    has "$(floe inspect -f '{{.HostConfig.NetworkMode}}' c)" \
        "container:$(floe pod inspect ours | jq -r .InfraContainerID)"
    floe pod rm -f -t 0 ours alone >/dev/null
}

@test "a container that was in no pod does not come into one" {
    frozen_by_podman c --network none
    floe pod create --name ours >/dev/null
    refused 125 'not in a pod' restored --pod ours
    floe pod rm -f -t 0 ours >/dev/null
}

@test "an image that podman made of a checkpoint is restored, twice" {
    podman run -d --name c --network none peer sh -c "$COUNTER" >/dev/null
    podman_has_counted c
    podman container checkpoint --create-image frozen c >/dev/null
    podman push -q localhost/frozen "oci:$podman_dir/oci:frozen" >/dev/null
    floe pull -q "oci:$podman_dir/oci:frozen" >/dev/null
    floe restore frozen >/dev/null
    floe restore --name two frozen >/dev/null
    counts_on c
    counts_on two
    refused 125 'one image' floe restore --name three frozen frozen
    refused 125 'not a checkpoint' floe restore peer
}
