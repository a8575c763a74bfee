/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's health check: what it is made of, and what its results say. The one that runs before it
 * is health-startup.c's, running them health-run.c's, doing so from time to time health-monitor.c's.
 */
#pragma once

#include "engine/create-options.h"

#define HEALTH_STARTING  "starting"
#define HEALTH_HEALTHY   "healthy"
#define HEALTH_UNHEALTHY "unhealthy"

/*
 * From the options and, where they say nothing, the image. Formats: --health-cmd as podman reads it (a
 * shell's line, a JSON list of words, "none"); Healthcheck of an image's configuration as docker's
 * builder writes it ({Test, Interval, Timeout, StartPeriod, Retries}, in nanoseconds). INVALID.
 */
bool health_check_apply(const CreateInput *input, ContainerConfig *config, GError **error);

/*
 * As another engine has recorded it, every number meant: {Test, Interval ...} as above, or none;
 * action: what to do on failure, or NULL. INVALID.
 */
bool health_check_take(const json_t *check, const char *action, ContainerConfig *config,
                       GError **error);

bool health_check_is_set(const ContainerConfig *config);

/* The words of the command of a test; of a shell's line, with /bin/sh in front. g_strfreev(). */
char **health_test_command(char **test);

/*
 * For what the options are read from: the test of a command as above, and a time of at least
 * least_ns, where text is not NULL. INVALID names the option.
 */
bool health_test_parse(const char *option, const char *text, char ***ret_test, GError **error);
bool health_time_parse(const char *option, const char *text, int64_t least_ns, int64_t *ret_ns,
                       GError **error);

/* Can it be run, or is it none? INVALID. */
bool health_test_check(char **test, GError **error);
bool health_test_is_set(char **test);

/* What one check found. */
typedef struct HealthResult {
    int64_t begun_unix_ns;
    int64_t ended_unix_ns;
    int exit_code; /* 0: healthy; -1: it was killed, for it took too long */
    const char *output;
} HealthResult;

/* A run begins: nothing is known of it. The log of earlier ones stays. */
void health_begin(const ContainerConfig *config, ContainerStatus *status);

/* Into the log, and the status as it is then. */
void health_log_result(ContainerStatus *status, const HealthResult *result);
void health_set_status(ContainerStatus *status, const char *health);

/*
 * Put a result on record. In the start period a failure does not count, unless there has been a
 * success. True: with it so many have failed in a row that the container is unhealthy.
 */
bool health_note(const ContainerConfig *config, ContainerStatus *status, const HealthResult *result);
