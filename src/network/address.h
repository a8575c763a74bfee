/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 subnets, the addresses that containers get on a network, and MAC addresses. */
#pragma once

#include "network/network.h"

#include <stdint.h>

typedef struct Subnet {
    uint32_t base; /* host byte order, without host bits */
    int prefix;    /* 0 to 32 */
} Subnet;

/* "10.88.0.0/16". Host bits that are set, or anything else, is INVALID. */
bool subnet_parse(const char *text, Subnet *ret_subnet, GError **error);

/* The subnet of `prefix` bits that an address (host byte order) lies in. */
Subnet subnet_around(uint32_t address, int prefix);

bool subnet_contains(const Subnet *subnet, uint32_t address);
bool subnets_overlap(const Subnet *a, const Subnet *b);
char *subnet_to_text(const Subnet *subnet);

/* "10.88.0.1" to host byte order. False: not an IPv4 address. */
bool address_parse(const char *text, uint32_t *ret_address);
char *address_to_text(uint32_t address);

/*
 * The next free address of a network: upward from the one after `last` (NULL: from the start),
 * round the subnet, never the network's, gateway's or broadcast address. `in_use` is
 * NULL-terminated, or NULL. NETWORK when none is left.
 */
bool network_next_address(const Network *network, const char *const *in_use, const char *last,
                          char **ret_address, GError **error);

/* May a container on this network have the address? INVALID says why not. */
bool network_check_address(const Network *network, const char *address, GError **error);

/* A random, locally administered unicast MAC address: "92:11:22:33:44:55". */
char *mac_random(void);

/* Six pairs of hex digits with colons, and an address that a single interface may have. */
bool mac_is_valid(const char *text);
