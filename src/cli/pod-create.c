/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pod-create.h"

#include "cli/create-options.h"
#include "cli/env-file.h"
#include "cli/id-file.h"
#include "cli/pod-selection.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct PodCreateOptions {
    floe_pod_create_options pod;
    floe_create_options infra;
    const char *id_file;
    const char *infra_command;
    bool infra_wanted;
    bool share_parent;
    bool replace;
    int64_t cpu_shares;
    int64_t blkio_weight;
    char **labels, **label_files, **networks, **network_aliases, **publish;
    char **dns, **dns_search, **dns_options, **add_hosts;
    char **security_opts, **sysctls, **volumes, **volumes_from, **devices;
    char **command;
} PodCreateOptions;

#define POD_CREATE_OPTIONS_INIT \
    { \
        .pod = FLOE_POD_CREATE_OPTIONS_INIT, .infra = FLOE_CREATE_OPTIONS_INIT, \
        .infra_wanted = true, .share_parent = true \
    }

static void pod_create_options_clear(PodCreateOptions *o)
{
    char ***const lists[] = { &o->labels,    &o->label_files,   &o->networks,   &o->network_aliases,
                              &o->publish,   &o->dns,           &o->dns_search, &o->dns_options,
                              &o->add_hosts, &o->security_opts, &o->sysctls,    &o->volumes,
                              &o->command,   &o->volumes_from,  &o->devices };

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_clear_pointer(lists[i], g_strfreev);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PodCreateOptions, pod_create_options_clear)

/* --- options ---------------------------------------------------------------------------------- */

static bool check(const PodCreateOptions *o, GError **error)
{
    if (!o->share_parent)
        return cli_set_error(error, "--share-parent=false is not supported by floe: the cgroups of "
                                    "a pod's containers are in the pod's");
    if (o->infra_command != NULL && o->infra.image == NULL)
        return cli_set_error(error, "--infra-command needs --infra-image: the root of floe's own "
                                    "infra container has nothing but its program");
    if (o->id_file != NULL && access(o->id_file, F_OK) == 0)
        return cli_set_error(error, "pod id file %s exists: remove it if no pod needs it",
                             o->id_file);
    return true;
}

static bool complete(PodCreateOptions *o, char **words, GError **error)
{
    floe_create_options *infra = &o->infra;

    if (!check(o, error) || !env_files_first(o->label_files, &o->labels, error))
        return false;
    if (o->infra_command != NULL) {
        if (!create_options_entrypoint(o->infra_command, &o->command, error))
            return false;
        infra->entrypoint = list_const(o->command);
    }
    if (words[0] != NULL && o->pod.name != NULL)
        return cli_set_error(error, "cannot specify --name and NAME at the same time");
    if (words[0] != NULL)
        o->pod.name = words[0];
    if (o->pod.name != NULL && *o->pod.name == '\0')
        o->pod.name = NULL;
    o->pod.labels = list_const(o->labels);
    o->pod.without_infra = !o->infra_wanted;
    o->pod.infra = infra;
    infra->networks = list_const(o->networks);
    infra->network_aliases = list_const(o->network_aliases);
    infra->publish = list_const(o->publish);
    infra->dns = list_const(o->dns);
    infra->dns_search = list_const(o->dns_search);
    infra->dns_options = list_const(o->dns_options);
    infra->add_hosts = list_const(o->add_hosts);
    infra->security_opts = list_const(o->security_opts);
    infra->sysctls = list_const(o->sysctls);
    infra->volumes = list_const(o->volumes);
    infra->volumes_from = list_const(o->volumes_from);
    infra->devices = list_const(o->devices);
    infra->cpu_shares = (uint64_t)o->cpu_shares;
    infra->blkio_weight = (int)MIN(o->blkio_weight, G_MAXINT);
    return true;
}

static bool parse(PodCreateOptions *o, char **argv, int *ret_status)
{
    static const Usage usage = {
        .synopsis = "pod create [options] [NAME]",
        .about = "Make a pod and print its id. Its infra container has the namespaces that the\n"
                 "containers share which `run --pod` puts into it.",
        .later = "blkio-weight-device device-read-bps device-write-bps gidmap subgidname "
                 "subuidname uidmap userns",
        .max_words = 1,
    };
    floe_create_options *infra = &o->infra;
    g_autoptr(GError) error = NULL;
    char **words;
    const Option options[] = {
        { "add-host", 0, OPTION_COMMA_LIST, &o->add_hosts, "NAME:ADDRESS",
          "Add a line to /etc/hosts" },
        { "blkio-weight", 0, OPTION_UNSIGNED, &o->blkio_weight, "N",
          "Relative weight of disk time, 10 to 1000" },
        { "cpu-shares", 'c', OPTION_UNSIGNED, &o->cpu_shares, "N",
          "Relative weight of processor time" },
        { "cgroup-parent", 0, OPTION_TEXT, &infra->cgroup_parent, "SLICE|PATH",
          "Make the pod's cgroup in this one (machine.slice)" },
        { "cpus", 0, OPTION_CPUS, &infra->nano_cpus, "N",
          "Limit the processor time of all containers together" },
        { "cpuset-cpus", 0, OPTION_TEXT, &infra->cpuset_cpus, "LIST",
          "Run on these processors only: 0-3,5" },
        { "cpuset-mems", 0, OPTION_TEXT, &infra->cpuset_mems, "LIST",
          "Use the memory of these nodes only" },
        { "device", 0, OPTION_LIST, &o->devices, "/DEV[:/DEV][:rwm]",
          "Give all containers a device of the host, or a directory of them" },
        { "dns", 0, OPTION_COMMA_LIST, &o->dns, "ADDRESS", "Use this name server" },
        { "dns-option", 0, OPTION_COMMA_LIST, &o->dns_options, "OPTION",
          "Set an option in resolv.conf" },
        { "dns-search", 0, OPTION_COMMA_LIST, &o->dns_search, "DOMAIN",
          "Search names in this domain" },
        { "exit-policy", 0, OPTION_TEXT, &o->pod.exit_policy, "POLICY",
          "When the last container has ended: continue, or stop the infra container" },
        { "hostname", 'h', OPTION_TEXT, &infra->hostname, "NAME",
          "Set the host name (the pod's name)" },
        { "infra", 0, OPTION_FLAG, &o->infra_wanted, NULL,
          "Make an infra container (default true); without one nothing is shared" },
        { "infra-command", 0, OPTION_TEXT, &o->infra_command, "COMMAND",
          "Replace the entry point of the infra image" },
        { "infra-conmon-pidfile", 0, OPTION_TEXT, &infra->conmon_pid_file, "FILE",
          "Write the process id of the infra container's conmon to a file" },
        { "infra-image", 0, OPTION_TEXT, &infra->image, "IMAGE",
          "Make the infra container of an image (floe's own needs none)" },
        { "infra-name", 0, OPTION_TEXT, &o->pod.infra_name, "NAME", "Name the infra container" },
        { "ip", 0, OPTION_TEXT, &infra->ip, "ADDRESS", "Use this IPv4 address" },
        { "ip6", 0, OPTION_TEXT, &infra->ip6, "ADDRESS", "Use this IPv6 address" },
        { "label", 'l', OPTION_LIST, &o->labels, "KEY[=VALUE]", "Set a label" },
        { "label-file", 0, OPTION_COMMA_LIST, &o->label_files, "FILE", "Read labels from a file" },
        { "mac-address", 0, OPTION_TEXT, &infra->mac_address, "ADDRESS", "Use this MAC address" },
        { "memory", 'm', OPTION_SIZE, &infra->memory_bytes, "SIZE",
          "Limit the memory of all containers together (512m)" },
        { "memory-swap", 0, OPTION_SIZE_OR_NONE, &infra->memory_swap_bytes, "SIZE",
          "Limit memory and swap together; -1: no limit (twice the memory)" },
        { "name", 'n', OPTION_TEXT, &o->pod.name, "NAME", "Give the pod a name" },
        { "network", 0, OPTION_LIST, &o->networks, "NETWORK",
          "NAME[:ip=A,mac=M,alias=NAME], none, host, container:NAME or ns:PATH" },
        { "net", 0, OPTION_LIST, &o->networks, "NETWORK", NULL },
        { "network-alias", 0, OPTION_LIST, &o->network_aliases, "NAME",
          "One more name of it in its networks" },
        { "no-hosts", 0, OPTION_FLAG, &infra->no_hosts, NULL,
          "Leave the images' /etc/hosts as they are" },
        { "pid", 0, OPTION_TEXT, &infra->pid_mode, "MODE",
          "PID namespace of the infra container: private, host, container:NAME" },
        { "pod-id-file", 0, OPTION_TEXT, &o->id_file, "FILE", "Write the pod's id to a new file" },
        { "publish", 'p', OPTION_COMMA_LIST, &o->publish, "PORTS",
          "Publish: [[ADDRESS:]HOST:]PORT[/PROTOCOL]" },
        { "replace", 0, OPTION_FLAG, &o->replace, NULL, "Remove a pod of that name first" },
        { "security-opt", 0, OPTION_LIST, &o->security_opts, "OPTION",
          "seccomp=FILE|unconfined, no-new-privileges for the infra container" },
        { "share", 0, OPTION_TEXT, &o->pod.shared, "KINDS",
          "Namespaces to share: cgroup, ipc, net, pid, uts; +KIND; none (ipc,net,uts)" },
        { "share-parent", 0, OPTION_FLAG, &o->share_parent, NULL,
          "Have the containers' cgroups in the pod's (default true, and no other way)" },
        { "shm-size", 0, OPTION_SIZE, &infra->shm_size_bytes, "SIZE", "Size of /dev/shm" },
        { "sysctl", 0, OPTION_COMMA_LIST, &o->sysctls, "KEY=VALUE",
          "Set a kernel parameter of the shared namespaces" },
        { "uts", 0, OPTION_TEXT, &infra->uts_mode, "MODE",
          "UTS namespace of the infra container: private, host, container:NAME" },
        { "volume", 'v', OPTION_LIST, &o->volumes, "/HOST:/PATH[:OPTIONS]",
          "Bind a path of the host, or a volume, into all containers" },
        { "volumes-from", 0, OPTION_LIST, &o->volumes_from, "CONTAINER[:OPTIONS]",
          "Let all containers have what this one has bound, and its volumes" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, ret_status))
        return false;
    if (complete(o, words, &error))
        return true;
    *ret_status = cli_report_local(error);
    return false;
}

/* --- making it -------------------------------------------------------------------------------- */

/* --replace: one that is not there is as good as removed. */
static bool remove_old(Cli *cli, const char *name, floe_error **error)
{
    g_autoptr(floe_pod) old = NULL;
    g_autoptr(floe_error) why = NULL;
    floe_pod_options remove = FLOE_POD_OPTIONS_INIT;

    remove.force = true;
    if ((floe_pod_lookup(cli->engine, name, &old, &why) && floe_pod_remove(old, &remove, &why)) ||
        floe_error_get_code(why) == FLOE_ERROR_NOT_FOUND)
        return true;
    *error = g_steal_pointer(&why);
    return false;
}

static int create(Cli *cli, PodCreateOptions *o)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(GError) unwritten = NULL;
    g_autoptr(floe_pod) pod = NULL;

    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (o->replace && o->pod.name == NULL)
        return cli_error("cannot replace a pod without --name");
    o->pod.create_command = list_const(cli->command_line);
    if ((o->replace && !remove_old(cli, o->pod.name, &error)) ||
        !floe_pod_create(cli->engine, &o->pod, &pod, &error))
        return cli_report(error);
    if (o->id_file != NULL &&
        !id_file_write(o->id_file, floe_pod_id(pod), "pod id file", &unwritten)) {
        floe_pod_remove(pod, NULL, NULL);
        return cli_report_local(unwritten);
    }
    puts(floe_pod_id(pod));
    return STATUS_OK;
}

int cmd_pod_create(Cli *cli, char **argv)
{
    g_auto(PodCreateOptions) options = POD_CREATE_OPTIONS_INIT;
    int status;

    return parse(&options, argv, &status) ? create(cli, &options) : status;
}

bool pod_create_for(Cli *cli, const char *name, floe_create_options *container, int *ret_status)
{
    floe_pod_create_options pod = FLOE_POD_CREATE_OPTIONS_INIT;
    floe_create_options infra = FLOE_CREATE_OPTIONS_INIT;
    g_autoptr(floe_error) error = NULL;

    infra.networks = g_steal_pointer(&container->networks);
    infra.network_aliases = g_steal_pointer(&container->network_aliases);
    infra.publish = g_steal_pointer(&container->publish);
    infra.ip = g_steal_pointer(&container->ip);
    infra.ip6 = g_steal_pointer(&container->ip6);
    infra.mac_address = g_steal_pointer(&container->mac_address);
    infra.dns = g_steal_pointer(&container->dns);
    infra.dns_search = g_steal_pointer(&container->dns_search);
    infra.dns_options = g_steal_pointer(&container->dns_options);
    infra.add_hosts = g_steal_pointer(&container->add_hosts);
    infra.hostname = g_steal_pointer(&container->hostname);
    pod.name = name;
    pod.create_command = list_const(cli->command_line);
    pod.infra = &infra;
    if (floe_pod_create(cli->engine, &pod, NULL, &error))
        return true;
    *ret_status = cli_report(error);
    return false;
}
