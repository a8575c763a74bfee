/* SPDX-License-Identifier: Apache-2.0 */
/* conmon's two pipes, read by the test. */
#include "oci/console.h"

#include "base/fd.h"
#include "base/tree.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_fifo(const char *directory, const char *name)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

static void test_a_size_is_one_line(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_dir_make_tmp("floe-console-XXXXXX", NULL);
    autofd int ctl = make_fifo(directory, "ctl");
    autofd int winsz = make_fifo(directory, "winsz");
    char line[64] = "";

    g_assert_true(console_resize(directory, 24, 80, &error));
    g_assert_cmpint(read(ctl, line, sizeof(line)), ==, strlen("1 24 80\n"));
    g_assert_true(g_str_has_prefix(line, "1 24 80\n"));

    /* conmon would take two lines for the first of them. */
    g_assert_cmpint(write(winsz, "24 80\n", 6), ==, 6);
    g_assert_false(console_resize(directory, 25, 80, &error));
    g_assert_true(err_is(error, FLOE_ERROR_TIMEOUT));
    g_assert_cmpint(read(ctl, line, sizeof(line)), ==, -1);
    g_assert_true(tree_remove(directory, NULL));
}

static void test_without_conmon_there_is_no_terminal(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_dir_make_tmp("floe-console-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "ctl", NULL);

    g_assert_false(console_resize(directory, 24, 80, &error));
    g_assert_true(err_is(error, FLOE_ERROR_NOT_FOUND));
    g_clear_error(&error);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    g_assert_false(console_resize(directory, 24, 80, &error));
    g_assert_true(err_is(error, FLOE_ERROR_NOT_FOUND));
    g_assert_true(tree_remove(directory, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/console/a-size-is-one-line", test_a_size_is_one_line);
    g_test_add_func("/oci/console/without-conmon-there-is-no-terminal",
                    test_without_conmon_there_is_no_terminal);
    return g_test_run();
}
