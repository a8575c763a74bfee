# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What the system tests share: a busybox image, an engine (root and runroot) of its own for each test, and
# the proof after each test that nothing of that engine is left on the machine. A test file says
#
#     load helpers
#
# and has nothing to set up. In a test, `floe ARG...` is the program on the test's engine, whose image is
# `busybox`; "${program[@]}" is the same where no function can stand, in the background for example (the process
# id is then floe's). `engine_add` makes another engine, which stands for another host. A file that needs more
# set-up has a setup() of its own, which calls floe_setup first; the same goes for teardown().
#
# What every test goes through says `local -` and `set +T`: no trap for bats at each command, which takes longer than the
# command. It also starts few programs: half of the suite's time was spent here once.

bats_require_minimum_version 1.5.0

# FLOE_TEST_RUNTIME is the OCI runtime to test with; without it floe chooses.
runtime_option=(${FLOE_TEST_RUNTIME:+"--runtime=$FLOE_TEST_RUNTIME"})
FLOE=${FLOE:-$(realpath "$BATS_TEST_DIRNAME/../..")/build/floe}
export LC_ALL=C

# What podman needs on this kind of machine, for CONTAINERS_CONF; lines of [network] may follow.
podman_conf() { # FILE
    cat >"$1" <<END
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
[engine.runtimes]
runc = ["$(realpath "$BATS_TEST_DIRNAME/../system/quiet-runc")"]
[network]
network_backend = "netavark"
END
}

# --- set-up and teardown ------------------------------------------------------------------------------

setup_file() {
    [ -x "$FLOE" ] || { echo "there is no program '$FLOE'; build it, or say where by FLOE" >&2; return 1; }
    busybox_tar
}

setup() {
    floe_setup
}

teardown() {
    floe_teardown
}

floe_setup() {
    local -

    set +T
    [ "$EUID" = 0 ] || skip "needs root"
    engines=()
    engine_add
    engine=$added
    root=$engine/r runroot=$engine/x tag=$(engine_tag "$engine")
    program=("$FLOE" "${runtime_option[@]}" --root "$root" --runroot "$runroot")
    floe import -q -c 'CMD ["sh"]' "$BUSYBOX_TAR" busybox >/dev/null
}

floe_teardown() {
    local - each failed=0

    set +T
    for each in "${engines[@]}"; do
        engine_remove "$each" || failed=1
    done
    return $failed
}

# --- the image ----------------------------------------------------------------------------------------

# A directory with the image's files: busybox, some users, some directories.
busybox_tree() { # DIR
    mkdir -p "$1"/{bin,dev,etc,home/alice,proc,root,run,sys,tmp,usr/bin,var/tmp}
    chmod 1777 "$1/tmp" "$1/var/tmp"
    cp "$(command -v busybox)" "$1/bin/busybox"
    "$1/bin/busybox" --install "$1/bin"
    printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'alice:x:1000:1000::/home/alice:/bin/sh' \
        'bob:x:1001:100::/tmp:/bin/sh' >"$1/etc/passwd"
    printf '%s\n' 'root:x:0:' 'users:x:100:' 'alice:x:1000:' 'staff:x:50:alice' >"$1/etc/group"
    chown 1000:1000 "$1/home/alice"
}

# Once per run of bats; the path goes to the tests by the environment.
busybox_tar() {
    export BUSYBOX_TAR=$BATS_RUN_TMPDIR/busybox.tar
    [ -e "$BUSYBOX_TAR" ] && return
    busybox_tree "$BATS_FILE_TMPDIR/busybox"
    tar -C "$BATS_FILE_TMPDIR/busybox" -cf "$BUSYBOX_TAR.new$$" .
    mv "$BUSYBOX_TAR.new$$" "$BUSYBOX_TAR"
}

# --- engines ------------------------------------------------------------------------------------------

# Sets $added to the directory of a new engine. Short, for it becomes part of sockets' addresses.
engine_add() {
    until
        printf -v added '/tmp/fl.%06x' $((SRANDOM & 0xffffff))
        in_lane "$added" && mkdir -m 700 "$added"
    do :; done
    engines+=("$added")
}

# Engines of tests that run at the same time must not choose one subnet, each while the other's bridge is down. Where an
# engine begins to look is a matter of its bridge's name (host_subnets_choose()): of two lanes one takes the even ones.
in_lane() { # ENGINE
    local name hash=5381 letter i

    [ -n "${FLOE_TEST_LANE:-}" ] || return 0
    name=floe-$(engine_tag "$1")
    for ((i = 0; i < ${#name}; i++)); do
        printf -v letter %d "'${name:i:1}"
        hash=$(((hash * 33 + letter) & 0xffffffff)) # g_str_hash()
    done
    (((254 - hash % 127) % ${FLOE_TEST_LANES:-2} == FLOE_TEST_LANE))
}

floe_on() { # ENGINE ARG...
    "$FLOE" "${runtime_option[@]}" --root "$1/r" --runroot "$1/x" "${@:2}"
}

floe() {
    floe_on "$engine" "$@"
}

# runtime_works NAME: does floe run a container with it on this host?
runtime_works() {
    "$FLOE" --root "$root" --runroot "$runroot" --runtime "$1" run --rm --network none busybox true \
        >/dev/null 2>&1 3>&-
}

# What floe puts into the names of network namespaces, cgroups and bridges of this engine.
engine_tag() { # ENGINE
    local sum

    sum=$(printf %s "$1/x" | sha256sum)
    echo "${sum:0:8}"
}

# In a test, sqlite3 waits for who has the database: a floe that closes it as the last one has it for itself.
sqlite3() {
    command sqlite3 -cmd '.timeout 10000' "$@"
}

# The subnet of the engine's default network; nothing if it was never used.
engine_subnet() { # ENGINE
    [ -e "$1/r/floe.db" ] || return 0
    sqlite3 "$1/r/floe.db" \
        "SELECT json_extract(info, '$.subnets[0].subnet') FROM network WHERE name = 'podman'"
}

# Those of all of its networks.
engine_subnets() { # ENGINE
    [ -e "$1/r/floe.db" ] || return 0
    sqlite3 "$1/r/floe.db" \
        "SELECT value ->> 'subnet' FROM network, json_each(info, '$.subnets') WHERE bridge IS NOT NULL"
}

# The bridges of its networks that are up: the default one's, and those that have no name of the test's.
engine_bridges() { # ENGINE
    local tag

    tag=$(engine_tag "$1")
    compgen -G "/sys/class/net/floe-$tag" | sed 's,.*/,,'
    compgen -G "/sys/class/net/fl-$tag-*" | sed 's,.*/,,'
    return 0
}

# Remove all containers by floe, then all that was not removed, and fail if there was such a thing.
engine_remove() { # ENGINE
    local left failed=0

    [ -d "$1" ] || return 0
    if [ -e "$1/r/floe.db" ]; then
        # Infra containers go with their pods only.
        [ -z "$(sqlite3 "$1/r/floe.db" 'SELECT id FROM pod')" ] ||
            floe_on "$1" pod rm --all --force --time 0 >/dev/null || failed=1
        floe_on "$1" rm --all --force --time 0 >/dev/null || failed=1
    fi
    [ $failed = 1 ] || processes_wait "$1"
    # With the last container the engine's own cgroup goes.
    left=$(engine_leftovers "$1" && cgroups "$1" | sed 's/^/cgroup /')
    if [ -n "$left" ]; then
        printf 'left behind by %s:\n%s\n' "$1" "$left" >&2
        engine_scrub "$1"
        failed=1
    fi
    rm -rf --one-file-system "$1"
    return $failed
}

# --- what an engine may leave behind ------------------------------------------------------------------

# One line for each thing on the machine that belongs to a container of this engine.
engine_leftovers() { # ENGINE
    local - tag pid words

    set +T
    tag=$(engine_tag "$1")
    each_line mount mounts "$1"
    compgen -P 'network namespace ' -G "/run/netns/floe-$tag-*"
    each_line cgroup container_cgroups "$1"
    for pid in $(processes "$1"); do
        # One that has ended by now has none.
        words=$({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) || words=
        [ -z "$words" ] || echo "process $pid $words"
    done
    each_line bridge engine_bridges "$1"
    each_line 'firewall rule' firewall_rules "$1"
    # Runtimes keep caches beside their containers, with a dot.
    compgen -P 'runtime state ' -G "$1/x/runtime/*/*"
    compgen -P 'file ' -G "$1/r/containers/*"
    compgen -P 'file ' -G "$1/x/containers/*"
    find "$1/x/network/aardvark-dns" -type f ! -name aardvark.pid -printf 'names %p\n' 2>/dev/null
    find "$1/x/locks" -type f -regextype egrep -regex '.*/[0-9a-f]{64}' -printf 'file %p\n' 2>/dev/null
}

# each_line WORDS COMMAND...: what it prints, with the words before each line.
each_line() {
    local lines

    mapfile -t lines < <("${@:2}")
    [ ${#lines[@]} = 0 ] || printf "$1 %s\n" "${lines[@]}"
}

# The last that was made first.
mounts() { # ENGINE
    awk -v below="$1/" 'index($5, below) == 1 { found[n++] = $5 }
        END { while (n) print found[--n] }' /proc/self/mountinfo
}

# The engine's own cgroup in each hierarchy where it exists, or what it has of systemd's scopes and slices.
cgroups() { # ENGINE
    local tag

    tag=$(engine_tag "$1")
    # Either finds nothing, by the kind of host, which in a pipe would be the end by "set -e".
    compgen -G "/sys/fs/cgroup/*/floe-$tag" || true
    compgen -G "/sys/fs/cgroup/floe-$tag" || true
    scopes "$1"
}

container_cgroups() { # ENGINE
    local own

    mapfile -t own < <(cgroups "$1")
    [ ${#own[@]} = 0 ] || find "${own[@]}" -mindepth 1 -type d ! -path '*/machine.slice/*'
    scopes "$1"
}

# Those of systemd's units that have the engine's tag, a pod's slice too.
scopes() { # ENGINE
    local tag

    [ -d /run/systemd/system ] || return 0
    tag=$(engine_tag "$1")
    find /sys/fs/cgroup -type d \( -name "libpod-$tag-*.scope" -o -name "*-libpod_${tag}_pod_*.slice" \)
}

# Where a cgroup's file is: in the v1 hierarchy of its controller, or in the only tree. What crun puts into a scope
# has the same limits.
cgroup_file() { # CONTAINER CONTROLLER VERSION-1-FILE VERSION-2-FILE
    local path

    path=$(floe inspect -f '{{.State.CgroupPath}}' "$1")
    if [ -d "/sys/fs/cgroup/$2$path" ]; then
        echo "/sys/fs/cgroup/$2$path/$3"
    else
        echo "/sys/fs/cgroup$path/$4"
    fi
}

# conmon, runtimes and floe by their command lines, containers by their cgroups. The patterns come from a
# file, or grep would find itself.
processes() { # ENGINE
    local pid found=()

    while IFS=/ read -r _ _ pid _; do
        found[pid]=$pid
    done < <(grep -lasFf <(printf '%s/\n/floe-%s/\n/libpod-%s-\n' "$1" "$(engine_tag "$1")"{,}) \
        /proc/[0-9]*/{cmdline,cgroup})
    [ ${#found[@]} = 0 ] || printf '%s\n' "${found[@]}"
}

# What ends by itself gets the time for it: conmon, and the clean-up that it runs.
processes_wait() { # ENGINE
    local pid

    for pid in $(processes "$1"); do
        timeout "${FLOE_TEST_PATIENCE_S:-5}" tail --pid="$pid" -s 0.02 -f /dev/null || return 0
    done
}

# By the engine's addresses, and by its tag, which is in the comments of rules for ports.
firewall_rules() { # ENGINE
    local patterns

    patterns=$(firewall_patterns "$1")
    [ -n "$patterns" ] || return 0
    iptables-save 2>/dev/null | grep -F -e "$patterns"
    ip6tables-save 2>/dev/null | grep -F -e "$patterns" | sed 's/^/IPv6: /'
    nft list ruleset 2>/dev/null | grep -F -e "$patterns" | sed 's/^[[:space:]]*/nft: /'
}

# Nothing for an engine without a network.
firewall_patterns() { # ENGINE
    local subnets subnet

    mapfile -t subnets < <(engine_subnets "$1")
    [ ${#subnets[@]} != 0 ] || return 0
    # 10.246.0.0/16 is 10.246.x.y in the rules for one container.
    for subnet in "${subnets[@]}"; do
        case $subnet in
        */16) echo " ${subnet%.0.0/16}." ;;
        *.0/24) echo " ${subnet%.0/24}." ;;
        *::/64) echo " ${subnet%::/64}:" ;;
        *) echo " $subnet" ;;
        esac
    done
    echo "floe-$(engine_tag "$1")"
}

# --- by hand ------------------------------------------------------------------------------------------

# Take away what floe left, so that one failure does not become many.
engine_scrub() { # ENGINE
    local tag subnet

    tag=$(engine_tag "$1")
    subnet=$(engine_subnet "$1")
    thaw "$1"
    processes "$1" | xargs -r kill -KILL 2>/dev/null
    processes_wait "$1"
    scopes "$1" | xargs -r -n 1 basename | xargs -r systemctl stop
    container_cgroups "$1" | sort -r | xargs -r rmdir
    cgroups "$1" | xargs -r rmdir
    mounts "$1" | xargs -r umount -l
    compgen -G "/run/netns/floe-$tag-*" | while read -r netns; do
        umount -l "$netns"
        rm -f "$netns"
    done
    engine_bridges "$1" | xargs -r -n 1 ip link delete 2>/dev/null
    [ -z "$subnet" ] || firewall_scrub "$1"
    return 0
}

# Frozen processes do not die.
thaw() { # ENGINE
    local cgroup

    for cgroup in $(container_cgroups "$1" | sed 'p; s,$,/container,'); do
        [ ! -e "$cgroup/freezer.state" ] || echo THAWED >"$cgroup/freezer.state"
        [ ! -e "$cgroup/cgroup.freeze" ] || echo 0 >"$cgroup/cgroup.freeze"
    done 2>/dev/null
}

firewall_scrub() { # ENGINE
    local table rule chain patterns chains

    patterns=$(firewall_patterns "$1")
    chains=$(iptables -w -t nat -S | grep -F -e "$patterns" | grep -oE 'NETAVARK-(DN-)?[0-9A-F]{13}' | sort -u)
    for table in filter nat; do
        iptables -w -t $table -S | grep -F -e "$patterns" | while read -r rule; do
            eval "iptables -w -t $table -D ${rule#-A }"
        done
    done
    for chain in $chains; do
        iptables -w -t nat -F "$chain"
        iptables -w -t nat -X "$chain"
    done
}

# --- small things -------------------------------------------------------------------------------------

# A quick container that is gone afterwards: `in_container [OPTION...] busybox COMMAND...`
in_container() {
    floe run --rm --network none "$@"
}

# A container in the background: `background NAME [OPTION...] busybox COMMAND...`
background() {
    floe run -d --network none --name "$1" "${@:2}" >/dev/null
}

# A process that ends at once when it is asked to; as a PID 1 it would ignore TERM without a trap.
readonly SLEEPER='trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'

sleeper() { # NAME [OPTION...]
    background "$@" busybox sh -c "$SLEEPER" && has_its_trap "$1"
}

# Make the file for which a container waits to end, which may take along the process that made it.
let_end() { # CONTAINER FILE
    floe exec "$1" touch "$2" || is $? 137
}

# Until a container's first process catches a signal: what comes before that is lost, for a PID 1 has no defaults.
has_its_trap() { # CONTAINER [SIGNAL]
    eventually takes "$(floe inspect --format '{{.State.Pid}}' "$1")" "$(kill -l "${2:-TERM}")"
}

# Whether a process catches a signal or keeps it for later, and is no longer the runtime's.
takes() { # PID SIGNAL
    local - field value masks=0

    set +T
    while read -r field value; do
        case $field in
        Name:) [[ $value != *crun* && $value != *runc* ]] || return 1 ;;
        SigBlk: | SigCgt:) masks=$((masks | 0x$value)) ;;
        esac
    done <"/proc/$1/status"
    ((masks >> ($2 - 1) & 1))
}

# One that ignores TERM, from the moment on when this returns: before, it is still the runtime's process.
stubborn() { # NAME
    background "$1" busybox sh -c 'trap "" TERM; echo ready; while :; do sleep 0.02; done'
    eventually eval 'floe logs '"$1"' | grep -q ready'
}

state_of() { # CONTAINER
    floe inspect --format '{{.State.Status}}' "$1"
}

state_is() { # CONTAINER STATE
    [ "$(state_of "$1")" = "$2" ]
}

# eventually TEST...: wait up to 10 s for something that nothing announces; longer where all takes longer.
eventually() {
    local - end=$((SECONDS + ${FLOE_TEST_PATIENCE_S:-10}))

    set +T
    while ((SECONDS <= end)); do
        "$@" && return
        sleep 0.02
    done
    echo "never true: $*" >&2
    return 1
}

# Hold a lock of the runroot's as another floe has it: of the open file (F_OFD_SETLKW is 38), and dropped at the
# end of the process $holder.
hold_lock() { # NAME
    mkdir -p "$runroot/locks"
    python3 -c '
import fcntl, struct, sys, time
lock = open(sys.argv[1], "a+")
fcntl.fcntl(lock, 38, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
print("locked", flush=True)
time.sleep(60)' "$runroot/locks/$1" >"$BATS_TEST_TMPDIR/locked" 3>&- &
    holder=$!
    eventually grep -q locked "$BATS_TEST_TMPDIR/locked"
}

waits_for_lock() { # PID
    grep -q fcntl_setlk "/proc/$1/wchan"
}

# without "FILE..." COMMAND...: where these programs cannot be run. In a mount namespace of its own, so that
# nobody else notices; COMMAND is a program, not a function.
without() {
    # shellcheck disable=SC2016
    unshare --mount --propagation private sh -c '
        for file in $1; do [ ! -e "$file" ] || mount --bind /dev/null "$file" || exit 99; done
        shift
        exec "$@"' sh "$@"
}

# All places of a program that floe may find it in.
places_of() { # PROGRAM...
    local program directory

    for program; do
        for directory in /usr/local/lib/floe/bin /usr/local/{sbin,bin} /usr/{sbin,bin} /usr/{lib,libexec}/podman \
            /usr/local/{lib,libexec}/podman /usr/{lib,libexec} /usr/libexec/crio; do
            [ ! -f "$directory/$program" ] || realpath "$directory/$program"
        done
    done | sort -u | xargs
}

# --- claims -------------------------------------------------------------------------------------------
# Each says what it saw when it does not hold. $output, $stderr and $status are those of bats' `run`.

is() { # GOT WANTED
    [ "$1" = "$2" ] && return
    printf 'wanted: %s\ngot:    %s\n' "$2" "$1" >&2
    return 1
}

has() { # TEXT PART
    [[ "$1" == *"$2"* ]] && return
    printf 'wanted somewhere: %s\ngot:              %s\n' "$2" "$1" >&2
    return 1
}

lacks() { # TEXT PART
    [[ "$1" != *"$2"* ]] && return
    printf 'not wanted: %s\ngot:        %s\n' "$2" "$1" >&2
    return 1
}

matches() { # TEXT REGEX
    [[ "$1" =~ $2 ]] && return
    printf 'wanted, a match of: %s\ngot:                %s\n' "$2" "$1" >&2
    return 1
}

# refused STATUS PART-OF-MESSAGE COMMAND...: the command fails with that status, says why on standard
# error after "Error: ", and nothing on standard output.
refused() {
    if ! run "-$1" --separate-stderr "${@:3}"; then
        printf 'wanted status %s, got %s from: %s\n' "$1" "$status" "${*:3}" >&2
        printf '%s\n' "$output" "$stderr" >&2
        return 1
    fi
    is "$output" ""
    matches "$stderr" '^Error: .'
    has "$stderr" "$2"
}
