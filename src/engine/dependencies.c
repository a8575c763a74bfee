/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/dependencies.h"

#include "base/log.h"
#include "engine/container-end.h"
#include "engine/container-processes.h"
#include "engine/container-start.h"
#include "engine/container-stop.h"

/* Its record as it is at this moment, without its lock. */
static bool look_at(floe_engine *engine, const char *id, ContainerRecord **ret_record,
                    GError **error)
{
    EndNote note = END_NONE;

    return container_load(engine->db, id, ret_record, error) &&
           record_note_end(engine, *ret_record, &note, error);
}

bool dependencies_check(floe_container *ctr, GError **error)
{
    g_auto(GStrv) ids = container_config_dependencies(&ctr->record->config);
    g_autoptr(GPtrArray) down = g_ptr_array_new();
    g_autofree char *list = NULL;

    for (char **id = ids; *id != NULL; id++) {
        g_autoptr(ContainerRecord) record = NULL;

        if (!look_at(ctr->engine, *id, &record, error))
            return false;
        if (record->status.state != FLOE_STATE_RUNNING)
            g_ptr_array_add(down, *id);
    }
    if (down->len == 0)
        return true;
    g_ptr_array_add(down, NULL);
    list = g_strjoinv(",", (char **)down->pdata);
    return err_set(error, FLOE_ERROR_BAD_STATE,
                   "container \"%s\" depends on containers that are not running: %s",
                   ctr->record->name, list);
}

/* Another floe may be starting it, too. */
static bool start_one(floe_container *dependency, GError **error)
{
    g_autoptr(GError) err = NULL;

    if (container_start(dependency, NULL, NULL, &err) || err_is(err, FLOE_ERROR_RUNNING))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return err_prefix(error, "start container \"%s\", which is needed", dependency->record->name);
}

bool dependencies_start(floe_container *ctr, OperationKind kind, GError **error)
{
    g_auto(GStrv) ids = container_config_dependencies(&ctr->record->config);
    g_autoptr(ContainerRecord) own = NULL;
    g_autoptr(GError) err = NULL;

    if (ids[0] == NULL)
        return true;
    if (!look_at(ctr->engine, ctr->record->id, &own, &err)) {
        if (err_is(err, FLOE_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    if (!operation_is_allowed(kind, (floe_container_state)own->status.state))
        return true;
    for (char **id = ids; *id != NULL; id++) {
        g_autoptr(floe_container) dependency = NULL;
        g_autoptr(ContainerRecord) record = NULL;

        if (!look_at(ctr->engine, *id, &record, error))
            return false;
        if (!operation_is_allowed(OPERATION_START, (floe_container_state)record->status.state))
            continue;
        if (!container_open(ctr->engine, *id, &dependency, error) || !start_one(dependency, error))
            return false;
    }
    return true;
}

/* --- dependents ------------------------------------------------------------------------------- */

static bool stop_dependent(floe_container *dependent, const floe_stop_options *options,
                           GError **error)
{
    g_autoptr(ContainerRecord) now = NULL;
    int exit_code = -1;

    if (!look_at(dependent->engine, dependent->record->id, &now, error))
        return false;
    /* A second stop signal means something else to some. */
    if (now->status.state == FLOE_STATE_STOPPING)
        return container_wait(dependent, -1, &exit_code, error);
    return container_stop(dependent, options, error);
}

void dependents_stop(floe_container *ctr, const floe_stop_options *options)
{
    g_auto(GStrv) ids = NULL;
    g_autoptr(GError) err = NULL;

    if (!container_list_dependents(ctr->engine->db, ctr->record->id, &ids, &err)) {
        log_ignored(g_steal_pointer(&err), "stop what depends on \"%s\"", ctr->record->name);
        return;
    }
    for (char **id = ids; *id != NULL; id++) {
        g_autoptr(floe_container) dependent = NULL;

        if (container_open(ctr->engine, *id, &dependent, &err) &&
            stop_dependent(dependent, options, &err))
            continue;
        /* Not one of those that run, or gone meanwhile. */
        if (!err_is(err, FLOE_ERROR_BAD_STATE) && !err_is(err, FLOE_ERROR_STOPPED) &&
            !err_is(err, FLOE_ERROR_REMOVED) && !err_is(err, FLOE_ERROR_NOT_FOUND))
            log_warn("stop what depends on \"%s\": %s", ctr->record->name, err->message);
        g_clear_error(&err);
    }
}

/* --- namespaces ------------------------------------------------------------------------------- */

/* "host", "container" or else, and which container. */
static const char *mode_of(const ContainerConfig *config, const char *kind, const char **ret_other)
{
    const struct {
        const char *kind, *mode, *other;
    } modes[] = {
        { "net", config->network_mode, config->network_container },
        { "pid", config->pid_mode, config->pid_container },
        { "ipc", config->ipc_mode, config->ipc_container },
        { "uts", config->uts_mode, config->uts_container },
        { "cgroup", config->cgroup_container != NULL ? "container" : "private",
          config->cgroup_container },
    };
    size_t i = 0;

    while (!g_str_equal(modes[i].kind, kind))
        g_assert(++i < G_N_ELEMENTS(modes));
    *ret_other = modes[i].other;
    return modes[i].mode;
}

bool container_namespace_owner(floe_engine *engine, const char *id, const char *kind,
                               floe_container **ret_owner, GError **error)
{
    g_autoptr(floe_container) ctr = NULL;
    const char *other = NULL;
    const char *mode;

    if (!container_open(engine, id, &ctr, error))
        return false;
    mode = mode_of(&ctr->record->config, kind, &other);
    /* It ends: a container can only name one that was there before it. */
    if (g_str_equal(mode, "container"))
        return container_namespace_owner(engine, other, kind, ret_owner, error);
    *ret_owner = g_str_equal(mode, "host") ? NULL : g_steal_pointer(&ctr);
    return true;
}

bool container_namespace_of(floe_engine *engine, const char *id, const char *kind, char **ret_path,
                            GError **error)
{
    g_autoptr(floe_container) ctr = NULL;
    g_autoptr(floe_container) owner = NULL;
    autofd int pidfd = -1;

    if (!container_open(engine, id, &ctr, error) ||
        !container_namespace_owner(engine, id, kind, &owner, error) ||
        !container_find_process(ctr, ctr->record->status.pid, &pidfd, error))
        return false;
    if (pidfd < 0)
        return err_set(error, FLOE_ERROR_BAD_STATE, "container \"%s\" is not running",
                       ctr->record->name);
    if (owner == NULL)
        *ret_path = g_strdup("");
    else if (g_str_equal(kind, "net") && owner->record->status.netns_path != NULL)
        *ret_path = g_strdup(owner->record->status.netns_path);
    else
        *ret_path = g_strdup_printf("/proc/%d/ns/%s", ctr->record->status.pid, kind);
    return true;
}
