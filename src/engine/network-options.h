/* SPDX-License-Identifier: Apache-2.0 */
/* The text of --network for a bridge. */
#pragma once

#include "state/container-record.h"

/* Is it the bridge, or one of podman's other names for it, with or without options? */
bool network_is_bridge(const char *text);

/*
 * "bridge:ip=A,mac=M,alias=NAME,interface_name=N", where alias may come several times, into a
 * NetworkConfig that has its defaults. NULL: nothing. INVALID names the option.
 */
bool network_options_parse(const char *text, NetworkConfig *network, GError **error);
