/* SPDX-License-Identifier: Apache-2.0 */
/* Putting a container into networks, taking it out, and making what it has in them anew. */
#pragma once

#include "engine/container.h"

/*
 * After a floe that was killed: what a connect had begun with is undone, what a disconnect had is
 * finished. The caller saves the intent.
 */
bool container_connect_heal(floe_container *ctr, GError **error);

/* And a reload is done again. */
bool container_reload_network_heal(floe_container *ctr, GError **error);
