# SPDX-License-Identifier: Apache-2.0
# commit: an image of a container.

# bats file_tags=sanitize

load helpers
load helpers-crash

setup() {
    floe_setup
    cd "$BATS_TEST_TMPDIR"
}

podman_here() {
    podman --root "$BATS_TEST_TMPDIR/p" --runroot "$BATS_TEST_TMPDIR/pr" --storage-driver vfs "$@"
}

# A container that has changed its root in every way that there is.
changed() { # NAME [FLAG...]
    local name=$1
    shift
    floe run --name "$name" --network none "$@" busybox sh -c '
        echo one >/file; ln /file /hard; ln -s /nowhere /link; mkfifo -m 640 /fifo
        chown 1000:50 /file; chmod 4755 /file; mkdir -m 1751 /dir; touch -d "2001-02-03 04:05:06" /dir
        rm /etc/group; rm -r /usr; mkdir /usr; echo x >/usr/new; rm -r /home/alice; echo f >/home/alice
        chmod 700 /root; echo y >/var/tmp/y; echo more >>/etc/passwd'
}

@test "what a container changed is in the image, and nothing else" {
    changed c
    run -0 floe commit c new
    [[ $output =~ ^[0-9a-f]{64}$ ]]
    is "$(floe images -q --no-trunc new)" "sha256:$output"
    is "$(floe image inspect --format '{{len .RootFS.Layers}} {{len .History}}' new)" "2 2"
    run -0 in_container new sh -c '
        cat /file /hard; readlink /link; stat -c "%a %u:%g %h" /file; stat -c "%F %a" /fifo
        stat -c "%a %Y" /dir; ls /etc/group 2>&1; ls /usr; cat /home/alice /var/tmp/y; stat -c %a /root /home
        tail -n 1 /etc/passwd'
    is "$output" "one
one
/nowhere
4755 1000:50 2
fifo 640
1751 $(date -d '2001-02-03 04:05:06' +%s)
ls: /etc/group: No such file or directory
new
f
y
700
755
more"
    is "$(floe image diff new | grep -vx 'C /run')" "$(floe diff c)" # a mount point was made in it
}

@test "a commit of a commit; layers that are there are not copied" {
    changed c
    floe commit c one
    floe run --name d --network none one sh -c 'echo two >/two; rm /file'
    floe commit d two
    is "$(in_container two sh -c 'cat /two /hard; ls /file 2>&1')" "two
one
ls: /file: No such file or directory"
    is "$(floe image inspect --format '{{range .RootFS.Layers}}{{.}} {{end}}' two | cut -d' ' -f1-2)" \
        "$(floe image inspect --format '{{range .RootFS.Layers}}{{.}} {{end}}' one | cut -d' ' -f1-2)"
    is "$(find "$root/layers" -mindepth 1 -maxdepth 1 | wc -l)" 3
    # The same content is the same layer, whoever it is of.
    floe commit d three
    is "$(floe image inspect --format '{{.RootFS.Layers}}' three)" \
        "$(floe image inspect --format '{{.RootFS.Layers}}' two)"
    floe rm c d
    floe rmi one
    is "$(in_container two cat /two)" two
}

@test "xattrs, opaque directories and the marks of overlayfs" {
    floe create --name c busybox true
    path=$(floe mount c)
    python3 -c '
import os, sys
open(sys.argv[1] + "/file", "w").close()
os.setxattr(sys.argv[1] + "/file", "user.test", b"value")
os.setxattr(sys.argv[1] + "/file", "security.capability",
            bytes.fromhex("0100000200040000000000000000000000000000"))' "$path"
    rm -r "$path/var/tmp"
    mkdir "$path/var/tmp"
    floe umount c
    floe commit c new
    floe create --name d new true
    path=$(floe mount d)
    is "$(python3 -c '
import os, sys
file = sys.argv[1] + "/file"
print(sorted(os.listxattr(file)), os.getxattr(file, "user.test").decode())' "$path")" \
        "['security.capability', 'user.test'] value"
    is "$(ls -A "$path/var")" tmp
    floe umount d
    floe save --format oci-archive -o new.tar new
    mkdir oci
    tar -C oci -xf new.tar
    layer=$(jq -r '.manifests[0].digest' oci/index.json | cut -d: -f2)
    layer=$(jq -r '.layers[1].digest' "oci/blobs/sha256/$layer" | cut -d: -f2)
    run -0 sh -c "zstd -dcq oci/blobs/sha256/$layer | tar --xattrs -tvvf -"
    has "$output" ' var/tmp/.wh..wh..opq'
    lacks "$output" overlay
}

@test "the configuration is the container's, with the changes" {
    floe run --name c --network none -e A=1 -w /tmp -u alice -l role=db --expose 81 --stop-signal INT \
        busybox sh -c 'exit 3' || [ $? = 3 ]
    floe commit -a 'Ann <ann@example.org>' -m 'a comment' -c 'ENV B=2' -c 'CMD ["echo", "hi"]' -c 'LABEL x=y' \
        -c 'ONBUILD RUN true' -c 'VOLUME /data' -c 'EXPOSE 82/udp' -c 'STOPSIGNAL QUIT' c new
    config() { floe image inspect --format "{{$1}}" new; }
    is "$(config 'json .Config.Cmd')" '["echo","hi"]'
    is "$(config 'json .Config.Env' | jq -c 'map(select(test("^[AB]=")))')" '["A=1","B=2"]'
    is "$(config .Config.WorkingDir) $(config .Config.User)" "/tmp alice"
    is "$(config 'json .Config.Labels')" '{"role":"db","x":"y"}'
    is "$(config 'json .Config.ExposedPorts')" '{"81/tcp":{},"82/udp":{}}'
    is "$(config 'json .Config.OnBuild')" '["RUN true"]'
    is "$(config 'json .Config.Volumes')" '{"/data":{}}'
    is "$(config .Config.StopSignal)" QUIT
    is "$(config .Author)" 'Ann <ann@example.org>'
    is "$(floe history --format '{{.CreatedBy}} {{.Comment}}' new | head -n 1)" 'sh -c exit 3 a comment'
    is "$(in_container new)" hi
}

@test "include-volumes, iidfile, squash and docker's format" {
    floe run --name c --network none -v vol:/vol -v "$PWD:/here" --tmpfs /t busybox sh -c 'echo x >/vol/x; echo y >/y'
    run -0 floe commit --include-volumes --iidfile id -q c one
    is "$(cat id)" "$output"
    is "$(floe image inspect --format '{{json .Config.Volumes}}' one | jq -c keys)" '["/here","/vol"]'
    is "$(in_container one sh -c 'ls /vol; cat /y')" y
    floe commit --squash c squashed
    is "$(floe image inspect --format '{{len .RootFS.Layers}} {{len .History}}' squashed)" "1 1"
    is "$(in_container squashed sh -c 'ls /vol; cat /y')" y
    floe commit -f docker c docker
    is "$(floe image inspect --format '{{.ManifestType}}' docker)" \
        application/vnd.docker.distribution.manifest.v2+json
    is "$(in_container docker cat /y)" y
    # One whose parent is in docker's form.
    floe run --name d --network none docker touch /z
    floe commit d four
    is "$(floe image inspect --format '{{.ManifestType}}' four)" application/vnd.oci.image.manifest.v1+json
    is "$(in_container four ls /y /z)" "/y
/z"
}

@test "podman and skopeo have the same image" {
    podman_conf conf
    changed c
    floe commit c new
    floe save -o new.tar new
    CONTAINERS_CONF=conf podman_here load -q -i new.tar
    is "$(podman_here images -q --no-trunc)" "sha256:$(floe image inspect --format '{{.Id}}' new)"
    path=$(podman_here image mount new)
    floe create --name d new true
    ours=$(floe mount d)
    list() { (cd "$1" && find . -printf '%p %y %m %U:%G %l\n' | sort; find . -type f -exec md5sum {} + | sort); }
    diff <(list "$path") <(list "$ours")
    floe umount d
    podman_here image umount new
    floe save --format oci-archive -o new.oci new
    skopeo inspect --config oci-archive:new.oci | jq -e '.history | length == 2'
}

@test "a running container: with --pause it stands still meanwhile, and goes on" {
    sleeper c
    floe exec c sh -c 'echo x >/x'
    floe commit c one
    floe commit -p c two
    floe commit -p -s c three
    is "$(floe inspect --format '{{.State.Status}}' c)" running
    for image in one two three; do
        is "$(in_container $image cat /x)" x
    done
    floe pause c
    floe commit -p c four
    is "$(floe inspect --format '{{.State.Status}}' c)" paused
    floe unpause c
    is "$(floe events --since 1h --stream=false --filter event=commit --format '{{.Name}}' | sort -u)" c
}

@test "a created container, and one that was never started, and a name that moves" {
    floe create --name c busybox true
    run -0 floe commit c
    floe image inspect "$output" >/dev/null
    floe init c
    first=$(floe commit c new)
    floe rm -f c
    floe run --name c --network none busybox touch /x
    floe commit c new
    is "$(floe image inspect --format '{{.Id}} {{len .RepoTags}}' "$first" | cut -d' ' -f2)" 0
}

@test "commit with bad input" {
    floe create --name c busybox true
    refused 125 'no container' floe commit nope
    refused 125 'a container' floe commit
    refused 125 FORMAT floe commit c FORMAT
    refused 125 yaml floe commit -f yaml c
    refused 125 'FROM' floe commit -c 'FROM x' c
    refused 125 'no value' floe commit -c 'CMD' c
    refused 125 nowhere floe commit --iidfile /nowhere/id c
    floe run --name d --network none busybox touch /tmp/.wh.x
    refused 125 'tmp/.wh.x' floe commit d new
    is "$(find "$root/images" -name 'tmp-*' | wc -l)" 0
}

commit_cut() {
    cut_short commit -p c new
    floe exec c true # which lets it go, if it stood still
    is "$(floe inspect --format '{{.State.Status}}' c)" running
    floe images new -q
}

@test "a commit that is killed leaves the container going, and no half image" {
    sleeper c
    floe exec c sh -c 'head -c 20000000 /dev/urandom >/big'
    measure floe commit -p c new
    floe rmi new
    for_each_moment 10 commit_cut
    floe commit c new # sweeps
    is "$(find "$root/images" "$root/layers" -maxdepth 1 -name 'tmp-*' | wc -l)" 0
    is "$(in_container new stat -c %s /big)" 20000000
}
