# SPDX-License-Identifier: Apache-2.0
# kill -9 of floe at any moment of an import: nothing stays, or a container that runs.

load helpers
load helpers-crash
load helpers-network
load helpers-import

@test "kill -9 of floe during an import leaves nothing for the next command" {
    networked c -v data:/data busybox sh -c "$COUNTER"
    archived c
    other_host busybox
    measure restored
    floe rm -f -t 0 c >/dev/null
    floe volume rm data >/dev/null
    for_each_moment 25 imported_or_not
}

imported_or_not() {
    cut_short restore --import "$archive"
    if [ -z "$(floe ps -q)" ]; then
        nothing_here
        restored
    fi
    [ ! -e "$root/imports" ]
    is "$(state_of c)" running
    floe rm -f -t 0 c
    floe volume rm data
    leaves_nothing
}
