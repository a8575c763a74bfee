/* SPDX-License-Identifier: Apache-2.0 */
#include "network/interface-stats.h"

#include <unistd.h>

static const char dev[] =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop "
    "fifo colls carrier compressed\n"
    "    lo:  111111     12    0    0    0     0          0         0   222222      12    0    0    "
    "0     0       0          0\n"
    "  eth0:    1500      3    0    0    0     0          0         0      700       9    0    0    "
    "0     0       0          0\n"
    "eth1:18446744073709551000 3 0 0 0 0 0 0 1 9 0 0 0 0 0 0\n";

static void test_all_but_lo_are_added(void)
{
    InterfaceStats stats = { 0 };

    interface_stats_parse(dev, &stats);
    g_assert_cmpuint(stats.received_bytes, ==, 1500 + G_GUINT64_CONSTANT(18446744073709551000));
    g_assert_cmpuint(stats.sent_bytes, ==, 701);
}

static void test_what_is_no_interface_counts_nothing(void)
{
    static const char *const texts[] = { "",
                                         "\n",
                                         "eth0:\n",
                                         "eth0: 1 2\n",
                                         "eth0: a b c d e f g h i\n",
                                         "no colon 1 2 3 4 5 6 7 8 9\n" };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        InterfaceStats stats = { 9, 9 };

        interface_stats_parse(texts[i], &stats);
        g_assert_cmpuint(stats.received_bytes, ==, 0);
        g_assert_cmpuint(stats.sent_bytes, ==, 0);
    }
}

static void test_a_process_has_a_namespace(void)
{
    g_autoptr(GError) error = NULL;
    InterfaceStats stats = { 0 };

    g_assert_true(interface_stats_read(getpid(), &stats, &error));
    g_assert_no_error(error);
    g_assert_false(interface_stats_read(-1, &stats, &error));
    g_assert_true(err_is(error, FLOE_ERROR_NOT_FOUND));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/interface-stats/all-but-lo-are-added", test_all_but_lo_are_added);
    g_test_add_func("/network/interface-stats/what-is-no-interface-counts-nothing",
                    test_what_is_no_interface_counts_nothing);
    g_test_add_func("/network/interface-stats/a-process-has-a-namespace",
                    test_a_process_has_a_namespace);
    return g_test_run();
}
