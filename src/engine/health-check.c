/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/health-check.h"

#include "base/clock.h"
#include "base/json.h"
#include "engine/health-startup.h"
#include "engine/user-time.h"

#include <string.h>

#define NS_PER_S         G_GINT64_CONSTANT(1000000000)
#define DEFAULT_INTERVAL (30 * NS_PER_S)
#define DEFAULT_TIMEOUT  (30 * NS_PER_S)
#define DEFAULT_RETRIES  3
#define MOST_RETRIES     100000
#define LOG_LENGTH       5   /* results, as docker and podman keep them */
#define OUTPUT_LENGTH    500 /* characters of each */

#define TEST_NONE  "NONE"
#define TEST_WORDS "CMD"
#define TEST_SHELL "CMD-SHELL"

/* --- what it is made of ----------------------------------------------------------------------- */

static char **test_of(const char *kind, const char *line)
{
    const char *const words[] = { kind, line, NULL };

    return g_strdupv((char **)words);
}

static bool is_kind(const char *word)
{
    return g_str_equal(word, TEST_NONE) || g_str_equal(word, TEST_WORDS) ||
           g_str_equal(word, TEST_SHELL);
}

/* ["CMD", "word" ...], ["CMD-SHELL", "line"], or only the words. */
static bool parse_list(const char *option, const json_t *list, char ***ret_test, GError **error)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    size_t i;
    json_t *word;

    json_array_foreach(list, i, word) {
        if (!json_is_string(word))
            return err_set(error, FLOE_ERROR_INVALID, "--%s: item %zu of the list is no text",
                           option, i);
        if (i == 0 && !is_kind(json_string_value(word)))
            g_ptr_array_add(words, TEST_WORDS);
        g_ptr_array_add(words, (gpointer)json_string_value(word));
    }
    g_ptr_array_add(words, NULL);
    *ret_test = g_strdupv((char **)words->pdata);
    return true;
}

bool health_test_parse(const char *option, const char *text, char ***ret_test, GError **error)
{
    g_autoptr(JsonValue) list = NULL;

    /* "[ -e /file ]" is a shell's line. */
    if (text[0] == '[' && json_parse(text, strlen(text), option, &list, NULL))
        return parse_list(option, list, ret_test, error);
    if (g_ascii_strcasecmp(text, "none") == 0) {
        *ret_test = test_of(TEST_NONE, NULL);
    } else if (g_str_has_prefix(text, TEST_SHELL " ")) {
        *ret_test = test_of(TEST_SHELL, text + strlen(TEST_SHELL " "));
    } else if (g_str_has_prefix(text, TEST_WORDS " ")) {
        *ret_test = g_strsplit(text, " ", -1);
    } else {
        *ret_test = test_of(TEST_SHELL, text);
    }
    return true;
}

bool health_test_check(char **test, GError **error)
{
    if (test == NULL || g_strcmp0(test[0], TEST_NONE) == 0)
        return true;
    if (test[0] == NULL || !is_kind(test[0]) || test[1] == NULL || test[1][0] == '\0' ||
        (g_str_equal(test[0], TEST_SHELL) && test[2] != NULL))
        return err_set(error, FLOE_ERROR_INVALID, "the health check has no command that can be run");
    return true;
}

/* {Test, Interval, Timeout, StartPeriod, Retries}, in nanoseconds. */
static bool read_object(const json_t *check, ContainerConfig *config, int64_t *ret_retries,
                        GError **error)
{
    return json_get_strv(check, "Test", &config->health_test, error) &&
           json_get_int64(check, "Interval", &config->health_interval_ns, error) &&
           json_get_int64(check, "Timeout", &config->health_timeout_ns, error) &&
           json_get_int64(check, "StartPeriod", &config->health_start_period_ns, error) &&
           json_get_int64(check, "Retries", ret_retries, error);
}

/* Times and retries of the image; 0, and what cannot be meant, is the default. */
static bool read_image(const json_t *image_config, ContainerConfig *config, GError **error)
{
    json_t *check = NULL;
    int64_t retries = 0;

    if (!json_get_object(image_config, "Healthcheck", &check, error) ||
        !read_object(check, config, &retries, error))
        return err_prefix(error, "the image's health check");
    /* An empty test is, for docker's builder, the one of the image below. */
    if (config->health_test != NULL && config->health_test[0] == NULL)
        g_clear_pointer(&config->health_test, g_strfreev);
    if (config->health_interval_ns <= 0)
        config->health_interval_ns = DEFAULT_INTERVAL;
    if (config->health_timeout_ns <= 0)
        config->health_timeout_ns = DEFAULT_TIMEOUT;
    config->health_start_period_ns = MAX(config->health_start_period_ns, 0);
    config->health_retries = retries > 0 ? (int)MIN(retries, MOST_RETRIES) : DEFAULT_RETRIES;
    return true;
}

bool health_time_parse(const char *option, const char *text, int64_t least_ns, int64_t *ret_ns,
                       GError **error)
{
    if (text == NULL)
        return true;
    if (!user_duration_parse(text, ret_ns, error))
        return err_prefix(error, "--%s", option);
    return *ret_ns >= least_ns ||
           err_set(error, FLOE_ERROR_INVALID, "--%s '%s' is too short", option, text);
}

static bool read_options(const floe_create_options *options, ContainerConfig *config, GError **error)
{
    const char *interval = options->health_interval;

    if (options->no_healthcheck && options->health_cmd != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "cannot specify both --no-healthcheck and --health-cmd");
    if (options->health_retries < 0 || options->health_retries > MOST_RETRIES)
        return err_set(error, FLOE_ERROR_INVALID, "--health-retries %d is out of range",
                       options->health_retries);
    if (options->health_retries > 0)
        config->health_retries = options->health_retries;
    if (options->no_healthcheck || (options->health_cmd != NULL && options->health_cmd[0] != '\0')) {
        g_clear_pointer(&config->health_test, g_strfreev);
        if (!health_test_parse("health-cmd", options->no_healthcheck ? "none" : options->health_cmd,
                               &config->health_test, error))
            return false;
    }
    if (g_strcmp0(interval, "disable") == 0)
        interval = "0";
    return health_time_parse("health-interval", interval, 0, &config->health_interval_ns, error) &&
           health_time_parse("health-timeout", options->health_timeout, 1,
                             &config->health_timeout_ns, error) &&
           health_time_parse("health-start-period", options->health_start_period, 0,
                             &config->health_start_period_ns, error);
}

static bool read_action(const char *action, ContainerConfig *config, GError **error)
{
    static const char *const actions[] = { "none", "kill", "restart", "stop", NULL };

    if (action == NULL || action[0] == '\0')
        return true;
    if (!g_strv_contains(actions, action))
        return err_set(error, FLOE_ERROR_INVALID,
                       "invalid on-failure action \"%s\" for health check: supported actions are "
                       "none,kill,restart,stop",
                       action);
    if (g_str_equal(action, "none"))
        return true;
    if (!health_check_is_set(config))
        return err_set(error, FLOE_ERROR_INVALID,
                       "cannot set on-failure action to %s without a health check", action);
    config->health_on_failure = g_strdup(action);
    return true;
}

bool health_check_take(const json_t *check, const char *action, ContainerConfig *config,
                       GError **error)
{
    int64_t retries = 0;

    if (check == NULL || json_is_null(check))
        return true;
    if (!read_object(check, config, &retries, error) ||
        !health_test_check(config->health_test, error))
        return err_prefix(error, "health check");
    if (config->health_interval_ns < 0 || config->health_timeout_ns < 0 ||
        config->health_start_period_ns < 0 || retries < 0 || retries > MOST_RETRIES)
        return err_set(error, FLOE_ERROR_INVALID, "health check: a number is out of range");
    config->health_retries = (int)retries;
    config->health_on_failure = g_strdup(action);
    return true;
}

bool health_check_apply(const CreateInput *input, ContainerConfig *config, GError **error)
{
    return read_image(input->image_config, config, error) &&
           read_options(input->options, config, error) &&
           health_test_check(config->health_test, error) &&
           health_startup_apply(input->options, config, error) &&
           read_action(input->options->health_on_failure, config, error);
}

bool health_check_is_set(const ContainerConfig *config)
{
    return health_test_is_set(config->health_test);
}

bool health_test_is_set(char **test)
{
    return test != NULL && !g_str_equal(test[0], TEST_NONE);
}

char **health_test_command(char **test)
{
    const char *const shell[] = { "/bin/sh", "-c", test[1], NULL };

    return g_strdupv(g_str_equal(test[0], TEST_SHELL) ? (char **)shell : test + 1);
}

/* --- what its results say --------------------------------------------------------------------- */

void health_set_status(ContainerStatus *status, const char *health)
{
    g_free(status->health);
    status->health = g_strdup(health);
}

void health_begin(const ContainerConfig *config, ContainerStatus *status)
{
    health_set_status(status, health_check_is_set(config) ? HEALTH_STARTING : NULL);
    status->health_streak = 0;
    status->health_started = false;
    status->health_startup_good = 0;
    status->health_startup_bad = 0;
}

/* {Start, End, ExitCode, Output}, as podman's and docker's inspect show it. */
void health_log_result(ContainerStatus *status, const HealthResult *result)
{
    g_autofree char *text = g_utf8_make_valid(result->output, -1);
    g_autofree char *output = g_utf8_substring(text, 0, MIN(g_utf8_strlen(text, -1), OUTPUT_LENGTH));
    g_autofree char *begun = time_to_rfc3339(result->begun_unix_ns);
    g_autofree char *ended = time_to_rfc3339(result->ended_unix_ns);
    json_t *entry = json_object();

    json_object_set_new(entry, "Start", json_string(begun));
    json_object_set_new(entry, "End", json_string(ended));
    json_object_set_new(entry, "ExitCode", json_integer(result->exit_code));
    json_object_set_new(entry, "Output", json_string(g_strchomp(output)));
    if (status->health_log == NULL)
        status->health_log = json_array();
    json_array_append_new(status->health_log, entry);
    while (json_array_size(status->health_log) > LOG_LENGTH)
        json_array_remove(status->health_log, 0);
}

bool health_note(const ContainerConfig *config, ContainerStatus *status, const HealthResult *result)
{
    bool is_starting = g_strcmp0(status->health, HEALTH_STARTING) == 0 &&
                       result->begun_unix_ns - status->started_unix_ns <
                           config->health_start_period_ns;

    health_log_result(status, result);
    if (result->exit_code == 0) {
        status->health_streak = 0;
        health_set_status(status, HEALTH_HEALTHY);
        return false;
    }
    if (is_starting)
        return false;
    status->health_streak++;
    if (status->health_streak < config->health_retries)
        return false;
    health_set_status(status, HEALTH_UNHEALTHY);
    return true;
}
