/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/health-startup.h"

#include "base/json.h"
#include "state/container-fields.h"

#include <string.h>

#define SECOND G_GINT64_CONSTANT(1000000000)

static bool apply(const floe_create_options *options, ContainerConfig *config, GError **error)
{
    CreateInput input = { .options = options };

    return health_check_apply(&input, config, error);
}

/* What inspect tells of it; NULL: there is none. */
static void gives(const floe_create_options *options, const char *expected)
{
    g_autoptr(GError) error = NULL;
    ContainerConfig config = { 0 };

    apply(options, &config, &error);
    g_assert_no_error(error);
    g_autoptr(JsonValue) described = health_startup_describe(&config);
    g_autofree char *text = described != NULL ? json_dumps(described, JSON_COMPACT) : NULL;

    g_assert_cmpstr(text, ==, expected);

    /* An archive brings the same. */
    ContainerConfig taken = { 0 };
    g_assert_true(health_startup_take(described, &taken, NULL));
    g_autoptr(JsonValue) again = health_startup_describe(&taken);
    g_assert_true(described == NULL ? again == NULL : json_equal(described, again));
    json_struct_clear(&container_config_fields, &config);
    json_struct_clear(&container_config_fields, &taken);
}

static void refuses(const floe_create_options *options, const char *why)
{
    g_autoptr(GError) error = NULL;
    ContainerConfig config = { 0 };

    g_assert_false(apply(options, &config, &error));
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    if (strstr(error->message, why) == NULL)
        g_error("\"%s\" does not say \"%s\"", error->message, why);
    json_struct_clear(&container_config_fields, &config);
}

#define OPTIONS(...) (&(floe_create_options){ __VA_ARGS__ })

static void test_options(void)
{
    gives(OPTIONS(.health_cmd = "x"), NULL);
    gives(OPTIONS(.health_cmd = "x", .health_startup_cmd = "a b"),
          "{\"Test\":[\"CMD-SHELL\",\"a b\"],\"Interval\":30000000000,\"Timeout\":30000000000}");
    gives(OPTIONS(.health_cmd = "x", .health_startup_cmd = "[\"a\",\"b\"]",
                  .health_startup_interval = "1s", .health_startup_timeout = "2s",
                  .health_startup_retries = 4, .health_startup_success = 5),
          "{\"Test\":[\"CMD\",\"a\",\"b\"],\"Interval\":1000000000,\"Timeout\":2000000000,"
          "\"Retries\":4,\"Successes\":5}");
    refuses(OPTIONS(.health_startup_cmd = "a"), "no regular healthcheck");
    refuses(OPTIONS(.health_cmd = "none", .health_startup_cmd = "a"), "no regular healthcheck");
    refuses(OPTIONS(.no_healthcheck = true, .health_startup_cmd = "a"), "cannot specify both");
    refuses(OPTIONS(.health_cmd = "x", .health_startup_cmd = "[1]"), "--health-startup-cmd: item 0");
    refuses(OPTIONS(.health_cmd = "x", .health_startup_cmd = "a", .health_startup_retries = -1),
            "out of range");
    refuses(OPTIONS(.health_cmd = "x", .health_startup_cmd = "a", .health_startup_interval = "5"),
            "--health-startup-interval: '5'");
    refuses(OPTIONS(.health_cmd = "x", .health_startup_cmd = "a", .health_startup_timeout = "0s"),
            "too short");
}

static void test_what_an_archive_may_not_say(void)
{
    static const char *const bad[] = {
        "[]",
        "{\"Test\": [\"sh\"]}",
        "{\"Test\": [\"CMD\", \"a\"], \"Retries\": -1}",
        "{\"Test\": [\"CMD\", \"a\"], \"Interval\": -1}",
        "{\"Test\": [\"CMD\", \"a\"], \"Successes\": 1000000000}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(JsonValue) check = json_loads(bad[i], 0, NULL);
        ContainerConfig config = { 0 };
        g_autoptr(GError) error = NULL;

        if (health_startup_take(check, &config, &error))
            g_error("%s is taken", bad[i]);
        g_assert_true(err_is(error, FLOE_ERROR_INVALID));
        json_struct_clear(&container_config_fields, &config);
    }
}

/* --- results ---------------------------------------------------------------------------------- */

static char *test_words[] = { "CMD", "x", NULL };

static ContainerConfig config_with(int retries, int success)
{
    return (ContainerConfig){ .health_test = test_words,
                              .health_interval_ns = 10 * SECOND,
                              .health_startup_test = test_words,
                              .health_startup_interval_ns = SECOND,
                              .health_startup_retries = retries,
                              .health_startup_success = success };
}

static HealthStartup note(const ContainerConfig *config, ContainerStatus *status, int exit_code)
{
    HealthResult result = { 1, 2, exit_code, "" };

    return health_startup_note(config, status, &result);
}

static void test_it_passes_after_so_many_successes(void)
{
    ContainerConfig config = config_with(0, 2);
    ContainerStatus status = { 0 };

    health_begin(&config, &status);
    g_assert_true(health_startup_is_due(&config, &status));
    g_assert_cmpint(health_interval_ns(&config, &status), ==, SECOND);
    g_assert_cmpint(note(&config, &status, 1), ==, HEALTH_STARTUP_GOES_ON);
    g_assert_cmpint(note(&config, &status, 0), ==, HEALTH_STARTUP_GOES_ON);
    g_assert_cmpstr(status.health, ==, "starting");
    g_assert_cmpint(note(&config, &status, 1), ==, HEALTH_STARTUP_GOES_ON);
    g_assert_cmpint(note(&config, &status, 0), ==, HEALTH_STARTUP_PASSED);
    g_assert_cmpstr(status.health, ==, "healthy");
    g_assert_cmpint(status.health_streak, ==, 0);
    g_assert_false(health_startup_is_due(&config, &status));
    g_assert_cmpint(health_interval_ns(&config, &status), ==, 10 * SECOND);

    health_begin(&config, &status);
    g_assert_true(health_startup_is_due(&config, &status));
    json_struct_clear(&container_status_fields, &status);
}

static void test_it_fails_after_so_many_failures(void)
{
    ContainerConfig config = config_with(2, 0);
    ContainerStatus status = { 0 };

    health_begin(&config, &status);
    g_assert_cmpint(note(&config, &status, 1), ==, HEALTH_STARTUP_GOES_ON);
    g_assert_cmpint(note(&config, &status, -1), ==, HEALTH_STARTUP_FAILED);
    g_assert_cmpstr(status.health, ==, "starting");
    health_begin(&config, &status);
    g_assert_cmpint(note(&config, &status, 1), ==, HEALTH_STARTUP_GOES_ON);
    g_assert_cmpint(note(&config, &status, 0), ==, HEALTH_STARTUP_PASSED);
    json_struct_clear(&container_status_fields, &status);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/health-startup/options", test_options);
    g_test_add_func("/engine/health-startup/what-an-archive-may-not-say",
                    test_what_an_archive_may_not_say);
    g_test_add_func("/engine/health-startup/passes-after-so-many-successes",
                    test_it_passes_after_so_many_successes);
    g_test_add_func("/engine/health-startup/fails-after-so-many-failures",
                    test_it_fails_after_so_many_failures);
    return g_test_run();
}
