/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/health-startup.h"

#include "base/json.h"

#define DEFAULT_TIME_NS (30 * G_GINT64_CONSTANT(1000000000))
#define MOST_TRIES      100000

/* --- what it is made of ----------------------------------------------------------------------- */

static bool check_tries(int64_t retries, int64_t successes, GError **error)
{
    return (retries >= 0 && retries <= MOST_TRIES && successes >= 0 && successes <= MOST_TRIES) ||
           err_set(error, FLOE_ERROR_INVALID,
                   "startup health check: a number of tries is out of range");
}

bool health_startup_apply(const floe_create_options *options, ContainerConfig *config,
                          GError **error)
{
    const char *command = options->health_startup_cmd;
    const char *interval = options->health_startup_interval;

    if (command == NULL || *command == '\0')
        return true;
    if (options->no_healthcheck)
        return err_set(error, FLOE_ERROR_INVALID,
                       "cannot specify both --no-healthcheck and --health-startup-cmd");
    if (!health_check_is_set(config))
        return err_set(error, FLOE_ERROR_INVALID,
                       "cannot set a startup healthcheck when there is no regular healthcheck");
    if (!health_test_parse("health-startup-cmd", command, &config->health_startup_test, error) ||
        !health_test_check(config->health_startup_test, error) ||
        !check_tries(options->health_startup_retries, options->health_startup_success, error))
        return false;
    config->health_startup_retries = options->health_startup_retries;
    config->health_startup_success = options->health_startup_success;
    config->health_startup_interval_ns = DEFAULT_TIME_NS;
    config->health_startup_timeout_ns = DEFAULT_TIME_NS;
    if (g_strcmp0(interval, "disable") == 0)
        interval = "0";
    return health_time_parse("health-startup-interval", interval, 0,
                             &config->health_startup_interval_ns, error) &&
           health_time_parse("health-startup-timeout", options->health_startup_timeout, 1,
                             &config->health_startup_timeout_ns, error);
}

bool health_startup_take(const json_t *check, ContainerConfig *config, GError **error)
{
    int64_t retries = 0, successes = 0;

    if (check == NULL || json_is_null(check))
        return true;
    if (!json_get_strv(check, "Test", &config->health_startup_test, error) ||
        !json_get_number(check, "Interval", 0, INT64_MAX, &config->health_startup_interval_ns,
                         error) ||
        !json_get_number(check, "Timeout", 0, INT64_MAX, &config->health_startup_timeout_ns, error) ||
        !json_get_int64(check, "Retries", &retries, error) ||
        !json_get_int64(check, "Successes", &successes, error) ||
        !health_test_check(config->health_startup_test, error) ||
        !check_tries(retries, successes, error))
        return err_prefix(error, "startup health check");
    config->health_startup_retries = (int)retries;
    config->health_startup_success = (int)successes;
    return true;
}

json_t *health_startup_describe(const ContainerConfig *config)
{
    json_t *object;

    if (config->health_startup_test == NULL)
        return NULL;
    object = json_pack("{s:o, s:I, s:I}", "Test",
                       json_from_strv((const char *const *)config->health_startup_test), "Interval",
                       (json_int_t)config->health_startup_interval_ns, "Timeout",
                       (json_int_t)config->health_startup_timeout_ns);
    if (config->health_startup_retries > 0)
        json_object_set_new(object, "Retries", json_integer(config->health_startup_retries));
    if (config->health_startup_success > 0)
        json_object_set_new(object, "Successes", json_integer(config->health_startup_success));
    return object;
}

/* --- what its results say --------------------------------------------------------------------- */

bool health_startup_is_due(const ContainerConfig *config, const ContainerStatus *status)
{
    return health_check_is_set(config) && health_test_is_set(config->health_startup_test) &&
           !status->health_started;
}

int64_t health_interval_ns(const ContainerConfig *config, const ContainerStatus *status)
{
    if (!health_check_is_set(config))
        return 0;
    return health_startup_is_due(config, status) ? config->health_startup_interval_ns
                                                 : config->health_interval_ns;
}

HealthStartup health_startup_note(const ContainerConfig *config, ContainerStatus *status,
                                  const HealthResult *result)
{
    health_log_result(status, result);
    if (result->exit_code != 0) {
        status->health_startup_bad++;
        return config->health_startup_retries > 0 &&
                       status->health_startup_bad >= config->health_startup_retries
                   ? HEALTH_STARTUP_FAILED
                   : HEALTH_STARTUP_GOES_ON;
    }
    status->health_startup_good++;
    if (status->health_startup_good < config->health_startup_success)
        return HEALTH_STARTUP_GOES_ON;
    status->health_started = true;
    health_set_status(status, HEALTH_HEALTHY);
    return HEALTH_STARTUP_PASSED;
}
