# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests that freeze and thaw: once on runc, and once on crun through a link to the same file whose
# name ends in "-crun.bats". Loaded after helpers.

case $BATS_TEST_FILENAME in
*-crun.bats) RUNTIME=crun ;;
*) RUNTIME=runc ;;
esac
export BATS_TEST_NAME_PREFIX="$RUNTIME: "

floe() {
    "$FLOE" --root "$engine/r" --runroot "$engine/x" --runtime "$RUNTIME" "$@"
}

# The set-up of helpers, and a try: what does not work at all need not fail in every test.
eval "engine_$(declare -f setup)"
setup() {
    engine_setup
    [ -e "$BATS_RUN_TMPDIR/why-$RUNTIME" ] || in_container busybox true 2>"$BATS_RUN_TMPDIR/why-$RUNTIME" || :
    [ ! -s "$BATS_RUN_TMPDIR/why-$RUNTIME" ] ||
        skip "$RUNTIME does not work here: $(cat "$BATS_RUN_TMPDIR/why-$RUNTIME")"
}

# --- redis --------------------------------------------------------------------------------------------

REDIS_TAR=${REDIS_TAR:-$BATS_TEST_DIRNAME/../../build/redis.tar}

redis_import() {
    "$BATS_TEST_DIRNAME/../../scripts/redis-image" "$REDIS_TAR"
    floe import -q "$REDIS_TAR" redis >/dev/null
}

# --- programs to freeze -------------------------------------------------------------------------------

# Counts in its memory and prints every number.
readonly COUNTER='i=0; while :; do i=$((i + 1)); echo $i; usleep 10000; done'

counter() { # NAME [OPTION...]
    background "$@" busybox sh -c "$COUNTER"
    eventually has_counted_to "$1" 3
}

counted() { # NAME
    floe logs "$1" | tail -n 1
}

has_counted_to() { # NAME NUMBER
    [ "$(counted "$1")" -ge "$2" ] 2>/dev/null
}

counts_on() { # NAME
    eventually has_counted_to "$1" $(($(counted "$1") + 3))
}

has_logged() { # NAME TEXT
    floe logs "$1" 2>&1 | grep -qF -e "$2"
}

# Every number once, in order: nothing was lost, nothing came twice, nothing began anew.
counted_without_a_gap() { # NAME
    floe logs "$1" | awk '$1 != NR { print "line " NR " says " $1; exit 1 }'
}

# --- what it is like ----------------------------------------------------------------------------------

is_running() { # CONTAINER
    is "$(floe inspect --format '{{.State.Status}} {{.State.Checkpointed}}' "$1")" "running false"
    is "$(freezer_state "$1")" THAWED
}

is_frozen() { # CONTAINER
    is "$(floe inspect --format '{{.State.Status}} {{.State.Checkpointed}} {{.State.ExitCode}}' "$1")" \
        "exited true 0"
}

id_of() { # CONTAINER
    floe inspect --format '{{.Id}}' "$1"
}

# FROZEN or THAWED, of version 1's freezer or of version 2.
freezer_state() { # CONTAINER
    local id cgroup

    id=$(id_of "$1")
    cgroup=$(container_cgroups "$engine" | grep -e "/freezer/.*/$id\$" -e "/fs/cgroup/floe[^/]*/$id\$")
    if [ -e "$cgroup/freezer.state" ]; then
        cat "$cgroup/freezer.state"
    else
        sed 's/0/THAWED/; s/1/FROZEN/' "$cgroup/cgroup.freeze"
    fi
}

container_dir() { # CONTAINER
    echo "$root/containers/$(id_of "$1")"
}

# The files that a checkpoint made or is being made of, by name.
checkpoint_files() { # CONTAINER
    (cd "$(container_dir "$1")" && compgen -G 'c[hr]*' | grep -v '^ctr.log$' | sort | paste -sd ' ')
}

# --- a CRIU that fails --------------------------------------------------------------------------------

# floe_with_criu SCRIPT ARG...: floe, but with this script in CRIU's place.
floe_with_criu() {
    local prefix=$BATS_TEST_TMPDIR/prefix

    mkdir -p "$prefix/bin"
    printf '#!/bin/sh\n%s\n' "$1" >"$prefix/bin/criu"
    chmod +x "$prefix/bin/criu"
    FLOE_PRIVATE_PREFIX=$prefix floe "${@:2}"
}
