/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/skopeo-error.h"

#include <string.h>

static void assert_told(const char *text, floe_error_code code, const char *part)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(skopeo_fail(text, "exit status 1", &error));
    g_assert_cmpint(error->code, ==, code);
    if (strstr(error->message, part) == NULL)
        g_error("'%s' is not in: %s", part, error->message);
    g_assert_null(strchr(error->message, '\n'));
}

static void test_the_cause_is_told_in_words(void)
{
    assert_told(
        "time=\"x\" level=fatal msg=\"Error parsing image name \\\"docker://h/a:1\\\": reading "
        "manifest 1 in h/a: manifest unknown: manifest unknown\"\n",
        FLOE_ERROR_NOT_FOUND, "no such image or tag: reading manifest 1 in h/a: manifest unknown");
    assert_told("level=fatal msg=\"pinging: dial tcp: lookup h: no such host\"", FLOE_ERROR_NETWORK,
                "there is no such registry");
    assert_told("level=fatal msg=\"x509: certificate signed by unknown authority\"",
                FLOE_ERROR_NETWORK, "certificate is not trusted");
    assert_told("level=fatal msg=\"unauthorized: authentication required\"", FLOE_ERROR_NETWORK,
                "floe login");
    assert_told("level=fatal msg=\"writing blob: no space left on device\"", FLOE_ERROR_IO,
                "the disk is full");
}

static void test_the_last_message_counts(void)
{
    assert_told("time=1 level=warning msg=\"harmless: no such host\"\n"
                "time=2 level=fatal msg=\"strange\"\n",
                FLOE_ERROR_IO, "skopeo: strange");
}

static void test_other_output_is_told_too(void)
{
    assert_told("panic: first\nlast line\n\n", FLOE_ERROR_IO, "skopeo: last line");
    assert_told("", FLOE_ERROR_IO, "skopeo: exit status 1");
    assert_told("level=fatal msg=bare\n", FLOE_ERROR_IO, "skopeo: bare");
    assert_told("level=fatal msg=\"cut off \\", FLOE_ERROR_IO, "skopeo: cut off");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/storage/skopeo-error/in-words", test_the_cause_is_told_in_words);
    g_test_add_func("/storage/skopeo-error/last-counts", test_the_last_message_counts);
    g_test_add_func("/storage/skopeo-error/other-output", test_other_output_is_told_too);
    return g_test_run();
}
