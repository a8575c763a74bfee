/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/dependencies.h"

static bool is_up(const ContainerStatus *status)
{
    return status->state == FLOE_STATE_RUNNING || status->state == FLOE_STATE_PAUSED;
}

bool dependencies_check(floe_container *ctr, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    const char *ids[] = { config->network_container, config->pid_container, config->ipc_container,
                          config->uts_container };
    g_autoptr(GPtrArray) down = g_ptr_array_new();
    g_autofree char *list = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_auto(ContainerStatus) status = { 0 };

        if (ids[i] == NULL)
            continue;
        if (!container_load_status(ctr->engine->db, ids[i], &status, error))
            return false;
        if (!is_up(&status) && !g_ptr_array_find(down, ids[i], NULL))
            g_ptr_array_add(down, (gpointer)ids[i]);
    }
    if (down->len == 0)
        return true;
    g_ptr_array_add(down, NULL);
    list = g_strjoinv(",", (char **)down->pdata);
    return err_set(error, FLOE_ERROR_BAD_STATE,
                   "container \"%s\" depends on containers that are not running: %s",
                   ctr->record->name, list);
}

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

    if (!container_open(engine, id, &ctr, error) ||
        !container_namespace_owner(engine, id, kind, &owner, error))
        return false;
    if (!is_up(&ctr->record->status))
        return err_set(error, FLOE_ERROR_BAD_STATE, "container %.12s is not running", id);
    *ret_path = owner == NULL ? g_strdup("")
                              : g_strdup_printf("/proc/%d/ns/%s", ctr->record->status.pid, kind);
    return true;
}
