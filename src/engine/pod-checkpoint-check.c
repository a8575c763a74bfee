/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/pod-checkpoint-check.h"

#include "engine/operation.h"
#include "oci/cgroup.h"
#include "state/container-record.h"

/* Its own, or the infra container's. */
static bool is_of_pod(const floe_pod *pod, const char *mode, const char *container)
{
    return g_str_equal(mode, "private") ||
           (g_str_equal(mode, "container") && pod_is_infra(pod, container));
}

static bool refuse_namespaces(const floe_pod *pod, const ContainerRecord *record, GError **error)
{
    const ContainerConfig *config = &record->config;
    const char *what = NULL;

    if (g_str_equal(config->pid_mode, "container"))
        what = "pid";
    else if (config->cgroup_container != NULL && cgroup_mode() == CGROUP_V2)
        what = "cgroup";
    if (what != NULL)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "cannot checkpoint container \"%s\": CRIU cannot restore into the pod's %s "
                       "namespace",
                       record->name, what);
    if (!is_of_pod(pod, config->pid_mode, config->pid_container))
        what = "pid";
    else if (!is_of_pod(pod, config->ipc_mode, config->ipc_container))
        what = "ipc";
    else if (!is_of_pod(pod, config->uts_mode, config->uts_container))
        what = "uts";
    else if (!g_str_equal(config->network_mode, "none") &&
             !g_str_equal(config->network_mode, "bridge") &&
             !is_of_pod(pod, config->network_mode, config->network_container))
        what = "network";
    return what == NULL ||
           err_set(error, FLOE_ERROR_UNSUPPORTED,
                   "cannot checkpoint container \"%s\" with its pod: its %s namespace is neither its "
                   "own nor the pod's",
                   record->name, what);
}

static bool is_member(GPtrArray *members, const char *id)
{
    for (guint i = 0; i < members->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(members, i);

        if (g_str_equal(record->id, id))
            return true;
    }
    return false;
}

static bool refuse_container(const floe_pod *pod, GPtrArray *members, const ContainerRecord *record,
                             GError **error)
{
    g_auto(GStrv) needed = container_config_dependencies(&record->config);

    if (record->status.state != FLOE_STATE_RUNNING)
        return operation_refuse(OPERATION_CHECKPOINT, (floe_container_state)record->status.state,
                                record->name, error);
    for (char **id = needed; *id != NULL; id++) {
        if (!is_member(members, *id))
            return err_set(error, FLOE_ERROR_UNSUPPORTED,
                           "cannot checkpoint container \"%s\" with its pod: it needs container %s, "
                           "which is not in it",
                           record->name, *id);
    }
    return refuse_namespaces(pod, record, error);
}

bool pod_checkpoint_check(const floe_pod *pod, GPtrArray *members, GError **error)
{
    if (pod->record->config.infra_id == NULL)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "pod \"%s\" has no infra container, so its containers share nothing: "
                       "checkpoint them one by one",
                       pod->record->name);
    for (guint i = 0; i < members->len; i++) {
        if (!refuse_container(pod, members, g_ptr_array_index(members, i), error))
            return false;
    }
    return true;
}
