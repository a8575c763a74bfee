/* SPDX-License-Identifier: Apache-2.0 */
/* What cannot be checkpointed, and why: found before anything is done. */
#include "engine/checkpoint.h"

#include "engine/exec-sessions.h"
#include "engine/pod-ipc.h"
#include "oci/cgroup-freezer.h"
#include "oci/criu.h"
#include "state/exec-record.h"

static bool is_shared(const char *mode)
{
    return g_str_equal(mode, "host") || g_str_equal(mode, "container");
}

/*
 * Namespaces that are not the container's alone: CRIU would fail in its own words, or harm those
 * who share them.
 */
static bool refuse_shared(floe_container *ctr, const floe_checkpoint_options *options,
                          GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    const char *name = ctr->record->name;
    g_auto(GStrv) dependents = NULL;
    g_autofree char *list = NULL;

    if (is_shared(config->pid_mode) ||
        (is_shared(config->ipc_mode) && config->ipc_container == NULL))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "cannot checkpoint container \"%s\": its %s namespace is that of the host or "
                       "of another container, which CRIU cannot restore",
                       name, is_shared(config->pid_mode) ? "pid" : "ipc");
    if (config->ipc_container != NULL && !pod_ipc_refuse_attached(ctr, error))
        return false;
    if (options->tcp_established &&
        (is_shared(config->network_mode) || g_str_equal(config->network_mode, "path")))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "cannot checkpoint container \"%s\" with --tcp-established: its network is "
                       "that of the host or of another container, whose traffic CRIU would lock",
                       name);
    if (options->leave_running)
        return true;
    if (!container_list_dependents(ctr->engine->db, ctr->record->id, &dependents, error))
        return false;
    if (dependents == NULL || dependents[0] == NULL)
        return true;
    list = g_strjoinv(", ", dependents);
    return err_set(error, FLOE_ERROR_IN_USE,
                   "cannot checkpoint container \"%s\": other containers use its namespaces: %s",
                   name, list);
}

/* CRIU would wait for it for ever, with the container frozen. */
static bool refuse_stopped(const floe_container *ctr, GError **error)
{
    pid_t pid = 0;

    if (!cgroup_find_untraceable(ctr->paths.cgroup, &pid, error))
        return false;
    return pid == 0 ||
           err_set(error, FLOE_ERROR_UNSUPPORTED,
                   "cannot checkpoint container \"%s\": its process %d (on this host) was "
                   "stopped by a signal, and CRIU cannot take hold of it; let it go on "
                   "with SIGCONT",
                   ctr->record->name, pid);
}

static bool refuse_sessions(floe_container *ctr, bool end_them, GError **error)
{
    g_autoptr(GPtrArray) sessions = NULL;
    g_autoptr(GString) names = NULL;

    if ((end_them && !exec_sessions_end(ctr, error)) || !exec_sessions_active(ctr, &sessions, error))
        return false;
    if (sessions->len == 0)
        return true;
    names = g_string_new(NULL);
    for (guint i = 0; i < sessions->len; i++) {
        const ExecRecord *session = g_ptr_array_index(sessions, i);

        g_string_append_printf(names, "%s%.12s: %s", i > 0 ? ", " : "", session->id,
                               session->command[0]);
    }
    return err_set(error, FLOE_ERROR_IN_USE,
                   "cannot checkpoint container \"%s\": exec sessions are active (%s), "
                   "which a checkpoint does not hold; end them first, or use --end-exec-sessions",
                   ctr->record->name, names->str);
}

bool checkpoint_check_processes(floe_container *ctr, bool end_sessions, GError **error)
{
    g_auto(Runtime) runtime = { 0 };
    g_autofree char *criu = NULL;

    container_runtime(ctr, &runtime);
    return criu_find(&runtime, &criu, NULL, error) && refuse_sessions(ctr, end_sessions, error) &&
           refuse_stopped(ctr, error);
}

static bool refuse_untracked(floe_container *ctr, const floe_checkpoint_options *options,
                             const Runtime *runtime, GError **error)
{
    if (!options->pre_checkpoint && !options->with_previous)
        return true;
    if (!criu_check_memory_tracking(runtime, error))
        return false;
    return !options->with_previous || checkpoint_is_in(ctr->paths.pre_checkpoint) ||
           err_set(error, FLOE_ERROR_NOT_FOUND,
                   "container \"%s\" has no pre-checkpoint to build on: make one with "
                   "--pre-checkpoint",
                   ctr->record->name);
}

bool checkpoint_check(floe_container *ctr, const floe_checkpoint_options *options, GError **error)
{
    g_auto(Runtime) runtime = { 0 };
    bool is_exported = options->export_path != NULL || options->export_fd >= 0;

    if (ctr->record->config.auto_remove && !options->leave_running && !is_exported)
        return err_set(error, FLOE_ERROR_INVALID,
                       "cannot checkpoint container \"%s\": it was created with --rm and would be "
                       "removed with its checkpoint; use --export",
                       ctr->record->name);
    if (ctr->record->config.is_infra)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "container \"%s\" is the infra container of a pod: `floe pod checkpoint` "
                       "freezes the pod",
                       ctr->record->name);
    container_runtime(ctr, &runtime);
    return refuse_shared(ctr, options, error) && refuse_untracked(ctr, options, &runtime, error) &&
           checkpoint_check_processes(ctr, options->end_exec_sessions, error);
}
