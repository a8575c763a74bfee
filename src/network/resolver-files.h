/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of a container's /etc/resolv.conf and /etc/hosts. Lists are NULL-terminated; NULL:
 * none.
 */
#pragma once

#include "base/error.h"

typedef struct ResolvConf {
    const char *host_text;              /* the host's resolv.conf; "" if there is none */
    const char *const *servers;         /* --dns; replace the host's */
    const char *const *network_servers; /* the network's (aardvark); come before all others */
    const char *const *search;          /* --dns-search; replaces the host's; "." alone: none */
    const char *const *network_search;  /* the network's; comes before all others */
    const char *const *options;         /* --dns-option; replace the host's */
    bool keeps_loopback; /* the container shares the host's network: 127.0.0.53 works there */
} ResolvConf;

/*
 * Never NULL. Servers of the host that a container with a network of its own cannot reach are
 * dropped: loopback addresses and those bound to an interface of the host (fe80::1%eth0).
 */
char *resolv_conf_text(const ResolvConf *conf);

typedef struct HostsFile {
    const char *base_text;        /* the host's /etc/hosts */
    const char *const *add_hosts; /* "name:address"; "host-gateway" stands for the gateway */
    const char *gateway;          /* host.containers.internal; NULL: no such line */
    const char *const *addresses; /* the container's, a line each; NULL: none */
    const char *hostname;
    const char *name;
} HostsFile;

/*
 * Never NULL. Names that floe gives an address are taken out of the base's lines, and localhost
 * is there whatever the base says. An entry for "host-gateway" is left out when there is no
 * gateway.
 */
char *hosts_text(const HostsFile *hosts);

/* INVALID when an entry is not "name:address", with an IP address or "host-gateway". */
bool add_host_check(const char *entry, GError **error);
