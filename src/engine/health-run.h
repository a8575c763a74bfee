/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a container's health check. The command runs by the runtime's exec, without a conmon; while
 * it does, its process holds a lock, by which others find out.
 */
#pragma once

#include "engine/container.h"

/* As floe_container_check_health(). */
bool container_check_health(floe_container *ctr, bool *ret_healthy, GError **error);

/*
 * For a checkpoint, which cannot hold it: end a check that runs, and let none begin while the lock is
 * held. Under the container's lock. IN_USE when it does not end.
 */
bool health_halt(floe_container *ctr, Lock *ret_lock, GError **error);
