# SPDX-License-Identifier: Apache-2.0
# What floe tells of itself and of this host: version, info, doctor, help, and hints for what was mistyped.

load helpers

@test "version" {
    matches "$(floe --version)" '^floe version [0-9]+\.[0-9]+\.[0-9]+$'
    is "$(floe -v)" "$(floe --version)"
    has "$(floe version)" "$(floe --version | cut -d ' ' -f 3)"
    is "$(floe version -f '{{.Client.Version}}')" "$(floe --version | cut -d ' ' -f 3)"
    is "$(floe version -f json | jq -r .Client.Version)" "$(floe --version | cut -d ' ' -f 3)"
}

# bats test_tags=host
@test "info tells about host, store and parts" {
    sleeper one
    floe create --name two busybox true
    run -0 floe info --format json
    is "$(jq -r '.store | [.graphRoot, .runRoot, .graphDriverName] | join(" ")' <<<"$output")" "$root $runroot overlay"
    is "$(jq -c '.store.containerStore | [.number, .running, .paused, .stopped]' <<<"$output")" '[2,1,0,1]'
    is "$(jq '.store.imageStore.number' <<<"$output")" 1
    is "$(jq -r '.host.kernel' <<<"$output")" "$(uname -r)"
    local part
    for part in conmon ociRuntime criu networkBackendInfo; do
        [ -x "$(jq -r ".host.$part.path" <<<"$output")" ]
    done
    matches "$(jq -r '.host.cgroupVersion' <<<"$output")" '^v[12]$'
    is "$(jq -r '.host.systemd' <<<"$output")" "$([ -d /run/systemd/system ] && echo true || echo false)"
    matches "$(jq -r '.host.networkBackendInfo.firewall' <<<"$output")" '^(nftables|iptables|firewalld)$'
    is "$(NETAVARK_FW=nftables floe info -f '{{.Host.NetworkBackendInfo.Firewall}}')" nftables
    printf '[engine]\nruntime = /bin/true\n[network]\nfirewall_driver = firewalld\n' >"$BATS_TEST_TMPDIR/conf"
    is "$(FLOE_CONF=$BATS_TEST_TMPDIR/conf "$FLOE" --root "$root" --runroot "$runroot" info \
        -f '{{.Host.OCIRuntime.Path}} {{.Host.NetworkBackendInfo.Firewall}}')" '/bin/true firewalld'
    printf '[network]\nfirewall_driver = nonsense\n' >"$BATS_TEST_TMPDIR/conf"
    FLOE_CONF=$BATS_TEST_TMPDIR/conf refused 125 "firewall_driver is 'nonsense', which is none of" floe run --rm busybox true
    is "$(floe info -f '{{.store.graphRoot}} {{.Store.GraphRoot}} {{.Host.CgroupsVersion}}')" \
        "$root $root $(floe info -f json | jq -r '.host.cgroupVersion')"
    has "$(floe info)" "graphRoot: $root"
}

# bats test_tags=host
@test "doctor finds this host able" {
    run -0 floe doctor
    lacks "$output" failed
    has "$output" 'This host can run, checkpoint and restore containers.'
    matches "$output" "ok +systemd +$([ -d /run/systemd/system ] && echo answers || echo 'is not the first')"
    has "$output" "netavark uses $(floe info -f '{{.Host.NetworkBackendInfo.Firewall}}'), which works"
    run -0 floe doctor --format json
    is "$(jq -c '[.ok, ([.checks[].name] | contains(["conmon", "CRIU", "netavark", "OCI runtime", "overlay", "firewall"]))]' \
        <<<"$output")" '[true,true]'
    is "$(jq -r '.checks[] | select(.status != "ok") | select(.advice == "") | .name' <<<"$output")" ''
    is "$(mounts "$engine")" ''
    # Of what can be chosen it looks at what was chosen.
    printf '[network]\nfirewall_driver = nonsense\n' >"$BATS_TEST_TMPDIR/conf"
    FLOE_CONF=$BATS_TEST_TMPDIR/conf run -1 floe doctor
    matches "$output" "failed +firewall .*'nonsense'"
    printf '[engine]\ncgroup_manager = systemd\n' >"$BATS_TEST_TMPDIR/conf"
    [ -d /run/systemd/system ] ||
        FLOE_CONF=$BATS_TEST_TMPDIR/conf refused 125 'needs cgroup v2 and systemd' floe doctor
}

# bats test_tags=host
@test "doctor says what is missing and how to get it, and fails" {
    local missing part
    # A newer netavark, as Debian 13 has it, can do without iptables if there is nft.
    for missing in conmon criu netavark 'iptables nft'; do
        part=${missing%% *}
        # shellcheck disable=SC2086
        run -1 without "$(places_of $missing)" "${program[@]}" doctor
        matches "$output" "failed [^"$'\n'"]*[^"$'\n'"]*"
        grep -i -A 1 "^failed.*$part" <<<"$output" | grep -q 'apt install\|make deps'
        has "$output" 'cannot do'
    done
    run -1 without "$(places_of crun runc)" "${program[@]}" doctor
    grep -A 1 '^failed.*OCI runtime' <<<"$output" | grep -q 'make deps\|apt install'
}

@test "doctor only warns of what the main job does not need" {
    run -0 without "$(places_of skopeo)" "${program[@]}" doctor
    grep -A 1 '^warning.*skopeo' <<<"$output" | grep -q 'apt install\|make deps'
}

@test "doctor makes nothing where there is nothing yet" {
    engine_add
    run -0 floe_on "$added" doctor
    is "$(find "$added" -type f)" ''
}

@test "help goes to standard output, of floe and of each verb" {
    run -0 --separate-stderr floe --help
    has "$output" 'Usage: floe'
    is "$stderr" ''
    is "$(floe)" "$output"
    is "$(floe help)" "$output"
    local verb
    for verb in import images rmi create run start stop kill restart rm ps logs inspect wait exec pause unpause \
        checkpoint restore info version doctor 'container checkpoint' 'container restore' 'container exists'; do
        run -0 --separate-stderr floe $verb --help
        matches "$output" "^Usage: floe (container )?${verb#container }"
        is "$stderr" ''
    done
    has "$(floe container --help)" checkpoint
    is "$(floe help container)" "$(floe container --help)"
    is "$(floe help container checkpoint)" "$(floe checkpoint --help)"
    refused 125 "unknown verb 'nonsense'" floe help nonsense
}

@test "a mistyped verb or flag gets a hint" {
    refused 125 "'start'" floe strat x
    refused 125 "'container checkpoint'" floe container chekpoint x
    refused 125 "'images'" floe imags
    refused 125 'missing verb' floe image
    refused 125 '--publish' floe run --publsh 80:80 busybox
    refused 125 '--network' floe run --netwrok none busybox
    refused 125 '--tcp-established' floe checkpoint --tcp-establised x
    refused 125 'floe stop --help' floe stop --tmie 3 x
    refused 125 "xyzzy" floe xyzzy
    lacks "$stderr" 'did you mean'
    refused 125 "unknown flag: 'Z'" floe ps -Z
    refused 125 'needs an argument' floe run --name
    refused 125 'image is missing' floe run
    refused 125 'too many' floe version extra
}

@test "a flag that floe will have later is told apart from nonsense" {
    refused 125 'not supported by floe yet' floe run --gpus all busybox
    refused 125 'not supported by floe yet' floe search -f official=true word
}

@test "output that cannot be written is an error" {
    run -125 bash -c '"$@" images >/dev/full' bash "${program[@]}"
    has "$output" 'No space left'

    # A container's too; it is not held up, and not left behind.
    run -125 bash -c '"$@" >/dev/full' bash "${program[@]}" run --rm --network none -v "$BATS_TEST_TMPDIR:/host" \
        busybox sh -c 'echo lost; echo still here >/host/file'
    has "$output" "the container's output: No space left"
    is "$(cat "$BATS_TEST_TMPDIR/file")" 'still here'
    is "$(floe ps -aq)" ''
}

@test "a reader that stops reading is no error" {
    # shellcheck disable=SC2016
    run -0 bash -c 'set -o pipefail; "$@" --help | true && "$@" inspect busybox | true' bash "${program[@]}"
    is "$output" ''
}

@test "somebody else than root is told that floe needs root" {
    refused 125 'as root: sudo floe' setpriv --reuid=65534 --regid=65534 --clear-groups -- "${program[@]}" ps
}

@test "global flags that cannot be right are refused" {
    refused 125 absolute "$FLOE" --root relative ps
    refused 125 absolute "$FLOE" --root "$root" --runroot relative ps
    refused 125 nonsense floe --log-level nonsense ps
    refused 125 nonsense floe --cgroup-manager nonsense ps
    refused 125 '' "$FLOE" --root /proc/nowhere --runroot "$runroot" ps
}

@test "--log-level debug tells more on standard error, and standard output stays" {
    run -0 --separate-stderr floe --log-level debug run --rm --network none busybox echo out
    is "$output" out
    [[ $stderr =~ "debug: started process "([0-9]+)": "[^$'\n']*/conmon\ [^$'\n']*" --name " ]]
    has "$stderr" "debug: process ${BASH_REMATCH[1]} ended: exit status 0, after "
}
