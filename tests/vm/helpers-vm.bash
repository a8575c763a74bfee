# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
#
# What the tests share that switch virtual machines off and on: they run outside, on the machine FLOE_VM, which has floe
# installed (see scripts/test-vm). floe works on its default directories in there, as a user's does.

bats_require_minimum_version 1.5.0

vm=$(realpath "$BATS_TEST_DIRNAME/../../scripts/vm")
: "${FLOE_VM:?the name of a machine that runs; scripts/test-vm sets it}"

# Runs a script, which is on standard input, in the machine; it ends at the first failure.
guest() {
    local script

    script=$(cat)
    "$vm" ssh "$FLOE_VM" bash -euo pipefail -s <<<"export BATS_TEST_DIRNAME=/floe/tests/vm; . /floe/tests/vm/inside.bash
$script"
}

# Is it so, or will it be within a minute?
eventually() { # COMMAND...
    local i

    for ((i = 0; i < 60; i++)); do
        "$@" && return
        sleep 1
    done
    echo "did not happen within a minute: $*" >&2
    return 1
}

teardown() {
    local status=0

    [ -n "${BATS_TEST_COMPLETED:-}" ] || show_guest
    guest <<<'leave_nothing' || status=1
    return $status
}

show_guest() {
    guest <<'END' || true
floe ps -a; journalctl -b -n 60 --no-pager -u floe-restart
END
}
