/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration says in which networks it is to be, the status in which it is. Who connects adds to
 * both before netavark works, and who disconnects takes it out of the configuration first: so the
 * difference of the two, and what is not up, tell the next floe what one that was killed was at.
 */
#include "engine/container-connect.h"

#include "base/log.h"
#include "engine/container-files.h"
#include "engine/container-network-plan.h"
#include "engine/container-network.h"
#include "engine/event.h"
#include "engine/network-options.h"
#include "engine/network.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "state/container-networks.h"
#include "state/lease-record.h"

/* --- both lists ------------------------------------------------------------------------------- */

static bool check_networks(const floe_container *ctr, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;

    if (!g_str_equal(config->network_mode, "bridge"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "container \"%s\" has no networks of its own: its network is '%s'",
                       ctr->record->name, config->network_mode);
    if (ctr->record->status.checkpoint_path != NULL && ctr->record->status.netns_path != NULL)
        return err_set(error, FLOE_ERROR_BAD_STATE,
                       "container \"%s\" is checkpointed, with the networks it has: restore it first",
                       ctr->record->name);
    return true;
}

/* Both lists in one; the caller's transaction makes leases part of it. */
static bool save(floe_container *ctr, const char *intent, GError **error)
{
    ContainerStatus *status = &ctr->record->status;

    g_free(status->intent);
    status->intent = g_strdup(intent);
    status->config_revision++;
    return container_save_config(ctr->engine->db, ctr->record->id, &ctr->record->config, status,
                                 error);
}

static void drop_config(floe_container *ctr, const char *network)
{
    GPtrArray *networks = ctr->record->config.networks;
    NetworkConfig *config = network_configs_find(networks, network);

    if (config != NULL && g_ptr_array_remove(networks, config))
        network_config_free(config);
}

/* What it had is somebody else's to have. */
static bool drop_status(floe_container *ctr, NetworkStatus *network, GError **error)
{
    if (!lease_release_on(ctr->engine->db, network->network, ctr->record->id, error))
        return false;
    g_ptr_array_remove(ctr->record->status.networks, network);
    network_status_free(network);
    return true;
}

/*
 * A container that could not be taken out for good could never be removed, so a failure is only told.
 */
static bool leave(floe_container *ctr, NetworkStatus *network, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    g_autoptr(GError) err = NULL;

    if (!container_network_leave(ctr, network, &err) && !container_network_leave(ctr, network, NULL))
        log_ignored(g_steal_pointer(&err), "cannot take container \"%s\" out of network '%s'",
                    ctr->record->name, network->network);
    return transaction_begin(ctr->engine->db, false, &transaction, error) &&
           drop_status(ctr, network, error) && save(ctr, NULL, error) &&
           transaction_commit(&transaction, error);
}

static void refresh_files(floe_container *ctr)
{
    g_autoptr(GError) err = NULL;

    if (!container_rewrite_files(ctr, &err))
        log_ignored(g_steal_pointer(&err), "write resolv.conf and hosts of container \"%s\"",
                    ctr->record->name);
}

/* --- connect ---------------------------------------------------------------------------------- */

static bool add_wish(floe_container *ctr, const char *name, const floe_connect_options *options,
                     GError **error)
{
    GPtrArray *networks = ctr->record->config.networks;
    NetworkConfig *wish;

    if (network_configs_find(networks, name) != NULL)
        return err_set(error, FLOE_ERROR_EXISTS,
                       "container \"%s\" is already connected to network '%s'", ctr->record->name,
                       name);
    wish = g_new0(NetworkConfig, 1);
    wish->name = g_strdup(name);
    g_ptr_array_add(networks, wish);
    if (network_options_connect(options, wish, error) &&
        network_options_name_interfaces(networks, error))
        return true;
    drop_config(ctr, name);
    return false;
}

/* On record, with its addresses where it has a namespace, before anything is made. */
static bool record_connect(floe_container *ctr, GError **error)
{
    bool has_namespace = ctr->record->status.netns_path != NULL;
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    return transaction_begin(ctr->engine->db, false, &transaction, error) &&
           (!has_namespace ||
            container_network_plan_one(ctr, ctr->record->config.networks->len - 1, error)) &&
           save(ctr, has_namespace ? INTENT_CONNECT : NULL, error) &&
           transaction_commit(&transaction, error);
}

/* It is not on record. */
static void forget_connect(floe_container *ctr, const char *name)
{
    GPtrArray *networks = ctr->record->status.networks;
    NetworkStatus *network = network_statuses_find(networks, name);

    drop_config(ctr, name);
    if (network != NULL && g_ptr_array_remove(networks, network))
        network_status_free(network);
    g_clear_pointer(&ctr->record->status.intent, g_free);
}

static void undo_connect(floe_container *ctr, const char *name)
{
    NetworkStatus *network = network_statuses_find(ctr->record->status.networks, name);
    g_autoptr(GError) err = NULL;

    drop_config(ctr, name);
    if (network != NULL && !leave(ctr, network, &err))
        log_ignored(g_steal_pointer(&err), "take container \"%s\" out of network '%s' again",
                    ctr->record->name, name);
}

static bool container_connect(floe_container *ctr, const char *name,
                              const floe_connect_options *options, GError **error)
{
    g_autoptr(Network) network = NULL;
    g_auto(Operation) op = OPERATION_NONE;

    if (!engine_network(ctr->engine, name, &network, error) ||
        !operation_enter(ctr, OPERATION_CONNECT, &op, error) || !check_networks(ctr, error) ||
        !add_wish(ctr, network->name, options, error))
        return false;
    if (!record_connect(ctr, error)) {
        forget_connect(ctr, network->name);
        return false;
    }
    if (ctr->record->status.netns_path == NULL) {
        event_note_network_use(ctr, FLOE_EVENT_CONNECT, network->name);
        return true;
    }
    if (!container_network_join(ctr,
                                network_statuses_find(ctr->record->status.networks, network->name),
                                error)) {
        undo_connect(ctr, network->name);
        return err_prefix(error, "connect container \"%s\" to network '%s'", ctr->record->name,
                          network->name);
    }
    refresh_files(ctr);
    event_note_network_use(ctr, FLOE_EVENT_CONNECT, network->name);
    return container_save_intent(ctr, NULL, error);
}

/* --- disconnect ------------------------------------------------------------------------------- */

/* The network itself may have gone, with its container's row left behind by hand. */
static char *network_name(floe_container *ctr, const char *name_or_id)
{
    g_autoptr(Network) network = NULL;

    if (network_configs_find(ctr->record->config.networks, name_or_id) == NULL &&
        engine_network(ctr->engine, name_or_id, &network, NULL))
        return g_strdup(network->name);
    return g_strdup(name_or_id);
}

static bool container_disconnect(floe_container *ctr, const char *name_or_id, GError **error)
{
    g_autofree char *name = NULL;
    g_auto(Operation) op = OPERATION_NONE;
    NetworkStatus *network;

    if (!operation_enter(ctr, OPERATION_CONNECT, &op, error) || !check_networks(ctr, error))
        return false;
    name = network_name(ctr, name_or_id);
    if (network_configs_find(ctr->record->config.networks, name) == NULL)
        return err_set(error, FLOE_ERROR_NOT_FOUND,
                       "container \"%s\" is not connected to network '%s'", ctr->record->name, name);
    network = ctr->record->status.netns_path != NULL
                  ? network_statuses_find(ctr->record->status.networks, name)
                  : NULL;
    drop_config(ctr, name);
    if (!save(ctr, network != NULL ? INTENT_CONNECT : NULL, error))
        return false;
    if (network != NULL && !leave(ctr, network, error))
        return false;
    if (network != NULL)
        refresh_files(ctr);
    event_note_network_use(ctr, FLOE_EVENT_DISCONNECT, name);
    return true;
}

/* --- reload ----------------------------------------------------------------------------------- */

/* What somebody has flushed cannot be taken down, and need not be. */
static void leave_all(floe_container *ctr)
{
    GPtrArray *networks = ctr->record->status.networks;

    for (guint i = networks != NULL ? networks->len : 0; i > 0; i--) {
        NetworkStatus *network = g_ptr_array_index(networks, i - 1);
        g_autoptr(GError) err = NULL;

        if (!container_network_leave(ctr, network, &err))
            log_info("network '%s' of container \"%s\": %s", network->network, ctr->record->name,
                     err->message);
    }
}

/* One network that fails does not keep it out of the others. */
static bool join_all(floe_container *ctr, GError **error)
{
    GPtrArray *networks = ctr->record->status.networks;
    g_autoptr(GError) first = NULL;

    for (guint i = 0; networks != NULL && i < networks->len; i++) {
        NetworkStatus *network = g_ptr_array_index(networks, i);
        g_autoptr(GError) err = NULL;

        if (container_network_join(ctr, network, &err))
            continue;
        err_prefix(&err, "network '%s'", network->network);
        if (first == NULL)
            first = g_steal_pointer(&err);
        else
            log_ignored(g_steal_pointer(&err), "container \"%s\"", ctr->record->name);
    }
    if (first == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&first));
    return false;
}

static bool reload(floe_container *ctr, GError **error)
{
    leave_all(ctr);
    return join_all(ctr, error);
}

static bool container_reload_network(floe_container *ctr, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    bool ok;

    if (!operation_enter(ctr, OPERATION_RELOAD_NETWORK, &op, error) ||
        !check_networks(ctr, error) || !container_save_intent(ctr, INTENT_RELOAD_NETWORK, error))
        return false;
    ok = reload(ctr, error);
    return container_save_intent(ctr, NULL, ok ? error : NULL) && ok;
}

/* --- healing ---------------------------------------------------------------------------------- */

static NetworkStatus *find_unfinished(floe_container *ctr)
{
    const GPtrArray *networks = ctr->record->status.networks;

    for (guint i = 0; networks != NULL && i < networks->len; i++) {
        NetworkStatus *network = g_ptr_array_index(networks, i);

        if (!network->is_up ||
            network_configs_find(ctr->record->config.networks, network->network) == NULL)
            return network;
    }
    return NULL;
}

bool container_connect_heal(floe_container *ctr, GError **error)
{
    NetworkStatus *network;

    while ((network = find_unfinished(ctr)) != NULL) {
        drop_config(ctr, network->network);
        if (!leave(ctr, network, error))
            return false;
    }
    refresh_files(ctr);
    return true;
}

bool container_reload_network_heal(floe_container *ctr, GError **error)
{
    g_autoptr(GError) err = NULL;

    /* It is tried again by the user, who must be able to do something with the container meanwhile. */
    if (ctr->record->status.netns_path != NULL && !reload(ctr, &err))
        log_ignored(g_steal_pointer(&err),
                    "container \"%s\" has lost a network: use network reload", ctr->record->name);
    return container_save(ctr, error);
}

/* --- border ----------------------------------------------------------------------------------- */

bool floe_container_connect(floe_container *container, const char *network,
                            const floe_connect_options *options, floe_error **error)
{
    floe_connect_options known = FLOE_CONNECT_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(network), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             container_connect(container, network, &known, &err),
                         &err, error);
}

bool floe_container_disconnect(floe_container *container, const char *network, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(network), NULL) &&
                             container_disconnect(container, network, &err),
                         &err, error);
}

bool floe_container_reload_network(floe_container *container, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             container_reload_network(container, &err),
                         &err, error);
}
