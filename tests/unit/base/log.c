/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/error.h"

#include <errno.h>

static void collect(floe_log_level level, const char *message, void *data)
{
    g_string_append_printf(data, "%d %s\n", (int)level, message);
    errno = EPERM;
}

static void test_only_levels_that_were_asked_for_are_passed_on(void)
{
    g_autoptr(GString) lines = g_string_new(NULL);

    log_set_handler(collect, lines, FLOE_LOG_INFO);
    log_warn("a %d", 1);
    log_info("b");
    log_debug("c");
    log_set_handler(collect, lines, 0);
    log_info("d");
    log_warn("e");
    log_set_handler(NULL, NULL, FLOE_LOG_DEBUG);
    log_warn("f");
    g_assert_cmpstr(lines->str, ==, "1 a 1\n2 b\n1 e\n");
}

static void test_an_ignored_error_says_what_was_tried(void)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    GError *error = NULL;

    log_set_handler(collect, lines, FLOE_LOG_WARNING);
    err_set(&error, FLOE_ERROR_IO, "no space");
    log_ignored(error, "cannot remove '%s'", "x");
    log_set_handler(NULL, NULL, 0);
    log_ignored(g_error_new_literal(FLOE_ERROR_DOMAIN, FLOE_ERROR_IO, "freed all the same"), "x");
    g_assert_cmpstr(lines->str, ==, "1 cannot remove 'x', ignoring: no space\n");
}

static void test_a_message_is_one_line(void)
{
    g_autoptr(GString) lines = g_string_new(NULL);

    log_set_handler(collect, lines, FLOE_LOG_WARNING);
    log_warn("criu:\nno\r\n");
    log_set_handler(NULL, NULL, 0);
    g_assert_cmpstr(lines->str, ==, "1 criu: no  \n");
}

static void test_logging_keeps_errno(void)
{
    g_autoptr(GString) lines = g_string_new(NULL);

    log_set_handler(collect, lines, FLOE_LOG_WARNING);
    errno = ENOENT;
    log_warn("x");
    g_assert_cmpint(errno, ==, ENOENT);
    log_ignored(NULL, "x");
    g_assert_cmpint(errno, ==, ENOENT);
    log_set_handler(NULL, NULL, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/log/only-levels-that-were-asked-for-are-passed-on",
                    test_only_levels_that_were_asked_for_are_passed_on);
    g_test_add_func("/base/log/an-ignored-error-says-what-was-tried",
                    test_an_ignored_error_says_what_was_tried);
    g_test_add_func("/base/log/a-message-is-one-line", test_a_message_is_one_line);
    g_test_add_func("/base/log/logging-keeps-errno", test_logging_keeps_errno);
    return g_test_run();
}
