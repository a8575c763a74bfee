/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>

static void test_prefixes_read_outside_in(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(err_set(&error, FLOE_ERROR_NETWORK, "no address left in %s", "10.88.0.0/16"));
    g_assert_false(err_prefix(&error, "set up network '%s'", "lan"));
    g_assert_false(err_prefix(&error, "start container '%s'", "100%s"));
    g_assert_cmpstr(error->message, ==,
                    "start container '100%s': set up network 'lan': no address left in 10.88.0.0/16");
    g_assert_true(err_is(error, FLOE_ERROR_NETWORK));
}

static void test_errno_chooses_the_code(void)
{
    static const struct {
        int number;
        floe_error_code code;
    } cases[] = {
        { ENOENT, FLOE_ERROR_NOT_FOUND },
        { EEXIST, FLOE_ERROR_EXISTS },
        { EBUSY, FLOE_ERROR_IN_USE },
        { ENOSPC, FLOE_ERROR_IO },
        { EACCES, FLOE_ERROR_IO },
        { EINVAL, FLOE_ERROR_IO },
        { ETIMEDOUT, FLOE_ERROR_TIMEOUT },
        { ENOSYS, FLOE_ERROR_UNSUPPORTED },
        { EOPNOTSUPP, FLOE_ERROR_UNSUPPORTED },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        errno = cases[i].number;
        g_assert_false(err_set_errno(&error, "open '%s'", "/x"));
        g_assert_error(error, FLOE_ERROR_DOMAIN, (int)cases[i].code);
        g_assert_true(g_str_has_prefix(error->message, "open '/x': "));
        g_assert_true(g_str_has_suffix(error->message, g_strerror(cases[i].number)));
    }
}

static void test_recoding_keeps_the_text(void)
{
    g_autoptr(GError) error = NULL;

    err_set(&error, FLOE_ERROR_IO, "boom");
    g_assert_false(err_recode(&error, FLOE_ERROR_CRIU));
    g_assert_true(err_is(error, FLOE_ERROR_CRIU));
    g_assert_false(err_is(error, FLOE_ERROR_IO));
    g_assert_cmpstr(error->message, ==, "boom");
}

static void test_a_caller_may_not_care(void)
{
    GError *none = NULL;

    g_assert_false(err_set(NULL, FLOE_ERROR_IO, "x"));
    g_assert_false(err_set_errno(NULL, "x"));
    g_assert_false(err_prefix(NULL, "x"));
    g_assert_false(err_prefix(&none, "x"));
    g_assert_false(err_recode(&none, FLOE_ERROR_IO));
    g_assert_null(none);
    g_assert_false(err_is(NULL, FLOE_ERROR_IO));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/error/prefixes-read-outside-in", test_prefixes_read_outside_in);
    g_test_add_func("/base/error/errno-chooses-the-code", test_errno_chooses_the_code);
    g_test_add_func("/base/error/recoding-keeps-the-text", test_recoding_keeps_the_text);
    g_test_add_func("/base/error/a-caller-may-not-care", test_a_caller_may_not_care);
    return g_test_run();
}
