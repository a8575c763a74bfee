/* SPDX-License-Identifier: Apache-2.0 */
/* What is left on the host of a network that no container is in: normally nothing. */
#pragma once

#include "engine/engine.h"
#include "network/network.h"

/*
 * netavark takes a bridge down with its last container. Where that was killed, or the bridge could not
 * go, it is still there, with its rules and names. NETWORK: netavark failed.
 */
bool network_remove_leftovers(floe_engine *engine, const Network *network, GError **error);
