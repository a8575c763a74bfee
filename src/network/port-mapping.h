/* SPDX-License-Identifier: Apache-2.0 */
/* Published ports: parsing of -p, and their reservation on the host. */
#pragma once

#include "base/json.h"

typedef struct PortMapping {
    char *host_ip; /* "": every address */
    int container_port;
    int host_port;
    int range;      /* that many consecutive ports, at least 1 */
    char *protocol; /* "tcp", "udp", "sctp" */
} PortMapping;

void port_mapping_free(PortMapping *mapping);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PortMapping, port_mapping_free)

/*
 * "[[address:][host port[-end]]:]port[-end][/tcp|udp|sctp]", IPv6 addresses in brackets. INVALID
 * names the text. Host port missing or 0: a free one (a free row of them for a range) is chosen
 * now; it is NETWORK when there is none.
 */
bool port_mapping_parse(const char *text, PortMapping **ret_mapping, GError **error);

/* netavark's port_mappings array. NULL: an empty one. */
json_t *port_mappings_to_json(const GPtrArray *mappings);

/*
 * Bind every host port (without listening) so that nothing else takes it and a conflict is told
 * before anything starts: NETWORK "port 8080/tcp is in use on 0.0.0.0". The descriptors are to
 * stay open for the container's life; freeing the array closes them. SCTP ports are not reserved.
 */
bool port_mappings_reserve(const GPtrArray *mappings, GArray **ret_fds, GError **error);
