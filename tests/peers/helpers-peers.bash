# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests that move a container between two hosts. Each is an engine with its own store: podman's, or floe's. The
# name of the test file says which: a container is made on the `old` host and goes on on the `new` one; both words take
# what podman and floe have in common. The hosts know the same images, and their networks the same addresses: only one of
# them has its bridge at a time.
#
# The hosts are made once per file, for a big image takes time; after each test nothing of its containers may be left.
# Loaded after helpers.

SYSTEM=$BATS_TEST_DIRNAME/../system
BUILT=$BATS_TEST_DIRNAME/../../build
# shellcheck source=tests/system/helpers-freeze.bash
source "$SYSTEM/helpers-freeze.bash"
# shellcheck source=tests/system/helpers-network.bash
source "$SYSTEM/helpers-network.bash"

route=${BATS_TEST_FILENAME##*/} route=${route%.bats} route=${route#*-}
export BATS_TEST_NAME_PREFIX="$route: "

# Not floe's choice: podman's must be able to do it, too, and crun 1.28 is no choice where versions of cgroups are mixed.
runtime_option=(--runtime=runc)

# podman mounts a volume from where the archive says that it is, and unpacks it to where it has its own: so archives name
# podman's default, and this podman must have that, too. Volumes have names of their own there.
readonly PODMAN_VOLUMES=/var/lib/containers/storage/volumes

readonly CLIENT_FD=9

# An engine must not hold the test's connection open, which a shell's children inherit.
old() { "${old_host[@]}" "$@" 9>&-; }
new() { "${new_host[@]}" "$@" 9>&-; }

# --- the hosts ----------------------------------------------------------------------------------------

setup_file() {
    [ "$EUID" = 0 ] || skip "needs root"
    command -v podman >/dev/null || skip "there is no podman here"
    busybox_tar
    PEERS=$(mktemp -d /tmp/pe.XXXXXX)
    until in_lane "$PEERS/floe"; do
        rmdir "$PEERS"
        PEERS=$(mktemp -d /tmp/pe.XXXXXX)
    done
    export PEERS
    [ ! -e $PODMAN_VOLUMES ] || : >"$PEERS/had-volumes"
    mkdir -p $PODMAN_VOLUMES
    floe_known
    mkdir "$PEERS/floe"
    images_on_floe
    subnet_of_all
    podman_known
    ! has_other_floe || images_on_other
}

# The names that the helpers know an engine by.
floe_known() {
    engines=("$PEERS/floe")
    ! has_other_floe || engines+=("$PEERS/other")
    engine=$PEERS/floe root=$PEERS/floe/r runroot=$PEERS/floe/x tag=$(engine_tag "$PEERS/floe")
    program=("$FLOE" "${runtime_option[@]}" --root "$root" --runroot "$runroot")
    podman=(env "CONTAINERS_CONF=$PEERS/containers.conf" "PATH=${FLOE_PRIVATE_PREFIX:-/usr/local/lib/floe}/bin:$PATH"
        podman --root "$PEERS/podman/r" --runroot "$PEERS/podman/x" --tmpdir "$PEERS/podman/t"
        --network-config-dir "$PEERS/podman/n" --volumepath "$PODMAN_VOLUMES" --runtime runc)
    other=(env "FLOE_CONF=$PEERS/floe.conf" "$FLOE" "${runtime_option[@]}" --root "$PEERS/other/r" --runroot "$PEERS/other/x")
    case $route in
    podman-to-floe) old_host=("${podman[@]}") new_host=("${program[@]}") ;;
    floe-to-podman) old_host=("${program[@]}") new_host=("${podman[@]}") ;;
    floe-to-floe) old_host=("${program[@]}") new_host=("${other[@]}") ;;
    podman-to-podman) old_host=("${podman[@]}") new_host=("${podman[@]}") ;;
    esac
}

from_podman() {
    [[ $route = podman-* ]]
}

to_podman() {
    [[ $route = *-podman ]]
}

has_other_floe() {
    [ "$route" = floe-to-floe ]
}

images_on_floe() {
    floe import -q -c 'CMD ["sh"]' "$BUSYBOX_TAR" busybox >/dev/null
    for image in redis services; do
        "$BATS_TEST_DIRNAME/../../scripts/$image-image" "$BUILT/$image.tar"
        floe import -q "$BUILT/$image.tar" "$image" >/dev/null
    done
}

images_on_other() {
    for image in busybox redis services; do
        "${other[@]}" pull -q "oci:$root/images:localhost/$image:latest" >/dev/null
    done
}

# What floe chose, it being free.
subnet_of_all() {
    floe run --rm busybox true
    subnet=$(engine_subnet "$engine")
    printf '[network]\nsubnet=%s\n' "$subnet" >"$PEERS/floe.conf"
}

podman_known() {
    mkdir -p "$PEERS/podman/n"
    podman_conf "$PEERS/containers.conf"
    jq -n --arg bridge "pd-$tag" --arg subnet "$subnet" --arg gateway "${subnet%.0/*}.1" '{
        name: "podman", id: "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9", driver: "bridge",
        network_interface: $bridge, subnets: [{subnet: $subnet, gateway: $gateway}],
        ipam_options: {driver: "host-local"}}' >"$PEERS/podman/n/podman.json"
    for image in busybox redis services; do
        skopeo copy -q --insecure-policy "oci:$root/images:localhost/$image:latest" \
            "containers-storage:[overlay@$PEERS/podman/r+$PEERS/podman/x]localhost/$image:latest"
    done
}

setup() {
    floe_known
    allow=
}

teardown() {
    local each left failed=0

    exec 9>&-
    "${podman[@]}" rm --all --force --time 0 >/dev/null
    "${podman[@]}" volume rm --all --force >/dev/null
    for each in "${engines[@]}"; do
        floe_on "$each" rm --all --force --time 0 >/dev/null || failed=1
        floe_on "$each" volume rm --all >/dev/null || failed=1
    done
    # A client that a test left attached ends after its container, by itself.
    for each in "${engines[@]}"; do
        processes_wait "$each"
        left=$(engine_leftovers "$each"; volumes_left "$each")
        [ -n "$left" ] || continue
        printf 'left behind by %s:\n%s\n' "$each" "$left" >&2
        engine_scrub "$each"
        failed=1
    done
    return $failed
}

volumes_left() { # ENGINE
    find "$1/r/volumes" -mindepth 1 -maxdepth 1 2>/dev/null | sed 's/^/volume /'
}

teardown_file() {
    [ -n "$PEERS" ] || return 0
    floe_known
    mounts "$PEERS/podman" | xargs -r umount -l
    if [ ! -e "$PEERS/had-volumes" ]; then
        rm -f $PODMAN_VOLUMES/backingFsBlockDev # podman's, for quotas
        rmdir -p --ignore-fail-on-non-empty $PODMAN_VOLUMES
    fi
    rm -rf --one-file-system "$PEERS"
    cgroups "$engine" | xargs -r rmdir 2>/dev/null
    find /sys/fs/cgroup -maxdepth 2 -name "floe-$tag-podman" -exec rmdir {} +
}

# --- moving -------------------------------------------------------------------------------------------

# move CONTAINER [OPTION...]: it goes from the old host to the new. The options are for both ends of the way.
# Whatever the container is, it is the same afterwards. $allow: what floe must be told to allow the archive.
move() {
    local archive=$BATS_TEST_TMPDIR/$1.tar.zst
    local allowed=()

    to_podman || [ -z "$allow" ] || allowed=(--allow "$allow")

    identity old "$1" >"$BATS_TEST_TMPDIR/before"
    old container checkpoint "${@:2}" --export "$archive" "$1" >/dev/null
    old rm --force --ignore "$1" >/dev/null
    [ "$route" != podman-to-podman ] || old volume rm --all --force >/dev/null
    new container restore "${@:2}" "${allowed[@]}" --import "$archive" >/dev/null || tell_criu_errors
    identity new "$1" >"$BATS_TEST_TMPDIR/after"
    diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" >&2
    is "$(new inspect --format '{{.State.Status}} {{.State.Restored}}' "$1")" "running true"
}

# podman's error says no more than that CRIU failed.
tell_criu_errors() {
    grep -rh 'Error (' --include restore.log "$PEERS" >&2
    false
}

# What must not change on the way. The two have different words for nothing, and for the number of a signal.
identity() { # old|new CONTAINER
    local pid

    "$1" inspect --type container "$2" | jq -S '.[0] | {Id, Name, Path, Args, Image, ImageName,
        Config: (.Config | {Hostname, User, Tty, OpenStdin, Env: (.Env | sort), Cmd, WorkingDir, Umask,
            Labels: (.Labels // {}), Entrypoint: (.Entrypoint | if type == "array" then join(" ") else . end)}),
        HostConfig: (.HostConfig | {PortBindings, Memory, MemorySwap, CpuShares, PidsLimit, ReadonlyRootfs,
            AutoRemove, Privileged, NetworkMode: (.NetworkMode | if . == "none" then "" else . end),
            RestartPolicy: (.RestartPolicy | if .Name == "no" then .Name = "" else . end)}),
        Network: (.NetworkSettings | {IPAddress, MacAddress, IPPrefixLen, Gateway}),
        Mounts: ([.Mounts[] | select(.Type != "tmpfs") | {Type, Name, Destination, RW}] | sort)}'
    pid=$("$1" inspect --format '{{.State.Pid}}' "$2")
    grep -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp):' "/proc/$pid/status"
}

# The address in the bridge network.
address_on() { # old|new CONTAINER
    "$1" inspect --format '{{.NetworkSettings.IPAddress}}' "$2"
}

inside() { # COMMAND...: in the moved container, which is called c
    new exec c "$@"
}

logged() { # old|new TEXT
    "$1" logs c 2>&1 | grep -qF -e "$2"
}

# --- connections --------------------------------------------------------------------------------------

connect() { # ADDRESS PORT
    { exec 9<>"/dev/tcp/$1/$2"; } 2>/dev/null
}

# One request on the one connection; prints the answer's first line.
ask() { # REQUEST
    local answer

    printf '%s\r\n' "$1" >&$CLIENT_FD
    read -r -t 20 -u $CLIENT_FD answer
    echo "${answer%$'\r'}"
}
