# Completion for floe(1): of bash's, and asked by floe.zsh and floe.fish for theirs. Verbs and flags are asked of floe
# itself, so that this file need not know them.

# The flags of the verb in $@, out of its help.
_floe_flags() {
    "$floe" "$@" --help 2>/dev/null | sed -n 's/^  \(-., \|    \)\(--[a-z0-9-]*\).*/\2/p'
}

# The flags of the verb in $@ that take a value.
_floe_value_flags() {
    "$floe" "$@" --help 2>/dev/null |
        sed -n 's/^  \(-\(.\), \|    \)\(--[a-z0-9-]*\) [^ ].*/\2 \3/p' | while read -r a b; do
        [[ -n $b ]] && echo "-$a $b" || echo "$a"
    done
}

_floe_verbs() {
    "$floe" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p'
    echo container healthcheck image manifest network pod secret system volume
}

# The verbs of a family: `floe container`, `floe image`, `floe system` ...
_floe_family() {
    "$floe" "$1" --help 2>/dev/null | sed -n 's/^Verbs: //p'
}

_floe_containers() {
    "$floe" "${roots[@]}" ps --all --format '{{.Names}}' "$@" 2>/dev/null
}

_floe_pods() {
    "$floe" "${roots[@]}" pod ps --format '{{.Name}}' 2>/dev/null
}

_floe_images() {
    "$floe" "${roots[@]}" images --format '{{.Repository}}:{{.Tag}}' "$@" 2>/dev/null | grep -v '<none>'
}

_floe_networks() {
    "$floe" "${roots[@]}" network ls --quiet 2>/dev/null
}

_floe_volumes() {
    "$floe" "${roots[@]}" volume ls --quiet 2>/dev/null
}

_floe_secrets() {
    "$floe" "${roots[@]}" secret ls --format '{{.Name}}' 2>/dev/null
}

# The values that a word of this verb can have: names of what it works on.
_floe_names() {
    case $1 in
        init | start) _floe_containers --filter status=created --filter status=exited ;;
        attach | stop | kill | pause | exec | "healthcheck run") _floe_containers --filter status=running ;;
        checkpoint)
            _floe_containers --filter status=running
            [[ ${COMP_WORDS[1]} == container ]] || echo inspect
            ;;
        unpause) _floe_containers --filter status=paused ;;
        restore) _floe_containers --filter status=exited ;;
        rm | restart | logs | stats | update | wait | "container clone" | "container exists" | \
            "container inspect") _floe_containers ;;
        "pod create" | "pod ps" | "pod prune" | "pod restore") ;;
        "pod "*) _floe_pods ;;
        cp)
            compopt -o nospace -o filenames
            _floe_containers | sed 's/$/:/'
            compgen -f -- "$current"
            ;;
        commit | mount | umount | unmount | export | rename | port | top | "container diff") _floe_containers ;;
        inspect)
            _floe_containers
            _floe_images
            _floe_volumes
            _floe_networks
            ;;
        diff)
            _floe_containers
            _floe_images
            ;;
        run | create | rmi | images | history | pull | push | save | tag | untag) _floe_images ;;
        "manifest annotate" | "manifest exists" | "manifest inspect" | "manifest rm") _floe_images --filter manifest=true ;;
        "image "* | "manifest "*) _floe_images ;;
        "network connect" | "network disconnect")
            _floe_networks
            _floe_containers
            ;;
        "network reload") _floe_containers ;;
        "network exists" | "network inspect" | "network rm" | "network update") _floe_networks ;;
        "secret exists" | "secret inspect" | "secret rm") _floe_secrets ;;
        "volume exists" | "volume export" | "volume inspect" | "volume mount" | "volume rm" | "volume umount" | \
            "volume unmount") _floe_volumes ;;
        "volume import")
            _floe_volumes
            compgen -f -- "$current"
            ;;
    esac
}

# Which word of the command line is the verb: $verb, and its place: $at. Global flags are stepped over.
_floe_find_verb() {
    at=1
    while ((at < COMP_CWORD)); do
        case ${COMP_WORDS[at]} in
            --root | --runroot)
                roots+=("${COMP_WORDS[at]}" "${COMP_WORDS[at + 1]}")
                ((at += 2))
                ;;
            --runtime | --log-level | --cgroup-manager | --storage-driver) ((at += 2)) ;;
            -*) ((at++)) ;;
            container | healthcheck | image | manifest | network | pod | secret | system | volume)
                ((at + 1 < COMP_CWORD)) && verb="${COMP_WORDS[at]} ${COMP_WORDS[at + 1]}"
                family=${COMP_WORDS[at]}
                return
                ;;
            checkpoint)
                verb=checkpoint
                if ((at + 1 < COMP_CWORD)) && [[ ${COMP_WORDS[at + 1]} == inspect ]]; then
                    verb='checkpoint inspect'
                fi
                return
                ;;
            *)
                verb=${COMP_WORDS[at]}
                return
                ;;
        esac
    done
}

# `run`, `create` and `exec` take one name; what follows belongs to the container.
_floe_name_is_given() {
    local i flags
    # shellcheck disable=SC2086 # a verb may be two words
    flags=" $(_floe_value_flags $verb | tr '\n' ' ') "
    for ((i = at + 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} != -* ]]; then
            return 0
        elif [[ $flags == *" ${COMP_WORDS[i]} "* ]]; then
            ((i++))
        fi
    done
    return 1
}

_floe() {
    local floe=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local at verb='' family='' words='' roots=()

    COMPREPLY=()
    _floe_find_verb
    case $previous in
        --pod)
            mapfile -t COMPREPLY < <(compgen -W "$(_floe_pods)" -- "$current")
            return
            ;;
        --root | --runroot | --cidfile | --env-file | --label-file | --output | -o | --volume | -v | --export | \
            --import | -i)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
            ;;
    esac

    if [[ -n $family && -z $verb ]]; then
        words=$(_floe_family "$family")
    elif [[ -z $verb ]]; then
        [[ $current == -* ]] && words=$(_floe_flags) || words=$(_floe_verbs)
    elif [[ $current == -* ]]; then
        # shellcheck disable=SC2086 # a verb may be two words
        words=$(_floe_flags $verb)
    elif [[ ${verb#image } == @(build|import) || $verb == @("checkpoint inspect"|"secret create") ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
    else
        case ${verb#container } in
            run | create | exec) _floe_name_is_given && return ;;
        esac
        words=$(_floe_names "$verb")
        [[ -z $words && $verb == container\ * ]] && words=$(_floe_names "${verb#container }")
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    # A name may hold a colon, at which readline parts words.
    declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$current"
}

if [[ ${BASH_SOURCE[0]} != "$0" ]]; then
    complete -F _floe floe
else
    # As a program, for other shells: what can the last word be of this command line?
    compopt() { :; }
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _floe
    printf '%s\n' "${COMPREPLY[@]}"
fi
