/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checking a container's health from time to time, without a daemon: a process beside each container
 * that has a health check. It is started with the container and ends with it; where it was killed,
 * the next look at the container starts another one. docs/decisions/ says why it is so.
 */
#pragma once

#include "engine/container.h"

/* The container runs: start its monitor, if it has a health check and none watches it. Under the lock. */
void health_monitor_begin(floe_container *ctr);
