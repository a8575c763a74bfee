/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a network: its containers, where that is wanted, what may be left of it on the host, and
 * its record, which goes last, so that a floe that is killed here leaves nothing that the next removal
 * does not find.
 */
#include "engine/container-remove.h"
#include "engine/event.h"
#include "engine/network-filter.h"
#include "engine/network-leftovers.h"
#include "engine/network.h"
#include "engine/pod-remove.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"

#include <floe/network.h>

/* --- its containers --------------------------------------------------------------------------- */

/* The containers of a pod are in the networks of its infra container, which does not go alone. */
static bool remove_pod_of(floe_container *infra, const floe_network_remove_options *options,
                          GError **error)
{
    floe_pod_options remove = FLOE_POD_OPTIONS_INIT;
    g_autoptr(floe_pod) pod = NULL;

    remove.force = true;
    remove.timeout_s = options->timeout_s;
    return pod_open(infra->engine, infra->record->config.pod_id, &pod, error) &&
           pod_remove(pod, &remove, error);
}

static bool remove_user(floe_engine *engine, const char *id,
                        const floe_network_remove_options *options, GError **error)
{
    floe_remove_options remove = FLOE_REMOVE_OPTIONS_INIT;
    g_autoptr(floe_container) ctr = NULL;

    remove.force = true;
    remove.timeout_s = options->timeout_s;
    if (!container_open(engine, id, &ctr, error))
        return false;
    if (!(ctr->record->config.is_infra ? remove_pod_of(ctr, options, error)
                                       : container_remove(ctr, &remove, error)))
        return false;
    if (options->removed != NULL)
        options->removed(id, ctr->record->name, options->removed_data);
    return true;
}

static bool remove_users(floe_engine *engine, const char *name,
                         const floe_network_remove_options *options, GError **error)
{
    g_auto(GStrv) users = NULL;

    if (!network_list_users(engine->db, name, &users, error))
        return false;
    for (char **id = users; *id != NULL; id++) {
        g_autoptr(GError) err = NULL;

        if (remove_user(engine, *id, options, &err) || err_is(err, FLOE_ERROR_NOT_FOUND) ||
            err_is(err, FLOE_ERROR_REMOVED))
            continue;
        g_propagate_error(error, g_steal_pointer(&err));
        return err_prefix(error, "remove what is in network '%s'", name);
    }
    return true;
}

/* --- the network ------------------------------------------------------------------------------ */

static bool remove_network(floe_engine *engine, const Network *network, GError **error)
{
    if (g_str_equal(network->name, NETWORK_DEFAULT_NAME))
        return err_set(error, FLOE_ERROR_INVALID, "default network %s cannot be removed",
                       network->name);
    if (!network_refuse_users(engine->db, network->name, error) ||
        !network_remove_leftovers(engine, network, error) ||
        !network_delete(engine->db, network->name, error))
        return false;
    event_note_network(engine, FLOE_EVENT_REMOVE, network->id, network->name, network->driver);
    return true;
}

static bool remove_by_options(floe_engine *engine, const char *name_or_id,
                              const floe_network_remove_options *options, char **ret_name,
                              GError **error)
{
    g_autoptr(Network) network = NULL;

    if (!engine_network(engine, name_or_id, &network, error))
        return false;
    if (options->force && !g_str_equal(network->name, NETWORK_DEFAULT_NAME) &&
        !remove_users(engine, network->name, options, error))
        return false;
    if (!remove_network(engine, network, error))
        return false;
    if (ret_name != NULL)
        *ret_name = g_strdup(network->name);
    return true;
}

/* One that a container joins meanwhile stays. */
static bool prune_one(floe_engine *engine, const Network *network, GStrvBuilder *names,
                      GError **error)
{
    g_autoptr(GError) err = NULL;

    if (remove_network(engine, network, &err)) {
        g_strv_builder_add(names, network->name);
        return true;
    }
    if (err_is(err, FLOE_ERROR_IN_USE))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

static bool prune_networks(floe_engine *engine, const char *const *filters, char ***ret_names,
                           GError **error)
{
    g_autoptr(ObjectFilter) filter = NULL;
    g_autoptr(GPtrArray) networks = NULL;
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();

    if (!network_filter_new(filters, true, &filter, error) ||
        !engine_networks(engine, &networks, error))
        return false;
    for (guint i = 0; i < networks->len; i++) {
        const Network *network = g_ptr_array_index(networks, i);

        if (!g_str_equal(network->name, NETWORK_DEFAULT_NAME) &&
            network_filter_matches(filter, network, false) &&
            !prune_one(engine, network, names, error))
            return false;
    }
    *ret_names = g_strv_builder_end(names);
    return true;
}

/* --- the border ------------------------------------------------------------------------------- */

bool floe_network_remove(floe_engine *engine, const char *name_or_id,
                         const floe_network_remove_options *options, char **ret_name,
                         floe_error **error)
{
    floe_network_remove_options known = FLOE_NETWORK_REMOVE_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name_or_id), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             remove_by_options(engine, name_or_id, &known, ret_name, &err),
                         &err, error);
}

bool floe_network_prune(floe_engine *engine, const char *const *filters, char ***ret_names,
                        floe_error **error)
{
    g_auto(GStrv) names = NULL;
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(engine), NULL) &&
              prune_networks(engine, filters, &names, &err);

    if (ok && ret_names != NULL)
        *ret_names = g_steal_pointer(&names);
    return public_result(ok, &err, error);
}
