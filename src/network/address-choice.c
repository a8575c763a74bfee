/* SPDX-License-Identifier: Apache-2.0 */
#include "network/address-choice.h"

/* Why an address of the subnet is not for containers; NULL: it is. */
static const char *reserved_for(const NetworkSubnet *one, const Address *address)
{
    Address last = subnet_last(&one->subnet);

    if (address_equal(address, &one->subnet.base))
        return "the network itself";
    /* IPv6 has no broadcast. */
    if (last.family == AF_INET && address_equal(address, &last))
        return "broadcast";
    if (address_equal(address, &one->gateway))
        return "the gateway";
    return NULL;
}

static GHashTable *text_set(const char *const *texts)
{
    GHashTable *set = g_hash_table_new(g_str_hash, g_str_equal);

    for (size_t i = 0; texts && texts[i]; i++)
        g_hash_table_add(set, (char *)texts[i]);
    return set;
}

/* The first and the last of those that are given out. */
static void range_of(const NetworkSubnet *one, Address *ret_first, Address *ret_last)
{
    *ret_first = one->range_first.family != 0 ? one->range_first : one->subnet.base;
    *ret_last = one->range_last.family != 0 ? one->range_last : subnet_last(&one->subnet);
}

static bool is_between(const Address *address, const Address *first, const Address *last)
{
    return address->family == first->family && address_compare(address, first) >= 0 &&
           address_compare(address, last) <= 0;
}

/*
 * The last one that was given may be outside, of a time when the network was another. The walk ends
 * even in the largest subnet: every step but a few passes an address that is in use.
 */
bool network_next_address(const Network *network, const NetworkSubnet *subnet,
                          const char *const *in_use, const char *last, char **ret_address,
                          GError **error)
{
    g_autoptr(GHashTable) taken = text_set(in_use);
    Address first_of_range = ADDRESS_NONE;
    Address last_of_range = ADDRESS_NONE;
    Address start = ADDRESS_NONE;

    range_of(subnet, &first_of_range, &last_of_range);
    if (!last || !address_parse(last, &start) ||
        !is_between(&start, &first_of_range, &last_of_range))
        start = last_of_range;

    Address candidate = start;

    do {
        candidate = address_equal(&candidate, &last_of_range) ? first_of_range
                                                              : address_next(&candidate);

        g_autofree char *text = address_to_text(&candidate);

        if (!reserved_for(subnet, &candidate) && !g_hash_table_contains(taken, text)) {
            *ret_address = g_steal_pointer(&text);
            return true;
        }
    } while (!address_equal(&candidate, &start));

    g_autofree char *all = subnet_to_text(&subnet->subnet);

    return err_set(error, FLOE_ERROR_NETWORK,
                   "network '%s' has no free address left: all of %s%s are in use", network->name,
                   subnet->range_first.family != 0 ? "the range of " : "", all);
}

bool network_check_address(const Network *network, const char *address,
                           const NetworkSubnet **ret_subnet, GError **error)
{
    const NetworkSubnet *found = NULL;
    Address wanted = ADDRESS_NONE;

    if (!address_parse(address, &wanted))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not an IP address", address);
    for (unsigned i = 0; i < network->subnets->len && !found; i++) {
        const NetworkSubnet *one = &g_array_index(network->subnets, NetworkSubnet, i);

        if (subnet_contains(&one->subnet, &wanted))
            found = one;
    }
    if (!found) {
        g_autofree char *all = network_subnets_text(network);

        return err_set(error, FLOE_ERROR_INVALID,
                       "address %s is not in a subnet of network '%s' (%s)", address, network->name,
                       all);
    }

    const char *reserved = reserved_for(found, &wanted);

    if (reserved)
        return err_set(error, FLOE_ERROR_INVALID, "address %s of network '%s' is for %s", address,
                       network->name, reserved);
    if (ret_subnet)
        *ret_subnet = found;
    return true;
}
