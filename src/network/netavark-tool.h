/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of netavark that are about a network and no container of it. */
#pragma once

#include "base/error.h"

/* "1.4.0". Freed by the caller. MISSING_PART; NETWORK: it does not say. */
bool netavark_version(char **ret_version, GError **error);

/*
 * Whose rules netavark makes where nobody tells it: "nftables", "iptables" or "firewalld", as it
 * was built. Freed by the caller. MISSING_PART; NETWORK.
 */
bool netavark_firewall(char **ret_driver, GError **error);

/*
 * Have aardvark-dns ask other servers (none: the host's) for the containers of a network that is up.
 * `bridge` is what netavark knows it by. NETWORK with netavark's words, which a netavark before 1.4
 * has for a verb that it does not know.
 */
bool netavark_update(const char *config_dir, const char *bridge, const char *const *dns_servers,
                     GError **error);

/* The file with aardvark-dns' names of a network; it is there while a container is in it. */
char *aardvark_file(const char *config_dir, const char *bridge);
