# SPDX-License-Identifier: Apache-2.0
# What an image says of its containers holds when they run: as podman has it, and less than what the user says.

load helpers

# An image that says all there is to say.
setup() {
    floe_setup
    cd "$BATS_TEST_TMPDIR"
    busybox_tree tree
    mkdir tree/data
    echo seeded >tree/data/file
    chown 1000 tree/data
    tar -C tree -cf full.tar .
    floe import -q -c 'ENTRYPOINT ["echo","from"]' -c 'CMD ["the","image"]' -c 'ENV A=1 B="x y"' -c 'WORKDIR /work/dir' \
        -c 'USER alice:staff' -c 'STOPSIGNAL SIGINT' -c 'VOLUME ["/data"]' -c 'EXPOSE 80 53/udp' -c 'LABEL l=1' \
        full.tar full >/dev/null
}

is_up() {
    [ "$(floe logs c)" = up ]
}

alone() {
    floe run --rm --network none "$@"
}

@test "entrypoint and command" {
    is "$(alone full)" "from the image"
    is "$(alone full me)" "from me"
    is "$(alone --entrypoint id full)" 'uid=1000(alice) gid=50(staff) groups=50(staff)'
    is "$(alone --entrypoint '["sh","-c"]' full 'echo $A $B')" "1 x y"
    is "$(alone --entrypoint '' full echo bare)" bare
    refused 125 'nothing to run' alone --entrypoint '' full
}

@test "environment, directory, user, volume" {
    is "$(alone --entrypoint sh full -c 'pwd; echo $A,$B,$HOME,$PATH; stat -c "%u %g %a" /work/dir; cat /data/file; stat -c %u /data')" \
        "/work/dir
1,x y,/home/alice,/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
1000 50 755
seeded
1000"
    is "$(alone -e A=2 -w /tmp -u root --entrypoint sh full -c 'pwd; echo $A,$HOME; id -u')" "/tmp
2,/root
0"
    is "$(floe volume ls -q)" ""
}

@test "stop signal, ports, labels" {
    floe run -d --name c -P -l m=2 --entrypoint sh full -c 'trap "exit 3" INT; echo up; while :; do sleep 0.05; done'
    eventually is_up
    matches "$(floe port c | sort | xargs)" '^53/udp -> 0.0.0.0:[0-9]+ 80/tcp -> 0.0.0.0:[0-9]+$'
    is "$(floe inspect -f '{{json .Config.Labels}}' c)" '{"l":"1","m":"2"}'
    is "$(floe inspect -f '{{.Config.StopSignal}} {{len .Mounts}}' c)" "SIGINT 1"
    floe stop c
    is "$(floe inspect -f '{{.State.ExitCode}}' c)" 3
    floe rm -v c
    is "$(floe volume ls -q)" ""
}
