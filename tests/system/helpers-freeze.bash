# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Programs to freeze, and what can be said of them afterwards. Loaded by helpers-checkpoint and helpers-crash.

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
    local file

    file=$(cgroup_file "$1" freezer freezer.state cgroup.freeze)
    # crun has a scope's processes in a cgroup in it.
    [ ! -e "${file%/*}/container/cgroup.freeze" ] || file=${file%/*}/container/cgroup.freeze
    sed 's/^0/THAWED/; s/^1/FROZEN/' "$file"
}

container_dir() { # CONTAINER
    echo "$root/containers/$(id_of "$1")"
}

# The files that a checkpoint made or is being made of, by name.
checkpoint_files() { # CONTAINER
    (cd "$(container_dir "$1")" && compgen -G 'c[hr]*' | grep -v '^ctr.log$' | sort | paste -sd ' ')
}
