# SPDX-License-Identifier: Apache-2.0
# system df, system prune, system info.

# bats file_tags=sanitize

load helpers

# The row of a kind: total, active, size, reclaimable.
df_of() { # TYPE
    floe system df --format json | jq -c ".[] | select(.Type == \"$1\") | [.Total, .Active, .RawSize, .RawReclaimable]"
}

size_of() { # IMAGE
    floe image inspect --format '{{.Size}}' "$1"
}

@test "df counts each layer once, and what is in use" {
    size=$(size_of busybox)
    floe tag busybox again
    is "$(df_of Images)" "[1,0,$size,$size]"
    floe run --name c --network none -v vol:/v busybox \
        sh -c 'head -c 100000 /dev/zero >/x; head -c 5000 /dev/zero >/v/y'
    floe commit c child >/dev/null
    floe volume create unused
    is "$(df_of Images | jq -c '[.[0], .[1]]')" "[2,1]"
    child=$(size_of child)
    is "$(df_of Images | jq -c '[.[2], .[3]]')" "[$child,$((child - size))]"
    is "$(df_of Containers | jq -c '.[0:2]')" "[1,0]"
    [ "$(df_of Containers | jq '.[2]')" -ge 100000 ]
    is "$(df_of Containers | jq '.[2] == .[3]')" true
    is "$(df_of 'Local Volumes' | jq -c '.[0:2]')" "[2,1]"
    [ "$(df_of 'Local Volumes' | jq '.[2]')" -ge 5000 ]
    is "$(df_of 'Local Volumes' | jq '.[3]')" 0
    run -0 floe system df
    matches "${lines[0]}" '^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE$'
    matches "${lines[1]}" '^Images +2 +1 +[0-9.]+MB +[0-9.]+kB \([0-9]+%\)$'
    is "$(floe system df --format '{{.Type}} {{.Total}}' | tail -n 1)" 'Local Volumes 2'
}

@test "df --verbose" {
    floe run --name c --network none -v vol:/v busybox touch /x
    floe commit c child >/dev/null
    run -0 floe system df -v
    has "$output" 'Images space usage:'
    matches "$output" 'REPOSITORY +TAG +IMAGE ID +CREATED +SIZE +SHARED SIZE +UNIQUE SIZE +CONTAINERS'
    matches "$output" 'localhost/child +latest +[0-9a-f]{12} .* 0B? +0'
    has "$output" 'Containers space usage:'
    matches "$output" ' touch /x +1 +.* c'
    matches "$output" 'vol +1 +'
    refused 125 exclude floe system df -v --format json
    refused 125 'too many' floe system df x
}

@test "prune removes what nobody uses, and says how much that was" {
    sleeper up
    floe run --name down --network none -v vol:/v busybox sh -c 'head -c 3000000 /dev/zero >/x'
    floe commit down >/dev/null
    floe commit down named >/dev/null
    floe pod create --name pod >/dev/null
    floe network create unused
    echo n | floe system prune >/dev/null
    is "$(floe ps -aq | wc -l)" 3
    run -0 floe system prune -f
    has "$output" 'Deleted Containers'
    matches "${lines[-1]}" '^Total reclaimed space: [36][.0-9]*MB$'
    lacks "$output" 'Deleted Volumes'
    has "$output" $'Deleted Networks\nunused'
    is "$(floe ps -a --format '{{.Names}}' | grep -v infra)" up
    is "$(floe images --format '{{.Repository}}' | sort | tr '\n' ' ')" 'localhost/busybox localhost/named '
    is "$(floe volume ls -q)" vol
    run -0 floe system prune -af --volumes
    has "$output" 'Deleted Volumes'
    has "$output" 'Deleted Images'
    is "$(floe images --format '{{.Repository}}')" localhost/busybox
    is "$(floe volume ls -q)" ""
}

@test "prune by filter" {
    floe run --name a --network none -l keep=yes busybox true
    floe run --name b --network none busybox true
    floe system prune -f --filter label!=keep
    is "$(floe ps -a --format '{{.Names}}')" a
    floe system prune -f --filter until=2001-01-01
    is "$(floe ps -a --format '{{.Names}}')" a
    floe system prune -af --filter label=keep=yes
    is "$(floe ps -aq)" ""
    is "$(floe images -q | wc -l)" 1
    refused 125 colour floe system prune -f --filter colour=red
}

@test "system info is info" {
    is "$(floe system info --format '{{.store.graphRoot}}')" "$root"
}
