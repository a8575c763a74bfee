# SPDX-License-Identifier: Apache-2.0
# inspect: the keys of podman's JSON with their types, and templates.

# bats file_tags=sanitize

load helpers

setup() {
    floe_setup
    floe create --name c --network none --hostname box -e A=b -l k=v -v /tmp:/data:ro --tmpfs /scratch:size=1m \
        -m 64m --user alice --workdir /home/alice --entrypoint '["sh","-c"]' --stop-signal INT --stop-timeout 3 \
        --read-only busybox 'exit 3' >/dev/null
}

# types_of JQ-PATH: "key type" for each key of the object there, sorted.
types_of() {
    floe inspect c | jq -r ".[0]$1 | to_entries | map(.key + \" \" + (.value | type)) | sort | .[]"
}

# has_keys JQ-PATH TYPE KEY...: all keys are there and of that type.
has_keys() {
    local types key
    types=$(types_of "$1")
    for key in "${@:3}"; do
        grep -qx "$key $2" <<<"$types" || {
            echo "no $2 $1.$key, but: $(grep "^$key " <<<"$types")" >&2
            return 1
        }
    done
}

@test "a container's own keys" {
    has_keys '' string Id Created Path Image ImageDigest ImageName Rootfs Pod ResolvConfPath HostnamePath \
        HostsPath StaticDir OCIConfigPath OCIRuntime ConmonPidFile PidFile Name Driver MountLabel ProcessLabel \
        AppArmorProfile Namespace KubeExitCodePropagation
    has_keys '' array Args EffectiveCaps BoundingCaps ExecIDs Mounts Dependencies
    has_keys '' object State GraphDriver NetworkSettings Config HostConfig
    has_keys '' number RestartCount lockNumber
    has_keys '' boolean IsInfra IsService
}

@test "the keys of State" {
    has_keys .State string OciVersion Status Error StartedAt FinishedAt CheckpointedAt RestoredAt
    has_keys .State boolean Running Paused Restarting OOMKilled Dead
    has_keys .State number Pid ExitCode
}

@test "the keys of Config" {
    has_keys .Config string Hostname Domainname User Image WorkingDir StopSignal Umask
    has_keys .Config boolean AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce Passwd
    has_keys .Config array Env Cmd Entrypoint CreateCommand
    has_keys .Config object Labels Annotations
    has_keys .Config null Volumes OnBuild
    has_keys .Config number Timeout StopTimeout
}

@test "the keys of HostConfig" {
    has_keys .HostConfig string CgroupManager CgroupMode ContainerIDFile NetworkMode VolumeDriver IpcMode Cgroup \
        Cgroups PidMode UTSMode UsernsMode Runtime Isolation CgroupParent CpusetCpus CpusetMems
    has_keys .HostConfig array Binds CapAdd CapDrop Dns DnsOptions DnsSearch ExtraHosts GroupAdd SecurityOpt Devices \
        Ulimits ConsoleSize
    has_keys .HostConfig boolean AutoRemove Privileged PublishAllPorts ReadonlyRootfs OomKillDisable
    has_keys .HostConfig object LogConfig PortBindings RestartPolicy Tmpfs
    has_keys .HostConfig number OomScoreAdj ShmSize CpuShares Memory NanoCpus BlkioWeight CpuPeriod CpuQuota \
        CpuRealtimePeriod CpuRealtimeRuntime DiskQuota KernelMemory MemoryReservation MemorySwap MemorySwappiness \
        PidsLimit CpuCount CpuPercent IOMaximumIOps IOMaximumBandwidth
    has_keys .HostConfig null VolumesFrom Links BlkioWeightDevice BlkioDeviceReadBps BlkioDeviceWriteBps \
        BlkioDeviceReadIOps BlkioDeviceWriteIOps CgroupConf
}

@test "the keys of NetworkSettings" {
    has_keys .NetworkSettings string EndpointID Gateway IPAddress IPv6Gateway GlobalIPv6Address MacAddress Bridge \
        SandboxID LinkLocalIPv6Address SandboxKey
    has_keys .NetworkSettings number IPPrefixLen GlobalIPv6PrefixLen LinkLocalIPv6PrefixLen
    has_keys .NetworkSettings boolean HairpinMode
    has_keys .NetworkSettings object Ports
}

@test "what was asked for is what inspect tells" {
    run -0 floe inspect c
    local json=$output
    value() { jq -c ".[0]$1" <<<"$json"; }

    is "$(value .Name)" '"c"'
    is "$(value '| [.Path, .Args]')" '["sh",["-c","exit 3"]]'
    is "$(value .ImageName)" '"localhost/busybox:latest"'
    is "$(value .Image)" "\"$(floe image inspect -f '{{.Id}}' busybox)\""
    is "$(value .State.Status)" '"created"'
    is "$(value .Config.Hostname)" '"box"'
    is "$(value .Config.User)" '"alice"'
    is "$(value .Config.WorkingDir)" '"/home/alice"'
    is "$(value '.Config.Env | index("A=b") != null')" true
    is "$(value .Config.Labels)" '{"k":"v"}'
    is "$(value .Config.Entrypoint)" '["sh","-c"]'
    is "$(value .Config.Cmd)" '["exit 3"]'
    is "$(value .Config.StopSignal)" '"SIGINT"'
    is "$(value .Config.StopTimeout)" 3
    is "$(value '.Config.CreateCommand | .[-1]')" '"exit 3"'
    is "$(value .HostConfig.Memory)" 67108864
    is "$(value .HostConfig.NetworkMode)" '"none"'
    is "$(value .HostConfig.ReadonlyRootfs)" true
    is "$(value .HostConfig.PidsLimit)" 2048
    is "$(value '.HostConfig.Tmpfs | has("/scratch")')" true
    is "$(value '.Mounts[] | select(.Type == "bind") | [.Source, .Destination, .RW, .Propagation]')" \
        '["/tmp","/data",false,"rprivate"]'
}

@test "the state goes along" {
    run -3 floe start -a c
    run -0 floe inspect c
    is "$(jq -c '.[0].State | [.Status, .Running, .ExitCode, .Pid]' <<<"$output")" '["exited",false,3,0]'
    matches "$(jq -r '.[0].State.StartedAt' <<<"$output")" '^20[0-9-]+T[0-9:.]+Z$'
    [ "$(date +%s%N -d "$(jq -r '.[0].State.FinishedAt' <<<"$output")")" -gt \
        "$(date +%s%N -d "$(jq -r '.[0].State.StartedAt' <<<"$output")")" ]
}

@test "paths in inspect are there while it runs" {
    sleeper s
    run -0 floe inspect s
    local path
    for path in $(jq -r '.[0] | .ResolvConfPath, .HostnamePath, .HostsPath, .StaticDir, .OCIConfigPath,
        .ConmonPidFile, .PidFile, .HostConfig.LogConfig.Path, .GraphDriver.Data.MergedDir,
        .GraphDriver.Data.UpperDir, .NetworkSettings.SandboxKey' <<<"$output"); do
        [ -e "$path" ] || { echo "no $path" >&2; return 1; }
    done
    is "$(cat "$(jq -r '.[0].PidFile' <<<"$output")")" "$(jq '.[0].State.Pid' <<<"$output")"
    is "$(cat "$(jq -r '.[0].ConmonPidFile' <<<"$output")")" "$(jq '.[0].State.ConmonPid' <<<"$output")"
}

@test "inspect --format" {
    is "$(floe inspect -f '{{.State.Status}} {{.Name}}' c)" 'created c'
    is "$(floe inspect --format '{{json .Config.Cmd}}' c)" '["exit 3"]'
    is "$(floe inspect --format '{{index .Config.Labels "k"}}' c)" v
    is "$(floe inspect --format '{{.Config.Labels.k}}' c)" v
    is "$(floe inspect --format \
        '{{range .Mounts}}{{if eq .Type "bind"}}{{.Destination}}={{.RW}};{{end}}{{end}}' c)" '/data=false;'
    is "$(floe inspect --format '{{range $k, $v := .Config.Labels}}{{$k}}:{{$v}}{{end}}' c)" k:v
    is "$(floe inspect --format '{{len .Config.Cmd}} {{if .State.Running}}up{{else}}down{{end}}' c)" '1 down'
    is "$(floe inspect --format '{{join .Config.Entrypoint " "}}' c)" 'sh -c'
    is "$(floe inspect --format json c | jq -r '.[0].Name')" c
    refused 125 Nonsense floe inspect --format '{{.State.Nonsense}}' c
    refused 125 '' floe inspect --format '{{.State' c
}

@test "inspect of several, of images, and by type" {
    floe create --name d busybox true
    is "$(floe inspect c d | jq -r '.[].Name' | xargs)" 'c d'
    is "$(floe inspect -f '{{.Name}}' c d)" $'c\nd'
    is "$(floe inspect -f '{{.Os}}' busybox)" linux
    is "$(floe inspect -l -f '{{.Name}}')" d
    floe create --name busybox busybox true
    is "$(floe inspect busybox | jq -r '.[0].Name')" busybox
    is "$(floe inspect --type image busybox | jq -r '.[0].Os')" linux
    run -125 floe inspect --type container nope
    run -125 floe inspect --type image c
    refused 125 nonsense floe inspect --type nonsense c
}

@test "inspect of an unknown name prints what it found, and fails with 125" {
    run -125 --separate-stderr floe inspect nope
    is "$output" '[]'
    is "$stderr" 'Error: no such object: "nope"'
    run -125 --separate-stderr floe inspect c nope
    is "$(jq -r '.[].Name' <<<"$output")" c
    has "$stderr" nope
    run -125 --separate-stderr floe container inspect nope
    is "$output" '[]'
}

@test "inspect --size adds the size of what the container wrote" {
    floe run --name w --network none busybox sh -c 'head -c 100000 /dev/zero >/file'
    [ "$(floe inspect -s -f '{{.SizeRw}}' w)" -ge 100000 ]
    [ "$(floe inspect -s -f '{{.SizeRootFs}}' w)" -gt "$(floe inspect -s -f '{{.SizeRw}}' w)" ]
    is "$(floe inspect w | jq '.[0] | has("SizeRw")')" false
}
