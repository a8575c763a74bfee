# SPDX-License-Identifier: Apache-2.0
# run: output, input, exit codes, names, and what the process gets: environment, directory, user, arguments.

# bats file_tags=sanitize

load helpers

@test "run passes output and errors on, apart from each other" {
    run -0 --separate-stderr in_container busybox sh -c 'echo out; echo err >&2; printf tail'
    is "$output" $'out\ntail'
    is "$stderr" 'err'
}

@test "run ends with the exit code of the command" {
    run -0 in_container busybox true
    run -1 in_container busybox false
    run -42 in_container busybox sh -c 'exit 42'
    # Killed from inside by a signal: 128 + its number.
    run -137 in_container --init busybox sh -c 'kill -KILL $$'
}

@test "run fails with 125 when floe does, 126 and 127 when the command does" {
    refused 125 'nosuch' in_container nosuch true
    refused 125 'unknown flag' in_container --no-such-flag busybox true
    refused 127 '/nope' in_container busybox /nope
    refused 127 'nope' in_container busybox nope
    refused 126 'etc' in_container busybox /etc
    refused 126 'passwd' in_container busybox /etc/passwd
    is "$(floe ps -aq)" ''
}

@test "a failed run without --rm keeps a container that can be looked at and removed" {
    run -127 floe run --name bad --network none busybox nope
    is "$(state_of bad)" created
    floe rm bad
}

@test "run --rm leaves nothing" {
    in_container --name gone busybox true
    run -1 floe container exists gone
    run -3 in_container --name gone busybox sh -c 'exit 3'
    run -1 floe container exists gone
}

@test "run without --rm keeps the container with its exit code" {
    run -3 floe run --name kept --network none busybox sh -c 'echo hello; exit 3'
    is "$(state_of kept)" exited
    is "$(floe inspect -f '{{.State.ExitCode}} {{.State.Running}} {{.State.Pid}}' kept)" '3 false 0'
    is "$(floe logs kept)" hello
}

@test "run -d prints the id and goes on alone" {
    run -0 --separate-stderr floe run -d --network none --name web busybox sleep 1000
    matches "$output" '^[0-9a-f]{64}$'
    is "$stderr" ''
    is "$(floe inspect -f '{{.Id}}' web)" "$output"
    is "$(state_of web)" running
    # It may be the runtime's for a moment yet.
    eventually eval 'has "$(tr "\0" " " <"/proc/$(floe inspect -f "{{.State.Pid}}" web)/cmdline")" "sleep 1000 "'
}

@test "run -d --rm removes the container when it ends" {
    sleeper brief --rm
    floe kill --signal TERM brief
    eventually eval '! floe container exists brief'
}

@test "run -d of a command that is not there fails at once" {
    refused 127 nope floe run -d --rm --network none busybox nope
    refused 126 etc floe run -d --rm --network none busybox /etc
    is "$(floe ps -aq)" ''
}

@test "run -i passes standard input on, to its end" {
    is "$(printf 'one\ntwo' | in_container -i busybox cat)" $'one\ntwo'
    is "$(in_container -i busybox wc -c </dev/null)" 0
    is "$(head -c 3000000 /dev/zero | in_container -i busybox wc -c)" 3000000
}

@test "run without -i gives no input" {
    is "$(echo no | in_container busybox wc -c)" 0
}

@test "much output arrives whole" {
    is "$(in_container busybox sh -c 'head -c 5000000 /dev/zero | tr "\0" x' | sha256sum)" \
        "$(head -c 5000000 /dev/zero | tr '\0' x | sha256sum)"
}

@test "run -a passes on only the streams that are asked for" {
    run -0 --separate-stderr in_container -a stderr busybox sh -c 'echo out; echo err >&2'
    is "$output" ''
    is "$stderr" err
}

@test "a signal to floe run reaches the command" {
    "${program[@]}" run --rm --network none busybox sh -c \
        'trap "echo got; exit 7" USR1; echo ready; while :; do sleep 0.1; done' \
        >"$BATS_TEST_TMPDIR/out" 3>&- &
    local pid=$! status=0
    eventually grep -q ready "$BATS_TEST_TMPDIR/out"
    kill -USR1 $pid
    wait $pid || status=$?
    is "$status" 7
    is "$(tail -n 1 "$BATS_TEST_TMPDIR/out")" got
}

@test "a name that is taken is refused, and free again after rm" {
    floe create --name web busybox true
    refused 125 'web' floe create --name web busybox true
    has "$stderr" "$(floe inspect -f '{{.Id}}' web)"
    is "$(floe ps -aq | wc -l)" 1
    floe rm web
    floe create --name web busybox true
}

@test "a name has to be one" {
    refused 125 'name' floe create --name 'a b' busybox true
    refused 125 'name' floe create --name '../x' busybox true
    refused 125 'name' floe create --name -x busybox true
}

@test "a container without a name gets one" {
    floe create busybox true
    matches "$(floe ps -a --format '{{.Names}}')" '^[a-z]+_[a-z]+$'
    floe create --name '' busybox true
    is "$(floe ps -a --format '{{.Names}}' | grep -Ec '^[a-z]+_[a-z]+$')" 2
}

@test "--cidfile holds the id, and must not be there before" {
    local file=$BATS_TEST_TMPDIR/cid
    run -0 floe create --cidfile "$file" busybox true
    is "$(cat "$file")" "$output"
    refused 125 "$file" floe create --cidfile "$file" busybox true
    is "$(floe ps -aq | wc -l)" 1
    floe rm --cidfile "$file"
    is "$(floe ps -aq)" ''
}

@test "the environment is the image's, then --env-file, then --env" {
    floe import -q -c 'ENV FROM=image A=image B=image' "$BUSYBOX_TAR" envs
    printf '%s\n' '# a comment' '' 'A=file' 'B=file' 'PASSED' 'EMPTY=' 'SPACE= x y ' >"$BATS_TEST_TMPDIR/env"
    export PASSED=through
    run -0 in_container --hostname box --env-file "$BATS_TEST_TMPDIR/env" -e B=flag -e PASSED2 -e C='a=b' envs env
    has "$output" FROM=image
    has "$output" A=file
    has "$output" B=flag
    has "$output" PASSED=through
    has "$output" C=a=b
    has "$output" $'EMPTY=\n'
    has "$output" 'SPACE= x y '
    lacks "$output" PASSED2
    has "$output" HOSTNAME=box
    has "$output" container=
    has "$output" HOME=/root
    matches "$output" 'PATH=[^ ]*/usr/bin'
    is "$(sort <<<"$output" | cut -d = -f 1 | uniq -d)" ''
}

@test "an env file that is not there is named" {
    refused 125 "read '/no/file': No such file" in_container --env-file /no/file busybox true
}

@test "--workdir is made where it is missing, and cannot be a file" {
    is "$(in_container -w /tmp busybox pwd)" /tmp
    is "$(in_container -w /new/dir busybox pwd)" /new/dir
    floe import -q -c 'WORKDIR /home/alice' "$BUSYBOX_TAR" there
    is "$(in_container there pwd)" /home/alice
    is "$(in_container -w / there pwd)" /
    refused 125 relative in_container -w relative busybox pwd
    run in_container -w /etc/passwd busybox pwd
    [ "$status" -ge 125 ]
}

@test "--user takes a name or a number, with or without a group" {
    local ids='echo $(id -u):$(id -g) $(id -G) $HOME'
    is "$(in_container busybox sh -c "$ids")" '0:0 0 /root'
    is "$(in_container -u alice busybox sh -c "$ids")" '1000:1000 1000 50 /home/alice'
    is "$(in_container -u 1000 busybox sh -c "$ids")" '1000:1000 1000 50 /home/alice'
    is "$(in_container -u bob busybox sh -c "$ids")" '1001:100 100 /tmp'
    is "$(in_container -u 1001:1000 busybox sh -c "$ids")" '1001:1000 1000 /tmp'
    is "$(in_container -u alice:users busybox sh -c "$ids")" '1000:100 100 /home/alice'
    is "$(in_container -u 4321 busybox sh -c "$ids")" '4321:0 0 /'
    is "$(in_container -u 4321:1234 busybox sh -c "$ids")" '4321:1234 1234 /'
}

@test "an unknown user or group is refused" {
    refused 126 nobody in_container -u nobody busybox true
    refused 126 nogroup in_container -u alice:nogroup busybox true
    refused 126 99999999999 in_container -u 99999999999 busybox true
    is "$(floe ps -aq)" ''
}

@test "the image's user is used, and --user replaces it" {
    floe import -q -c 'USER bob' "$BUSYBOX_TAR" bobs
    is "$(in_container bobs id -un)" bob
    is "$(in_container -u alice bobs id -un)" alice
}

@test "a passwd file that is a link out of the image is looked up in the image" {
    local tree=$BATS_TEST_TMPDIR/tree
    busybox_tree "$tree"
    echo 'eve:x:666:666::/:/bin/sh' >"$BATS_TEST_TMPDIR/passwd"
    ln -sf "../../../../..$BATS_TEST_TMPDIR/passwd" "$tree/etc/passwd"
    tar -C "$tree" -cf "$BATS_TEST_TMPDIR/t.tar" .
    floe import -q "$BATS_TEST_TMPDIR/t.tar" linked
    refused 126 eve in_container -u eve linked true
}

@test "--hostname is set, and the short id without it" {
    is "$(in_container --hostname box.example busybox hostname)" box.example
    run -0 floe run --network none busybox hostname
    is "$output" "$(floe ps -alq)"
    is "$(in_container --hostname box busybox cat /etc/hostname)" box
    has "$(in_container --hostname box busybox cat /etc/hosts)" box
    refused 125 'host name' in_container --hostname 'a b' busybox true
}

@test "command and entrypoint go together as in docker" {
    floe import -q -c 'ENTRYPOINT ["echo", "entry"]' -c 'CMD ["cmd"]' "$BUSYBOX_TAR" both
    is "$(in_container both)" 'entry cmd'
    is "$(in_container both one two)" 'entry one two'
    is "$(in_container --entrypoint echo both)" ''
    is "$(in_container --entrypoint echo both one)" 'one'
    is "$(in_container --entrypoint '["echo","json"]' both one)" 'json one'
    is "$(in_container --entrypoint '' both echo plain)" 'plain'
    is "$(in_container busybox echo -- -x --rm)" '-- -x --rm'
}

@test "nothing to run is an error" {
    floe import -q "$BUSYBOX_TAR" empty
    refused 125 'command' in_container empty
}

@test "--stop-signal is what stop sends" {
    background quit --stop-signal SIGUSR1 busybox sh -c 'trap "exit 9" USR1; while :; do sleep 0.02; done'
    has_its_trap quit USR1
    floe stop -t 60 quit
    is "$(floe inspect -f '{{.State.ExitCode}}' quit)" 9
    refused 125 SIGNOPE floe create --stop-signal SIGNOPE busybox true
}

@test "--stop-timeout is how long stop waits" {
    background stubborn --stop-timeout 0 busybox sleep 1000
    floe stop stubborn
    is "$(floe inspect -f '{{.State.ExitCode}}' stubborn)" 137
}

@test "--init puts catatonit in front" {
    run -0 in_container --init busybox sh -c 'echo $PPID; sha256sum </proc/1/exe'
    is "$output" $'1\n'"$(sha256sum <"$(command -v catatonit)")"
    refused 125 '--init' in_container --init --pid host busybox true
    # And it reaps what others leave.
    is "$(in_container --init busybox sh -c '
        has_zombie() { grep -q "State:.Z" /proc/[0-9]*/status 2>/dev/null; }
        (sleep 0 &); sleep 0.2; n=0
        while has_zombie && [ $((n += 1)) -le 50 ]; do sleep 0.1; done
        has_zombie || echo none')" none
}

@test "labels and annotations are kept" {
    floe import -q -c 'LABEL a=image b=image' -c 'CMD true' "$BUSYBOX_TAR" labelled
    printf 'file=yes\n' >"$BATS_TEST_TMPDIR/labels"
    floe create --name l --label a=flag --label bare --label-file "$BATS_TEST_TMPDIR/labels" \
        --annotation note=this labelled
    is "$(floe inspect l | jq -cS '.[0].Config.Labels')" '{"a":"flag","b":"image","bare":"","file":"yes"}'
    is "$(floe inspect -f '{{index .Config.Annotations "note"}}' l)" this
    refused 125 "--label '=x'" floe create --label =x labelled
}

@test "--pull is accepted" {
    in_container --pull missing busybox true
    in_container --pull never busybox true
}

@test "options after the image belong to the command" {
    is "$(in_container busybox echo --name x -d)" '--name x -d'
}

@test "nothing of floe's descriptors reaches the container" {
    exec 7</etc/passwd
    is "$(in_container busybox sh -c 'ls /proc/self/fd' | xargs)" '0 1 2 3' # 3: the directory itself
    background fds busybox sleep 1000
    eventually eval '[ "$(ls "/proc/$(floe inspect -f "{{.State.Pid}}" fds)/fd" | xargs)" = "0 1 2" ]'
    exec 7<&-
}

@test "conmon holds none of the caller's descriptors" {
    exec 7</etc/passwd
    sleeper quiet
    exec 7<&-
    run ls -l "/proc/$(floe inspect -f '{{.State.ConmonPid}}' quiet)/fd"
    lacks "$output" /etc/passwd
}

@test "run through --runtime takes that runtime" {
    local runtime
    for runtime in runc crun; do
        command -v $runtime >/dev/null || continue
        if ! runtime_works $runtime; then
            refused 125 $runtime floe --runtime $runtime run --rm --network none busybox true
            continue
        fi
        floe --runtime $runtime run -d --name by-$runtime --network none busybox sleep 1000
        matches "$(floe inspect -f '{{.OCIRuntime}}' by-$runtime)" "$runtime\$"
        is "$(floe exec by-$runtime echo yes)" yes
    done
    refused 125 nosuch floe --runtime nosuch run --rm busybox true
    refused 125 /etc/passwd floe --runtime /etc/passwd run --rm busybox true
}

# --- names, groups, ports -----------------------------------------------------------------------------

@test "a user or group that the image does not have: 126 from run, 125 from start" {
    refused 126 nonesuch floe run --rm --network none -u nonesuch busybox true
    refused 126 nonesuch floe run --rm --network none -u alice:nonesuch busybox true
    refused 126 nonesuch floe run -d --rm --network none -u nonesuch busybox true
    floe create --name c --network none -u nonesuch busybox true
    refused 125 nonesuch floe start c
    is "$(state_of c)" created
}

@test "--group-add gives groups, also to an exec" {
    refused 126 nonesuch floe run --rm --network none --group-add nonesuch busybox true
    is "$(in_container -u alice --group-add 77,users --group-add staff busybox id -G)" '1000 50 77 100'
    sleeper c --group-add users
    is "$(floe exec c id -G)" '0 100'
    is "$(floe exec -u alice c id -G)" '1000 50'
    is "$(floe inspect -f '{{.HostConfig.GroupAdd}}' c)" '[users]'
}

@test "--replace takes the place of the container that has the name" {
    refused 125 'without --name' floe create --replace busybox true
    first=$(floe run -d --replace --name c --stop-timeout 0 --network none busybox sleep 1000)
    second=$(floe run -d --replace --name c --network none busybox sleep 1000)
    [ "$first" != "$second" ]
    is "$(floe ps -aq --no-trunc)" "$second"
    # What only begins like the name stays.
    floe create --replace --name "${second:0:4}" --network none busybox true
    is "$(floe ps -aq | wc -l)" 2
    is "$(state_of c)" running
}

@test "--ulimit host is what there is without any" {
    is "$(in_container --ulimit host busybox sh -c 'ulimit -n')" "$(in_container busybox sh -c 'ulimit -n')"
    refused 125 'not of the form' floe run --rm --ulimit host --ulimit nofile=10 busybox true
}

@test "--expose tells of ports, and --publish-all publishes them" {
    floe import -q -c 'EXPOSE 7000' "$BUSYBOX_TAR" exposing >/dev/null
    floe create --name c --expose 80 --expose 90-91/udp --expose 80/tcp exposing true
    is "$(floe inspect -f '{{json .Config.ExposedPorts}}' c)" '{"7000/tcp":{},"80/tcp":{},"90/udp":{},"91/udp":{}}'
    is "$(floe port c)" ''
    floe run -d --name p -P --expose 80 --expose 90-91/udp -p 127.0.0.1::80 exposing sleep 1000
    is "$(floe port p | sed -E 's/:[0-9]+$//' | sort)" "$(printf '%s\n' '7000/tcp -> 0.0.0.0' '80/tcp -> 127.0.0.1' '90/udp -> 0.0.0.0' '91/udp -> 0.0.0.0')"
    refused 125 'port of the container' floe create --expose 8080:80 busybox true
    refused 125 '--expose' floe create --expose lots busybox true
    refused 125 '--expose' floe create --expose 80/quic busybox true
    floe create --name none -P --network none exposing true
    is "$(floe port none)" ''
}

@test "--network bridge with options" {
    subnet=$(floe run --rm busybox ip -4 -o addr show eth0 | grep -oE '[0-9]+\.[0-9]+\.' | head -n 1)
    floe run -d --name c --network "bridge:ip=${subnet}9.9,mac=aa:bb:cc:dd:ee:01,alias=web,alias=www,interface_name=lan0" \
        busybox sleep 1000 >/dev/null
    floe exec c ip -4 addr show lan0 | grep -qF "${subnet}9.9"
    floe exec c ip link show lan0 | grep -q aa:bb:cc:dd:ee:01
    is "$(floe inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{slice .Aliases 0 2}}{{end}}' c)" "${subnet}9.9 [web www]"
    refused 125 'none of ip' floe create --network bridge:speed=9 busybox true
    refused 125 'name=value' floe create --network bridge:ip busybox true
    refused 125 'IPv4' floe create --network bridge:ip=1.2.3 busybox true
    refused 125 'MAC' floe create --network bridge:mac=x busybox true
    refused 125 'twice' floe create --network bridge:ip=10.1.1.1,ip=10.1.1.2 busybox true
    refused 125 'exclude' floe create --network bridge:ip=10.1.1.1 --ip 10.1.1.2 busybox true
    refused 125 'interface' floe create --network bridge:interface_name=lo busybox true
}

@test "--env-host, --env-merge, --unsetenv: what the environment begins with" {
    busybox_tree "$BATS_TEST_TMPDIR/tree"
    tar -C "$BATS_TEST_TMPDIR/tree" -cf "$BATS_TEST_TMPDIR/t.tar" .
    floe import -q -c 'ENV PATH=/image:/bin KEPT=1 GONE=2' "$BATS_TEST_TMPDIR/t.tar" envs
    is "$(in_container --env-merge 'PATH=/opt:$PATH' --env-merge 'TWO=${KEPT}2-$NONE.' --unsetenv GONE envs \
        sh -c 'echo "$PATH $TWO ${GONE-none}"')" '/opt:/image:/bin 12-. none'
    is "$(in_container --unsetenv-all -e ONLY=1 envs /bin/env | grep -v ^HOME=)" ONLY=1
    is "$(export FROM_HOST=h KEPT=no; in_container --env-host envs sh -c 'echo $FROM_HOST $KEPT')" 'h 1'
    refused 125 'NAME=VALUE' in_container --env-merge nothing busybox true
}

@test "how the network is reached is passed on, unless --http-proxy=false" {
    export http_proxy=http://p:1 NO_PROXY=here
    is "$(in_container busybox sh -c 'echo $http_proxy $NO_PROXY')" 'http://p:1 here'
    is "$(in_container -e http_proxy=mine busybox sh -c 'echo $http_proxy')" mine
    is "$(in_container --http-proxy=false busybox sh -c 'echo "$http_proxy$NO_PROXY"')" ''
}

@test "--umask is that of the command, 0022 if it is not given" {
    is "$(in_container busybox sh -c umask)" 0022
    is "$(in_container --umask 077 busybox sh -c 'umask; touch /f; stat -c %a /f')" $'0077\n600'
    floe create --name strict --umask 0077 busybox
    is "$(floe inspect -f '{{.Config.Umask}}' strict)" 0077
    refused 125 octal floe create --umask 8 busybox
    refused 125 octal floe create --umask 10777 busybox
    refused 125 octal floe create --umask '' busybox
}

@test "--tz is the time zone of the host's zoneinfo" {
    local zones=/usr/share/zoneinfo
    [ -e "$zones/Asia/Tokyo" ] || skip "this host has no zoneinfo"
    sleeper tokyo --tz Asia/Tokyo
    floe exec tokyo cat /etc/localtime | cmp - "$zones/Asia/Tokyo"
    in_container --tz local busybox cat /etc/localtime | cmp - /etc/localtime
    refused 125 'no time zone' floe create --tz Foo/Bar busybox
    refused 125 'no time zone' floe create --tz ../../../etc/passwd busybox
    refused 125 'no time zone' floe create --tz Asia busybox
}

@test "--oom-score-adj is the process's, and --no-hosts leaves the image's file" {
    is "$(in_container --oom-score-adj 321 busybox cat /proc/self/oom_score_adj)" 321
    refused 125 'not within' floe create --oom-score-adj 1001 busybox
    is "$(in_container --no-hosts busybox sh -c 'grep -c /etc/hosts /proc/self/mounts')" 0
    refused 125 'exclude each other' floe create --no-hosts --add-host a:1.2.3.4 busybox
}
