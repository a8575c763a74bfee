/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An archive has one container. What it shared with others has to be here: a pod that it is restored
 * into, with --pod.
 */
#include "engine/archive-checks.h"

#include "engine/cgroup-names.h"
#include "engine/pod-join.h"
#include "state/container-networks.h"

#include <string.h>

/* A namespace that is another container's has to be one that the pod shares: its infra container's. */
static bool join_namespace(const PodRecord *pod, const char *kind, char **container, GError **error)
{
    if (*container == NULL)
        return true;
    if (!pod_shares(pod, kind))
        return err_set(error, FLOE_ERROR_INVALID,
                       "the container shared the %s namespace of its pod, and pod \"%s\" does not "
                       "share its own",
                       kind, pod->name);
    g_free(*container);
    *container = g_strdup(pod->config.infra_id);
    return true;
}

/* What belongs to the pod where its network is shared. */
static void leave_network_to_pod(const PodRecord *pod, ContainerConfig *config)
{
    if (g_str_equal(config->network_mode, "container"))
        port_configs_clear(&config->ports);
    if (!g_str_equal(config->uts_mode, "container"))
        return;
    g_free(config->hostname);
    config->hostname = g_strdup(pod->config.hostname != NULL ? pod->config.hostname : "");
}

/* The recorded command line, which `inspect` shows, names the pod that it is in now. */
static void rename_pod_in_command(const ArchiveCheck *check, const PodRecord *pod)
{
    char **words = archive_check_config(check)->create_command;

    for (; words != NULL && *words != NULL; words++) {
        if (g_strcmp0(*words, check->archive->pod) != 0 &&
            g_strcmp0(*words, check->archive->sandbox) != 0)
            continue;
        g_free(*words);
        *words = g_strdup(pod->id);
    }
}

static bool join_pod(ArchiveCheck *check, GError **error)
{
    ContainerConfig *config = archive_check_config(check);
    g_autoptr(PodRecord) pod = NULL;
    g_autofree char *id = NULL;

    if (!pod_find(check->engine->db, check->options->pod, &id, error) ||
        !pod_load(check->engine->db, id, &pod, error))
        return err_prefix(error, "--pod");
    if (!join_namespace(pod, "net", &config->network_container, error) ||
        !join_namespace(pod, "ipc", &config->ipc_container, error) ||
        !join_namespace(pod, "pid", &config->pid_container, error) ||
        !join_namespace(pod, "uts", &config->uts_container, error) ||
        !join_namespace(pod, "cgroup", &config->cgroup_container, error))
        return false;
    g_free(config->pod_id);
    config->pod_id = g_strdup(pod->id);
    cgroup_names_choose(check->engine, pod, NULL, config);
    leave_network_to_pod(pod, config);
    rename_pod_in_command(check, pod);
    return true;
}

static bool shares_namespaces(const ContainerConfig *config)
{
    return config->network_container != NULL || config->ipc_container != NULL ||
           config->pid_container != NULL || config->uts_container != NULL ||
           config->cgroup_container != NULL;
}

bool archive_check_pod(ArchiveCheck *check, GError **error)
{
    const char *pod = check->archive->pod;

    if (pod == NULL && check->options->pod != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--pod: the container was not in a pod, so it cannot be restored into one");
    if (pod != NULL && check->options->pod == NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "the container was in pod %.12s: say with --pod which one it is to be in here",
                       pod);
    if (pod != NULL)
        return join_pod(check, error);
    return !shares_namespaces(archive_check_config(check)) ||
           err_set(error, FLOE_ERROR_INVALID,
                   "the container shared namespaces with another container, and cannot be restored "
                   "alone");
}

bool archive_check_dependencies(ArchiveCheck *check, GError **error)
{
    g_autofree char *list = g_strjoinv(", ", check->archive->dependencies);

    return *list == '\0' ||
           err_set(error, FLOE_ERROR_INVALID,
                   "the container needs other containers, which the archive does not hold: %s",
                   list);
}

bool archive_check_namespaces(ArchiveCheck *check, GError **error)
{
    const ContainerConfig *config = archive_check_config(check);

    if (g_str_equal(config->pid_mode, "host") || g_str_equal(config->ipc_mode, "host"))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "the container has the %s namespace of its host, which CRIU cannot restore",
                       g_str_equal(config->pid_mode, "host") ? "PID" : "IPC");
    return true;
}
