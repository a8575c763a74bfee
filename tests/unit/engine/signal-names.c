/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/signal-names.h"

#include <floe/container.h>

#include <glib.h>
#include <signal.h>
#include <string.h>

static void test_names_are_read_in_every_spelling(void)
{
    static const struct {
        const char *text;
        int number;
    } cases[] = {
        { "SIGTERM", 15 }, { "TERM", 15 },   { "term", 15 }, { "sigterm", 15 }, { "15", 15 },
        { "KILL", 9 },     { "9", 9 },       { "hup", 1 },   { "1", 1 },        { "SIGUSR1", 10 },
        { "winch", 28 },   { "SIGSYS", 31 }, { "64", 64 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(signal_from_name(cases[i].text), ==, cases[i].number);
        g_assert_cmpint(floe_signal_number(cases[i].text), ==, cases[i].number);
    }
}

static void test_real_time_signals_are_counted(void)
{
    g_assert_cmpint(signal_from_name("RTMIN"), ==, SIGRTMIN);
    g_assert_cmpint(signal_from_name("SIGRTMIN+3"), ==, SIGRTMIN + 3);
    g_assert_cmpint(signal_from_name("rtmax-1"), ==, SIGRTMAX - 1);
    g_assert_cmpint(signal_from_name("SIGRTMAX"), ==, SIGRTMAX);
    g_assert_cmpint(signal_from_name("RTMIN+99"), ==, 0);
    g_assert_cmpint(signal_from_name("RTMIN+-1"), ==, 0);
    g_assert_cmpint(signal_from_name("RTMIN+"), ==, 0);
    g_assert_cmpint(signal_from_name("RTMAX-99"), ==, 0);
}

static void test_what_is_no_signal_is_zero(void)
{
    static const char *const texts[] = { "",    "SIG", "0",     "-1",  "65",        "15 ",
                                         " 15", "1.5", "TERMX", "0x9", "SIGSIGTERM" };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_cmpint(signal_from_name(texts[i]), ==, 0);
    g_assert_cmpint(floe_signal_number(NULL), ==, 0);
}

/* glibc's own table, asked another way. */
static void test_every_standard_signal_has_its_name(void)
{
    for (int number = 1; number < 32; number++) {
        g_autofree char *wanted = g_strconcat("SIG", sigabbrev_np(number), NULL);

        if (number == SIGIO) /* also SIGPOLL, as glibc calls it */
            wanted = (g_free(wanted), g_strdup("SIGIO"));
        g_assert_cmpstr(signal_to_name(number), ==, wanted);
        g_assert_cmpint(signal_from_name(wanted), ==, number);
    }
    g_assert_null(signal_to_name(0));
    g_assert_null(signal_to_name(SIGRTMIN));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/signal-names/names-are-read-in-every-spelling",
                    test_names_are_read_in_every_spelling);
    g_test_add_func("/engine/signal-names/real-time-signals-are-counted",
                    test_real_time_signals_are_counted);
    g_test_add_func("/engine/signal-names/what-is-no-signal-is-zero",
                    test_what_is_no_signal_is_zero);
    g_test_add_func("/engine/signal-names/every-standard-signal-has-its-name",
                    test_every_standard_signal_has_its_name);
    return g_test_run();
}
