# SPDX-License-Identifier: Apache-2.0
# container prune.

# bats file_tags=sanitize

load helpers

has_exited() {
    [ "$(state_of exited)" = exited ]
}

one_of_each() {
    sleeper running
    sleeper paused
    floe pause paused >/dev/null
    floe create --name created --label keep=no busybox true >/dev/null
    floe run --name exited --network none busybox true
    eventually has_exited
}

names() {
    floe ps -a --format '{{.Names}}' | sort | xargs
}

@test "prune removes what does not run, and prints its ids" {
    one_of_each
    local ids
    ids=$(floe inspect -f '{{.Id}}' created exited | sort)
    run -0 --separate-stderr floe container prune --force
    is "$(sort <<<"$output")" "$ids"
    is "$stderr" ''
    is "$(names)" 'paused running'
    run -0 floe container prune -f
    is "$output" ''
}

@test "filters" {
    one_of_each
    floe container prune -f --filter until=1h
    is "$(names)" 'created exited paused running'
    floe container prune -f --filter label=keep=no
    is "$(names)" 'exited paused running'
    floe container prune -f --filter label!=keep
    is "$(names)" 'paused running'
    refused 125 "invalid filter 'name=running'" floe container prune -f --filter name=running
    refused 125 until floe container prune -f --filter until=never
}

@test "it asks first" {
    floe create --name created busybox true >/dev/null
    echo n | floe container prune
    is "$(names)" created
    echo y | floe container prune | tail -n 1
    is "$(names)" ''
    run -125 --separate-stderr floe container prune </dev/null
    has "$stderr" 'no answer'
    refused 125 'too many arguments' floe container prune x
}

@test "what depends on another goes before it" {
    floe create --name first --network none busybox true >/dev/null
    floe create --name second --network container:first busybox true >/dev/null
    floe container prune -f
    is "$(names)" ''
}
