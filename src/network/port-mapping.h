/* SPDX-License-Identifier: Apache-2.0 */
/* Published ports: parsing of -p, and their reservation on the host. */
#pragma once

#include "base/fd.h"

typedef struct PortMapping {
    char *host_ip;     /* "": every address */
    int container_port;
    int host_port;     /* 0 before a port is chosen */
    int range;
    char *protocol;
} PortMapping;

void port_mapping_free(PortMapping *mapping);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PortMapping, port_mapping_free)

/*
 * "[[address:][host port[-end]]:]port[-end][/tcp|udp|sctp]", addresses of IPv6 in brackets. INVALID names the text.
 * host port 0 or missing: a free one is chosen now.
 */
bool port_mapping_parse(const char *text, PortMapping **ret_mapping, GError **error);

/*
 * Bind every host port (no listen) so that nothing else takes it and a conflict is told before anything starts:
 * NETWORK "port 8080/tcp is in use on 0.0.0.0". The descriptors stay open in conmon for the container's life.
 */
bool port_mappings_reserve(GPtrArray *mappings, GArray **ret_fds, GError **error);
