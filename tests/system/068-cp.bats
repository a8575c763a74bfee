# SPDX-License-Identifier: Apache-2.0
# cp: into containers, out of them, between them, as tars; what podman 4.3.1 does with the same arguments.

# bats file_tags=sanitize

load helpers
load helpers-crash

setup() {
    floe_setup
    host=$BATS_TEST_TMPDIR/host
    mkdir -p "$host/d/sub"
    cd "$host"
    echo hi >f
    echo deep >d/sub/g
    ln -s f l
    ln -s d ld
}

tree() { # DIR: names and contents
    (cd "$1" && find . -mindepth 1 -printf '%P %y ' -a \( -type f -exec cat {} \; -o -printf '\n' \) | sort)
}

# in_both TEST...: on a container that runs, then on one that does not.
in_both() {
    sleeper c
    "$@"
    floe stop -t 0 c
    floe rm c
    floe create --name c busybox true
    "$@"
    is "$(mounts "$engine")" ""
}

look() { # COMMAND...: in the container, whether it runs or not
    if [ "$(state_of c)" = running ]; then
        floe exec c "$@"
    else
        chroot "$(floe mount c)" "$@"
        floe umount c >/dev/null
    fi
}

@test "files and directories into a container" {
    in_both into_a_container
}

into_a_container() {
    floe cp f c:/tmp/
    floe cp f c:/tmp/named
    floe cp f c:/tmp/named
    floe cp d c:/tmp
    floe cp d c:/tmp/new
    floe cp d/. c:/tmp/content
    floe cp ./d/ c:/root/
    is "$(look find /tmp /root -type f | sort)" "/root/d/sub/g
/tmp/content/sub/g
/tmp/d/sub/g
/tmp/f
/tmp/named
/tmp/new/sub/g"
    floe cp d/sub/. c:/tmp/new
    is "$(look cat /tmp/new/g /tmp/new/sub/g /tmp/named)" $'deep\ndeep\nhi'
}

@test "files and directories out of a container" {
    in_both out_of_a_container
}

out_of_a_container() {
    rm -rf out && mkdir out
    floe cp d c:/tmp/d
    floe container cp c:/etc/passwd out
    floe cp c:/etc/passwd out/named
    floe cp c:/tmp/d out
    floe cp c:/tmp/d out/new
    floe cp c:/tmp/d/. out/content
    is "$(find out -type f | sort)" "out/content/sub/g
out/d/sub/g
out/named
out/new/sub/g
out/passwd"
    is "$(head -c 4 out/named)" root
}

@test "from one container to another, and within one" {
    sleeper c
    floe create --name e busybox true
    floe cp d c:/d
    floe cp c:/d e:/tmp/
    floe cp e:/tmp/d c:/again
    floe cp c:/again/sub/g c:/tmp
    is "$(floe exec c cat /again/sub/g /tmp/g)" $'deep\ndeep'
}

@test "what is not there, and what does not fit" {
    sleeper c
    refused 125 '"nope" could not be found on the host' floe cp nope c:/tmp
    refused 125 '"/nope" could not be found on container c' floe cp c:/nope .
    refused 125 '"/no/x" could not be found on container c' floe cp f c:/no/x
    refused 125 '"/no/" could not be found on container c' floe cp f c:/no/
    refused 125 '"no/x" could not be found on the host' floe cp c:/etc/passwd no/x
    refused 125 '"no/" could not be found on the host' floe cp c:/etc/passwd no/
    refused 125 'must be a directory' floe cp d c:/etc/passwd
    refused 125 'must be a directory' floe cp c:/etc f
    refused 125 nope floe cp f nope:/tmp
    refused 125 'must be in a container' floe cp f d
    refused 125 'must be in a container' floe cp ./c:/tmp d
    refused 125 'path is missing' floe cp f c:
    refused 125 'path is missing' floe cp c: f
    refused 125 'must be in a container' floe cp - -
    refused 125 'source and a destination' floe cp f
    refused 125 'too many' floe cp f c:/tmp c:/etc
    refused 125 'did you mean --overwrite' floe cp --overwritte f c:/tmp
    is "$(floe exec c cat /tmp/f 2>&1)" "cat: can't open '/tmp/f': No such file or directory"
}

@test "cp --overwrite" {
    sleeper c
    floe exec c sh -c 'mkdir -p /t/d; : >/t/d/sub; mkdir -p /t/f/full; mkdir /t/e'
    refused 125 overwrite floe cp d c:/t
    refused 125 overwrite floe cp f c:/t
    floe cp --overwrite d c:/t
    floe cp --overwrite f c:/t
    is "$(floe exec c cat /t/d/sub/g /t/f)" $'deep\nhi'
    refused 125 'must be a directory' floe cp --overwrite d c:/t/f
}

@test "links: at the ends they are followed in the container, inside they stay" {
    in_both links
}

links() {
    look sh -c 'cd /tmp && ln -s /etc out && ln -s /nothing/yet dangling && ln -s ../../../../../../etc up &&
        ln -s /etc/made later && mkdir -p links && ln -s /etc/shadow links/abs && ln -s nowhere links/rel'
    floe cp f c:/tmp/out
    floe cp f c:/tmp/up/second
    floe cp f c:/tmp/later
    is "$(look cat /etc/f /etc/second /etc/made)" $'hi\nhi\nhi'
    [ ! -e /etc/f ] && [ ! -e /etc/second ] && [ ! -e /etc/made ]
    is "$(look readlink /tmp/later)" /etc/made
    floe cp l c:/tmp/
    floe cp ld c:/tmp/
    is "$(look cat /tmp/l /tmp/ld/sub/g)" $'hi\ndeep'
    rm -rf got && floe cp c:/tmp/links got
    is "$(readlink got/abs) $(readlink got/rel)" "/etc/shadow nowhere"
    floe cp c:/tmp/out/passwd passwd
    is "$(head -n 1 passwd)" 'root:x:0:0:root:/root:/bin/sh'
    # A link of the container's that leads to a file of the host's shows the container's.
    look ln -s "$host/f" /tmp/host
    refused 125 'could not be found' floe cp c:/tmp/host x
    # On the host they are followed as ever.
    ln -sf passwd pl
    floe cp c:/tmp/later pl
    is "$(cat passwd)" hi
    [ -L pl ]
}

@test "a relative path begins at the working directory" {
    floe create --name c --workdir /tmp busybox true
    floe cp f c:here
    floe cp c:here back
    floe cp c:. all
    is "$(cat back all/here)" $'hi\nhi'
}

@test "into and out of what is mounted in a running container" {
    mkdir v
    echo one >single
    sleeper c -v "$host/v:/v" -v "$host/single:/single" --tmpfs /t
    floe cp f c:/v/
    floe cp f c:/t/
    floe cp f c:/dev/shm/
    floe cp f c:/single
    is "$(cat v/f single)" $'hi\nhi'
    is "$(floe exec c cat /t/f /dev/shm/f /single)" $'hi\nhi\nhi'
    floe cp f c:/etc/hosts
    is "$(floe exec c cat /etc/hosts)" hi
    floe exec c sh -c 'echo inside >/t/new'
    floe cp c:/t/new .
    is "$(cat new)" inside
    floe cp c:/proc/version .
    is "$(cat version)" "$(cat /proc/version)"
    floe pause c
    floe cp c:/t/new paused
    is "$(cat paused)" inside
}

@test "into and out of the volumes of a container that is not up" {
    mkdir -p v/deep ro
    echo one >single
    floe create --name c -v "$host/v:/v" -v "$host/single:/s/file" -v "$host/ro:/ro:ro" --user alice busybox true
    floe cp f c:/v/
    floe cp d/. c:/v/deep/../deep
    floe cp f c:/s/file
    is "$(cat v/f v/deep/sub/g single)" $'hi\ndeep\nhi'
    is "$(stat -c %u v/f)" 1000
    floe cp c:/v/. got
    is "$(cat got/f got/deep/sub/g)" $'hi\ndeep'
    floe cp c:/v got
    is "$(cat got/v/f)" hi
    refused 125 read-only floe cp f c:/ro
    refused 125 '"/v/no/x" could not be found on container c' floe cp f c:/v/no/x
    # What is in a volume stays in it.
    ln -s /etc v/out
    refused 125 'could not be found' floe cp c:/v/out/passwd x
    floe cp f c:/vol
    is "$(cat "$(floe mount c)/vol")" hi
}

@test "owners: the container's user; the caller on the host; as they were" {
    local path
    touch mine
    chown 33:34 mine
    chmod 4750 mine
    touch -d '2001-02-03 04:05:06' mine
    floe create --name c --user alice busybox true
    floe cp mine c:/tmp/a
    floe cp -a mine c:/tmp/b
    floe cp --archive=false mine c:/tmp/kept
    floe cp -a=false c:/tmp/kept out
    tar -cf - mine | floe cp - c:/home
    path=$(floe mount c)
    is "$(stat -c '%n %u:%g %a %Y' "$path"/tmp/* | sed 's|.*/||')" "a 1000:1000 750 $(stat -c %Y mine)
b 1000:1000 750 $(stat -c %Y mine)
kept 33:34 4750 $(stat -c %Y mine)"
    is "$(stat -c '%u:%g %a' "$path/home/mine")" '1000:1000 750'
    # A program that lends its owner's rights does not lend another's.
    is "$(stat -c '%u:%g %a' out)" '0:0 750'
}

@test "hard links, holes, xattrs, special files and sockets" {
    mkdir all
    (
        cd all
        echo x >one && ln one two
        truncate -s 500M sparse
        mkfifo -m 600 fifo
        python3 -c '
import os, socket
os.setxattr("one", "user.test", b"value")
socket.socket(socket.AF_UNIX).bind("socket")'
    )
    sleeper c
    floe cp all c:/tmp
    floe cp c:/tmp/all back
    cd back
    [ one -ef two ]
    is "$(python3 -c 'import os; print(os.getxattr("two", "user.test").decode())')" value
    is "$(stat -c %s sparse)" $((500 * 1024 * 1024))
    [ "$(stat -c %b sparse)" -lt 100 ]
    [ -p fifo ]
    [ ! -e socket ]
    refused 125 socket floe cp ../all/socket c:/tmp
}

@test "what is no regular file on the host keeps its looks" {
    mknod -m 621 null c 1 3
    mkfifo -m 621 fifo
    sleeper c
    floe cp c:/etc/passwd null
    cat fifo >got 3>&- &
    floe cp c:/etc/passwd fifo
    wait $!
    is "$(cat got)" "$(floe exec c cat /etc/passwd)"
    is "$(stat -c '%a %F' null fifo)" $'621 character special file\n621 fifo'
}

@test "a directory is not copied into itself" {
    sleeper c
    floe exec c mkdir -p /a/b
    refused 125 'a directory cannot be copied into itself' floe cp c:/a c:/a
    refused 125 'a directory cannot be copied into itself' floe cp c:/a/. c:/a/b
    is "$(floe exec c find /a -path '*/a/a/a*')" ""
}

# Whoever has the file open keeps what it had, and at no moment is it not there.
@test "a file that is replaced is whole at every moment" {
    sleeper c
    head -c 3000000 /dev/zero >old
    head -c 3000000 /dev/zero | tr '\0' n >new
    floe cp old c:/file
    floe exec -d c sh -c 'while [ ! -e /stop ]; do stat -c %s /file; done >/sizes 2>&1; touch /stopped'
    eventually floe exec c test -s /sizes
    for i in 1 2 3; do floe cp new c:/file; floe cp old c:/file; done
    floe exec c touch /stop
    eventually floe exec c test -e /stopped
    is "$(floe exec c sort -u /sizes)" 3000000
    is "$(floe exec c ls -A / | grep -c '^\.floe' || :)" 0
}

@test "a program that runs can be replaced" {
    sleeper c
    floe cp "$(command -v busybox)" c:/bin/busybox
    floe exec c true
}

@test "a tar to standard output" {
    in_both to_a_tar
}

to_a_tar() {
    floe cp d c:/tmp/d
    is "$(floe cp c:/tmp/d - | tar -t)" $'d/\nd/sub/\nd/sub/g'
    is "$(floe cp c:/tmp/d/. - | tar -t)" $'sub/\nsub/g'
    is "$(floe cp c:/tmp/d/sub/g - | tar -xO)" deep
    refused 125 '"/nope" could not be found' floe cp c:/nope -
}

@test "a tar from standard input" {
    in_both from_a_tar
}

from_a_tar() {
    tar -cf - f d | floe cp - c:/tmp
    tar -czf - f | floe cp - c:/root
    is "$(look cat /tmp/f /tmp/d/sub/g /root/f)" $'hi\ndeep\nhi'
    refused 125 'must be a directory' eval 'tar -cf - f | floe cp - c:/etc/passwd'
    refused 125 'could not be found' eval 'tar -cf - f | floe cp - c:/nope'
    refused 125 'not a tar' eval 'head -c 10000 /dev/urandom | floe cp - c:/tmp'
    # What leads out of the directory is refused.
    tar -cPf evil.tar --transform 's|^|../../../../../../|' f
    refused 125 'out of the root' eval 'floe cp - c:/tmp/d <evil.tar'
}

@test "no terminal for a tar" {
    sleeper c
    run -125 script -qec "${program[*]} cp c:/etc -" /dev/null </dev/null
    has "$output" terminal
}

@test "a container that is copied from is not locked, and may end" {
    sleeper c
    mkfifo fifo
    "${program[@]}" cp c:/bin - >fifo 3>&- &
    local pid=$!
    exec 7<fifo
    head -c 1000 <&7 >/dev/null
    is "$(floe exec c echo unlocked)" unlocked
    floe rm -f -t 0 c
    cat <&7 >/dev/null
    exec 7<&-
    wait $pid || :
    is "$(floe ps -aq)$(mounts "$engine")" ""
}

@test "kill -9 of floe during cp" {
    floe create --name c busybox true
    head -c 20000000 /dev/zero >big
    measure floe cp big c:/tmp
    floe cp f c:/tmp/kept
    for_each_moment 12 copied_or_not
    floe rm c
    leaves_nothing
}

copied_or_not() {
    cut_short cp big c:/tmp
    cut_short cp big c:/tmp/kept
    floe cp c:/tmp/kept back
    cmp -s back f || cmp back big
    floe cp f c:/tmp/f
    is "$(mounts "$engine")" ""
    floe cp c:/tmp/f back
    is "$(cat back)" hi
}
