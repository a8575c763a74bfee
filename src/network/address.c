/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An address is its bytes, so that both families are one code: nothing here is fast enough to matter
 * or slow enough to be seen.
 */
#include "network/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* --- addresses -------------------------------------------------------------------------------- */

bool address_parse(const char *text, Address *ret_address)
{
    Address address = ADDRESS_NONE;

    address.family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    if (inet_pton(address.family, text, address.bytes) != 1)
        return false;
    *ret_address = address;
    return true;
}

int address_family(const char *text)
{
    Address address = ADDRESS_NONE;

    return text != NULL && address_parse(text, &address) ? address.family : 0;
}

char *address_to_text(const Address *address)
{
    char text[INET6_ADDRSTRLEN] = "";

    inet_ntop(address->family, address->bytes, text, sizeof(text));
    return g_strdup(text);
}

int address_bits(int family)
{
    return family == AF_INET6 ? 128 : 32;
}

bool address_equal(const Address *a, const Address *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, ADDRESS_MAX_BYTES) == 0;
}

int address_compare(const Address *a, const Address *b)
{
    return memcmp(a->bytes, b->bytes, ADDRESS_MAX_BYTES);
}

Address address_next(const Address *address)
{
    Address next = *address;

    for (int i = address_bits(next.family) / 8 - 1; i >= 0 && ++next.bytes[i] == 0; i--)
        continue;
    return next;
}

/* --- subnets ---------------------------------------------------------------------------------- */

/* The bits of byte `i` that belong to the network. */
static uint8_t mask_of_byte(int prefix, int i)
{
    int bits = CLAMP(prefix - 8 * i, 0, 8);

    return (uint8_t)(0xff << (8 - bits));
}

/* An address and its prefix. */
static bool parse_both(const char *text, Address *ret_base, int *ret_prefix, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    Address base = ADDRESS_NONE;
    guint64 prefix = 0;

    if (g_strv_length(parts) != 2 || !address_parse(parts[0], &base) ||
        !g_ascii_string_to_unsigned(parts[1], 10, 0, (guint64)address_bits(base.family), &prefix,
                                    NULL))
        return err_set(error, FLOE_ERROR_INVALID,
                       "'%s' is not a subnet: expected something like 10.88.0.0/16 or fd00:1::/64",
                       text);
    *ret_base = base;
    *ret_prefix = (int)prefix;
    return true;
}

bool subnet_parse_around(const char *text, Subnet *ret_subnet, GError **error)
{
    Address base = ADDRESS_NONE;
    int prefix = 0;

    if (!parse_both(text, &base, &prefix, error))
        return false;
    *ret_subnet = subnet_around(&base, prefix);
    return true;
}

bool subnet_parse(const char *text, Subnet *ret_subnet, GError **error)
{
    Address base = ADDRESS_NONE;
    Subnet subnet = { .prefix = 0 };
    int prefix = 0;

    if (!parse_both(text, &base, &prefix, error))
        return false;
    subnet = subnet_around(&base, prefix);

    if (!address_equal(&base, &subnet.base)) {
        g_autofree char *right = subnet_to_text(&subnet);

        return err_set(error, FLOE_ERROR_INVALID, "subnet '%s' has host bits set: meant is %s?",
                       text, right);
    }
    *ret_subnet = subnet;
    return true;
}

Subnet subnet_around(const Address *address, int prefix)
{
    Subnet subnet = { .base = *address, .prefix = prefix };

    for (int i = 0; i < ADDRESS_MAX_BYTES; i++)
        subnet.base.bytes[i] &= mask_of_byte(prefix, i);
    return subnet;
}

bool subnet_contains(const Subnet *subnet, const Address *address)
{
    Subnet around = subnet_around(address, subnet->prefix);

    return address_equal(&around.base, &subnet->base);
}

bool subnets_overlap(const Subnet *a, const Subnet *b)
{
    return subnet_contains(a, &b->base) || subnet_contains(b, &a->base);
}

Address subnet_last(const Subnet *subnet)
{
    Address last = subnet->base;

    for (int i = 0; i < address_bits(last.family) / 8; i++)
        last.bytes[i] |= (uint8_t)~mask_of_byte(subnet->prefix, i);
    return last;
}

char *subnet_to_text(const Subnet *subnet)
{
    g_autofree char *base = address_to_text(&subnet->base);

    return g_strdup_printf("%s/%d", base, subnet->prefix);
}

/* --- MAC addresses ---------------------------------------------------------------------------- */

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
