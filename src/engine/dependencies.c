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

bool container_namespace_of(floe_engine *engine, const char *id, const char *kind, char **ret_path,
                            GError **error)
{
    g_auto(ContainerStatus) status = { 0 };

    if (!container_load_status(engine->db, id, &status, error))
        return false;
    if (!is_up(&status))
        return err_set(error, FLOE_ERROR_BAD_STATE, "container %.12s is not running", id);
    *ret_path = g_strdup_printf("/proc/%d/ns/%s", status.pid, kind);
    return true;
}
