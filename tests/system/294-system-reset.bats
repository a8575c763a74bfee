# SPDX-License-Identifier: Apache-2.0
# system reset: everything of one engine goes, and nothing else.

# bats file_tags=sanitize

load helpers
load helpers-crash

fill() {
    floe network create net >/dev/null
    floe run -d --name up --network net -v data:/d busybox sleep 1000 >/dev/null
    floe create --name other --network container:up busybox true >/dev/null
    floe pod create --name pod >/dev/null
    floe run -d --pod pod busybox sleep 1000 >/dev/null
    floe volume create -o type=tmpfs -o device=tmpfs mem >/dev/null
    floe volume mount mem >/dev/null
    floe image mount busybox >/dev/null
    floe mount other >/dev/null
}

@test "system reset removes everything of this engine, and nothing of others" {
    engine_add
    floe_on "$added" import -q "$BUSYBOX_TAR" busybox
    floe_on "$added" run -d --name stays --network none busybox sleep 1000
    fill
    echo mine >"$root/mine"
    has "$(echo n | floe system reset)" '[y/N]'
    is "$(floe ps -q | wc -l)" 3
    run -125 floe system reset </dev/null
    has "$output" '--force does without'
    echo y | floe system reset
    leaves_nothing
    [ ! -e "$runroot" ]
    is "$(find "$root" | sort)" "$root"$'\n'"$root/mine"
    is "$(floe_on "$added" ps --format '{{.Names}}')" stays
    # There is a new engine there, if one is wanted.
    is "$(floe images -q)$(floe ps -aq)$(floe volume ls -q)" ""
    floe system reset -f
}

@test "kill -9 of floe during system reset" {
    fill
    measure floe system reset -f
    for_each_moment 5 reset_or_not
}

reset_or_not() {
    floe import -q "$BUSYBOX_TAR" busybox >/dev/null
    fill
    cut_short system reset -f
    lists_everything
    floe images >/dev/null
    floe system reset -f
    leaves_nothing
    [ ! -e "$runroot" ]
}
