# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# A registry (Debian's docker-registry) on the loopback address, at a port that the kernel chooses, with its
# files in the test's directory. registry_start sets $registry to HOST:PORT; registry_stop is for teardown().

# shellcheck disable=SC2016
# "floe" and the password "secret", as htpasswd -B writes them.
readonly REGISTRY_USER='floe:$2y$05$QHhdaVYOm/oA38cMsT2gJOey8j0UlMWJpEfWesHL.hnJ2o4WyJVzK'

registry_start() { # [tls]
    local dir=$BATS_TEST_TMPDIR/registry

    command -v docker-registry >/dev/null || skip "docker-registry is not installed"
    mkdir -p "$dir"
    rm -f "$dir/log" # of a registry before this one
    {
        echo 'version: 0.1'
        echo 'log: {level: info, formatter: text}'
        echo "storage: {filesystem: {rootdirectory: $dir/data}}"
        if [ "${1:-}" = tls ]; then
            registry_certificates "$dir"
            echo "$REGISTRY_USER" >"$dir/users"
            echo "http: {addr: '127.0.0.1:0', tls: {certificate: $dir/server.crt, key: $dir/server.key}}"
            echo "auth: {htpasswd: {realm: test, path: $dir/users}}"
        else
            echo "http: {addr: '127.0.0.1:0'}"
        fi
    } >"$dir/config.yml"
    docker-registry serve "$dir/config.yml" >"$dir/log" 2>&1 3>&- &
    registry_pid=$!
    eventually grep -qs 'listening on 127.0.0.1:[0-9]' "$dir/log"
    registry=127.0.0.1:$(grep -o 'listening on 127.0.0.1:[0-9]*' "$dir/log" | head -n 1 | cut -d : -f 2)
    registry_data=$dir/data
}

registry_stop() {
    [ -z "${registry_pid:-}" ] || kill "$registry_pid"
    wait "$registry_pid" 2>/dev/null || true
    registry_pid=
}

# A CA of the test's own, and a certificate of it for 127.0.0.1.
registry_certificates() { # DIR
    mkdir -p "$1/ca"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=floe-test-ca \
        -keyout "$1/ca.key" -out "$1/ca/ca.crt" 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=127.0.0.1 \
        -keyout "$1/server.key" -out "$1/server.csr" 2>/dev/null
    openssl x509 -req -in "$1/server.csr" -CA "$1/ca/ca.crt" -CAkey "$1/ca.key" -CAcreateserial -days 2 \
        -extfile <(echo subjectAltName=IP:127.0.0.1) -out "$1/server.crt" 2>/dev/null
}

# The file of a blob in the registry.
registry_blob() { # DIGEST
    local hex=${1#sha256:}

    echo "$registry_data/docker/registry/v2/blobs/sha256/${hex:0:2}/$hex/data"
}

# layers_of MANIFEST-SOURCE: the layers' digests.
layers_of() { # SKOPEO-SOURCE
    skopeo inspect --raw --tls-verify=false "$1" | jq -r '.layers[].digest'
}

# An image of two layers as an OCI layout in DIR: a file that the upper one changes, one that it deletes, a
# directory that it makes opaque, and busybox, so that it runs.
two_layers() { # DIR NAME
    local scratch

    scratch=$(mktemp -d "$BATS_TEST_TMPDIR/layers.XXXXXX")
    mkdir -p "$scratch"/{lower/{bin,dir,etc},upper/{dir,etc}}
    cp "$(command -v busybox)" "$scratch/lower/bin/busybox"
    ln -s busybox "$scratch/lower/bin/sh"
    ln -s busybox "$scratch/lower/bin/cat"
    ln -s busybox "$scratch/lower/bin/ls"
    echo lower >"$scratch/lower/etc/changed"
    echo lower >"$scratch/lower/etc/deleted"
    echo lower >"$scratch/lower/dir/hidden"
    echo upper >"$scratch/upper/etc/changed"
    touch "$scratch/upper/etc/.wh.deleted" "$scratch/upper/dir/.wh..wh..opq"
    echo upper >"$scratch/upper/dir/shown"
    tar -C "$scratch/lower" --owner=0 --group=0 -cf "$scratch/lower.tar" .
    tar -C "$scratch/upper" --owner=0 --group=0 -cf "$scratch/upper.tar" .
    "$BATS_TEST_DIRNAME/oci-layout" "$1" "$2" "$scratch/lower.tar" "$scratch/upper.tar"
}
