# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests that freeze and thaw: once on runc, and once on crun through a link to the same file whose
# name ends in "-crun.bats". Loaded after helpers.

case $BATS_TEST_FILENAME in
*-crun.bats) RUNTIME=crun ;;
*) RUNTIME=runc ;;
esac
source "$BATS_TEST_DIRNAME/helpers-freeze.bash"
export BATS_TEST_NAME_PREFIX="$RUNTIME: "

runtime_option=(--runtime="$RUNTIME")

# What does not work at all need not fail in every test.
setup() {
    floe_setup
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

# --- a CRIU that fails --------------------------------------------------------------------------------

# floe_with_criu SCRIPT ARG...: floe, but with this script in CRIU's place.
floe_with_criu() {
    local prefix=$BATS_TEST_TMPDIR/prefix

    mkdir -p "$prefix/bin"
    printf '#!/bin/sh\n%s\n' "$1" >"$prefix/bin/criu"
    chmod +x "$prefix/bin/criu"
    FLOE_PRIVATE_PREFIX=$prefix floe "${@:2}"
}
