# SPDX-License-Identifier: Apache-2.0
# mount and umount: counted, beside the container's own mount, over a kill and a reboot.

# bats file_tags=sanitize

load helpers
load helpers-crash

mounted() { # the engine's mounted root file systems
    mounts "$engine" | grep '/merged$' || :
}

@test "mount of a container that was never started: its image's files, and a place to write" {
    floe create --name c busybox true
    run -0 floe mount c
    is "$output" "$(mounted)"
    is "$(head -n 1 "$output/etc/passwd")" 'root:x:0:0:root:/root:/bin/sh'
    run -0 floe umount c
    is "$output" c
    is "$(mounted)" ""
}

@test "what was written into a mount is there when the container starts" {
    floe create --name c --network none busybox cat /file
    echo written >"$(floe mount c)/file"
    is "$(floe start -a c)" written
    echo more >>"$(floe mount c)/file"
    is "$(floe start -a c)" $'written\nmore'
}

@test "mounts are counted" {
    local i path
    floe create --name c busybox true
    path=$(floe mount c)
    is "$(floe mount c)" "$path"
    is "$(floe container mount c)" "$path"
    for i in 1 2; do
        floe umount c
        is "$(mounted)" "$path"
    done
    floe container unmount c
    is "$(mounted)" ""
    is "$(floe umount c)" c
    is "$(floe unmount --all)" "$(floe ps -aq --no-trunc)"
    path=$(floe mount c) && floe mount c && floe mount c
    is "$(floe umount --force c)" c
    is "$(mounted)" ""
}

@test "the mount of a running container is its own" {
    local path
    sleeper c
    path=$(mounted)
    is "$(floe umount c)" c
    is "$(floe umount --force c)" c
    is "$(mounted)" "$path"
    is "$(floe mount c)" "$path"
    floe exec c sh -c 'echo inside >/file'
    is "$(cat "$path/file")" inside
    floe umount c
    is "$(mounted)" "$path"
    is "$(floe exec c cat /file)" inside
    floe pause c
    is "$(floe umount -f c)" c
    floe unpause c
    is "$(floe exec c cat /file)" inside
}

@test "a user's mount outlives the container's end, start and start again" {
    local path
    sleeper c
    path=$(floe mount c)
    floe stop -t 0 c
    is "$(mounted)" "$path"
    [ -e "$path/bin/sh" ]
    is "$(find "$runroot/containers" -mindepth 2 -maxdepth 2 -printf '%f\n')" merged
    echo kept >"$path/file"
    floe start c
    is "$(floe exec c cat /file)" kept
    floe stop -t 0 c
    is "$(cat "$path/file")" kept
    floe umount c
    is "$(mounted)" ""
    floe start c
    is "$(mounted)" "$path"
}

@test "a failed start leaves the user's mount" {
    local path
    floe create --name c --network none busybox /nope
    path=$(floe mount c)
    run -127 floe start c
    is "$(mounted)" "$path"
    floe umount c
    is "$(mounted)" ""
}

@test "the list of mounts" {
    local id path
    is "$(floe mount)" ""
    is "$(floe mount --format json)" "[]"
    floe create --name c busybox true
    sleeper r
    path=$(floe mount c)
    id=$(floe inspect -f '{{.Id}}' c)
    is "$(floe mount | wc -l)" 2
    matches "$(floe mount)" "^${id:0:12} +$path"
    matches "$(floe mount --no-trunc)" "^$id +$path"
    is "$(floe mount --format json | jq -c '.[0]')" \
        "{\"id\":\"$id\",\"Names\":[\"c\"],\"mountpoint\":\"$path\"}"
    # Unmounted by hand, it is not there.
    umount "$path"
    is "$(floe mount --format json | jq -r '.[].Names[0]')" r
    floe umount c
}

@test "mount and umount of several, of all and of the latest" {
    floe create --name a busybox true
    floe create --name b busybox true
    is "$(floe mount a b | wc -l)" 2
    is "$(floe umount b a)" $'b\na'
    is "$(floe mount --all | wc -l)" 2
    floe umount --latest
    is "$(floe mount --format json | jq -r '.[].Names[0]')" a
    floe umount --all
    is "$(mounted)" ""
    run -125 floe mount a nope
    is "$(mounted | wc -l)" 1
}

@test "rm takes the mounts of its container" {
    floe create --name c busybox true
    floe mount c
    floe mount c
    floe rm c
    is "$(mounted)" ""
    sleeper r
    floe mount r
    floe rm -f -t 0 r
    is "$(mounted)" ""
}

@test "mount and umount with bad input" {
    floe create --name c busybox true
    refused 125 nope floe mount nope
    refused 125 nope floe umount nope
    refused 125 'at least one' floe umount
    refused 125 json floe mount --format yaml
    refused 125 json floe mount --format '{{.Id}}'
    refused 125 format floe mount --format json c
    refused 125 exclude floe mount --all c
    refused 125 'did you mean --force' floe umount --forse c
}

@test "a reboot ends all mounts" {
    floe create --name c busybox true
    sleeper r
    floe mount c
    floe mount r
    reboot_host
    is "$(floe mount)" ""
    floe umount c
    is "$(floe mount c)" "$(mounted)"
    floe umount c
    is "$(mounted)" ""
    floe start r
    floe stop -t 0 r
    is "$(mounted)" ""
}

@test "kill -9 of floe during mount and umount" {
    floe create --name c busybox true
    measure floe mount c
    floe umount c
    for_each_moment 20 mounted_or_not
    floe rm c
    leaves_nothing
}

# A mount that came to nothing is one that nobody has to take back.
mounted_or_not() {
    cut_short mount c
    floe inspect c >/dev/null
    floe mount c
    cut_short umount c
    floe inspect c >/dev/null
    [ "$(mounted | wc -l)" -le 1 ]
    # The killed one may be dying yet.
    eventually eval 'floe umount --force c; [ -z "$(mounted)" ]'
}
