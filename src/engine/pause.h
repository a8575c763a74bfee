/* SPDX-License-Identifier: Apache-2.0 */
/* Freezing and thawing a container's processes in place, by its cgroup. */
#pragma once

#include "engine/container.h"

/* For callers that hold the lock of a container that runs. On failure it runs on. */
bool container_pause_locked(floe_container *ctr, GError **error);

/* As floe_container_pause() and floe_container_unpause(). */
bool container_pause(floe_container *ctr, GError **error);
bool container_unpause(floe_container *ctr, GError **error);

/*
 * Hold the processes of a running container still for a while, during which the caller has the lock
 * and the state stays. If floe is killed meanwhile, the next one lets them go.
 */
bool container_hold_still(floe_container *ctr, GError **error);
bool container_let_go(floe_container *ctr, GError **error);
