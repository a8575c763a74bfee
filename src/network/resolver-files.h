/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of a container's /etc/resolv.conf, /etc/hosts and /etc/hostname. */
#pragma once

#include "base/error.h"

typedef struct ResolvConf {
    const char *host_text;           /* the host's resolv.conf; "" if there is none */
    const char *const *servers;      /* --dns; replace the host's; NULL: none */
    const char *const *network_servers; /* the network's (aardvark); come before all others */
    const char *const *search;       /* --dns-search; "." alone: none */
    const char *const *network_search;
    const char *const *options;
    bool keeps_loopback;             /* the container shares the host's network: 127.0.0.53 works there */
} ResolvConf;

/* Never NULL. Loopback servers of the host are dropped for a container with a network of its own. */
char *resolv_conf_text(const ResolvConf *conf);

typedef struct HostsFile {
    const char *base_text;         /* the host's /etc/hosts */
    const char *const *add_hosts;  /* "name:address"; "host-gateway" stands for the gateway */
    const char *gateway;           /* host.containers.internal; NULL: no such line */
    const char *address;           /* the container's; NULL: no line of its own */
    const char *hostname;
    const char *name;
} HostsFile;

char *hosts_text(const HostsFile *hosts);

/* INVALID when an entry is not "name:address". */
bool add_host_check(const char *entry, GError **error);
