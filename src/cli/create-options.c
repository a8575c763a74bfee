/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/create-options.h"

#include "cli/env-file.h"
#include "cli/id-file.h"
#include "cli/pod-create.h"
#include "cli/preserved-fds.h"
#include "cli/value.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

const char create_options_later[] = "cgroup-conf chrootdirs cpu-rt-period cpu-rt-runtime gidmap gpus "
                                    "hostuser init-ctr link passwd passwd-entry personality "
                                    "subgidname subuidname uidmap";

void create_options_clear(CreateOptions *options)
{
    char ***const lists[] = {
        &options->attach,
        &options->env,
        &options->env_files,
        &options->labels,
        &options->label_files,
        &options->annotations,
        &options->volumes,
        &options->mounts,
        &options->tmpfs,
        &options->networks,
        &options->network_aliases,
        &options->publish,
        &options->dns,
        &options->dns_search,
        &options->dns_options,
        &options->add_hosts,
        &options->cap_add,
        &options->cap_drop,
        &options->security_opts,
        &options->ulimits,
        &options->sysctls,
        &options->entrypoint_words,
        &options->required,
        &options->volumes_from,
        &options->expose,
        &options->group_add,
        &options->unset_env,
        &options->env_merge,
        &options->devices,
        &options->device_rules,
        &options->throttles,
        &options->log_options,
        &options->secrets,
    };

    for (size_t i = 0; i < CREATE_N_RATES; i++)
        g_clear_pointer(&options->device_rates[i], g_strfreev);

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_clear_pointer(lists[i], g_strfreev);
    pull_flags_clear(&options->pull);
    g_clear_pointer(&options->rootfs, g_free);
    g_clear_pointer(&options->pod_id, g_free);
    g_clear_pointer(&options->fds, g_free);
}

/*
 * The rows of both verbs, in the order of their names; without those of `run` alone. Freed with
 * g_free().
 */
static Option *flags_of(CreateOptions *o, bool for_run)
{
    floe_create_options *c = &o->container;
    const Option all[] = {
        { "add-host", 0, OPTION_COMMA_LIST, &o->add_hosts, "NAME:ADDRESS",
          "Add a line to /etc/hosts" },
        { "annotation", 0, OPTION_LIST, &o->annotations, "KEY=VALUE", "Add an OCI annotation" },
        { "attach", 'a', OPTION_COMMA_LIST, &o->attach, "STREAM",
          "Attach only to stdin, stdout or stderr" },
        { "blkio-weight", 0, OPTION_UNSIGNED, &o->blkio_weight, "N",
          "Relative weight of disk time, 10 to 1000" },
        { "blkio-weight-device", 0, OPTION_LIST, &o->device_rates[0], "DEVICE:N",
          "Relative weight of this device's time" },
        { "cap-add", 0, OPTION_COMMA_LIST, &o->cap_add, "CAP", "Add a capability" },
        { "cap-drop", 0, OPTION_COMMA_LIST, &o->cap_drop, "CAP", "Drop a capability" },
        { "cgroup-parent", 0, OPTION_TEXT, &c->cgroup_parent, "SLICE|PATH",
          "Make its cgroup in this one (machine.slice)" },
        { "cgroupns", 0, OPTION_TEXT, &c->cgroupns_mode, "MODE",
          "Cgroup namespace: private or host" },
        { "cgroups", 0, OPTION_TEXT, &c->cgroups, "MODE",
          "enabled, disabled, no-conmon, or split: below that of the caller" },
        { "cidfile", 0, OPTION_TEXT, &o->cidfile, "FILE", "Write the container's id to a new file" },
        { "conmon-pidfile", 0, OPTION_TEXT, &c->conmon_pid_file, "FILE",
          "Write the process id of conmon to a file" },
        { "cpu-period", 0, OPTION_UNSIGNED, &c->cpu_period_us, "MICROSECONDS",
          "Period of the processor quota (100000)" },
        { "cpu-quota", 0, OPTION_INTEGER, &c->cpu_quota_us, "MICROSECONDS",
          "Processor time in each period" },
        { "cpu-shares", 'c', OPTION_UNSIGNED, &o->cpu_shares, "N",
          "Relative weight of processor time" },
        { "cpus", 0, OPTION_CPUS, &c->nano_cpus, "N", "Limit processor time (1.5: one and a half)" },
        { "cpuset-cpus", 0, OPTION_TEXT, &c->cpuset_cpus, "LIST",
          "Run on these processors only: 0-3,5" },
        { "cpuset-mems", 0, OPTION_TEXT, &c->cpuset_mems, "LIST",
          "Use the memory of these nodes only" },
        { "detach", 'd', OPTION_FLAG, &o->detach, NULL, "Run in the background and print the id" },
        { "detach-keys", 0, OPTION_TEXT, &o->detach_keys, "KEYS",
          "Keys that detach from a terminal" },
        { "device", 0, OPTION_LIST, &o->devices, "/DEV[:/DEV][:rwm]",
          "Give it a device of the host, or a directory of them" },
        { "device-cgroup-rule", 0, OPTION_LIST, &o->device_rules, "RULE",
          "Let it use devices: c 10:229 rwm" },
        { "device-read-bps", 0, OPTION_LIST, &o->device_rates[1], "DEVICE:SIZE",
          "Limit reading from a device, in bytes a second (1mb)" },
        { "device-read-iops", 0, OPTION_LIST, &o->device_rates[2], "DEVICE:N",
          "Limit reading from a device, in operations a second" },
        { "device-write-bps", 0, OPTION_LIST, &o->device_rates[3], "DEVICE:SIZE",
          "Limit writing to a device, in bytes a second (1mb)" },
        { "device-write-iops", 0, OPTION_LIST, &o->device_rates[4], "DEVICE:N",
          "Limit writing to a device, in operations a second" },
        { "disable-content-trust", 0, OPTION_FLAG, NULL, NULL, NULL },
        { "dns", 0, OPTION_COMMA_LIST, &o->dns, "ADDRESS", "Use this name server" },
        { "dns-option", 0, OPTION_COMMA_LIST, &o->dns_options, "OPTION",
          "Set an option in resolv.conf" },
        { "dns-opt", 0, OPTION_COMMA_LIST, &o->dns_options, "OPTION", NULL },
        { "dns-search", 0, OPTION_COMMA_LIST, &o->dns_search, "DOMAIN",
          "Search names in this domain" },
        { "entrypoint", 0, OPTION_TEXT, &o->entrypoint, "COMMAND",
          "Replace the image's entry point" },
        { "env", 'e', OPTION_LIST, &o->env, "NAME[=VALUE]",
          "Set a variable, or pass floe's own on" },
        { "env-file", 0, OPTION_COMMA_LIST, &o->env_files, "FILE", "Read variables from a file" },
        { "env-host", 0, OPTION_FLAG, &c->host_env, NULL, "Begin with the variables of floe" },
        { "env-merge", 0, OPTION_LIST, &o->env_merge, "NAME=VALUE",
          "Set a variable out of the image's: PATH=/opt/bin:$PATH" },
        { "expose", 0, OPTION_LIST, &o->expose, "PORT[-END][/PROTOCOL]",
          "The container listens on this port" },
        { "group-add", 0, OPTION_COMMA_LIST, &o->group_add, "GROUP",
          "Give its process this group, too" },
        { "health-cmd", 0, OPTION_TEXT, &c->health_cmd, "COMMAND",
          "Command that checks the container's health; none: no check" },
        { "health-interval", 0, OPTION_TEXT, &c->health_interval, "TIME",
          "Time between checks (30s); disable: only by healthcheck run" },
        { "health-on-failure", 0, OPTION_TEXT, &c->health_on_failure, "ACTION",
          "When it is unhealthy: none, kill, restart, stop" },
        { "health-retries", 0, OPTION_UNSIGNED, &o->health_retries, "N",
          "Failures in a row that make it unhealthy (3)" },
        { "health-start-period", 0, OPTION_TEXT, &c->health_start_period, "TIME",
          "Time after the start in which failures do not count (0s)" },
        { "health-startup-cmd", 0, OPTION_TEXT, &c->health_startup_cmd, "COMMAND",
          "Command that checks instead until it has succeeded" },
        { "health-startup-interval", 0, OPTION_TEXT, &c->health_startup_interval, "TIME",
          "Time between its checks (30s)" },
        { "health-startup-retries", 0, OPTION_UNSIGNED, &o->health_startup_retries, "N",
          "Its failures after which the container is started anew (0: it is not)" },
        { "health-startup-success", 0, OPTION_UNSIGNED, &o->health_startup_success, "N",
          "Its successes that are needed (0: one)" },
        { "health-startup-timeout", 0, OPTION_TEXT, &c->health_startup_timeout, "TIME",
          "Time after which its check has failed (30s)" },
        { "health-timeout", 0, OPTION_TEXT, &c->health_timeout, "TIME",
          "Time after which a check has failed (30s)" },
        { "hostname", 'h', OPTION_TEXT, &c->hostname, "NAME", "Set the host name" },
        { "http-proxy", 0, OPTION_FLAG, &o->proxy_env, NULL,
          "Pass on http_proxy and the like (default true)" },
        { "image-volume", 0, OPTION_TEXT, &c->image_volume, "HOW",
          "What the image wants as volumes: anonymous, tmpfs, ignore" },
        { "init", 0, OPTION_FLAG, &c->init, NULL,
          "Run a small init that passes signals on and reaps" },
        { "init-path", 0, OPTION_TEXT, &c->init_path, "PATH",
          "Use this program of the host for --init" },
        { "interactive", 'i', OPTION_FLAG, &c->open_stdin, NULL, "Keep standard input open" },
        { "ip", 0, OPTION_TEXT, &c->ip, "ADDRESS", "Use this IPv4 address" },
        { "ip6", 0, OPTION_TEXT, &c->ip6, "ADDRESS", "Use this IPv6 address" },
        { "ipc", 0, OPTION_TEXT, &c->ipc_mode, "MODE",
          "IPC namespace: private, host, container:NAME" },
        { "label", 'l', OPTION_LIST, &o->labels, "KEY[=VALUE]", "Set a label" },
        { "label-file", 0, OPTION_COMMA_LIST, &o->label_files, "FILE", "Read labels from a file" },
        { "log-driver", 0, OPTION_TEXT, &c->log_driver, "DRIVER",
          "k8s-file (the default), journald, passthrough, none" },
        { "log-opt", 0, OPTION_COMMA_LIST, &o->log_options, "KEY=VALUE",
          "path=FILE or max-size=SIZE of k8s-file, tag=TEXT of journald" },
        { "mac-address", 0, OPTION_TEXT, &c->mac_address, "ADDRESS", "Use this MAC address" },
        { "memory", 'm', OPTION_SIZE, &c->memory_bytes, "SIZE", "Limit memory (512m, 1.5g)" },
        { "memory-reservation", 0, OPTION_SIZE, &c->memory_reservation_bytes, "SIZE",
          "What it is pressed to when memory is short" },
        { "memory-swap", 0, OPTION_SIZE_OR_NONE, &c->memory_swap_bytes, "SIZE",
          "Limit memory and swap together; -1: no limit (twice the memory)" },
        { "mount", 0, OPTION_LIST, &o->mounts, "SPEC",
          "Mount: type=bind|volume|image,src=/a|NAME,dst=/b or type=tmpfs,dst=/t" },
        { "name", 0, OPTION_TEXT, &c->name, "NAME", "Give the container a name" },
        { "network", 0, OPTION_LIST, &o->networks, "NETWORK",
          "NAME[:ip=A,mac=M,alias=NAME], none, host, container:NAME or ns:PATH" },
        { "net", 0, OPTION_LIST, &o->networks, "NETWORK", NULL },
        { "network-alias", 0, OPTION_LIST, &o->network_aliases, "NAME",
          "One more name of it in its networks" },
        { "no-healthcheck", 0, OPTION_FLAG, &c->no_healthcheck, NULL,
          "No health check, not the image's either" },
        { "no-hosts", 0, OPTION_FLAG, &c->no_hosts, NULL, "Leave the image's /etc/hosts as it is" },
        { "memory-swappiness", 0, OPTION_INTEGER, &o->memory_swappiness, "N",
          "How readily its memory goes to swap, 0 to 100 (cgroup v1)" },
        { "oom-kill-disable", 0, OPTION_FLAG, &c->oom_kill_disable, NULL,
          "Let it wait when its memory is used up (cgroup v1)" },
        { "oom-score-adj", 0, OPTION_INTEGER, &o->oom_score_adj, "N",
          "How readily the kernel ends it when memory is short, -1000 to 1000" },
        { "pid", 0, OPTION_TEXT, &c->pid_mode, "MODE",
          "PID namespace: private, host, container:NAME" },
        { "pidfile", 0, OPTION_TEXT, &c->pid_file, "FILE",
          "Write the process id of the container to a file" },
        { "pids-limit", 0, OPTION_INTEGER, &o->pids_limit, "N", "Limit processes; -1: no limit" },
        { "pod", 0, OPTION_TEXT, &c->pod, "POD",
          "Put it into this pod, or with new:NAME into a new one" },
        { "pod-id-file", 0, OPTION_TEXT, &o->pod_id_file, "FILE",
          "Put it into the pod whose id is in the file" },
        { "preserve-fds", 0, OPTION_UNSIGNED, &o->preserve_fds, "N",
          "Pass on N file descriptors, from 3 on" },
        { "privileged", 0, OPTION_FLAG, &c->privileged, NULL, "Switch most of the sandbox off" },
        { "publish", 'p', OPTION_COMMA_LIST, &o->publish, "PORTS",
          "Publish: [[ADDRESS:]HOST:]PORT[/PROTOCOL]" },
        { "publish-all", 'P', OPTION_FLAG, &c->publish_all, NULL,
          "Publish each exposed port on a free one" },
        { "pull", 0, OPTION_TEXT, &o->pull.policy, "POLICY",
          "The image: missing (the default), always, never or newer" },
        PULL_FLAGS_ROWS(&o->pull),
        { "read-only", 0, OPTION_FLAG, &c->read_only, NULL, "Make the root file system read-only" },
        { "read-only-tmpfs", 0, OPTION_FLAG, &c->read_only_tmpfs, NULL,
          "With --read-only: /run, /tmp, /var/tmp in memory (default true)" },
        { "replace", 0, OPTION_FLAG, &o->replace, NULL, "Remove the container that has the name" },
        { "requires", 0, OPTION_COMMA_LIST, &o->required, "CONTAINER",
          "Start this one before it, and only if that runs" },
        { "restart", 0, OPTION_TEXT, &c->restart_policy, "POLICY",
          "Run it again when it ends: no, always, on-failure[:N], unless-stopped" },
        { "rm", 0, OPTION_FLAG, &c->auto_remove, NULL, "Remove the container when it has ended" },
        { "rmi", 0, OPTION_FLAG, &o->remove_image, NULL,
          "Remove the container when it has ended, and the image if nobody else uses it" },
        { "rootfs", 0, OPTION_FLAG, &o->from_rootfs, NULL,
          "The first word is a directory to run in, not an image; DIRECTORY:O leaves it as it is" },
        { "sdnotify", 0, OPTION_TEXT, &c->sdnotify, "WHO",
          "Who tells systemd that it is ready: container, conmon, healthy, ignore" },
        { "seccomp-policy", 0, OPTION_TEXT, &o->seccomp_policy, "POLICY", "default, the only one" },
        { "secret", 0, OPTION_LIST, &o->secrets, "NAME[,OPTION=VALUE...]",
          "Give it a secret: type=mount|env, target=, uid=, gid=, mode=" },
        { "security-opt", 0, OPTION_LIST, &o->security_opts, "OPTION",
          "seccomp=FILE|unconfined, no-new-privileges" },
        { "shm-size", 0, OPTION_SIZE, &c->shm_size_bytes, "SIZE", "Size of /dev/shm" },
        { "sig-proxy", 0, OPTION_FLAG, &o->sig_proxy, NULL,
          "Pass signals on to the container (default true)" },
        { "stop-signal", 0, OPTION_TEXT, &c->stop_signal, "SIGNAL",
          "Signal that stops the container" },
        { "stop-timeout", 0, OPTION_UNSIGNED, &o->stop_timeout, "SECONDS",
          "Time from that signal to SIGKILL" },
        { "systemd", 0, OPTION_TEXT, &c->systemd, "WHEN",
          "Prepare it for a systemd in it: true (if it is the command), always, false" },
        { "sysctl", 0, OPTION_COMMA_LIST, &o->sysctls, "KEY=VALUE",
          "Set a kernel parameter of its namespaces" },
        { "timeout", 0, OPTION_UNSIGNED, &o->timeout, "SECONDS",
          "Kill the container when it has run so long" },
        { "tls-verify", 0, OPTION_FLAG, NULL, NULL, NULL },
        { "tmpfs", 0, OPTION_LIST, &o->tmpfs, "PATH[:OPTIONS]", "Mount a temporary file system" },
        { "tty", 't', OPTION_FLAG, &c->tty, NULL, "Give the container a terminal" },
        { "tz", 0, OPTION_TEXT, &c->timezone, "ZONE",
          "Time zone: Europe/Berlin, or local for the host's" },
        { "ulimit", 0, OPTION_COMMA_LIST, &o->ulimits, "NAME=SOFT[:HARD]",
          "Set a resource limit; host: those of floe" },
        { "umask", 0, OPTION_TEXT, &c->umask, "MASK", "File mode creation mask (0022)" },
        { "unsetenv", 0, OPTION_LIST, &o->unset_env, "NAME",
          "Leave out a variable of the defaults or the image" },
        { "unsetenv-all", 0, OPTION_FLAG, &c->unset_all_env, NULL,
          "Leave out all variables but those given" },
        { "user", 'u', OPTION_TEXT, &c->user, "USER[:GROUP]", "Run as this user" },
        { "userns", 0, OPTION_TEXT, &o->userns, "MODE", NULL },
        { "uts", 0, OPTION_TEXT, &c->uts_mode, "MODE",
          "UTS namespace: private, host, container:NAME" },
        { "volume", 'v', OPTION_LIST, &o->volumes, "[/HOST|NAME:]/PATH[:OPTIONS]",
          "Bind a path of the host, or a volume" },
        { "volumes-from", 0, OPTION_LIST, &o->volumes_from, "CONTAINER[:OPTIONS]",
          "Have what this container has bound, and its volumes" },
        { "workdir", 'w', OPTION_TEXT, &c->workdir, "PATH", "Start in this directory" },
        OPTIONS_END,
    };
    static const char *const only_run[] = { "detach", "detach-keys", "preserve-fds",
                                            "rmi",    "sig-proxy",   NULL };
    Option *flags = g_new(Option, G_N_ELEMENTS(all));
    size_t n = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        if (for_run || all[i].kind == OPTION_END || !g_strv_contains(only_run, all[i].name))
            flags[n++] = all[i];
    }
    return flags;
}

bool create_options_entrypoint(const char *text, char ***ret_words, GError **error)
{
    g_auto(GStrv) words = g_new0(char *, 1);

    if (text[0] == '[') {
        json_auto_t *list = json_loads(text, 0, NULL);
        size_t i;
        json_t *word;

        if (list == NULL)
            return cli_set_error(error, "--entrypoint: not a JSON list of words: %s", text);
        json_array_foreach(list, i, word) {
            if (!json_is_string(word))
                return cli_set_error(error, "--entrypoint: item %zu of the list is no text", i);
            list_add(&words, json_string_value(word));
        }
    } else if (text[0] != '\0') {
        list_add(&words, text);
    }
    *ret_words = g_steal_pointer(&words);
    return true;
}

static bool check_words(const CreateOptions *o, GError **error)
{
    static const char *const streams[] = { "stdin", "stdout", "stderr", NULL };

    if (o->userns != NULL && strcmp(o->userns, "host") != 0)
        return cli_set_error(error, "--userns=%s is not supported by floe yet", o->userns);
    for (char **name = o->attach; name != NULL && *name != NULL; name++) {
        for (char *letter = *name; *letter != '\0'; letter++)
            *letter = g_ascii_tolower(*letter);
        if (!g_strv_contains(streams, *name))
            return cli_set_error(error, "--attach: '%s' is none of stdin, stdout, stderr", *name);
    }
    if (o->container.pod != NULL && o->pod_id_file != NULL)
        return cli_set_error(error, "--pod and --pod-id-file exclude each other");
    if (o->container.pod != NULL && strcmp(o->container.pod, "new:") == 0)
        return cli_set_error(error, "--pod new: needs a name for the new pod");
    if (o->detach && o->attach != NULL)
        return cli_set_error(error, "--detach and --attach exclude each other");
    if (o->health_retries == 0 || o->health_retries > G_MAXINT)
        return cli_set_error(error, "--health-retries must be greater than 0 and not too large");
    if (o->health_startup_retries > G_MAXINT || o->health_startup_success > G_MAXINT)
        return cli_set_error(error, "--health-startup-retries, --health-startup-success: too large");
    if (o->replace && (o->container.name == NULL || *o->container.name == '\0'))
        return cli_set_error(error, "cannot replace container without --name being set");
    if (o->stop_timeout > G_MAXINT)
        return cli_set_error(error, "--stop-timeout: too long");
    if (o->timeout > G_MAXINT)
        return cli_set_error(error, "--timeout: too long");
    if (o->remove_image && o->detach)
        return cli_set_error(error, "--rmi is for a container in the foreground, without --detach");
    if (o->remove_image && o->from_rootfs)
        return cli_set_error(error, "--rmi: with --rootfs there is no image");
    if (o->seccomp_policy != NULL && strcmp(o->seccomp_policy, "default") != 0)
        return cli_set_error(error, "--seccomp-policy '%s': there is only the policy default",
                             o->seccomp_policy);
    if (o->cidfile != NULL && access(o->cidfile, F_OK) == 0)
        return cli_set_error(error,
                             "container id file %s exists: remove it if no container needs it",
                             o->cidfile);
    return true;
}

/* "/dev/sda:1mb" of --device-read-bps becomes "read-bps=/dev/sda:1048576". */
static bool add_rate(CreateOptions *o, const char *flag, const char *kind, const char *text,
                     GError **error)
{
    const char *colon = strrchr(text, ':');
    g_autofree char *path = colon != NULL ? g_strndup(text, (gsize)(colon - text)) : NULL;
    g_autofree char *throttle = NULL;
    int64_t rate;

    if (colon == NULL)
        return cli_set_error(error, "--%s '%s' is not of the form DEVICE:NUMBER", flag, text);
    if (!value_size(colon + 1, &rate, error)) {
        g_prefix_error(error, "--%s '%s': ", flag, text);
        return false;
    }
    throttle = g_strdup_printf("%s=%s:%" G_GINT64_FORMAT, kind, path, rate);
    list_add(&o->throttles, throttle);
    return true;
}

static bool add_rates(CreateOptions *o, GError **error)
{
    static const struct {
        const char *flag, *kind;
    } rates[CREATE_N_RATES] = {
        { "blkio-weight-device", "weight" },   { "device-read-bps", "read-bps" },
        { "device-read-iops", "read-iops" },   { "device-write-bps", "write-bps" },
        { "device-write-iops", "write-iops" },
    };

    for (size_t i = 0; i < CREATE_N_RATES; i++) {
        for (char **text = o->device_rates[i]; text != NULL && *text != NULL; text++) {
            if (!add_rate(o, rates[i].flag, rates[i].kind, *text, error))
                return false;
        }
    }
    return true;
}

static bool take_log_option(CreateOptions *o, const char *text, GError **error)
{
    const char *value = strchr(text, '=');

    if (value == NULL || *++value == '\0')
        return cli_set_error(error, "--log-opt '%s' is not of the form KEY=VALUE", text);
    if (g_str_has_prefix(text, "path="))
        o->container.log_path = value;
    else if (g_str_has_prefix(text, "tag="))
        o->container.log_tag = value;
    else if (!g_str_has_prefix(text, "max-size="))
        return cli_set_error(error, "--log-opt '%s': path, max-size and tag are known", text);
    else if (!value_size(value, &o->container.log_max_bytes, error)) {
        g_prefix_error(error, "--log-opt '%s': ", text);
        return false;
    }
    return true;
}

static bool take_log_options(CreateOptions *o, GError **error)
{
    for (char **text = o->log_options; text != NULL && *text != NULL; text++) {
        if (!take_log_option(o, *text, error))
            return false;
    }
    return true;
}

static bool complete(CreateOptions *o, GError **error)
{
    floe_create_options *c = &o->container;

    if (!check_words(o, error) || !preserved_fds(o->preserve_fds, &o->fds, error) ||
        !pull_flags_check(&o->pull, "pull", error) ||
        !env_files_first(o->env_files, &o->env, error) ||
        !env_files_first(o->label_files, &o->labels, error) || !add_rates(o, error) ||
        !take_log_options(o, error))
        return false;
    if (o->entrypoint != NULL &&
        !create_options_entrypoint(o->entrypoint, &o->entrypoint_words, error))
        return false;

    /* As --name "$NAME" is meant where the variable is empty. */
    if (c->name != NULL && *c->name == '\0')
        c->name = NULL;
    c->preserved_fds = o->fds;
    c->n_preserved_fds = (size_t)o->preserve_fds;
    c->entrypoint = list_const(o->entrypoint_words);
    c->env = list_const(o->env);
    c->labels = list_const(o->labels);
    c->annotations = list_const(o->annotations);
    c->volumes = list_const(o->volumes);
    c->mounts = list_const(o->mounts);
    c->volumes_from = list_const(o->volumes_from);
    c->tmpfs = list_const(o->tmpfs);
    c->networks = list_const(o->networks);
    c->network_aliases = list_const(o->network_aliases);
    c->publish = list_const(o->publish);
    c->dns = list_const(o->dns);
    c->dns_search = list_const(o->dns_search);
    c->dns_options = list_const(o->dns_options);
    c->add_hosts = list_const(o->add_hosts);
    c->cap_add = list_const(o->cap_add);
    c->cap_drop = list_const(o->cap_drop);
    c->security_opts = list_const(o->security_opts);
    c->ulimits = list_const(o->ulimits);
    c->sysctls = list_const(o->sysctls);
    c->required = list_const(o->required);
    c->expose = list_const(o->expose);
    c->group_add = list_const(o->group_add);
    c->devices = list_const(o->devices);
    c->device_rules = list_const(o->device_rules);
    c->throttles = list_const(o->throttles);
    c->secrets = list_const(o->secrets);
    c->unset_env = list_const(o->unset_env);
    c->env_merge = list_const(o->env_merge);
    c->timeout_s = (unsigned)o->timeout;
    c->auto_remove = c->auto_remove || o->remove_image;
    c->no_proxy_env = !o->proxy_env;
    c->oom_score_adj = (int)CLAMP(o->oom_score_adj, G_MININT, G_MAXINT);
    c->memory_swappiness = (int)CLAMP(o->memory_swappiness, G_MININT, G_MAXINT);
    c->cpu_shares = (uint64_t)o->cpu_shares;
    c->blkio_weight = (int)MIN(o->blkio_weight, G_MAXINT);
    c->stop_timeout_s = (int)o->stop_timeout;
    c->pids_limit = o->pids_limit;
    c->health_startup_retries = (int)o->health_startup_retries;
    c->health_startup_success = (int)o->health_startup_success;
    c->health_retries = o->health_retries > 0 ? (int)o->health_retries : 0;
    return true;
}

bool create_options_parse(CreateOptions *options, const Usage *usage, bool for_run, char **argv,
                          int *ret_status)
{
    g_autofree Option *flags = flags_of(options, for_run);
    g_autoptr(GError) error = NULL;
    char **words;

    if (!options_parse(usage, flags, argv, &words, ret_status))
        return false;
    if (options->from_rootfs) {
        options->rootfs = g_canonicalize_filename(words[0], NULL);
        options->container.rootfs = options->rootfs;
    } else {
        options->image = words[0];
        options->container.image = words[0];
    }
    options->container.command = words[1] != NULL ? list_const(words + 1) : NULL;
    if (!complete(options, &error)) {
        *ret_status = cli_report_local(error);
        return false;
    }
    return true;
}

static bool choose_pod(Cli *cli, CreateOptions *options, int *ret_status)
{
    floe_create_options *container = &options->container;
    g_autoptr(GError) error = NULL;

    if (options->pod_id_file != NULL) {
        if (!g_file_get_contents(options->pod_id_file, &options->pod_id, NULL, &error)) {
            *ret_status = cli_error("read pod id file %s: %s", options->pod_id_file,
                                    cli_file_reason(error));
            return false;
        }
        container->pod = g_strstrip(options->pod_id);
    }
    if (container->pod == NULL || !g_str_has_prefix(container->pod, "new:"))
        return true;
    container->pod += strlen("new:");
    return pod_create_for(cli, container->pod, container, ret_status);
}

/* --replace: what has the name goes, whatever it does. That there is none is fine. */
static bool remove_replaced(floe_engine *engine, const char *name, floe_error **error)
{
    g_autoptr(floe_container) old = NULL;
    g_autoptr(floe_error) why = NULL;
    floe_remove_options options = FLOE_REMOVE_OPTIONS_INIT;

    options.force = true;
    if (!floe_container_lookup(engine, name, &old, &why)) {
        if (floe_error_get_code(why) == FLOE_ERROR_NOT_FOUND)
            return true;
        *error = g_steal_pointer(&why);
        return false;
    }
    /* The name may also be the beginning of an id. */
    return strcmp(floe_container_name(old), name) != 0 ||
           floe_container_remove(old, &options, error);
}

floe_container *create_options_create(Cli *cli, CreateOptions *options, int *ret_status)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(GError) unwritten = NULL;
    g_autoptr(floe_container) container = NULL;
    auto_floe_free char *image = NULL;
    floe_engine *engine = cli_engine(cli);

    if (engine == NULL) {
        *ret_status = STATUS_FLOE_FAILED;
        return NULL;
    }

    options->container.create_command = list_const(cli->command_line);
    if (options->image != NULL) {
        if (!pull_flags_ensure(&options->pull, engine, options->image, &image, &error)) {
            *ret_status = cli_report(error);
            return NULL;
        }
        options->container.image = image;
    }
    if (!choose_pod(cli, options, ret_status))
        return NULL;
    if (options->replace && !remove_replaced(engine, options->container.name, &error)) {
        *ret_status = cli_report(error);
        return NULL;
    }
    if (!floe_container_create(engine, &options->container, &container, &error)) {
        *ret_status = cli_report(error);
        return NULL;
    }
    if (options->cidfile != NULL && !id_file_write(options->cidfile, floe_container_id(container),
                                                   "container id file", &unwritten)) {
        floe_container_remove(container, NULL, NULL);
        *ret_status = cli_report_local(unwritten);
        return NULL;
    }
    return g_steal_pointer(&container);
}
