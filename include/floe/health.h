/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/container.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Run the container's health check once, and record its result. When it makes the container unhealthy,
 * what floe_create_options.health_on_failure asks for is done. Blocks until the check's timeout at
 * most.
 * @ret_healthy  what this check found; may be NULL. The container's status is in its inspect data.
 * States: running. Errors: BAD_STATE, INVALID (it has no health check), IN_USE (another check runs).
 */
FLOE_API bool floe_container_check_health(floe_container *container, bool *ret_healthy,
                                          floe_error **error);

/**
 * Run the health check at every interval until the container ends; at once true if another process
 * does so. `floe start` starts a process for it, `floe healthcheck monitor`.
 * States: any; only one that runs, and has a check, is watched. One that goes meanwhile is no error.
 */
FLOE_API bool floe_container_watch_health(floe_container *container, floe_error **error);

#ifdef __cplusplus
}
#endif
