# SPDX-License-Identifier: Apache-2.0
# An archive comes from anybody. Some two hundred that are bad in one way each (see bad-archives): every one is refused with
# a message that names what is bad, and leaves nothing.

load helpers
load helpers-checkpoint
load helpers-import

# The archives are made once. They name an image by its id, so the engine that has it goes through the whole file.
setup_file() {
    busybox_tar
    engine_add
    export ENGINE=$added
    known
    floe import -q -c 'CMD ["sh"]' "$BUSYBOX_TAR" busybox >/dev/null
    floe run -d --name c -v keep:/keep busybox sh -c 'echo x >/keep/x; echo changed >/etc/passwd; rm /etc/group; exec sleep 1000' >/dev/null
    eventually floe exec c test ! -e /etc/group
    floe checkpoint --compress none --export "$BATS_FILE_TMPDIR/good" c >/dev/null
    floe rm c >/dev/null
    floe volume rm keep >/dev/null
    "$BATS_TEST_DIRNAME/bad-archives" "$BATS_FILE_TMPDIR/good" "$BATS_FILE_TMPDIR/bad"
}

known() {
    engine=$ENGINE engines=("$ENGINE") root=$ENGINE/r runroot=$ENGINE/x tag=$(engine_tag "$ENGINE")
    program=("$FLOE" "${runtime_option[@]}" --root "$root" --runroot "$runroot")
}

setup() {
    known
}

teardown() {
    clean
    processes_wait "$engine"
    is "$(engine_leftovers "$engine")" ''
}

teardown_file() {
    [ -z "$ENGINE" ] || engine_remove "$ENGINE"
}

clean() {
    floe rm --all --force --time 0 >/dev/null
    floe volume rm --all --force >/dev/null
}

# All of a group are refused. What went wrong is told of all of them, not of the first only.
refused_all() { # GROUP [OPTION...]
    local file name before wrong=0 count=0

    before=$(files)
    for file in "$BATS_FILE_TMPDIR/bad/$1"/*; do
        [[ $file != *.says ]] || continue
        count=$((count + 1))
        name=$1/${file##*/}
        run_bad "$file" "${@:2}" || wrong=$((wrong + 1))
        nothing_here && continue
        echo "$name: that is left" >&2
        wrong=$((wrong + 1))
        clean
    done
    is "$(files)" "$before"
    is "$(evil)" ''
    [ "$count" -gt 5 ]
    is "$wrong of $count" "0 of $count"
}

# What an archive wrote where it should not.
evil() {
    find / /tmp /etc "$engine" -xdev -maxdepth 4 -name 'floe-evil*' 2>/dev/null
}

run_bad() { # FILE [OPTION...]
    local says

    says=$(cat "$1.says")
    run --separate-stderr timeout 60 "${program[@]}" restore --import "$@"
    if [ "$status" != 125 ] || [[ $stderr != "Error: "?* ]] || [[ $stderr != *"$says"* ]] || [ -n "$output" ] ||
        [[ $stderr == *[$'\001'-$'\010'$'\013'-$'\037']* ]] || [[ $stderr == *$'\302\233'* ]]; then
        printf '%s: status %s, should say "%s":\n  %s\n' "${1##*/}" "$status" "$says" "$stderr" >&2
        return 1
    fi
}

# All that the engine has, but for what may change: the database's size, CRIU's and the runtime's caches.
files() {
    find "$engine" \( -path '*/runtime' -o -path '*/layers/*/*' -o -name '*.db-*' -o -name 'criu*' \) -prune -o -printf '%P\n' | sort
}

@test "an archive that is not bad is restored" {
    floe restore --import "$BATS_FILE_TMPDIR/good" >/dev/null
    is_running c
}

@test "names that lead out" {
    refused_all paths
}

@test "links, devices, and entries of the wrong kind" {
    refused_all links
}

@test "entries that are missing, twice or too many" {
    refused_all entries
}

@test "archives that end early, or are none" {
    refused_all truncated
}

@test "values of the wrong type" {
    refused_all types
}

@test "numbers that cannot be" {
    refused_all numbers
}

@test "JSON that is deep, cut, long or none" {
    refused_all json
}

@test "little that becomes much" {
    refused_all bombs
}

@test "what would have power over the host" {
    refused_all power
}

@test "what floe does not take from an archive" {
    local file count=0

    floe restore --import "$BATS_FILE_TMPDIR/good" >/dev/null
    sandbox >"$BATS_TEST_TMPDIR/good"
    clean
    for file in "$BATS_FILE_TMPDIR"/bad/harmless/*; do
        [[ $file != *.says ]] || continue
        floe restore --import "$file" >/dev/null
        sandbox >"$BATS_TEST_TMPDIR/bad"
        diff "$BATS_TEST_TMPDIR/good" "$BATS_TEST_TMPDIR/bad"
        clean
        count=$((count + 1))
    done
    [ "$count" -gt 5 ]
    nothing_here
    is "$(evil)" ''
}

# What the runtime was told, and what the process may do.
sandbox() {
    jq 'del(.annotations["io.kubernetes.cri-o.Created"])' "$(bundle)/config.json"
    grep -E '^(Cap|Seccomp|NoNewPrivs|Uid|Gid)' "/proc/$(floe inspect -f '{{.State.Pid}}' c)/status"
}

bundle() {
    echo "$runroot/containers/$(id_of c)/bundle"
}

@test "what is bad inside of an entry" {
    refused_all contents
}
