/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of networks. */
#include "engine/network-filter.h"
#include "engine/network.h"
#include "engine/public-error.h"
#include "state/container-networks.h"
#include "state/container-record.h"

#include <floe/network.h>

#include <string.h>

static int by_name(const void *a, const void *b)
{
    const Network *const *one = a;
    const Network *const *other = b;

    return strcmp((*one)->name, (*other)->name);
}

static bool is_used(floe_engine *engine, const Network *network, bool *ret_used, GError **error)
{
    g_auto(GStrv) users = NULL;

    if (!network_list_users(engine->db, network->name, &users, error))
        return false;
    *ret_used = users[0] != NULL;
    return true;
}

static bool list_networks(floe_engine *engine, const char *const *filters, char **ret_json,
                          GError **error)
{
    g_autoptr(ObjectFilter) filter = NULL;
    g_autoptr(GPtrArray) networks = NULL;
    g_autoptr(JsonValue) list = json_array();

    if (!network_filter_new(filters, false, &filter, error) ||
        !engine_networks(engine, &networks, error))
        return false;
    g_ptr_array_sort(networks, by_name);
    for (guint i = 0; i < networks->len; i++) {
        const Network *network = g_ptr_array_index(networks, i);
        bool used = false;

        if (!is_used(engine, network, &used, error))
            return false;
        if (network_filter_matches(filter, network, used))
            json_array_append_new(list, network_to_json(network));
    }
    *ret_json = json_to_text(list);
    return true;
}

/* {"ipnet": "10.89.0.2/24", "gateway": "10.89.0.1"}; the gateways are in the order of the addresses. */
static json_t *interface_object(const NetworkStatus *network)
{
    json_t *subnets = json_array();
    char **gateway = network->gateways;

    for (char **address = network->addresses; address != NULL && *address != NULL; address++) {
        json_t *subnet = json_object();

        json_object_set_new(subnet, "ipnet", json_from_string(*address));
        if (gateway != NULL && *gateway != NULL)
            json_object_set_new(subnet, "gateway", json_from_string(*gateway++));
        json_array_append_new(subnets, subnet);
    }
    return json_pack("{s:o, s:o}", "subnets", subnets, "mac_address",
                     json_from_string(network->mac));
}

/* By id, those that are in it at this moment. */
static bool add_containers(floe_engine *engine, const Network *network, json_t *object,
                           GError **error)
{
    json_t *containers = json_object();
    g_auto(GStrv) ids = NULL;

    json_object_set_new(object, "containers", containers);
    if (!network_list_users(engine->db, network->name, &ids, error))
        return false;
    for (char **id = ids; *id != NULL; id++) {
        g_autoptr(ContainerRecord) record = NULL;
        const NetworkStatus *status;

        /* One that was removed meanwhile is not in it. */
        if (!container_load(engine->db, *id, &record, NULL))
            continue;
        status = network_statuses_find(record->status.networks, network->name);
        if (status != NULL && status->is_up)
            json_object_set_new(containers, *id,
                                json_pack("{s:o, s:{s:o}}", "name", json_from_string(record->name),
                                          "interfaces", status->interface_name,
                                          interface_object(status)));
    }
    return true;
}

static bool inspect_network(floe_engine *engine, const char *name_or_id, char **ret_json,
                            GError **error)
{
    g_autoptr(Network) network = NULL;
    g_autoptr(JsonValue) object = NULL;

    if (!engine_network(engine, name_or_id, &network, error))
        return false;
    object = network_to_json(network);
    if (!add_containers(engine, network, object, error))
        return false;
    *ret_json = json_to_text(object);
    return true;
}

static bool network_exists(floe_engine *engine, const char *name_or_id, bool *ret_exists,
                           GError **error)
{
    g_autoptr(Network) network = NULL;
    g_autoptr(GError) err = NULL;

    *ret_exists = engine_network(engine, name_or_id, &network, &err);
    if (*ret_exists || err_is(err, FLOE_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

bool floe_network_list(floe_engine *engine, const char *const *filters, char **ret_json,
                       floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(ret_json), NULL) &&
                             list_networks(engine, filters, ret_json, &err),
                         &err, error);
}

bool floe_network_inspect(floe_engine *engine, const char *name_or_id, char **ret_json,
                          floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name_or_id), GIVEN(ret_json),
                                      NULL) &&
                             inspect_network(engine, name_or_id, ret_json, &err),
                         &err, error);
}

bool floe_network_exists(floe_engine *engine, const char *name_or_id, bool *ret_exists,
                         floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name_or_id), GIVEN(ret_exists),
                                      NULL) &&
                             network_exists(engine, name_or_id, ret_exists, &err),
                         &err, error);
}
