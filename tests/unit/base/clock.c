/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <string.h>
#include <time.h>

#define SECOND G_GINT64_CONSTANT(1000000000)

static void assert_text(int64_t time, const char *wanted)
{
    g_autofree char *text = time_to_rfc3339(time);

    g_assert_cmpstr(text, ==, wanted);
}

static void test_times_are_printed_as_go_prints_them(void)
{
    assert_text(0, "0001-01-01T00:00:00Z");
    assert_text(1, "1970-01-01T00:00:00.000000001Z");
    assert_text(SECOND, "1970-01-01T00:00:01Z");
    assert_text(SECOND + 120000000, "1970-01-01T00:00:01.12Z");
    assert_text(951782399 * SECOND, "2000-02-28T23:59:59Z");
    assert_text(951782400 * SECOND, "2000-02-29T00:00:00Z");
    assert_text(1795313828 * SECOND + 322325298, "2026-11-22T02:17:08.322325298Z");
    assert_text(-1, "1969-12-31T23:59:59.999999999Z");
    assert_text(G_MAXINT64, "2262-04-11T23:47:16.854775807Z");
    assert_text(G_MININT64, "1677-09-21T00:12:43.145224192Z");
}

static void test_every_day_agrees_with_the_c_library(void)
{
    for (int64_t day = -100000; day < 100000; day++) {
        time_t seconds = day * 86400 + 3723;
        struct tm parts;
        char wanted[64];
        int64_t back = 0;

        gmtime_r(&seconds, &parts);
        strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%SZ", &parts);
        assert_text(seconds * SECOND, wanted);
        g_assert_true(time_from_rfc3339(wanted, &back, NULL));
        g_assert_cmpint(back, ==, seconds * SECOND);
    }
}

static void test_zones_and_fractions_are_read(void)
{
    static const struct {
        const char *text;
        int64_t time;
    } cases[] = {
        { "0001-01-01T00:00:00Z", 0 },
        { "1970-01-01T01:00:01+01:00", SECOND },
        { "1969-12-31T16:00:01-08:00", SECOND },
        { "1970-01-01T00:00:00.5Z", SECOND / 2 },
        { "1970-01-01t00:00:00.1234567899999z", 123456789 },
        { "1970-01-01T05:30:00.000000001+05:30", 1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        int64_t time = -1;

        time_from_rfc3339(cases[i].text, &time, &error);
        g_assert_no_error(error);
        g_assert_cmpint(time, ==, cases[i].time);
    }
}

static void test_what_is_no_time_is_refused(void)
{
    static const char *const cases[] = {
        "",
        "now",
        "2026",
        "2026-11-22",
        "2026-11-22T02:17:08",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-00-10T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+1:00",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00Zx",
        "2026-01-01 00:00:00Z",
        "+026-01-01T00:00:00Z",
        "1600-01-01T00:00:00Z",
        "9999-01-01T00:00:00Z",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        int64_t time = -1;

        g_assert_false(time_from_rfc3339(cases[i], &time, &error));
        g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
        g_assert_cmpint(time, ==, -1);
    }
}

static void test_the_boot_has_one_id(void)
{
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    g_assert_true(boot_id_read(&first, NULL));
    g_assert_true(boot_id_read(&second, NULL));
    g_assert_cmpuint(strlen(first), ==, 36);
    g_assert_cmpstr(first, ==, second);
}

static void test_clocks_tell_the_time(void)
{
    g_assert_cmpint(ABS(clock_unix_ns() / SECOND - (int64_t)time(NULL)), <=, 1);
    g_assert_cmpint(clock_monotonic_ms(), >, 0);
}

static void test_a_deadline_comes_nearer_until_it_is_over(void)
{
    int64_t now_ms = clock_monotonic_ms();

    g_assert_cmpint(clock_ms_until(clock_deadline_ms(60000)), >, 0);
    g_assert_cmpint(clock_ms_until(clock_deadline_ms(60000)), <=, 60000);
    g_assert_cmpint(clock_ms_until(clock_deadline_ms(0)), ==, 0);
    g_assert_cmpint(clock_ms_until(now_ms - 1), ==, 0);
    g_assert_cmpint(clock_ms_until(INT64_MAX), ==, G_MAXINT);
    g_assert_cmpint(clock_ms_until(clock_deadline_ms(-1)), ==, -1);
    /* Nor does a deadline that passes at this very moment become one without end. */
    while (clock_monotonic_ms() < now_ms + 50)
        g_assert_cmpint(clock_ms_until(clock_deadline_ms(0)), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/clock/times-are-printed-as-go-prints-them",
                    test_times_are_printed_as_go_prints_them);
    g_test_add_func("/base/clock/every-day-agrees-with-the-c-library",
                    test_every_day_agrees_with_the_c_library);
    g_test_add_func("/base/clock/zones-and-fractions-are-read", test_zones_and_fractions_are_read);
    g_test_add_func("/base/clock/what-is-no-time-is-refused", test_what_is_no_time_is_refused);
    g_test_add_func("/base/clock/the-boot-has-one-id", test_the_boot_has_one_id);
    g_test_add_func("/base/clock/clocks-tell-the-time", test_clocks_tell_the_time);
    g_test_add_func("/base/clock/a-deadline-comes-nearer-until-it-is-over",
                    test_a_deadline_comes_nearer_until_it_is_over);
    return g_test_run();
}
