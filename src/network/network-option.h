/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of a network (--opt): which ones netavark's drivers know, and what may stand in them.
 * What netavark does not know it passes over in silence, so that nothing but a check here tells a user
 * of a mistake.
 */
#pragma once

#include "network/network.h"

/*
 * Check `options` (an object of strings; NULL: none) for the network's driver, and let it have them.
 * What docker calls otherwise gets netavark's name. *ret_interface is the interface that one of them
 * names, the bridge or the parent; NULL: none does. INVALID names the option.
 */
bool network_options_take(const json_t *options, Network *network, char **ret_interface,
                          GError **error);

/*
 * What of this network only a later netavark than `version` ("1.4.0") does, and since which one. False:
 * nothing. Both texts are static.
 */
bool network_needs_later(const Network *network, const char *version, const char **ret_what,
                         const char **ret_since);
