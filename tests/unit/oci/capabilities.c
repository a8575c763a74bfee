/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/capabilities.h"

#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const char default_list[] =
    "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_KILL CAP_NET_BIND_SERVICE CAP_SETFCAP "
    "CAP_SETGID CAP_SETPCAP CAP_SETUID CAP_SYS_CHROOT";

/*
 * Most cases need a process that has all of these: root's, or a user's with the usual bounding set.
 */
static bool bounding_set_is_full_enough(void)
{
    for (int number = 0; number < 24; number++) {
        if (prctl(PR_CAPBSET_READ, number, 0, 0, 0) != 1)
            return false;
    }
    return true;
}

static void test_names_are_added_and_dropped(void)
{
    const struct {
        const char *const *add, *const *drop;
        const char *expected, *expected_added;
    } cases[] = {
        { NULL, NULL, default_list, "" },
        { NULL, LIST("all"), "", "" },
        { LIST("net_raw"), LIST("ALL"), "CAP_NET_RAW", "CAP_NET_RAW" },
        { LIST("CAP_Sys_Admin", "KILL"), LIST("All"), "CAP_KILL CAP_SYS_ADMIN",
          "CAP_KILL CAP_SYS_ADMIN" },
        { NULL,
          LIST("cap_chown", "SYS_CHROOT", "SETUID", "SETGID", "SETPCAP", "SETFCAP", "KILL",
               "net_bind_service", "SYS_NICE"),
          "CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID", "" },
    };

    if (!bounding_set_is_full_enough()) {
        g_test_skip("this process may not pass on the usual capabilities");
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) list = NULL;
        g_auto(GStrv) added = NULL;

        capabilities_resolve(cases[i].add, cases[i].drop, false, &list, &added, &error);
        g_assert_no_error(error);

        g_autofree char *text = g_strjoinv(" ", list);
        g_autofree char *added_text = g_strjoinv(" ", added);

        g_assert_cmpstr(text, ==, cases[i].expected);
        g_assert_cmpstr(added_text, ==, cases[i].expected_added);
    }
}

static void test_bad_lists_are_refused_by_name(void)
{
    const struct {
        const char *const *add, *const *drop;
        const char *part;
    } cases[] = {
        { LIST("CAP_NONSENSE"), NULL, "CAP_NONSENSE" },
        { NULL, LIST(""), "unknown capability ''" },
        { LIST("CAP_"), NULL, "unknown capability 'CAP_'" },
        { LIST("kill"), LIST("CAP_KILL"), "CAP_KILL is both" },
        { LIST("ALL"), LIST("ALL"), "all capabilities are both" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        char **list = NULL;

        g_assert_false(
            capabilities_resolve(cases[i].add, cases[i].drop, false, &list, NULL, &error));
        g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, cases[i].part));
        g_assert_null(list);
    }
}

/*
 * ALL, and what a privileged container begins with, is what this process has: no more can be passed
 * on.
 */
static void test_all_is_the_bounding_set(void)
{
    for (int privileged = 0; privileged <= 1; privileged++) {
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) list = NULL;
        guint expected = 0;

        for (int number = 0; number <= 40; number++)
            expected += prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1;
        capabilities_resolve(privileged ? NULL : LIST("ALL"), NULL, privileged, &list, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(g_strv_length(list), ==, expected);
    }
}

static void test_privileged_can_still_drop(void)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) list = NULL;

    capabilities_resolve(NULL, LIST("SYS_ADMIN"), true, &list, NULL, &error);
    g_assert_no_error(error);
    g_assert_false(g_strv_contains((const char *const *)list, "CAP_SYS_ADMIN"));
}

/* In a child, for what is dropped from the bounding set is gone for good. */
static void test_what_this_process_lacks_is_left_out_or_refused(void)
{
    if (!g_test_subprocess()) {
        if (prctl(PR_CAPBSET_READ, 0, 0, 0, 0) != 1 || geteuid() != 0) {
            g_test_skip("needs root, to give up a capability");
            return;
        }
        g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
        g_test_trap_assert_passed();
        return;
    }

    g_autoptr(GError) error = NULL;
    g_auto(GStrv) list = NULL;
    char **none = NULL;

    g_assert_cmpint(prctl(PR_CAPBSET_DROP, 0 /* CAP_CHOWN */, 0, 0, 0), ==, 0);
    capabilities_resolve(NULL, NULL, false, &list, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(g_strv_length(list), ==, 10);
    g_assert_false(capabilities_resolve(LIST("CHOWN"), NULL, false, &none, NULL, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_UNSUPPORTED);
    g_assert_nonnull(strstr(error->message, "CAP_CHOWN"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/capabilities/names-are-added-and-dropped",
                    test_names_are_added_and_dropped);
    g_test_add_func("/oci/capabilities/bad-lists-are-refused-by-name",
                    test_bad_lists_are_refused_by_name);
    g_test_add_func("/oci/capabilities/all-is-the-bounding-set", test_all_is_the_bounding_set);
    g_test_add_func("/oci/capabilities/privileged-can-still-drop", test_privileged_can_still_drop);
    g_test_add_func("/oci/capabilities/what-this-process-lacks-is-left-out-or-refused",
                    test_what_this_process_lacks_is_left_out_or_refused);
    return g_test_run();
}
