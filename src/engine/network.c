/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/network.h"

#include "base/log.h"
#include "engine/engine-config.h"
#include "network/netavark-tool.h"
#include "network/network-new.h"

/* --- the default network ---------------------------------------------------------------------- */

/* What the configuration file says of the default network. */
typedef struct DefaultWish {
    char *interface; /* NULL: not said; the same for: */
    char *subnet;
    bool has_dns; /* containers find each other by name */
} DefaultWish;

static void default_wish_clear(DefaultWish *wish)
{
    g_free(wish->interface);
    g_free(wish->subnet);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DefaultWish, default_wish_clear)

/* [network] interface=, subnet= and dns=. A missing file says nothing. */
static bool read_default_wish(DefaultWish *ret_wish, GError **error)
{
    g_autoptr(GKeyFile) file = NULL;
    g_autoptr(GError) err = NULL;

    if (!config_file_load(&file, error))
        return false;
    ret_wish->interface = g_key_file_get_string(file, "network", "interface", NULL);
    ret_wish->subnet = g_key_file_get_string(file, "network", "subnet", NULL);
    ret_wish->has_dns = g_key_file_get_boolean(file, "network", "dns", &err);
    if (err != NULL && g_error_matches(err, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE))
        return err_set(error, FLOE_ERROR_INVALID, "'%s': [network] dns is not true or false",
                       config_file_path());
    return true;
}

bool engine_insert_network(floe_engine *engine, const Network *network, GError **error)
{
    g_autoptr(NetworkRecord) record = network_record_new();

    record->id = g_strdup(network->id);
    record->name = g_strdup(network->name);
    record->bridge = network_is_macvlan(network) ? NULL : g_strdup(network->interface);
    record->info = network_to_json(network);
    return network_insert(engine->db, record, error);
}

static bool make_default(floe_engine *engine, GError **error)
{
    g_autoptr(Network) network = NULL;
    g_autofree char *subnets = NULL;
    g_auto(DefaultWish) wish = { 0 };

    if (!read_default_wish(&wish, error))
        return false;
    if (wish.interface == NULL)
        wish.interface = engine->tag[0] == '\0' ? g_strdup("floe0")
                                                : g_strconcat("floe", engine->tag, NULL);
    if (!network_make_default(wish.interface, wish.subnet, &network, error))
        return false;
    network->dns_enabled = wish.has_dns;
    subnets = network_subnets_text(network);
    log_info("the default network is %s on %s", subnets, network->interface);
    return engine_insert_network(engine, network, error);
}

/* Looked for again in the transaction: another floe may be at its first use, too. */
static bool settle_default(floe_engine *engine, NetworkRecord **ret_record, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    if (!network_find(engine->db, NETWORK_DEFAULT_NAME, ret_record, error))
        return false;
    if (*ret_record != NULL)
        return true;
    return transaction_begin(engine->db, false, &transaction, error) &&
           network_find(engine->db, NETWORK_DEFAULT_NAME, ret_record, error) &&
           (*ret_record != NULL ||
            (make_default(engine, error) &&
             network_find(engine->db, NETWORK_DEFAULT_NAME, ret_record, error))) &&
           transaction_commit(&transaction, error);
}

bool engine_default_network(floe_engine *engine, Network **ret_network, GError **error)
{
    g_autoptr(NetworkRecord) record = NULL;

    return settle_default(engine, &record, error) &&
           network_from_json(record->info, ret_network, error);
}

bool network_firewall(char **ret_driver, GError **error)
{
    if (!choose_firewall(ret_driver, error))
        return false;
    return *ret_driver != NULL || netavark_firewall(ret_driver, error);
}

char *engine_netavark_directory(const floe_engine *engine)
{
    return g_build_filename(engine->runroot, "network", NULL);
}

/* --- finding ---------------------------------------------------------------------------------- */

bool engine_network(floe_engine *engine, const char *name_or_id, Network **ret_network,
                    GError **error)
{
    g_autoptr(NetworkRecord) record = NULL;
    g_autoptr(NetworkRecord) standard = NULL;

    if (!network_find(engine->db, name_or_id, &record, error))
        return false;
    /* It may be the default one that is meant, by its name or its id, before its first use. */
    if (record == NULL && (!settle_default(engine, &standard, error) ||
                           !network_find(engine->db, name_or_id, &record, error)))
        return false;
    if (record == NULL)
        return network_not_found(name_or_id, error);
    return network_from_json(record->info, ret_network, error);
}

bool engine_networks(floe_engine *engine, GPtrArray **ret_networks, GError **error)
{
    g_autoptr(GPtrArray) networks = g_ptr_array_new_with_free_func((GDestroyNotify)network_free);
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(NetworkRecord) standard = NULL;

    if (!settle_default(engine, &standard, error) || !network_list(engine->db, &records, error))
        return false;
    for (guint i = 0; i < records->len; i++) {
        const NetworkRecord *record = g_ptr_array_index(records, i);
        Network *network = NULL;

        if (!network_from_json(record->info, &network, error))
            return false;
        g_ptr_array_add(networks, network);
    }
    *ret_networks = g_steal_pointer(&networks);
    return true;
}
