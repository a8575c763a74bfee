/* SPDX-License-Identifier: Apache-2.0 */
/* Stopping a container and starting it again, as one operation. */
#pragma once

#include "engine/container.h"

/* Hold it for a restart, which is told to those who ask here: */
bool container_lock_restart(floe_container *ctr, Lock *ret_lock, GError **error);

/*
 * Is a floe at work that has stopped it to start it again? Then conmon's exit command leaves it
 * alone, and with --rm does not remove it. Under the container's lock.
 */
bool container_is_restarting(floe_container *ctr, bool *ret_is_restarting, GError **error);

/* As floe_container_restart(). */
bool container_restart(floe_container *ctr, const floe_stop_options *options, GError **error);
