# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Read first by the scripts that tests run in the machine: short words for what they do often.

is() { # ACTUAL EXPECTED
    [ "$1" = "$2" ] || { printf 'is:     %s\nshould: %s\n' "$1" "$2" >&2; return 1; }
}

matches() { # ACTUAL REGEX
    grep -Eq -- "$2" <<<"$1" || { printf 'is:     %s\nshould: %s\n' "$1" "$2" >&2; return 1; }
}

refused() { # COMMAND...
    ! "$@" 2>/dev/null || { echo "was not refused: $*" >&2; return 1; }
}

# Of commands that fail while the thing is not there yet.
eventually() { # COMMAND...
    local i

    for ((i = 0; i < 120; i++)); do
        "$@" 2>/dev/null && return
        sleep 0.5
    done
    echo "did not happen within a minute: $*" >&2
    return 1
}

state_of() { # CONTAINER
    floe inspect --format '{{.State.Status}}' "$1"
}

id_of() { # CONTAINER
    floe inspect --format '{{.Id}}' "$1"
}

pid_of() { # CONTAINER
    floe inspect --format '{{.State.Pid}}' "$1"
}

cgroup_of() { # PID
    sed -n 's/^0:://p' "/proc/$1/cgroup"
}

# Is there no unit of systemd's, failed ones among them, with this in its name?
no_units() { # TEXT
    [ -z "$(systemctl list-units --all --plain --no-legend "*$1*")" ]
}

# Has this unit nothing running any more? It may have failed: its command had a signal's exit status.
ended() { # UNIT
    ! systemctl -q is-active "$1" && { systemctl reset-failed "$1" 2>/dev/null || true; }
}

address_of() { # CONTAINER
    floe inspect --format '{{.NetworkSettings.IPAddress}}' "$1"
}

images() {
    /floe/scripts/redis-image /floe/build/redis.tar
    floe image exists redis ||
        floe import -q -c 'CMD ["redis-server","--protected-mode","no","--save",""]' /floe/build/redis.tar redis >/dev/null
}

# What the container's Redis answers, on a connection of its own.
ask() { # CONTAINER REQUEST
    local answer

    exec 8<>"/dev/tcp/$(address_of "$1")/6379"
    printf '%s\r\n' "$2" >&8
    read -r -t 20 -u 8 answer
    exec 8>&-
    echo "${answer%$'\r'}"
}

answers() { # CONTAINER
    [ "$(ask "$1" PING)" = +PONG ]
}

# All containers go, and with them all that they had on the machine.
leave_nothing() {
    floe rm -f -a >/dev/null
    is "$(ip -o link | grep -c veth || true)" 0
    is "$(find /run/netns -mindepth 1 -name 'floe-*' 2>/dev/null | wc -l)" 0
    is "$(grep -c ' /run/floe/containers/\| /var/lib/floe/containers/' /proc/self/mountinfo || true)" 0
    is "$(pgrep -c conmon || true)" 0
    is "$(find /sys/fs/cgroup -type d -name '*floe*' -path '*/*floe*/*' 2>/dev/null | wc -l)" 0
}
