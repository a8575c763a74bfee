/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checking a container's health from time to time, without a daemon: by a timer of systemd's where
 * that is the first process, else by a process beside each container that has a health check.
 * Either begins with the container's run and ends with it; where the process was killed, the next
 * look at the container starts another one. docs/decisions/007 says why it is so.
 */
#pragma once

#include "engine/container.h"

/*
 * The container runs: start its monitor, if it has a health check and none watches it. Under the lock.
 */
void health_monitor_begin(floe_container *ctr);

/* The container has ended: so has its timer. The process ends by itself. */
bool health_timer_end(const floe_container *ctr, GError **error);
