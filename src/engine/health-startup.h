/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check that a container with a long start has in the place of its health check until it has
 * succeeded often enough: what it is made of, and what its results say.
 */
#pragma once

#include "engine/health-check.h"

/* What a result of it leads to. */
typedef enum HealthStartup {
    HEALTH_STARTUP_GOES_ON,
    HEALTH_STARTUP_PASSED, /* the health check has its turn now */
    HEALTH_STARTUP_FAILED, /* so often that the container is to be started anew */
} HealthStartup;

/* From the options; after the health check, which must be there. INVALID. */
bool health_startup_apply(const floe_create_options *options, ContainerConfig *config,
                          GError **error);

/* As podman records it: {Test, Interval, Timeout, Retries, Successes}, or none. INVALID. */
bool health_startup_take(const json_t *check, ContainerConfig *config, GError **error);

/* The same for inspect and archives; NULL: there is none. */
json_t *health_startup_describe(const ContainerConfig *config);

/* Is it this one's turn, and not the health check's? */
bool health_startup_is_due(const ContainerConfig *config, const ContainerStatus *status);

/* Put a result on record. */
HealthStartup health_startup_note(const ContainerConfig *config, ContainerStatus *status,
                                  const HealthResult *result);

/* The time between the checks whose turn it is; 0: nobody makes them. */
int64_t health_interval_ns(const ContainerConfig *config, const ContainerStatus *status);
