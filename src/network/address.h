/* SPDX-License-Identifier: Apache-2.0 */
/* IP addresses and subnets of both families, and MAC addresses: their texts, and arithmetic. */
#pragma once

#include "base/error.h"

#include <stdint.h>
#include <sys/socket.h>

#define ADDRESS_MAX_BYTES 16

typedef struct Address {
    int family;                       /* AF_INET, AF_INET6; 0: none */
    uint8_t bytes[ADDRESS_MAX_BYTES]; /* in the order of the network; those that are not used are 0 */
} Address;

#define ADDRESS_NONE ((Address){ .family = 0 })

typedef struct Subnet {
    Address base; /* without host bits */
    int prefix;
} Subnet;

/* --- addresses -------------------------------------------------------------------------------- */

/* "10.88.0.1", "fd00::1". False: neither. */
bool address_parse(const char *text, Address *ret_address);

/* Of a text: AF_INET, AF_INET6, or 0 when it is no address. NULL is none either. */
int address_family(const char *text);

/* Freed by the caller. */
char *address_to_text(const Address *address);

/* 32 or 128. */
int address_bits(int family);

bool address_equal(const Address *a, const Address *b);

/* Below 0, 0 or above, of two of one family. */
int address_compare(const Address *a, const Address *b);

/* The one behind it; behind the last one comes the first. */
Address address_next(const Address *address);

/* --- subnets ---------------------------------------------------------------------------------- */

/* "10.88.0.0/16", "fd00::/64". Host bits that are set, or anything else, is INVALID. */
bool subnet_parse(const char *text, Subnet *ret_subnet, GError **error);

/* The same, of an address of it with its prefix: "10.88.0.5/16" is in 10.88.0.0/16. */
bool subnet_parse_around(const char *text, Subnet *ret_subnet, GError **error);

/* The subnet of `prefix` bits that an address lies in. */
Subnet subnet_around(const Address *address, int prefix);

/* False for an address of the other family; likewise for the overlap. */
bool subnet_contains(const Subnet *subnet, const Address *address);
bool subnets_overlap(const Subnet *a, const Subnet *b);

/* The last address, which in IPv4 is the broadcast address. */
Address subnet_last(const Subnet *subnet);

/* Freed by the caller. */
char *subnet_to_text(const Subnet *subnet);

/* --- MAC addresses ---------------------------------------------------------------------------- */

/* A random, locally administered unicast MAC address: "92:11:22:33:44:55". */
char *mac_random(void);

/* Six pairs of hex digits with colons, and an address that a single interface may have. */
bool mac_is_valid(const char *text);
