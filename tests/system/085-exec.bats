# SPDX-License-Identifier: Apache-2.0
# exec: one more command in a running container.

# bats file_tags=sanitize

load helpers

setup() {
    floe_setup
    sleeper c -e FROM=container --workdir /tmp -l x=y
}

@test "exec passes output and errors on, and ends with the exit code" {
    run -0 --separate-stderr floe exec c sh -c 'echo out; echo err >&2'
    is "$output" out
    is "$stderr" err
    run -0 floe exec c true
    run -1 floe exec c false
    run -42 floe exec c sh -c 'exit 42'
    run -143 floe exec c sh -c 'kill -TERM $$'
}

@test "exec of a command that is not there: 127, of one that cannot run: 126" {
    refused 127 nope floe exec c nope
    refused 127 /nope floe exec c /nope
    refused 126 /etc floe exec c /etc
    refused 126 passwd floe exec c /etc/passwd
    floe exec c true
}

@test "exec --env, --env-file, --workdir, --user" {
    export PASSED=through
    echo A=file >"$BATS_TEST_TMPDIR/env"
    run -0 floe exec -e B=flag -e PASSED --env-file "$BATS_TEST_TMPDIR/env" c env
    has "$output" FROM=container
    has "$output" A=file
    has "$output" B=flag
    has "$output" PASSED=through
    is "$(floe exec c pwd)" /tmp
    is "$(floe exec -w /etc c pwd)" /etc
    is "$(floe exec -u alice c sh -c 'echo $(id -u):$(id -g) $(id -G)')" '1000:1000 1000 50'
    is "$(floe exec -u 5:6 c sh -c 'echo $(id -u):$(id -g)')" 5:6
    refused 125 nobody floe exec -u nobody c true
}

@test "a user given to run is the user of exec too" {
    sleeper u -u alice
    is "$(floe exec u id -un)" alice
    is "$(floe exec -u root u id -un)" root
}

@test "exec -i passes input on, to its end" {
    is "$(printf 'one\ntwo' | floe exec -i c cat)" $'one\ntwo'
    is "$(head -c 3000000 /dev/zero | floe exec -i c wc -c)" 3000000
    is "$(echo no | floe exec c wc -c)" 0
}

# bats test_tags=host
@test "exec is in the same sandbox" {
    is "$(floe exec c sed -n 's/^CapEff:.//p' /proc/self/status)" 00000000800405fb
    is "$(floe exec c sed -n 's/^Seccomp:.//p' /proc/self/status)" 2
    is "$(floe exec --privileged c sed -n 's/^CapEff:.//p' /proc/self/status)" \
        "$(sed -n 's/^CapBnd:.//p' /proc/self/status)"
    is "$(floe exec -u alice c sed -n 's/^CapEff:.//p' /proc/self/status)" 0000000000000000
    has "$(floe exec c ps)" 'sleep 3600'
    is "$(floe exec c sh -c 'ls /proc/self/fd' | xargs)" '0 1 2 3'
}

@test "exec -d runs in the background" {
    run -0 floe exec -d c sh -c 'while [ ! -e /go ]; do sleep 0.02; done; echo done >/tmp/result'
    matches "$output" '^[0-9a-f]{64}$'
    is "$(floe inspect -f '{{len .ExecIDs}}' c)" 1
    floe exec c touch /go
    eventually eval '[ "$(floe exec c cat /tmp/result 2>/dev/null)" = done ]'
    eventually eval '[ "$(floe inspect -f "{{len .ExecIDs}}" c)" = 0 ]'
    refused 127 nope floe exec -d c nope
}

@test "exec only in a container that runs; podman's status for that is 255" {
    floe pause c
    refused 255 paused floe exec c true
    floe unpause c
    floe stop -t 0 c
    refused 255 '"c"' floe exec c true
    has "$stderr" 'not running'
    refused 125 nope floe exec nope true
    refused 125 '' floe exec c
}

# bats test_tags=host
@test "exec sessions end with their container" {
    floe exec -d c sleep 1000
    "${program[@]}" exec c sleep 1000 3>&- &
    local session=$! status=0
    eventually eval '[ "$(floe inspect -f "{{len .ExecIDs}}" c)" = 2 ]'
    floe stop -t 0 c
    wait $session || status=$?
    is "$status" 137
    is "$(floe inspect -f '{{len .ExecIDs}}' c)" 0
    processes_wait "$engine"
    is "$(processes "$engine")" ''
}

# bats test_tags=host
@test "exec sessions leave nothing" {
    floe exec c true
    run -127 floe exec c nope
    floe exec -d c true
    eventually eval '[ "$(floe inspect -f "{{len .ExecIDs}}" c)" = 0 ]'
    is "$(find "$runroot" -path '*exec/*')" ''
    is "$(sqlite3 "$root/floe.db" 'SELECT count(*) FROM exec_session')" 0
}

@test "several at the same time" {
    local i pids=()
    for i in 1 2 3 4 5 6; do
        floe exec c sh -c "exit $i" 3>&- &
        pids+=($!)
    done
    for i in 1 2 3 4 5 6; do
        local status=0
        wait "${pids[i - 1]}" || status=$?
        is "$status" $i
    done
}

@test "exec --latest" {
    is "$(floe exec -l echo latest)" latest
}

@test "exec --preserve-fds passes descriptors on" {
    local i

    is "$(floe exec --preserve-fds 2 c sh -c 'echo three >&3; cat <&4' 3>&1 4<<<four)" $'three\nfour'
    run -125 floe exec --preserve-fds 3 c true 3>&- 4>&- 5>&-
    has "$output" 'file descriptor 3 is not open'
    refused 125 'at most' floe exec --preserve-fds 100000 c true
}

@test "exec --env: a name alone is floe's own value, none is an error" {
    export PASSED=through
    run -0 floe exec -e PASSED -e UNSET_HERE -e EMPTY= c env
    has "$output" PASSED=through
    has "$output" EMPTY=
    lacks "$output" UNSET_HERE
    refused 125 'no name' floe exec -e '' c env
    refused 125 'no name' floe exec -e =x c env
}

# bats test_tags=host
@test "a session of a killed floe is found again" {
    "${program[@]}" exec c sh -c 'touch /begun; while [ ! -e /go ]; do sleep 0.02; done' 3>&- &
    eventually floe exec c test -e /begun
    kill -KILL $!
    wait $! || is $? 137
    is "$(floe inspect -f '{{len .ExecIDs}}' c)" 1
    # Killed before it could save the pids: they are in conmon's files.
    sqlite3 "$root/floe.db" "UPDATE exec_session SET session = json_remove(session, '$.pid', '$.conmon_pid')"
    is "$(floe inspect -f '{{len .ExecIDs}}' c)" 1
    floe exec c touch /go
    eventually eval '[ "$(floe inspect -f "{{len .ExecIDs}}" c)" = 0 ]'
    is "$(find "$runroot" -path '*exec/*')" ''
}

@test "a signal to floe exec reaches the command" {
    "${program[@]}" exec c sh -c \
        'trap "exit 7" TERM; echo ready; while :; do sleep 0.02; done' >"$BATS_TEST_TMPDIR/out" 3>&- &
    local pid=$! status=0
    eventually grep -q ready "$BATS_TEST_TMPDIR/out"
    kill -TERM $pid
    wait $pid || status=$?
    # As podman's, it does not pass signals on without a terminal: either the command's code or the signal's.
    matches "$status" '^(7|143)$'
}
