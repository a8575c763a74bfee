# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# Parts that fail: conmon, netavark and the OCI runtime, each behind a script of its name that counts its calls and,
# at the one that is asked for, does something else than its work. Loaded after helpers.

# Makes the scripts, and lets floe take them. Call it before the first container.
faulty_parts() {
    faults=$BATS_TEST_TMPDIR/faults
    mkdir -p "$faults/bin"
    faulty_part runc "$(command -v runc)"
    faulty_part conmon "$(command -v conmon)"
    faulty_part netavark "$(PATH=/usr/libexec/podman:/usr/lib/podman:$PATH command -v netavark)"
    export FLOE_HELPER_DIR=$faults/bin PATH=$faults/bin:$PATH
    runtime_option=(--runtime="$faults/bin/runc")
    program=("$FLOE" "${runtime_option[@]}" --root "$root" --runroot "$runroot")
}

# The script goes by two files: `plan` ("PART NUMBER MODE"), and `PART.calls`, which grows by a line with each call
# while there is a plan. Calls that only ask do not count.
faulty_part() { # NAME REAL
    [ -n "$2" ] || skip "there is no $1 to stand behind the one that fails"
    cat >"$faults/bin/$1" <<END
#!/bin/bash
case " \$* " in *" --version "* | *" --help "* | *" state "* | *" features "*) exec $2 "\$@" ;; esac
read -r part number mode 2>/dev/null <$faults/plan || exec $2 "\$@"
echo "\$*" >>$faults/$1.calls
# A runtime that made a process and then fails would have ended it; conmon waits for its output to end.
case "\$mode \$*" in
late*" create "* | late*" restore "* | late*" exec "* | killed-late*" create "* | killed-late*" restore "* | killed-late*" exec "*)
    part= ;;
esac
if [ "\$part" = $1 ] && [ "\$(wc -l <$faults/$1.calls)" = "\$number" ]; then
    echo "\$*" >$faults/happened
    case \$mode in
    fails) echo "$1 was told to fail" >&2; exit 1 ;;
    late) $2 "\$@"; echo "$1 was told to fail late" >&2; exit 1 ;;
    hangs) exec sleep 60 ;;
    floe-killed) kill -9 "\$(cat $faults/floe)" ;;
    floe-killed-late)
        $2 "\$@"
        code=\$?
        kill -9 "\$(cat $faults/floe)"
        exit \$code ;;
    both-killed)
        kill -9 "\$(cat $faults/floe)"
        sleep 0.3
        kill -9 \$\$ ;;
    killed) kill -9 \$\$ ;;
    killed-late) $2 "\$@"; kill -9 \$\$ ;;
    killed-half) ip link add "floe-$tag" type bridge; kill -9 \$\$ ;; # netavark's way begins so
    esac
fi
exec $2 "\$@"
END
    chmod +x "$faults/bin/$1"
}

fault_plan() { # PART NUMBER MODE
    rm -f "$faults"/*.calls "$faults/happened"
    echo "$*" >"$faults/plan"
}

# What there is of the engine on the machine, and on record. Ports and addresses are in the firewall's rules too. What
# the container's program starts comes and goes, and so may any process while one looks.
machine() {
    local left

    left=$(engine_leftovers "$engine" 2>/dev/null)
    sed -E "\\,^file $root/containers/,d; /^process [0-9]+ ((sh -c|u?sleep) .*)?$/d; /^$/d" <<<"$left" | sort
    sqlite3 "$root/floe.db" 'SELECT name, state, json_extract(status, "$.pid"), json_extract(status, "$.intent")
        FROM container; SELECT * FROM lease; SELECT * FROM port; SELECT count(*) FROM exec_session;'
}

# every_fault MODES PREPARE OPERATION AFTER [SETTLE]: for each part, each of its calls and each mode: PREPARE, then
# OPERATION, which must fail and leave the machine as it was, if AFTER is "same"; else the function AFTER says what must
# hold. SETTLE waits for what the operation left others to do. How often a part is called, and what the machine is like
# when nothing fails ($done), a run without a fault tells.
every_fault() {
    local - part mode number n_calls n_faults=0 settle=${5:-processes_wait_floe}

    set +T
    fault_prepare "$2"
    fault_run nothing 0 none "$3"
    wc -l "$faults"/*.calls >"$faults/counts"
    done=$(machine)
    for part in netavark conmon runc; do
        n_calls=$(awk -v file="$faults/$part.calls" '$2 == file { print $1 }' "$faults/counts")
        for mode in $1; do
            # conmon forks, and its own end says nothing of that of its work.
            [[ $part/$mode != conmon/*late ]] || continue
            for ((number = 1; number <= ${n_calls:-0}; number++)); do
                fault_prepare "$2"
                fault_run "$part" "$number" "$mode" "$3"
                # Who cleans up, floe or conmon's exit command, is not always the same.
                [ -e "$faults/happened" ] || continue
                n_faults=$((n_faults + 1))
                fault_after "$4" || {
                    printf '%s %s at call %s: %s\nfloe said (status %s): %s\n' "$part" "$mode" "$number" \
                        "$(cat "$faults/happened")" "$fault_status" "$fault_output" >&2
                    return 1
                }
            done
        done
    done
    [ "$n_faults" -gt 0 ]
}

# The same for an operation whose clean-up is another's: conmon's exit command has the limit that conmon was started with.
every_fault_limited() {
    local -x FLOE_PART_TIMEOUT_MS=$HANGS_MS

    every_fault "$@"
}

# every_call CALLS PREPARE OPERATION: each of these system calls of floe itself fails in turn, by strace's hand. The
# operation fails and leaves the machine as it was, unless it could do without.
every_call() {
    local - call mode=call number n_calls n_faults=0 settle=processes_wait_floe

    set +T
    [ -n "$(command -v strace)" ] || skip "there is no strace to let system calls fail"
    fault_prepare "$2"
    # shellcheck disable=SC2086
    strace -qq -e signal=none -e trace="$1" -o "$faults/trace" "${program[@]}" $3 >/dev/null 3>&-
    while read -r n_calls call <&4; do
        for ((number = 1; number <= n_calls; number++)); do
            fault_prepare "$2"
            fault_status=0
            # shellcheck disable=SC2086
            fault_output=$(strace -qq -e signal=none -e trace="$call" -e inject="$call:error=EIO:when=$number" \
                -o "$faults/trace" "${program[@]}" $3 2>&1 3>&- 4>&-) || fault_status=$?
            "$settle"
            [ "$fault_status" != 0 ] || continue
            grep -q INJECTED "$faults/trace" || continue
            n_faults=$((n_faults + 1))
            fault_after same || {
                printf '%s\nfloe said: %s\n' "$(grep INJECTED "$faults/trace")" "$fault_output" >&2
                return 1
            }
        done
    done 4< <(cut -d '(' -f 1 "$faults/trace" | sort | uniq -c)
    [ "$n_faults" -gt 0 ]
}

# every_kill CALLS PREPARE OPERATION AFTER: floe is killed at each of these system calls of its own in turn; then AFTER
# must hold. Only every KILL_STEPth, in the short form every fourth.
every_kill() {
    local - call mode=floe-killed number n_calls n_kills=0 settle=processes_wait_floe

    set +T
    [ -n "$(command -v strace)" ] || skip "there is no strace to kill at system calls"
    fault_prepare "$2"
    # shellcheck disable=SC2086
    strace -qq -e signal=none -e trace="$1" -o "$faults/trace" "${program[@]}" $3 >/dev/null 3>&-
    while read -r n_calls call <&4; do
        for ((number = 1; number <= n_calls; number += KILL_STEP)); do
            fault_prepare "$2"
            # shellcheck disable=SC2086
            { fault_output=$(strace -qq -e signal=none -e trace="$call" -e inject="$call:signal=KILL:when=$number" \
                -o "$faults/trace" "${program[@]}" $3 2>&1 3>&- 4>&-) || :; } 2>/dev/null
            "$settle"
            n_kills=$((n_kills + 1))
            $4 || {
                printf 'floe was killed at: %s\nfloe said: %s\n' "$(tail -n 1 "$faults/trace")" "$fault_output" >&2
                return 1
            }
        done
    done 4< <(cut -d '(' -f 1 "$faults/trace" | sort | uniq -c)
    [ "$n_kills" -gt 0 ]
}

readonly KILL_STEP=${KILL_STEP:-4}

fault_prepare() { # FUNCTION, and what it takes
    $1
    # conmon of one that has ended, and its clean-up, are not what is compared.
    [ -n "$(floe ps -q)" ] || processes_wait "$engine"
    before=$(machine)
}

# conmon's exit command may still be at it.
processes_wait_floe() {
    eventually eval '! pgrep -f "^$FLOE .*$runroot.* cleanup " >/dev/null'
}

all_has_ended() {
    processes_wait "$engine"
}

# How long floe waits for a part: long enough for one that works, under load as well.
readonly HANGS_MS=2500

fault_run() { # PART NUMBER MODE OPERATION
    local limit=()

    [ "$3" != hangs ] || limit=(env FLOE_PART_TIMEOUT_MS="$HANGS_MS")
    fault_plan "$1" "$2" "$3"
    fault_status=0
    # Its process id is that of the shell that becomes it.
    # shellcheck disable=SC2086
    fault_output=$(bash -c 'echo $$ >"$0" && exec "$@"' "$faults/floe" "${limit[@]}" "${program[@]}" $4 2>&1 3>&-) ||
        fault_status=$?
    "$settle"
    rm -f "$faults/plan"
}

# What an error says of each.
# (A floe that was killed says nothing.)
declare -A cause=([fails]='was told to fail' [late]='was told to fail late' [hangs]='did not (end|answer)'
    [killed]='signal 9|killed' [killed-late]='signal 9|killed' [killed-half]='signal 9|killed'
    [floe-killed]='' [floe-killed-late]='' [both-killed]='' [call]='Input/output error|I/O error')

# again COMMAND...: a floe without a fault completes what the one with it has left.
again() {
    floe "$@" >/dev/null
    eventually machine_is "$done"
}

machine_is() {
    [ "$(machine)" = "$1" ]
}

fault_after() { # FUNCTION
    if [ "$1" != same ]; then
        # shellcheck disable=SC2086
        $1
        return
    fi
    [ "$fault_status" != 0 ] || { echo "this should have failed" >&2; return 1; }
    matches "$fault_output" "${cause[$mode]}"
    eventually machine_is "$before" || {
        diff <(echo "$before") <(machine) >&2
        return 1
    }
}

# --- containers, made ready before each fault -----------------------------------------------------------

none() {
    [ -z "$(floe ps -aq)" ] || floe rm -f -t 0 c >/dev/null
}

fresh_container() {
    [ "$(floe ps -a --format '{{.State}}')" != created ] || return 0
    none
    floe create --name c -p 127.0.0.1::80 busybox sh -c "$SLEEPER" >/dev/null
}

ended_container() {
    [ -n "$(floe ps -aq)" ] || floe create --name c busybox sh -c "$SLEEPER" >/dev/null
    [ "$(state_of c)" = exited ] || { floe start c && floe stop -t 0 c; } >/dev/null
}

started_container() {
    [ -n "$(floe ps -aq)" ] || floe create --name c -p 127.0.0.1::80 busybox sh -c "$SLEEPER" >/dev/null
    [ "$(state_of c)" = running ] || floe start c >/dev/null
}

running_container() {
    [ -n "$(floe ps -aq)" ] || floe create --name c -p 127.0.0.1::80 busybox sh -c "$COUNTER" >/dev/null
    case $(state_of c) in
    paused) floe unpause c >/dev/null ;;
    exited) floe restore c >/dev/null ;;
    created) floe start c >/dev/null ;;
    esac
    eventually has_counted_to c 3
}

paused_container() {
    running_container
    floe pause c >/dev/null
}

frozen_container() {
    [ -z "$(floe ps -aq)" ] || [ "$(state_of c)" = running ] || return 0
    running_container
    floe checkpoint c >/dev/null
}

# Its end was not cleaned up: there was nobody to do it.
dead_container() {
    started_container
    kill -9 "$(floe inspect --format '{{.State.ConmonPid}}' c)"
    kill -9 "$(floe inspect --format '{{.State.Pid}}' c)"
    eventually eval '[ "$(state_of c)" = stopped ]'
}
