/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic on IPv4 subnets, the choice of a container's address, and MAC addresses. Which
 * addresses are taken is the caller's record; nothing here looks at the host.
 */
#include "network/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static uint32_t prefix_mask(int prefix)
{
    return prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
}

static uint32_t subnet_last(const Subnet *subnet)
{
    return subnet->base | ~prefix_mask(subnet->prefix);
}

bool address_parse(const char *text, uint32_t *ret_address)
{
    struct in_addr address = { 0 };

    if (inet_pton(AF_INET, text, &address) != 1)
        return false;
    *ret_address = ntohl(address.s_addr);
    return true;
}

char *address_to_text(uint32_t address)
{
    return g_strdup_printf("%u.%u.%u.%u", address >> 24, address >> 16 & 0xff, address >> 8 & 0xff,
                           address & 0xff);
}

bool subnet_parse(const char *text, Subnet *ret_subnet, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    guint64 prefix = 0;
    uint32_t base = 0;

    if (g_strv_length(parts) != 2 || !address_parse(parts[0], &base) ||
        !g_ascii_string_to_unsigned(parts[1], 10, 0, 32, &prefix, NULL))
        return err_set(error, FLOE_ERROR_INVALID,
                       "'%s' is not an IPv4 subnet: expected something like 10.88.0.0/16", text);
    if (base & ~prefix_mask((int)prefix)) {
        g_autofree char *right = address_to_text(base & prefix_mask((int)prefix));

        return err_set(error, FLOE_ERROR_INVALID, "subnet '%s' has host bits set: meant is %s/%s?",
                       text, right, parts[1]);
    }
    *ret_subnet = (Subnet){ .base = base, .prefix = (int)prefix };
    return true;
}

Subnet subnet_around(uint32_t address, int prefix)
{
    return (Subnet){ .base = address & prefix_mask(prefix), .prefix = prefix };
}

bool subnet_contains(const Subnet *subnet, uint32_t address)
{
    return (address & prefix_mask(subnet->prefix)) == subnet->base;
}

bool subnets_overlap(const Subnet *a, const Subnet *b)
{
    return subnet_contains(a, b->base) || subnet_contains(b, a->base);
}

char *subnet_to_text(const Subnet *subnet)
{
    g_autofree char *base = address_to_text(subnet->base);

    return g_strdup_printf("%s/%d", base, subnet->prefix);
}

/* What the choice of an address needs to know of a network, as numbers. */
typedef struct Range {
    Subnet subnet;
    uint32_t gateway;
} Range;

static bool network_range(const Network *network, Range *ret_range, GError **error)
{
    if (!subnet_parse(network->subnet, &ret_range->subnet, error))
        return err_prefix(error, "network '%s'", network->name);
    if (!address_parse(network->gateway, &ret_range->gateway))
        return err_set(error, FLOE_ERROR_INVALID, "network '%s': gateway '%s' is no IPv4 address",
                       network->name, network->gateway);
    return true;
}

/* Why an address of the subnet is not for containers; NULL: it is. */
static const char *reserved_for(const Range *range, uint32_t address)
{
    if (address == range->subnet.base)
        return "the network itself";
    if (address == subnet_last(&range->subnet))
        return "broadcast";
    if (address == range->gateway)
        return "the gateway";
    return NULL;
}

static GHashTable *address_set(const char *const *addresses)
{
    GHashTable *set = g_hash_table_new(NULL, NULL);

    for (size_t i = 0; addresses && addresses[i]; i++) {
        uint32_t address = 0;

        if (address_parse(addresses[i], &address))
            g_hash_table_add(set, GUINT_TO_POINTER(address));
    }
    return set;
}

bool network_next_address(const Network *network, const char *const *in_use, const char *last,
                          char **ret_address, GError **error)
{
    Range range = { 0 };
    uint32_t start = 0;

    if (!network_range(network, &range, error))
        return false;
    if (!last || !address_parse(last, &start) || !subnet_contains(&range.subnet, start))
        start = range.subnet.base;

    g_autoptr(GHashTable) taken = address_set(in_use);
    uint32_t candidate = start;

    do {
        candidate = candidate == subnet_last(&range.subnet) ? range.subnet.base : candidate + 1;
        if (!reserved_for(&range, candidate) &&
            !g_hash_table_contains(taken, GUINT_TO_POINTER(candidate))) {
            *ret_address = address_to_text(candidate);
            return true;
        }
    } while (candidate != start);

    return err_set(error, FLOE_ERROR_NETWORK,
                   "network '%s' has no free address left: all of %s are in use", network->name,
                   network->subnet);
}

bool network_check_address(const Network *network, const char *address, GError **error)
{
    Range range = { 0 };
    uint32_t number = 0;

    if (!address_parse(address, &number))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not an IPv4 address", address);
    if (!network_range(network, &range, error))
        return false;
    if (!subnet_contains(&range.subnet, number))
        return err_set(error, FLOE_ERROR_INVALID,
                       "address %s is not in the subnet of network '%s' (%s)", address,
                       network->name, network->subnet);

    const char *reserved = reserved_for(&range, number);

    if (reserved)
        return err_set(error, FLOE_ERROR_INVALID, "address %s of network '%s' is for %s", address,
                       network->name, reserved);
    return true;
}

char *mac_random(void)
{
    uint8_t mac[ETH_ALEN] = { 0 };
    /*
     * Up to 256 bytes come whole or not at all, and only before the kernel's pool is ready it
     * waits.
     */
    ssize_t got = TEMP_FAILURE_RETRY(getrandom(mac, sizeof(mac), 0));

    g_assert(got == sizeof(mac));

    mac[0] = (mac[0] & 0xfc) | 0x02; /* of one interface, made up locally */
    return g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                           mac[5]);
}

bool mac_is_valid(const char *text)
{
    if (strlen(text) != 3 * ETH_ALEN - 1)
        return false;
    for (size_t i = 0; text[i]; i++) {
        if (i % 3 == 2 ? text[i] != ':' : !g_ascii_isxdigit(text[i]))
            return false;
    }
    /* An odd first byte is a group's address; all zeros is nobody's. */
    return g_ascii_xdigit_value(text[1]) % 2 == 0 && strcmp(text, "00:00:00:00:00:00") != 0;
}
