# SPDX-License-Identifier: Apache-2.0
# floe-system-generator: the services that it makes of .container, .pod, .volume, .network, .image and .build files.
# They are started for real in tests/vm.
# shellcheck disable=SC2154 # $stderr is of bats

bats_require_minimum_version 1.5.0

load helpers

generator=$(dirname "$FLOE")/floe-system-generator
[ -x "$generator" ] || generator=$(dirname "$FLOE")/../lib/systemd/system-generators/floe-system-generator # installed

setup() {
    units=$BATS_TEST_TMPDIR/units out=$BATS_TEST_TMPDIR/out
    mkdir "$units" "$out"
}

teardown() {
    :
}

unit() { # NAME, its text on standard input
    mkdir -p "$(dirname "$units/$1")"
    cat >"$units/$1"
}

generate() {
    FLOE_UNIT_DIRS=$units "$generator" "$out"
}

values() { # SERVICE SECTION KEY
    awk -v section="[$2]" -v key="$3=" '/^\[/ { here = $0 == section }
        here && index($0, key) == 1 { print substr($0, length(key) + 1) }' "$out/$1"
}

# The command of a service, without the program, and without what depends on the host.
command_of() { # SERVICE [KEY]
    values "$1" Service "${2:-ExecStart}" | sed 's|^-*/[^ ]*/floe ||; s| --cgroups split||'
}

@test "quadlet: a container is a run that is told of" {
    unit web.container <<'END'
[Unit]
Description=A server

[Container]
Image=docker.io/library/web:1
Exec=serve --text "one word" 'x;y'

[Service]
Restart=always

[Install]
WantedBy=multi-user.target default.target
Alias=www.service
END
    generate
    is "$(command_of web.service)" 'run --name systemd-web --replace --rm --sdnotify conmon -d docker.io/library/web:1 serve --text "one word" x;y'
    is "$(command_of web.service ExecStop)" 'rm -v -f -i systemd-web'
    is "$(values web.service Service Type)$(values web.service Service Restart)" notifyalways
    is "$(values web.service Service Delegate)" yes
    is "$(values web.service Service ExecStart | grep -c -e '--cgroups split')" \
        "$(find /sys/fs/cgroup -maxdepth 1 -name cgroup.controllers | wc -l)"
    is "$(values web.service Unit Description)" 'A server'
    is "$(values web.service Unit After)" network-online.target
    is "$(readlink "$out/multi-user.target.wants/web.service" "$out/default.target.wants/web.service" "$out/www.service")" \
        '../web.service
../web.service
web.service'
}

@test "quadlet: lists, words, flags and paths" {
    unit c.container <<'END'
[Container]
ContainerName=mine
Image=i
Environment=A=1 "B=two words"
Environment=C=3
PublishPort=80:80
PublishPort=
PublishPort=81:81
ReadOnly=yes
RunInit=off
User=alice
Group=users
NoNewPrivileges=true
EnvironmentFile=./env
AddCapability=NET_ADMIN SYS_TIME
PodmanArgs=--cpus 2
GlobalArgs=--log-level debug
Notify=healthy
HealthCmd=test -e /ok
ReloadSignal=HUP
CgroupsMode=no-conmon
LogDriver=k8s-file
LogOpt=max-size=1m
LogOpt=tag=x
HttpProxy=false
SecurityLabelDisable=true
AddDevice=/dev/null:/dev/x -/dev/no-such-device
AddDevice=-/dev/zero
Mount=type=bind,source=./here,destination=/there
Mask=/proc/a:/proc/b /proc/c
Unmask=ALL
[Quadlet]
DefaultDependencies=false
END
    generate
    is "$(command_of c.service)" "--log-level debug run --name mine --replace --rm --cgroups no-conmon --sdnotify healthy -d --cap-add NET_ADMIN --cap-add SYS_TIME --env A=1 --env \"B=two words\" --env C=3 --env-file $units/env --health-cmd \"test -e /ok\" --http-proxy=false --log-driver k8s-file --log-opt max-size=1m --log-opt tag=x --publish 81:81 --read-only --init=false --device /dev/null:/dev/x --device /dev/zero --user alice:users --security-opt no-new-privileges --security-opt label=disable --security-opt mask=/proc/a:/proc/b --security-opt mask=/proc/c --security-opt unmask=ALL --mount type=bind,source=$units/here,destination=/there --cpus 2 i"
    is "$(command_of c.service ExecReload)" '--log-level debug kill --signal HUP mine'
    is "$(values c.service Unit After)" ''
}

@test "quadlet: a directory in the place of an image" {
    printf '[Container]\nRootfs=./tree:O\nExec=sh -c "sleep 9"\n' | unit c.container
    generate
    is "$(command_of c.service)" "run --name systemd-c --replace --rm --sdnotify conmon -d --rootfs $units/tree:O sh -c \"sleep 9\""
    printf '[Container]\nRootfs=/tree\nImage=i\n' | unit c.container
    run -1 --separate-stderr generate
    has "$stderr" "c.container: [Container] has both Image= and Rootfs="
}

@test "quadlet: what refers to other files needs their services" {
    unit db.container <<'END'
[Unit]
After=web.container other.service
OnFailure=side.container
[Container]
Image=redis.image
Pod=app.pod
Volume=data.volume:/data:ro
Volume=./conf:/conf
Mount=type=volume,source=more.volume,destination=/more
END
    unit web.container <<'END'
[Container]
Image=own.build
Network=lan.network:ip=10.9.9.9
Mount=type=image,source=redis.image,destination=/redis
END
    unit side.container <<'END'
[Container]
Image=i
Network=web.container
END
    printf '[Image]\nImage=docker-archive:/redis.tar\nImageTag=docker.io/library/redis:7\n' | unit redis.image
    printf '[Build]\nImageTag=localhost/own:1\nFile=./Containerfile\n' | unit own.build
    printf '[Volume]\n' | unit data.volume
    printf '[Volume]\nVolumeName=lots\nType=tmpfs\nDevice=tmpfs\nOptions=size=1m\nUser=5\nGroup=6\n' | unit sub/more.volume
    printf '[Network]\nSubnet=10.9.9.0/24\nInternal=yes\nOptions="mtu=1400"\n' | unit lan.network
    printf '[Pod]\nPublishPort=80:80\n' | unit app.pod
    generate
    is "$(command_of db.service)" "run --name systemd-db --replace --rm --sdnotify conmon -d --volume systemd-data:/data:ro --volume $units/conf:/conf --mount type=volume,source=lots,destination=/more --pod systemd-app docker.io/library/redis:7"
    is "$(values db.service Unit Requires)" 'data-volume.service
more-volume.service
redis-image.service'
    is "$(values db.service Unit BindsTo)" app-pod.service
    has "$(values db.service Unit After)" 'web.service other.service'
    is "$(values db.service Unit OnFailure)" side.service
    is "$(values db.service Unit RequiresMountsFor)" "$units/conf"
    is "$(command_of web.service)" 'run --name systemd-web --replace --rm --sdnotify conmon -d --mount type=image,source=docker.io/library/redis:7,destination=/redis --network systemd-lan:ip=10.9.9.9 localhost/own:1'
    has "$(command_of side.service)" '--network container:systemd-web'
    is "$(command_of redis-image.service)" 'pull docker-archive:/redis.tar'
    is "$(command_of own-build.service)" "build --tag localhost/own:1 --file $units/Containerfile $units"
    is "$(command_of more-volume.service)" 'volume create --ignore --opt type=tmpfs --opt device=tmpfs --opt o=size=1m,uid=5,gid=6 lots'
    is "$(command_of lan-network.service)" 'network create --ignore --internal --opt mtu=1400 --subnet 10.9.9.0/24 systemd-lan'
    is "$(command_of app-pod.service ExecStartPre)" 'pod create --name systemd-app --infra-name systemd-app-infra --replace --exit-policy stop --publish 80:80'
    has "$(values app-pod.service Unit Wants)" db.service
}

@test "quadlet: drop-ins, the special ones last" {
    unit a-b.container <<<$'[Container]\nImage=i\nTmpfs=/file'
    unit container.d/10.conf <<<$'[Container]\nTmpfs=/all'
    unit a-.container.d/20.conf <<<$'[Container]\nTmpfs=/dash'
    unit a-b.container.d/30.conf <<<$'[Container]\nTmpfs=/own'
    unit a-.container.d/same.conf <<<$'[Container]\nMemory=1g'
    unit a-b.container.d/same.conf <<<$'[Container]\nMemory=2g'
    generate
    has "$(command_of a-b.service)" '--memory 2g --tmpfs /file --tmpfs /all --tmpfs /dash --tmpfs /own i'
}

@test "quadlet: templates" {
    unit t@.container <<<$'[Container]\nImage=i\nExec=echo %i\n[Install]\nWantedBy=multi-user.target\nDefaultInstance=one'
    ln -s t@.container "$units/t@two.container"
    unit t@two.container.d/x.conf <<<$'[Container]\nImage=other'
    generate
    is "$(command_of t@.service)" 'run --name systemd-t_%i --replace --rm --sdnotify conmon -d i echo %i'
    is "$(command_of t@two.service)" 'run --name systemd-t_two --replace --rm --sdnotify conmon -d other echo %i'
    is "$(ls "$out/multi-user.target.wants")" 't@one.service
t@two.service'
}

@test "quadlet: a bad file is told with its line, and the others are made" {
    unit good.container <<<$'[Container]\nImage=i'
    unit key.container <<<$'[Container]\nImage=i\nColour=red'
    unit later.container <<<$'[Container]\nImage=i\nUserNS=auto'
    unit image.container <<<$'[Container]\nTmpfs=/x'
    unit bool.container <<<$'[Container]\nImage=i\nReadOnly=perhaps'
    unit refers.container <<<$'[Container]\nImage=i\nVolume=gone.volume:/x'
    unit syntax.volume <<<$'[Volume]\nnonsense'
    unit type.container <<<$'[Container]\nImage=i\n[Service]\nType=simple'
    unit words.container <<<$'[Container]\nImage=i\nExec="open'
    unit a-volume.container <<<$'[Container]\nImage=i'
    unit a.volume <<<'[Volume]'
    unit play.kube <<<$'[Kube]\nYaml=play.yml'
    unit up.container <<<$'[Container]\nImage=i\nServiceName=../../x'
    run -1 --separate-stderr generate
    has "$stderr" "$units/key.container:3: unknown key 'Colour' in [Container]"
    has "$stderr" "$units/later.container:3: key 'UserNS' is not supported by floe yet"
    has "$stderr" "$units/image.container: [Container] has no Image="
    has "$stderr" "$units/bool.container:3: ReadOnly=perhaps is neither yes nor no"
    has "$stderr" "$units/refers.container: there is no file 'gone.volume'"
    has "$stderr" "$units/syntax.volume:2: 'nonsense' is no KEY=VALUE"
    has "$stderr" "$units/type.container:4: Type=simple"
    has "$stderr" "$units/words.container:3: Exec: a quote"
    has "$stderr" "$units/a.volume: its service, a-volume.service, is that of $units/a-volume.container already"
    has "$stderr" "$units/play.kube: floe makes no services of '.kube' files"
    has "$stderr" "'../../x' is no name for a service"
    is "$(ls "$out")" $'a-volume.service\ngood.service'
}

@test "quadlet: the earlier directory wins, and --dryrun writes nothing" {
    mkdir "$BATS_TEST_TMPDIR/late"
    printf '[Container]\nImage=late\n' | tee "$BATS_TEST_TMPDIR/late/a.container" >"$BATS_TEST_TMPDIR/late/b.container"
    unit a.container <<<$'[Container]\nImage=early'
    run -0 env FLOE_UNIT_DIRS="$units:$BATS_TEST_TMPDIR/late" "$generator" --dryrun
    has "$output" '-d early'
    has "$output" '-d late'
    is "$(ls "$out")" ''
    run -1 "$generator"
    run -1 "$generator" --colour
}

# The table of keys tells flags of verbs that somebody else may change.
@test "quadlet: floe has every flag that a service may use" {
    local folder flag
    folder=$BATS_TEST_DIRNAME/../../src/quadlet
    flags_in() { sed -n "/$2\[\]/,/^};/p" "$folder/$1" | sed -n 's/.*KEY_[A-Z]*, "\(--[a-z0-9-]*\)".*/\1/p'; }
    check() { # VERB...: the flags on standard input
        while read -r flag; do
            "$FLOE" "$@" --help | grep -qE -- "(^|[ ,])$flag( |$)" || { echo "floe $*: $flag" >&2; return 1; }
        done
    }
    flags_in container-service.c keys | check run
    flags_in pod-service.c keys | check pod create
    flags_in object-service.c volume_keys | check volume create
    flags_in object-service.c image_keys | check pull
    flags_in object-service.c network_keys | check network create
}

# bats test_tags=host
@test "quadlet: systemd takes the services" {
    command -v systemd-analyze >/dev/null || skip "there is no systemd here"
    unit web.container <<<$'[Container]\nImage=i\nExec=sh -c "exit 1"\n[Install]\nWantedBy=multi-user.target'
    unit data.volume <<<'[Volume]'
    unit p.pod <<<'[Pod]'
    generate
    # It also looks whether the program is there.
    sed -i "s|=\(-*\)/[^ ]*/floe |=\1$FLOE |" "$out"/*.service
    for service in "$out"/*.service; do
        run -0 systemd-analyze verify "$service"
        lacks "$output" "$(basename "$service")"
    done
}
