# SPDX-License-Identifier: Apache-2.0
# Volumes of containers that are frozen and thawed.

# shellcheck disable=SC2012,SC2016,SC2154 # names of volumes are plain; scripts expand in the container
# bats file_tags=host

load helpers
load helpers-checkpoint

in_volume() { # NAME PATH: the place on the host
    echo "$root/volumes/$1/_data${2:+/$2}"
}

mounted() { # VOLUME: is something mounted there?
    mountpoint -q "$(in_volume "$1")"
}

# Writes what it counts to a file in its volume, which it keeps open, too.
readonly WRITER='exec 3>>/v/open; i=0; while :; do i=$((i + 1)); echo $i >&3; echo $i; usleep 10000; done'

writer() {
    background c "$@" busybox sh -c "$WRITER"
    eventually has_counted_to c 3
}

goes_on() {
    counts_on c
    counted_without_a_gap c
    is "$(floe exec c cat /v/open | awk '$1 != NR' | head -n 1)" ''
}

@test "a container goes on with its volume after a checkpoint" {
    writer -v data:/v -v /anon
    floe checkpoint c
    local frozen
    frozen=$(wc -l <"$(in_volume data open)")
    floe restore c
    goes_on
    [ "$(wc -l <"$(in_volume data open)")" -gt "$frozen" ]
    floe rm -f -t 0 -v c
    is "$(ls "$root/volumes")" data
}

@test "a volume in memory stays mounted between a checkpoint and the restore" {
    floe volume create -o type=tmpfs -o device=tmpfs mem
    writer -v mem:/v
    floe checkpoint c
    mounted mem
    floe restore c
    goes_on
    floe checkpoint c
    floe rm c
    run ! mounted mem
}
