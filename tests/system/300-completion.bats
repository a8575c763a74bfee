# SPDX-License-Identifier: Apache-2.0
# What the shells offer: asked of the one script that knows, as zsh and fish ask it.

load helpers

# Of a command line whose last word is being written.
offers() { # WORD...
    bash "$BATS_TEST_DIRNAME/../../contrib/completion/floe.bash" "$FLOE" --root "$root" --runroot "$runroot" "$@" | sort | paste -sd ' '
}

@test "completion: verbs, flags, and the names that a verb can have" {
    is "$(offers chec)" checkpoint
    is "$(offers pod re)" 'restart restore'
    is "$(offers run --cidf)" --cidfile
    is "$(offers nonsense --x)" ''
    floe create --name one busybox true
    sleeper two
    is "$(offers rm '')" 'one two'
    is "$(offers stop '')" two
    is "$(offers run --rm one x)" ''
    floe volume create vol
    is "$(offers volume rm v)" vol
    floe secret create --env password HOME
    is "$(offers secret rm p)" password
    is "$(offers secret l)" 'list ls'
    cd "$BATS_TEST_TMPDIR"
    touch archive.tar
    is "$(offers checkpoint inspect arch)" archive.tar
}
