/* SPDX-License-Identifier: Apache-2.0 */
/* Ending a container's process, and waiting for it. */
#pragma once

#include "engine/operation.h"

/*
 * With the operation entered and the state created, running or stopping: signal, wait (the lock is
 * let go meanwhile), SIGKILL. Afterwards the container is stopped, or gone: REMOVED. timeout_s as
 * in floe_stop_options.
 */
bool container_stop_in(Operation *op, int timeout_s, GError **error);

/* Wait until it has ended; as floe_container_wait(). */
bool container_wait(floe_container *ctr, int timeout_ms, int *ret_exit_code, GError **error);

/* As floe_container_wait_for(), all of the options given. */
bool container_wait_for(floe_container *ctr, const floe_wait_options *options, int *ret_exit_code,
                        GError **error);

/* As floe_container_kill(). */
bool container_kill(floe_container *ctr, int signal, GError **error);

/* As floe_container_stop(). */
bool container_stop(floe_container *ctr, const floe_stop_options *options, GError **error);
