/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/network-lease.h"

#include "network/address-choice.h"
#include "state/lease-record.h"

/* The next free one. */
static bool choose(Database *db, const Network *network, const NetworkSubnet *subnet,
                   const char *container_id, char **ret_address, GError **error)
{
    g_autofree char *subnet_text = subnet_to_text(&subnet->subnet);
    g_autofree char *address = NULL;
    g_autofree char *last = NULL;
    g_auto(GStrv) in_use = NULL;

    if (!lease_list(db, network->name, &in_use, error) ||
        !lease_get_last(db, network->name, subnet_text, &last, error) ||
        !network_next_address(network, subnet, (const char *const *)in_use, last, &address, error) ||
        !lease_take(db, network->name, address, container_id, error) ||
        !lease_set_last(db, network->name, subnet_text, address, error))
        return false;
    *ret_address = g_steal_pointer(&address);
    return true;
}

/*
 * The wanted address in a subnet, in the form in which addresses are compared ("fd00:0::2" is
 * "fd00::2"); NULL: none is wanted there.
 */
static char *find_wanted(const NetworkSubnet *subnet, const char *const *wanted)
{
    Address address = ADDRESS_NONE;

    for (; wanted != NULL && *wanted != NULL; wanted++) {
        if (address_parse(*wanted, &address) && subnet_contains(&subnet->subnet, &address))
            return address_to_text(&address);
    }
    return NULL;
}

static bool take_one(Database *db, const Network *network, const NetworkSubnet *subnet,
                     const char *container_id, const char *const *wanted, char **ret_address,
                     GError **error)
{
    g_autofree char *address = find_wanted(subnet, wanted);

    if (address == NULL)
        return choose(db, network, subnet, container_id, ret_address, error);
    if (!lease_take(db, network->name, address, container_id, error))
        return false;
    *ret_address = g_steal_pointer(&address);
    return true;
}

static bool check_wanted(const Network *network, const char *const *wanted, GError **error)
{
    for (; wanted != NULL && *wanted != NULL; wanted++) {
        if (!network_check_address(network, *wanted, NULL, error))
            return false;
    }
    return true;
}

static bool take_all(Database *db, const Network *network, const char *container_id,
                     const char *const *wanted, GPtrArray *addresses, GError **error)
{
    if (!check_wanted(network, wanted, error))
        return false;
    if (!g_str_equal(network->ipam_driver, "host-local"))
        return true;
    for (unsigned i = 0; i < network->subnets->len; i++) {
        const NetworkSubnet *subnet = &g_array_index(network->subnets, NetworkSubnet, i);
        char *address = NULL;

        if (!take_one(db, network, subnet, container_id, wanted, &address, error))
            return false;
        g_ptr_array_add(addresses, address);
    }
    return true;
}

bool network_take_addresses(floe_engine *engine, const Network *network, const char *container_id,
                            const char *const *wanted, char ***ret_addresses, GError **error)
{
    g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    if (!transaction_begin(engine->db, false, &transaction, error) ||
        !take_all(engine->db, network, container_id, wanted, addresses, error) ||
        !transaction_commit(&transaction, error))
        return err_prefix(error, "network '%s'", network->name);
    g_ptr_array_add(addresses, NULL);
    *ret_addresses = (char **)g_ptr_array_free(g_steal_pointer(&addresses), false);
    return true;
}
