/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/human.h"

#include <glib.h>

static void test_durations(void)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        { -5, "Less than a second" },
        { 0, "Less than a second" },
        { 1, "1 second" },
        { 59, "59 seconds" },
        { 60, "About a minute" },
        { 119, "About a minute" },
        { 120, "2 minutes" },
        { 59 * 60 + 59, "59 minutes" },
        { 3600, "About an hour" },
        { 3600 + 1799, "About an hour" },
        { 3600 + 1800, "2 hours" },
        { 47 * 3600, "47 hours" },
        { 48 * 3600, "2 days" },
        { 13 * 86400, "13 days" },
        { 14 * 86400, "2 weeks" },
        { 59 * 86400, "8 weeks" },
        { 60 * 86400, "2 months" },
        { 729 * 86400, "24 months" },
        { 730 * 86400, "2 years" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = human_duration(cases[i].seconds);

        g_assert_cmpstr(text, ==, cases[i].text);
    }
}

static void test_sizes(void)
{
    static const struct {
        double bytes;
        const char *text;
    } cases[] = {
        { 0, "0 B" },           { 12, "12 B" },     { 999, "999 B" },
        { 999.9, "1 kB" },      { 1000, "1 kB" },   { 1536, "1.54 kB" },
        { 7054321, "7.05 MB" }, { 999999, "1 MB" }, { 123456789, "123 MB" },
        { 2.5e9, "2.5 GB" },    { 1e18, "1 EB" },   { 5e20, "500 EB" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = human_size(cases[i].bytes);

        g_assert_cmpstr(text, ==, cases[i].text);
    }
}

static void test_tight_sizes(void)
{
    static const struct {
        double bytes;
        const char *decimal;
        const char *binary;
    } cases[] = {
        { 0, "0B", "0B" },
        { 344, "344B", "344B" },
        { 1000, "1kB", "1000B" },
        { 1024, "1.024kB", "1KiB" },
        { 495616, "495.6kB", "484KiB" },
        { 67108864, "67.11MB", "64MiB" },
        { 25280000000, "25.28GB", "23.54GiB" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *decimal = human_size_tight(cases[i].bytes);
        g_autofree char *binary = human_size_binary(cases[i].bytes);

        g_assert_cmpstr(decimal, ==, cases[i].decimal);
        g_assert_cmpstr(binary, ==, cases[i].binary);
    }
}

static void test_go_durations(void)
{
    static const struct {
        uint64_t ns;
        const char *text;
    } cases[] = {
        { 0, "0s" },
        { 7, "7ns" },
        { 1500, "1.5µs" },
        { 29006556, "29.006556ms" },
        { 1000000000, "1s" },
        { 1303550117, "1.303550117s" },
        { 59999999999, "59.999999999s" },
        { 60000000000, "1m0s" },
        { 62500000000, "1m2.5s" },
        { UINT64_C(3600000000001), "1h0m0.000000001s" },
        { UINT64_C(90061000000000), "25h1m1s" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = human_go_duration(cases[i].ns);

        g_assert_cmpstr(text, ==, cases[i].text);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/human/durations-read-as-docker-says-them", test_durations);
    g_test_add_func("/cli/human/sizes-have-three-digits", test_sizes);
    g_test_add_func("/cli/human/tight-sizes-have-four-digits", test_tight_sizes);
    g_test_add_func("/cli/human/durations-as-go-prints-them", test_go_durations);
    return g_test_run();
}
