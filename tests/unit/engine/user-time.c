/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/user-time.h"

#include "state/fixture.h"

#define SECOND G_GINT64_CONSTANT(1000000000)
#define NOW    (1795313828 * SECOND + 5)

static void check(const char *text, int64_t wanted)
{
    int64_t found = -1;

    WORKS(user_time_parse(text, NOW, &found, &error));
    g_assert_cmpint(found, ==, wanted);
}

static void test_seconds_since_1970(void)
{
    check("0", 0);
    check("1795313828", 1795313828 * SECOND);
    check("1795313828.5", 1795313828 * SECOND + SECOND / 2);
    check("1.000000001", SECOND + 1);
    check("1.0000000019", SECOND + 1);
}

static void test_durations_count_back_from_now(void)
{
    check("10m", NOW - 600 * SECOND);
    check("1h30m", NOW - 5400 * SECOND);
    check("1.5s", NOW - SECOND - SECOND / 2);
    check("300ms", NOW - 300 * SECOND / 1000);
    check("2us5ns", NOW - 2005);
    check("0s", NOW);
}

static void test_rfc3339(void)
{
    check("2026-11-22T02:17:08Z", 1795313828 * SECOND);
    check("2026-11-22T02:17:08.25+00:00", 1795313828 * SECOND + SECOND / 4);
    check("2026-11-22T04:17:08+02:00", 1795313828 * SECOND);
}

/* main() sets a zone two hours east. */
static void test_local_times(void)
{
    check("2026-11-22T04:17:08", 1795313828 * SECOND);
    check("2026-11-22T04:17", (1795313828 - 8) * SECOND);
    check("2026-11-22", (1795313828 - 4 * 3600 - 17 * 60 - 8) * SECOND);
}

static void test_nonsense_is_refused_with_its_text(void)
{
    static const char *const texts[] = {
        "",
        "yesterday",
        "-5m",
        "5 m",
        "m",
        "1.2.3s",
        "1h30",
        "2026-13-01",
        "2026-11-22T25:00",
        "1.",
        "1.x",
        "inf",
        "1e9s",
        "99999999999999999999",
        "9999999999h",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        int64_t found = 0;

        FAILS(user_time_parse(texts[i], NOW, &found, &error), FLOE_ERROR_INVALID, texts[i]);
    }
}

int main(int argc, char **argv)
{
    g_setenv("TZ", "EET-2", TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/user-time/seconds-since-1970", test_seconds_since_1970);
    g_test_add_func("/engine/user-time/durations-count-back-from-now",
                    test_durations_count_back_from_now);
    g_test_add_func("/engine/user-time/rfc3339", test_rfc3339);
    g_test_add_func("/engine/user-time/local-times", test_local_times);
    g_test_add_func("/engine/user-time/nonsense-is-refused-with-its-text",
                    test_nonsense_is_refused_with_its_text);
    return g_test_run();
}
