# SPDX-License-Identifier: Apache-2.0
# build: buildah builds, floe has the result.

load helpers
load helpers-crash

setup() {
    floe_setup
    cd "$BATS_TEST_TMPDIR"
    mkdir ctx
    echo one >ctx/file
    dockerfile 'FROM busybox' 'COPY file /file' 'RUN echo made >/made; rm /etc/group' 'ENV A=1' \
        'CMD ["cat", "/file", "/made"]'
}

dockerfile() { # LINE...
    printf '%s\n' "$@" >ctx/Dockerfile
}

@test "an image is built on one that floe has, and runs" {
    run -0 --separate-stderr floe build -t one -t other:2 ctx
    has "$output" 'STEP 1/5: FROM busybox'
    has "$output$stderr" 'Successfully tagged localhost/one:latest'
    id=${lines[-1]}
    is "$(floe images -q --no-trunc one)" "sha256:$id"
    is "$(floe images -q --no-trunc other:2)" "sha256:$id"
    is "$(in_container one)" "one
made"
    is "$(in_container one sh -c 'ls /etc/group 2>&1; echo $A')" "ls: /etc/group: No such file or directory
1"
    # The layer of the base is there once, and in nobody else's store.
    base=$(floe image inspect --format '{{index .RootFS.Layers 0}}' busybox)
    is "$(floe image inspect --format '{{index .RootFS.Layers 0}}' one)" "$base"
    is "$(find "$root" -name busybox -type f | wc -l)" 1
    is "$(floe events --since 1h --stream=false --filter event=build --format '{{.ID}}' | sort -u)" "$id"
}

@test "the cache is used, until the base changes" {
    floe build -q -t one ctx
    run -0 floe build -t one ctx
    is "$(grep -c 'Using cache' <<<"$output")" 4
    echo two >ctx/file
    run -0 floe build -t one ctx
    lacks "$output" 'Using cache'
    is "$(in_container one)" "two
made"
    # An image that floe has no more is no base, and does not spoil the cache of others.
    dockerfile 'FROM one' 'ENV B=2'
    floe build -q -t more ctx
    floe rmi one more
    run ! floe build ctx
    floe tag busybox one
    run -0 floe build -t more ctx
    is "$(floe image inspect --format '{{len .RootFS.Layers}}' more)" 1
    # A name means what floe says.
    is "$(in_container more echo hi)" hi
    floe rmi more
    floe import -q "$BUSYBOX_TAR" third
    floe rmi -f busybox one
    dockerfile 'FROM third' 'RUN true'
    floe build -q ctx
}

@test "flags: files, contexts, ids, formats, arguments" {
    dockerfile 'FROM scratch'
    cat >else <<'END'
ARG BASE=nothing
FROM ${BASE} AS first
COPY file /first
FROM busybox
COPY --from=first /first /second
LABEL x=y
HEALTHCHECK CMD true
END
    run -0 --separate-stderr floe image build -q --iidfile id -f else --build-arg BASE=busybox --label role=db ctx
    is "$output" "" # as buildah does it
    id=$(cut -d: -f2 id)
    is "$(floe image inspect --format '{{json .Labels}}' "$id" | jq -c '[.x, .role]')" '["y","db"]'
    is "$(in_container "$id" cat /second)" one
    printf 'FROM busybox\nENV C=3\n' | floe build -q -t stdin -f - ctx
    is "$(in_container stdin sh -c 'echo $C')" 3
    sed -i s/second/third/ else
    tar -C ctx -cf context.tar file
    cp else Dockerfile
    tar -rf context.tar Dockerfile
    floe build -q -t tarred --build-arg BASE=busybox - <context.tar
    is "$(in_container tarred cat /third)" one
    floe build -q --format docker -t docker --build-arg BASE=busybox -f else ctx
    is "$(floe image inspect --format '{{.ManifestType}}' docker)" \
        application/vnd.docker.distribution.manifest.v2+json
    is "$(floe image inspect docker | jq -c '.[0].Config.Healthcheck.Test')" '["CMD-SHELL","true"]'
    floe build -q --squash -t squashed --build-arg BASE=busybox -f else ctx
    floe build --output type=local,dest=out -f else --build-arg BASE=busybox ctx >/dev/null
    is "$(cat out/third)" one
}

@test "what buildah says and how it ends is passed on" {
    dockerfile 'FROM busybox' 'RUN exit 7'
    run --separate-stderr floe build -t bad ctx
    [ "$status" != 0 ]
    has "$output" 'STEP 2/2: RUN exit 7'
    has "$stderr" 'exit status 7'
    dockerfile 'FRM busybox'
    run ! floe build ctx
    run ! floe build /nowhere
    run ! floe build --no-such-flag ctx
    is "$(floe images -q bad)" ""
    run -0 floe build --help
    has "$output" buildah-build
    refused 125 'name the platforms' floe build --all-platforms ctx
    refused 125 'from standard input' floe build --platform linux/amd64,linux/arm64 -f - ctx
    refused 125 'already in use' floe build --manifest busybox ctx
    refused 125 'invalid reference format' floe build --manifest LIST ctx
}

platforms_of() { # LIST
    floe manifest inspect "$1" | jq -r '.manifests[].platform | "\(.os)/\(.architecture)\(.variant // "")"' | paste -sd ' '
}

@test "for several platforms, into a list" {
    dockerfile 'FROM scratch' 'ARG TARGETARCH' 'COPY file /file' 'LABEL for=$TARGETARCH'
    run -0 --separate-stderr floe build --platform linux/amd64,linux/arm64 --platform=linux/arm/v7 --manifest list -t last ctx
    is "$(platforms_of list)" 'linux/amd64 linux/arm64 linux/armv7'
    is "$(floe image inspect --format '{{.Architecture}} {{.Labels.for}}' "${lines[-1]}" last)" "arm arm
arm arm"
    is "$(floe image inspect --format '{{.Architecture}} {{.Labels.for}}' list)" 'amd64 amd64'

    # The cache does not ask what a step was for, if nothing in it says so.
    dockerfile 'FROM scratch' 'COPY file /file'
    floe build -q --platform linux/amd64,linux/arm64 --manifest plain ctx
    is "$(platforms_of plain)" 'linux/amd64 linux/arm64'
    floe build -q --platform linux/s390x --manifest=plain ctx
    is "$(platforms_of plain)" 'linux/amd64 linux/arm64 linux/s390x'
    floe manifest push -q plain oci:all
    is "$(find all/blobs -type f | wc -l)" 8 # a list, three manifests and configurations, one layer
    is "$(floe image prune --force)" ""

    # All of it or nothing.
    dockerfile 'FROM scratch' 'ARG TARGETARCH' 'COPY file-$TARGETARCH /file'
    touch ctx/file-amd64
    run ! floe build --platform linux/amd64,linux/arm64 --manifest half ctx
    run -1 floe manifest exists half
}

@test "a build into a list that is killed leaves no list" {
    mkdir stub
    printf '#!/bin/sh\necho $$ >"%s/stub/pid"\nexec sleep 1000\n' "$PWD" >stub/buildah
    chmod +x stub/buildah
    PATH=$PWD/stub:$PATH "${program[@]}" build --platform linux/amd64,linux/arm64 --manifest list ctx 3>&- &
    local pid=$!
    eventually test -s stub/pid
    kill -KILL "$pid"
    wait "$pid" || true
    kill "$(cat stub/pid)"
    run -1 floe manifest exists list
    floe build -q --manifest list ctx
    is "$(platforms_of list)" linux/amd64
}

@test "without buildah it is told what to install" {
    run without "$(places_of buildah)" "$FLOE" --root "$root" --runroot "$runroot" build ctx
    is "$status" 125
    has "$output" 'apt install buildah'
}

@test "a build is loaded by podman, and pushed layers are whole" {
    floe build -q -t one ctx
    floe save -o one.tar one
    podman_conf conf
    CONTAINERS_CONF=conf podman --root "$PWD/p" --runroot "$PWD/pr" --storage-driver vfs load -q -i one.tar
    is "$(podman --root "$PWD/p" --runroot "$PWD/pr" --storage-driver vfs images -q --no-trunc)" \
        "$(floe images -q --no-trunc one)"
    floe save --format oci-archive -o one.oci one
    skopeo --insecure-policy copy -q oci-archive:one.oci dir:out
}

@test "two builds at once" {
    mkdir second
    printf 'FROM busybox\nRUN sleep 1; echo 2 >/two\n' >second/Dockerfile
    "${program[@]}" build -q -t two second 3>&- &
    pid=$!
    floe build -q -t one ctx
    wait "$pid"
    is "$(in_container two cat /two)" 2
    is "$(in_container one cat /made)" made
}

@test "a build that is killed leaves nothing wrong" {
    local seconds=$((100000 + $$)) # by which nobody else's is met
    dockerfile 'FROM busybox' 'RUN echo a >/a' "RUN sleep $seconds" 'RUN echo b >/b'
    "${program[@]}" build -t one ctx >log 2>&1 3>&- &
    pid=$!
    FLOE_TEST_PATIENCE_S=60 eventually grep -q 'STEP 3/4' log
    sleeping() { pgrep -f "^sleep $seconds\$"; }
    eventually sleeping
    kill -KILL "$pid"
    wait "$pid" || :
    # What goes on is buildah; its end is the end of all that it has made.
    for each in $(pgrep -f -- "--root $root/build/store"); do kill -TERM "$each" 2>/dev/null || :; done
    gone() { ! pgrep -f -- "--root $root/build/store"; }
    eventually gone
    for each in $(sleeping); do kill -KILL "$each" 2>/dev/null || :; done
    dockerfile 'FROM busybox' 'RUN echo a >/a' 'RUN echo b >/b'
    run -0 floe build -t one ctx
    has "$output" 'Using cache'
    is "$(in_container one cat /a /b)" "a
b"
    is "$(jq length "$root/build/store/overlay-containers/containers.json")" 0
}
