# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# For the tests of archives: other hosts, and restores from archives. Loaded after helpers.

# In the default network, which background() leaves out.
networked() { # NAME [OPTION...] busybox COMMAND...
    floe run -d --name "$1" "${@:2}" >/dev/null
}

# An address of the default network.
address_in() { # LAST-NUMBER
    engine_subnet "$engine" | sed "s|[0-9]*/.*|$1|"
}

# Another host: from now on `floe` is there. It has these images.
other_host() { # [IMAGE...]
    engine_add
    local image
    for image; do
        floe_on "$added" pull -q "oci:$root/images:localhost/$image:latest" >/dev/null
    done
    engine=$added root=$added/r runroot=$added/x tag=$(engine_tag "$added")
    program=("$FLOE" "${runtime_option[@]}" --root "$root" --runroot "$runroot")
}

archived() { # NAME [CHECKPOINT-OPTION...]
    archive=$BATS_TEST_TMPDIR/$1.tar
    floe checkpoint --export "$archive" "${@:2}" "$1" >/dev/null
}

restored_from() { # FILE [RESTORE-OPTION...]
    floe restore --import "$@"
}

restored() { # [RESTORE-OPTION...]
    restored_from "$archive" "$@"
}

# A failed import leaves nothing: no container, no file, no mount, no volume, no address.
nothing_here() {
    is "$(floe ps -aq)" ''
    is "$(ls "$root/containers" 2>/dev/null)" ''
    [ ! -e "$root/imports" ]
    is "$(mounts "$engine" | grep -v /images/ || :)" ''
    is "$(sqlite3 "$root/floe.db" 'SELECT count(*) FROM lease WHERE container_id IS NOT NULL' 2>/dev/null || echo 0)" 0
    is "$(ls "$root/volumes" 2>/dev/null)" ''
}

# An archive with one entry replaced by what a Python expression makes of it.
altered() { # ENTRY PYTHON
    "$BATS_TEST_DIRNAME/alter-archive" "$archive" "$1" "$2" >"$BATS_TEST_TMPDIR/altered.tar"
    archive=$BATS_TEST_TMPDIR/altered.tar
}
