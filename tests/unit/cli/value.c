/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/value.h"

#include <stdlib.h>
#include <time.h>

#define MINUTE_NS G_GINT64_CONSTANT(60000000000)

/* A value, or -1 for a text that must be refused. */
typedef struct Case {
    const char *text;
    int64_t value;
} Case;

typedef bool (*Parser)(const char *text, int64_t *ret_value, GError **error);

static void check(Parser parse, const Case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        g_autoptr(GError) error = NULL;
        int64_t value = -2;

        if (cases[i].value == -1) {
            g_assert_false(parse(cases[i].text, &value, &error));
            g_assert_nonnull(error);
            g_assert_cmpint(value, ==, -2);
        } else {
            g_assert_true(parse(cases[i].text, &value, &error));
            g_assert_no_error(error);
            g_assert_cmpint(value, ==, cases[i].value);
        }
    }
}

static void test_sizes(void)
{
    static const Case cases[] = {
        { "0", 0 },
        { "1024", 1024 },
        { "1k", 1024 },
        { "512m", 512 << 20 },
        { "512M", 512 << 20 },
        { "512mb", 512 << 20 },
        { "64KiB", 64 << 10 },
        { "1.5g", 3LL << 29 },
        { "2T", 2LL << 40 },
        { "7b", 7 },
        { "3 m", 3 << 20 },
        { "", -1 },
        { "m", -1 },
        { ".", -1 },
        { "1.2.3", -1 },
        { "-1", -1 },
        { "+1", -1 },
        { "1x", -1 },
        { "1mm", -1 },
        { "1bb", -1 },
        { "1m ", -1 },
        { "0x10", -1 },
        { "1e3", -1 },
        { "inf", -1 },
        { "99999999p", -1 },
        { "999999999999999999999999999999999999999", -1 },
    };

    check(value_size, cases, G_N_ELEMENTS(cases));
}

static void test_cpus(void)
{
    static const Case cases[] = {
        { "1", 1000000000 },  { "1.5", 1500000000 }, { ".25", 250000000 },
        { "0.001", 1000000 }, { "2.", 2000000000 },  { "", -1 },
        { "two", -1 },        { "1,5", -1 },         { "-1", -1 },
        { "99999999", -1 },
    };

    check(value_cpus, cases, G_N_ELEMENTS(cases));
}

static void test_durations(void)
{
    static const Case cases[] = {
        { "90s", 90000000000 },
        { "10m", 10 * MINUTE_NS },
        { "1h30m", 90 * MINUTE_NS },
        { "1.5s", 1500000000 },
        { "250ms", 250000000 },
        { "7us", 7000 },
        { "7µs", 7000 },
        { "5ns", 5 },
        { "", -1 },
        { "10", -1 },
        { "m", -1 },
        { "10m5", -1 },
        { "10x", -1 },
        { "-10m", -1 },
        { "99999999999h", -1 },
    };

    check(value_duration, cases, G_N_ELEMENTS(cases));
}

static bool time_at_noon(const char *text, int64_t *ret_value, GError **error)
{
    return value_time(text, 1000000 * G_GINT64_CONSTANT(1000000000), ret_value, error);
}

static void test_times(void)
{
    static const Case cases[] = {
        { "1700000000", 1700000000LL * 1000000000 },
        { "1700000000.25", 1700000000LL * 1000000000 + 250000000 },
        { "10m", 1000000LL * 1000000000 - 10 * MINUTE_NS },
        { "2023-11-14T22:13:20Z", 1700000000LL * 1000000000 },
        { "2023-11-14T23:13:20+01:00", 1700000000LL * 1000000000 },
        { "2023-11-14T22:13:20.5Z", 1700000000LL * 1000000000 + 500000000 },
        { "2023-11-14T22:13:20", 1700000000LL * 1000000000 },
        { "2023-11-14T22:13", 1699999980LL * 1000000000 },
        { "2023-11-14", 1699920000LL * 1000000000 },
        { "2300-01-01T00:00:00Z", (G_MAXINT64 / 1000000000 - 1) * 1000000000 },
        { "1500-01-01T00:00:00Z", -(G_MAXINT64 / 1000000000 - 1) * 1000000000 },
        { "", -1 },
        { "yesterday", -1 },
        { "2023-13-14", -1 },
        { "99999999999999999999", -1 },
        { "17.x", -1 },
    };

    g_setenv("TZ", "UTC", TRUE);
    tzset();
    check(time_at_noon, cases, G_N_ELEMENTS(cases));
}

static void test_booleans(void)
{
    static const char *const yes[] = { "true", "1", "T", "True" };
    static const char *const no[] = { "false", "0", "f", "FALSE" };
    bool value;

    for (size_t i = 0; i < G_N_ELEMENTS(yes); i++) {
        g_assert_true(value_bool(yes[i], &value, NULL) && value);
        g_assert_true(value_bool(no[i], &value, NULL) && !value);
    }
    g_assert_false(value_bool("maybe", &value, NULL));
    g_assert_false(value_bool("", &value, NULL));
}

static void test_integers(void)
{
    static const Case unsigned_cases[] = {
        { "0", 0 }, { "5", 5 }, { "-5", -1 }, { "5 ", -1 }, { "", -1 }
    };
    int64_t value;

    check(value_unsigned, unsigned_cases, G_N_ELEMENTS(unsigned_cases));
    g_assert_true(value_integer("-7", &value, NULL));
    g_assert_cmpint(value, ==, -7);
    g_assert_false(value_integer("7x", &value, NULL));
    g_assert_false(value_integer("99999999999999999999", &value, NULL));
}

static void test_timeouts(void)
{
    static const char *const wrong[] = { "-2", "", "1s", "2147483648" };
    int seconds = 7;

    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_false(value_timeout(wrong[i], &seconds, NULL));
    g_assert_cmpint(seconds, ==, 7);
    g_assert_true(value_timeout("-1", &seconds, NULL));
    g_assert_cmpint(seconds, ==, -1);
    g_assert_true(value_timeout("2147483647", &seconds, NULL));
    g_assert_cmpint(seconds, ==, G_MAXINT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/value/sizes-are-in-units-of-1024", test_sizes);
    g_test_add_func("/cli/value/processors-are-billionths", test_cpus);
    g_test_add_func("/cli/value/durations-are-read-whole-or-refused", test_durations);
    g_test_add_func("/cli/value/times-are-dates-seconds-or-ago", test_times);
    g_test_add_func("/cli/value/booleans-are-as-in-go", test_booleans);
    g_test_add_func("/cli/value/integers-have-no-tail", test_integers);
    g_test_add_func("/cli/value/timeouts-are-seconds-or-without-end", test_timeouts);
    return g_test_run();
}
