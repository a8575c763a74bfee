# SPDX-License-Identifier: Apache-2.0
# diff: what a container, or an image's topmost layer, changed.

# bats file_tags=sanitize

load helpers

@test "diff of a container that never ran, and of one that changed nothing" {
    floe create --name c busybox true
    is "$(floe diff c)" ""
    is "$(floe diff --format json c)" "{}"
    floe start -a c
    is "$(floe diff c)" "C /etc"
}

@test "diff tells what was added, changed and deleted, in order" {
    floe run --name c --network none busybox sh -c '
        echo more >>/etc/passwd; rm /etc/group; echo x >/etc/new; mkdir -p /d/e; : >/d/e/f
        ln -s a /tmp/link; chmod 700 /root; rm /bin/yes; : >"/a file"; mkfifo /tmp/fifo
        mv /bin/zcat /bin/moved; rm -rf /usr; mkdir /usr; : >/usr/other; chown 5 /home'
    is "$(floe diff c)" "A /a file
C /bin
A /bin/moved
D /bin/yes
D /bin/zcat
A /d
A /d/e
A /d/e/f
C /etc
D /etc/group
A /etc/new
C /etc/passwd
C /home
C /root
C /tmp
A /tmp/fifo
A /tmp/link
C /usr
D /usr/bin
A /usr/other"
    is "$(floe diff --format json c | jq -c .deleted)" '["/bin/yes","/bin/zcat","/etc/group","/usr/bin"]'
    is "$(floe diff --format json c | jq -r 'keys_unsorted | join(" ")')" "changed added deleted"
    is "$(floe container diff --latest | wc -l)" 20
}

@test "a file in the place of a directory, and a directory in the place of a file" {
    floe run --name c --network none busybox sh -c '
        rm -r /usr; : >/usr; rm /etc/group; mkdir /etc/group; : >/etc/group/x
        rm -r /home/alice; ln -s /tmp /home/alice; : >/made; rm /made; mkdir /again; rmdir /again'
    is "$(floe diff c)" "C /etc
C /etc/group
A /etc/group/x
C /home
C /home/alice
C /usr"
}

@test "diff of a running container shows neither mounts nor the engine's files" {
    mkdir "$BATS_TEST_TMPDIR/v"
    sleeper c -v "$BATS_TEST_TMPDIR/v:/v" --tmpfs /t --init
    floe exec c sh -c 'echo x >/v/file; echo x >/t/file; echo x >>/etc/hosts; echo x >/dev/shm/file'
    is "$(floe diff c)" "C /etc
A /t
A /v"
    floe pause c
    is "$(floe diff c | wc -l)" 3
}

@test "diff of an image: its topmost layer" {
    local all
    run -0 floe diff busybox
    is "$(tail -n 3 <<<"$output")" $'A /usr/bin\nA /var\nA /var/tmp'
    all=$output
    is "$(floe image diff busybox)" "$all"
    is "$(floe image diff --format json busybox | jq -c 'keys')" '["added"]'
    # A container's name comes first.
    floe create --name busybox busybox true
    is "$(floe diff busybox)" ""
    is "$(floe image diff busybox)" "$all"
}

@test "diff with bad input" {
    refused 125 nope floe diff nope
    refused 125 nope floe container diff nope
    refused 125 nope floe image diff nope
    refused 125 busybox floe container diff busybox
    refused 125 'one or two names' floe diff
    refused 125 'too many' floe diff busybox busybox busybox
    refused 125 json floe diff --format yaml busybox
    refused 125 latest floe image diff --latest
    refused 125 'no containers' floe diff --latest
}

@test "names that are no UTF-8 are printed as they are" {
    floe run --name c --network none busybox sh -c "touch \$(printf '/caf\\351')"
    is "$(floe diff c | grep caf | od -An -tx1)" "$(printf 'A /caf\351\n' | od -An -tx1)"
    floe diff --format json c | jq -e .added >/dev/null
}

@test "diff of two: what makes of the second the first" {
    floe run --name one --network none busybox sh -c 'echo a >/a; mkdir -p /n/m; echo 3 >/n/m/f; rm /etc/group; ln -s x /l
        chmod 700 /home; rm -r /home/alice; mkdir /home/alice'
    floe run --name two --network none busybox sh -c 'echo b >/b; mkdir -p /o/p /l; echo y >/home/alice/y'
    is "$(floe diff one two | paste -sd ' ')" \
        'A /a D /b C /etc D /etc/group C /home C /home/alice D /home/alice/y C /l A /n A /n/m A /n/m/f D /o'
    is "$(floe container diff two one | paste -sd ' ')" \
        'D /a A /b C /etc A /etc/group C /home C /home/alice A /home/alice/y C /l D /n A /o A /o/p'
    is "$(floe diff one one)$(floe image diff busybox busybox)" ''
    floe commit -q one copy >/dev/null
    is "$(floe diff --format json copy one)" '{}'
    is "$(floe diff copy busybox | grep -c /n)" 3
    refused 125 'image not known' floe diff one nothing
    refused 125 'no such container' floe container diff one busybox
    refused 125 'too many arguments' floe diff one two busybox
    refused 125 'or --latest' floe diff --latest one
}
