/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-ports.h"

#include "base/log.h"
#include "engine/container-release.h"
#include "engine/container-remove.h"
#include "engine/container-restart.h"
#include "engine/operation.h"
#include "network/port-mapping.h"
#include "state/port-record.h"

/* --- settling ------------------------------------------------------------------------------- */

/* Its process has ended: nobody has cleaned up yet, or a checkpoint keeps the network. */
static bool let_go(floe_container *holder, GError **error)
{
    const ContainerStatus *status = &holder->record->status;
    bool is_restarting = false;

    if (state_has_process((floe_container_state)status->state))
        return true;
    if (!container_is_restarting(holder, &is_restarting, error))
        return false;
    if (is_restarting)
        return true;
    if (status->state == FLOE_STATE_STOPPED)
        return container_clean_up_locked(holder, holder->record->config.auto_remove, error);
    if (status->checkpoint_path != NULL && status->netns_path != NULL)
        log_warn("the ports of container \"%s\", which is checkpointed, are given to another: its "
                 "connections will not go on",
                 holder->record->name);
    return container_release(holder, RELEASE_ALL, error) && container_save(holder, error);
}

static bool settle_with(floe_engine *engine, const char *id, GError **error)
{
    g_autoptr(floe_container) holder = NULL;
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GError) err = NULL;

    /* To enter is to heal, and to notice an end. */
    if ((container_open(engine, id, &holder, &err) && operation_enter_fresh(holder, &op, &err) &&
         let_go(holder, &err)) ||
        err_is(err, FLOE_ERROR_NOT_FOUND) || err_is(err, FLOE_ERROR_REMOVED))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

bool container_ports_settle(floe_container *ctr, GError **error)
{
    const GPtrArray *ports = ctr->record->config.ports;

    /* Within a batch the lock is held, and whoever has one must not wait for another. */
    for (guint i = 0; ports != NULL && i < ports->len && !ctr->in_batch; i++) {
        g_autofree char *holder = NULL;

        if (!port_find_holder(ctr->engine->db, g_ptr_array_index(ports, i), ctr->record->id,
                              &holder, error) ||
            (holder != NULL && !settle_with(ctr->engine, holder, error)))
            return false;
    }
    return true;
}

/* --- on record ------------------------------------------------------------------------------ */

static bool refuse(floe_container *ctr, const PortConfig *port, const char *holder_id,
                   GError **error)
{
    g_autoptr(floe_container) holder = NULL;

    if (!container_open(ctr->engine, holder_id, &holder, error))
        return false;
    if (port->range > 1)
        return err_set(error, FLOE_ERROR_NETWORK,
                       "of the ports %d-%d/%s some are in use by container \"%s\"", port->host_port,
                       port->host_port + port->range - 1, port->protocol, holder->record->name);
    return err_set(error, FLOE_ERROR_NETWORK, "port %d/%s is in use by container \"%s\"",
                   port->host_port, port->protocol, holder->record->name);
}

bool container_ports_take(floe_container *ctr, GError **error)
{
    const GPtrArray *ports = ctr->record->config.ports;
    Database *db = ctr->engine->db;

    if (!port_release(db, ctr->record->id, error))
        return false;
    for (guint i = 0; ports != NULL && i < ports->len; i++) {
        const PortConfig *port = g_ptr_array_index(ports, i);
        g_autofree char *holder = NULL;

        if (!port_find_holder(db, port, ctr->record->id, &holder, error))
            return false;
        if (holder != NULL)
            return refuse(ctr, port, holder, error);
        if (!port_take(db, port, ctr->record->id, error))
            return false;
    }
    return true;
}

/* --- sockets -------------------------------------------------------------------------------- */

GPtrArray *container_port_mappings(const ContainerConfig *config)
{
    GPtrArray *mappings;

    if (config->ports == NULL)
        return NULL;
    mappings = g_ptr_array_new_with_free_func((GDestroyNotify)port_mapping_free);
    for (guint i = 0; i < config->ports->len; i++) {
        const PortConfig *port = g_ptr_array_index(config->ports, i);
        PortMapping *mapping = g_new0(PortMapping, 1);

        mapping->host_ip = g_strdup(port->host_ip != NULL ? port->host_ip : "");
        mapping->container_port = port->container_port;
        mapping->host_port = port->host_port;
        mapping->range = port->range;
        mapping->protocol = g_strdup(port->protocol);
        g_ptr_array_add(mappings, mapping);
    }
    return mappings;
}

bool container_ports_hold(floe_container *ctr, GArray **ret_fds, GError **error)
{
    g_autoptr(GPtrArray) ports = container_port_mappings(&ctr->record->config);

    *ret_fds = NULL;
    return ports == NULL || port_mappings_reserve(ports, ret_fds, error);
}
