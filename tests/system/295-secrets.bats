# SPDX-License-Identifier: Apache-2.0
# floe secret, and the containers that have one: as a file, in the environment, over a checkpoint, and with floe killed.

# bats file_tags=sanitize

# shellcheck disable=SC2012,SC2034,SC2154 # names of secrets are plain; variables are of the helpers

load helpers
load helpers-crash
load helpers-import

secret() { # NAME TEXT [OPTION...]
    printf %s "$2" | floe secret create "${@:3}" "$1" - >/dev/null
}

kept() { # how many files with what is secret there are
    find "$root/secrets" -type f | wc -l
}

@test "secret create, ls, inspect, exists, rm" {
    printf 'a\0\377b' >"$BATS_TEST_TMPDIR/bytes"
    id=$(floe secret create -l kind=key -l plain key "$BATS_TEST_TMPDIR/bytes")
    is "$(grep -cE '^[0-9a-f]{25}$' <<<"$id")" 1
    is "$(stat -c '%a %u %s' "$root/secrets" "$root/secrets/$id" | paste -sd ' ' | cut -d ' ' -f 1,2,4-)" '700 0 600 0 4'
    cmp "$BATS_TEST_TMPDIR/bytes" "$root/secrets/$id"
    API=token floe secret create --env api API >/dev/null
    is "$(floe secret ls --format '{{.Name}} {{.Driver}} {{.Labels}}')" $'api file map[]\nkey file map[kind:key plain:]'
    is "$(floe secret ls | awk '{ print $1, $2, $3 }' | sed '2d')" $'ID NAME DRIVER\n'"$id key file"
    is "$(floe secret ls -n | wc -l)" 2
    is "$(floe secret ls -q --filter name=^k)" "$id"
    is "$(floe secret list -f "id=$id" --format json | jq -r '.[].Spec.Name')" key
    is "$(floe secret inspect "${id:0:10}" | jq -c '.[0] | [.ID == "'"$id"'", .CreatedAt == .UpdatedAt, .Spec.Name,
        .Spec.Driver.Name, .Spec.Labels, has("SecretData")]')" '[true,true,"key","file",{"kind":"key","plain":""},false]'
    is "$(floe secret inspect --showsecret -f '{{.SecretData}}' api)" token
    has "$(floe secret inspect --pretty key)" ' - kind=key'
    floe secret exists key
    run -1 floe secret exists nothing
    run -125 --separate-stderr floe secret inspect nothing
    has "$stderr" 'no secret with name or id "nothing"'

    refused 125 'key: secret name in use' floe secret create key "$BATS_TEST_TMPDIR/bytes"
    new=$(API=other floe secret create --replace --env key API)
    [ "$new" != "$id" ]
    is "$(floe secret inspect key | jq -c '.[0] | [.CreatedAt < .UpdatedAt, .Spec.Labels]')" '[true,{}]'
    is "$(kept)" 2

    refused 1 'no such secret' floe secret rm nothing
    is "$(floe secret rm -i nothing)" ''
    is "$(floe secret rm key)" "$new"
    floe secret rm --all
    is "$(floe secret ls -n)$(kept)" 0
    refused 125 '--all' floe secret rm
}

@test "secret create refuses what cannot be right, and leaves nothing" {
    for name in a/b ../x .x x. x- '' 'a b' é "$(printf 'a%.0s' {1..65})"; do
        refused 125 'invalid secret name' floe secret create -- "$name" /etc/passwd
    done
    refused 125 'larger than 0 and less than 512000' floe secret create x /dev/null
    head -c 512000 /dev/zero >"$BATS_TEST_TMPDIR/large"
    refused 125 'larger than 0 and less than 512000' floe secret create x "$BATS_TEST_TMPDIR/large"
    refused 125 'larger than 0 and less than 512000' floe secret create x /dev/zero
    refused 125 'No such file' floe secret create x /no/such
    refused 125 'NOTHING is not set' floe secret create --env x NOTHING
    refused 125 "no secret driver 'pass'" floe secret create -d pass x /etc/passwd
    refused 125 'has no name' floe secret create -l =x x /etc/passwd
    refused 125 'needed' floe secret create x
    refused 125 'invalid secret filter' floe secret ls -f label=x
    is "$(floe secret ls -q)$(ls "$root/secrets" 2>/dev/null)" ''
    truncate -s 511999 "$BATS_TEST_TMPDIR/large"
    floe secret create x "$BATS_TEST_TMPDIR/large"
}

@test "secrets in containers: files, variables, and what tells of them" {
    secret key one-file
    secret pass hunter2
    is "$(floe run --rm --secret key --secret key,target=deep/k,uid=5,gid=6,mode=0400 --secret pass,target=/etc/x/pass busybox \
        sh -c 'cd /run/secrets; stat -c "%a %u:%g %n" key deep/k; cat key deep/k /etc/x/pass')" \
        $'444 0:0 key\n400 5:6 deep/k\none-fileone-filehunter2'
    is "$(floe run --rm --read-only --secret key -u alice busybox sh -c 'cat /run/secrets/key; (echo >/run/secrets/key) 2>&1' || :)" \
        "one-filesh: can't create /run/secrets/key: Read-only file system"
    echo mine >"$BATS_TEST_TMPDIR/mine"
    is "$(floe run --rm --secret key -v "$BATS_TEST_TMPDIR/mine:/run/secrets/key" busybox cat /run/secrets/key)" mine
    is "$(floe run --rm -e pass=mine --secret pass,type=env --secret key,type=env,target=K busybox sh -c 'echo $pass $K')" 'hunter2 one-file'

    sleeper box --secret key --secret pass,type=env
    is "$(floe exec box sh -c 'cat /run/secrets/key; echo $pass')" one-filehunter2
    is "$(floe exec -e pass=other box sh -c 'echo $pass')" other
    is "$(floe inspect box | jq -c '.[0].Config.Secrets | map([.Name, .UID, .GID, .Mode])')" '[["key",0,0,292]]'
    is "$(floe inspect box | grep -cE 'hunter2|one-file' || :)$(cat "$root"/floe.db* | grep -caE 'hunter2|one-file' || :)" 00
    is "$(floe diff box | grep -c secrets || :)" 0
    floe commit -q box copy >/dev/null
    is "$(floe run --rm copy sh -c 'ls /run/secrets; echo $pass')" ''

    # A file is of the creation, a variable of the moment.
    secret key newer --replace
    secret pass newest --replace
    is "$(floe exec box sh -c 'cat /run/secrets/key; echo $pass')" one-filenewest
    floe container clone box twin >/dev/null
    floe secret rm key
    floe restart -t 0 box
    is "$(floe exec box sh -c 'cat /run/secrets/key; echo $pass')" one-filenewest
    floe start twin
    is "$(floe exec twin cat /run/secrets/key)" newer
    floe secret rm pass
    refused 125 'no secret with name or id "pass"' floe exec box true
    floe stop -t 0 box
    refused 125 'no secret with name or id "pass"' floe start box
    refused 125 'no secret with name or id' floe container clone box three
    is "$(state_of box) $(floe ps -aq | wc -l)" 'exited 2'
    id=$(id_of box)
    floe rm -f box twin
    [ ! -e "$root/containers/$id" ]
}

@test "a pod's clone has the secrets of now, or is not made" {
    secret key one
    floe pod create --network none pod >/dev/null
    floe create --pod pod --name box --secret key busybox cat /run/secrets/key >/dev/null
    secret key two --replace
    floe pod clone pod twin
    floe secret rm key
    is "$(floe start -a box-clone)" two
    floe rm box-clone
    refused 125 'no secret with name or id "key"' floe pod clone pod third
    is "$(floe pod ps --format '{{.Name}}' | sort | paste -sd ' ')" 'pod twin'
    floe pod rm -f pod twin
}

@test "run --secret refuses what cannot be right, and leaves no container" {
    secret key one
    printf 'a\0b' | floe secret create nul - >/dev/null
    while read -r option wanted; do
        refused 125 "$wanted" floe create --secret "$option" busybox true
    done <<'END'
nothing no secret with name or id "nothing"
, option '' must be in form
key,x option 'x' must be in form
key,colour=red option 'colour=red' is not known
key,type=disk type 'disk' is neither
key,mode=9 mode '9' is invalid
key,mode=4755 mode '4755' is invalid
key,uid=-1 uid '-1' is invalid
key,gid=4294967295 gid '4294967295' is invalid
key,target=/ no secret can be there
key,target=/proc/1/x no secret can be there
key,target=../../.. no secret can be there
key,type=env,uid=1 cannot be set with the type env
key,type=env,target=a=b no variable can have that name
nul,type=env holds a NUL byte
END
    is "$(floe ps -aq)$(ls "$root/containers" 2>/dev/null)" ''
}

@test "a checkpoint names its secrets, and its archive does not hold them" {
    secret key one-file
    secret pass two-variable
    sleeper box --secret key,mode=0600 --secret pass,type=env
    floe checkpoint box
    floe restore box
    is "$(floe exec box sh -c 'cat /run/secrets/key; echo $pass')" one-filetwo-variable
    floe checkpoint --export "$BATS_TEST_TMPDIR/a.tar" box
    tar -xf "$BATS_TEST_TMPDIR/a.tar" -C "$BATS_TEST_TMPDIR"
    is "$(grep -rlaE 'one-file|two-variable' "$BATS_TEST_TMPDIR" --include=*.dump --include=*rootfs* || :)" ''
    floe rm box
    refused 125 "use --allow secrets" floe restore --import "$BATS_TEST_TMPDIR/a.tar"
    secret key other-fi --replace
    floe restore --import "$BATS_TEST_TMPDIR/a.tar" --allow secrets
    is "$(floe exec box sh -c 'stat -c %a /run/secrets/key; cat /run/secrets/key; echo $pass')" $'600\nother-fitwo-variable'
    is "$(floe inspect box | grep -c two-variable || :)" 0
    floe rm -f box
    floe secret rm pass
    refused 125 "the secret 'pass', which is not here" floe restore --import "$BATS_TEST_TMPDIR/a.tar" --allow secrets
    nothing_here
}

@test "kill -9 of floe during secret create and rm: it is whole or not there" {
    head -c 500000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
    measure floe secret create measured "$BATS_TEST_TMPDIR/data"
    for_each_moment 20 secret_or_not
}

secret_or_not() {
    cut_short secret create --replace s "$BATS_TEST_TMPDIR/data"
    if floe secret exists s; then
        cmp "$BATS_TEST_TMPDIR/data" "$root/secrets/$(floe secret inspect -f '{{.ID}}' s)"
    fi
    cut_short secret rm measured
    floe secret create --replace measured "$BATS_TEST_TMPDIR/data" >/dev/null
    is "$(kept)" "$(floe secret ls -q | wc -l)"
}

@test "kill -9 of floe during create: a container has its secrets whole, or is not there" {
    head -c 400000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
    floe secret create s "$BATS_TEST_TMPDIR/data"
    measure floe create --name measured --secret s busybox true
    for_each_moment 15 container_or_not
}

container_or_not() {
    cut_short create --name "c$moment" --secret s busybox cksum /run/secrets/s
    floe container exists "c$moment" || return 0
    is "$(floe start -a "c$moment" | cut -d ' ' -f 1,2)" "$(cksum <"$BATS_TEST_TMPDIR/data" | cut -d ' ' -f 1,2)"
    floe rm "c$moment"
}
