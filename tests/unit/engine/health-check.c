/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/health-check.h"

#include "base/json.h"
#include "state/container-fields.h"

#include <string.h>

#define SECOND G_GINT64_CONSTANT(1000000000)

static bool apply(const floe_create_options *options, const char *image, ContainerConfig *config,
                  GError **error)
{
    g_autoptr(JsonValue) image_config = image != NULL ? json_loads(image, 0, NULL) : NULL;
    CreateInput input = { .options = options, .image_config = image_config };

    g_assert_true(image == NULL || image_config != NULL);
    return health_check_apply(&input, config, error);
}

static char *joined(char **words)
{
    return words != NULL ? g_strjoinv("|", words) : g_strdup("(none)");
}

/* What the options make of an image's configuration: its test, with bars between the words. */
static void gives(const floe_create_options *options, const char *image, const char *wanted_test,
                  bool wanted_set)
{
    g_autoptr(GError) error = NULL;
    ContainerConfig config = { 0 };

    apply(options, image, &config, &error);
    g_assert_no_error(error);
    g_autofree char *test = joined(config.health_test);
    g_assert_cmpstr(test, ==, wanted_test);
    g_assert_true(health_check_is_set(&config) == wanted_set);
    json_struct_clear(&container_config_fields, &config);
}

static void refuses(const floe_create_options *options, const char *image, const char *why)
{
    g_autoptr(GError) error = NULL;
    ContainerConfig config = { 0 };

    g_assert_false(apply(options, image, &config, &error));
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    if (strstr(error->message, why) == NULL)
        g_error("\"%s\" does not say \"%s\"", error->message, why);
    json_struct_clear(&container_config_fields, &config);
}

#define OPTIONS(...) (&(floe_create_options){ __VA_ARGS__ })
#define IMAGE        "{\"Healthcheck\": {\"Test\": [\"CMD\", \"of-image\"], \"Interval\": 5000000000}}"

static void test_the_command_is_read_as_podman_does(void)
{
    gives(OPTIONS(.image = NULL), NULL, "(none)", false);
    gives(OPTIONS(.health_cmd = ""), NULL, "(none)", false);
    gives(OPTIONS(.health_cmd = "none"), NULL, "NONE", false);
    gives(OPTIONS(.health_cmd = "curl -f || exit 1"), NULL, "CMD-SHELL|curl -f || exit 1", true);
    gives(OPTIONS(.health_cmd = "CMD-SHELL a b"), NULL, "CMD-SHELL|a b", true);
    gives(OPTIONS(.health_cmd = "CMD a b"), NULL, "CMD|a|b", true);
    gives(OPTIONS(.health_cmd = "[\"a\", \"b c\"]"), NULL, "CMD|a|b c", true);
    gives(OPTIONS(.health_cmd = "[\"CMD\", \"a\"]"), NULL, "CMD|a", true);
    gives(OPTIONS(.health_cmd = "[\"NONE\"]"), NULL, "NONE", false);
    gives(OPTIONS(.health_cmd = "[ -e /ok ]"), NULL, "CMD-SHELL|[ -e /ok ]", true);
}

static void test_the_image_says_what_the_options_do_not(void)
{
    gives(OPTIONS(.image = NULL), IMAGE, "CMD|of-image", true);
    gives(OPTIONS(.health_cmd = "mine"), IMAGE, "CMD-SHELL|mine", true);
    gives(OPTIONS(.health_cmd = "none"), IMAGE, "NONE", false);
    gives(OPTIONS(.no_healthcheck = true), IMAGE, "NONE", false);
    gives(OPTIONS(.image = NULL), "{\"Healthcheck\": {\"Test\": []}}", "(none)", false);
    gives(OPTIONS(.image = NULL), "{\"Healthcheck\": null}", "(none)", false);
}

static void check_times(const floe_create_options *options, const char *image, int64_t interval_ns,
                        int64_t timeout_ns, int64_t start_ns, int retries)
{
    g_autoptr(GError) error = NULL;
    ContainerConfig config = { 0 };

    apply(options, image, &config, &error);
    g_assert_no_error(error);
    g_assert_cmpint(config.health_interval_ns, ==, interval_ns);
    g_assert_cmpint(config.health_timeout_ns, ==, timeout_ns);
    g_assert_cmpint(config.health_start_period_ns, ==, start_ns);
    g_assert_cmpint(config.health_retries, ==, retries);
    json_struct_clear(&container_config_fields, &config);
}

static void test_times_have_defaults(void)
{
    check_times(OPTIONS(.health_cmd = "x"), NULL, 30 * SECOND, 30 * SECOND, 0, 3);
    check_times(OPTIONS(.health_cmd = "x", .health_interval = "1m", .health_timeout = "500ms",
                        .health_start_period = "2s", .health_retries = 7),
                NULL, 60 * SECOND, SECOND / 2, 2 * SECOND, 7);
    check_times(OPTIONS(.health_interval = "disable"), IMAGE, 0, 30 * SECOND, 0, 3);
    check_times(OPTIONS(.health_interval = "0"), IMAGE, 0, 30 * SECOND, 0, 3);
    check_times(OPTIONS(.health_timeout = "1s"), IMAGE, 5 * SECOND, SECOND, 0, 3);
    check_times(OPTIONS(.image = NULL),
                "{\"Healthcheck\": {\"Interval\": -1, \"StartPeriod\": -1, \"Retries\": -1}}",
                30 * SECOND, 30 * SECOND, 0, 3);
}

static void test_nonsense_is_refused(void)
{
    refuses(OPTIONS(.health_cmd = "x", .no_healthcheck = true), NULL, "cannot specify both");
    refuses(OPTIONS(.health_cmd = "[]"), NULL, "no command");
    refuses(OPTIONS(.health_cmd = "[\"\"]"), NULL, "no command");
    refuses(OPTIONS(.health_cmd = "[1]"), NULL, "is no text");
    refuses(OPTIONS(.health_cmd = "CMD-SHELL "), NULL, "no command");
    refuses(OPTIONS(.health_interval = "5"), NULL, "--health-interval: '5' is not a duration");
    refuses(OPTIONS(.health_interval = "-5s"), NULL, "--health-interval");
    refuses(OPTIONS(.health_timeout = "x"), NULL, "--health-timeout: 'x'");
    refuses(OPTIONS(.health_timeout = "0s"), NULL, "too short");
    refuses(OPTIONS(.health_start_period = "-1s"), NULL, "--health-start-period");
    refuses(OPTIONS(.health_retries = -1), NULL, "--health-retries");
    refuses(OPTIONS(.health_cmd = "x", .health_on_failure = "bogus"), NULL,
            "invalid on-failure action \"bogus\"");
    refuses(OPTIONS(.health_on_failure = "kill"), NULL,
            "cannot set on-failure action to kill without a health check");
    refuses(OPTIONS(.image = NULL), "{\"Healthcheck\": []}", "Healthcheck");
    refuses(OPTIONS(.image = NULL), "{\"Healthcheck\": {\"Test\": [\"sh\"]}}", "no command");
    refuses(OPTIONS(.image = NULL), "{\"Healthcheck\": {\"Test\": \"CMD\"}}", "Test");
    refuses(OPTIONS(.image = NULL), "{\"Healthcheck\": {\"Interval\": \"5s\"}}", "Interval");
}

static void check_command(const char *text, const char *wanted)
{
    char *words[] = { "CMD", "a", "b c", NULL };
    char *line[] = { "CMD-SHELL", (char *)text, NULL };
    g_auto(GStrv) command = health_test_command(text != NULL ? line : words);
    g_autofree char *found = joined(command);

    g_assert_cmpstr(found, ==, wanted);
}

static void test_a_line_is_for_the_shell(void)
{
    check_command(NULL, "a|b c");
    check_command("a || b", "/bin/sh|-c|a || b");
}

/* --- results ---------------------------------------------------------------------------------- */

static char *test_words[] = { "CMD", "x", NULL };

static bool note(ContainerStatus *status, int start_period_s, int at_s, int exit_code)
{
    ContainerConfig config = { .health_test = test_words,
                               .health_retries = 2,
                               .health_start_period_ns = start_period_s * SECOND };
    HealthResult result = { .begun_unix_ns = status->started_unix_ns + at_s * SECOND,
                            .ended_unix_ns = status->started_unix_ns + at_s * SECOND + 1,
                            .exit_code = exit_code,
                            .output = "out\n" };

    return health_note(&config, status, &result);
}

static ContainerStatus begun(void)
{
    ContainerConfig config = { .health_test = test_words };
    ContainerStatus status = { .started_unix_ns = 1000 * SECOND };

    health_begin(&config, &status);
    g_assert_cmpstr(status.health, ==, HEALTH_STARTING);
    return status;
}

static void test_enough_failures_in_a_row_are_unhealthy(void)
{
    ContainerStatus status = begun();

    g_assert_false(note(&status, 0, 1, 1));
    g_assert_cmpstr(status.health, ==, HEALTH_STARTING);
    g_assert_false(note(&status, 0, 2, 0));
    g_assert_cmpstr(status.health, ==, HEALTH_HEALTHY);
    g_assert_cmpint(status.health_streak, ==, 0);
    g_assert_false(note(&status, 0, 3, 1));
    g_assert_cmpstr(status.health, ==, HEALTH_HEALTHY);
    g_assert_true(note(&status, 0, 4, -1));
    g_assert_cmpstr(status.health, ==, HEALTH_UNHEALTHY);
    g_assert_true(note(&status, 0, 5, 1));
    g_assert_cmpint(status.health_streak, ==, 3);
    g_assert_false(note(&status, 0, 6, 0));
    g_assert_cmpstr(status.health, ==, HEALTH_HEALTHY);
    container_status_clear(&status);
}

static void test_failures_while_starting_do_not_count(void)
{
    ContainerStatus status = begun();

    for (int second = 0; second < 10; second++)
        g_assert_false(note(&status, 10, second, 1));
    g_assert_cmpstr(status.health, ==, HEALTH_STARTING);
    g_assert_cmpint(status.health_streak, ==, 0);
    g_assert_false(note(&status, 10, 10, 1));
    g_assert_true(note(&status, 10, 11, 1));
    container_status_clear(&status);

    status = begun();
    g_assert_false(note(&status, 10, 1, 0)); /* it has come up: from now on they count */
    g_assert_false(note(&status, 10, 2, 1));
    g_assert_true(note(&status, 10, 3, 1));
    container_status_clear(&status);
}

static void test_the_log_is_bounded(void)
{
    ContainerStatus status = begun();
    ContainerConfig config = { .health_test = test_words, .health_retries = 2 };
    g_autofree char *text = g_strnfill(10000, 'x');
    HealthResult result = { .exit_code = 3, .output = text };
    json_t *entry;

    text[0] = '\xff';
    for (int i = 0; i < 9; i++)
        note(&status, 0, i, i);
    health_note(&config, &status, &result);
    g_assert_cmpuint(json_array_size(status.health_log), ==, 5);
    entry = json_array_get(status.health_log, 0);
    g_assert_cmpint(json_integer_value(json_object_get(entry, "ExitCode")), ==, 5);
    g_assert_cmpstr(json_string_value(json_object_get(entry, "Output")), ==, "out");
    g_assert_cmpstr(json_string_value(json_object_get(entry, "Start")), ==, "1970-01-01T00:16:45Z");
    entry = json_array_get(status.health_log, 4);
    g_assert_cmpint(g_utf8_strlen(json_string_value(json_object_get(entry, "Output")), -1), ==, 500);
    container_status_clear(&status);
}

#define CASE(name, function) g_test_add_func("/engine/health-check/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    CASE("the-command-is-read-as-podman-does", test_the_command_is_read_as_podman_does);
    CASE("the-image-says-what-the-options-do-not", test_the_image_says_what_the_options_do_not);
    CASE("times-have-defaults", test_times_have_defaults);
    CASE("nonsense-is-refused", test_nonsense_is_refused);
    CASE("a-line-is-for-the-shell", test_a_line_is_for_the_shell);
    CASE("enough-failures-in-a-row-are-unhealthy", test_enough_failures_in_a_row_are_unhealthy);
    CASE("failures-while-starting-do-not-count", test_failures_while_starting_do_not_count);
    CASE("the-log-is-bounded", test_the_log_is_bounded);
    return g_test_run();
}
