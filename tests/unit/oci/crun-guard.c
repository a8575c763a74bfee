/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/crun-guard.h"

#include "base/fd.h"
#include "base/tree.h"

#include <string.h>
#include <sys/stat.h>

static void test_a_hierarchy_that_is_not_mounted_is_refused(void)
{
    static const char *const cases[][2] = {
        { "10:hugetlb:/\n0::/\n", "/nowhere/hugetlb'" },
        { "0::/\n3:name=systemd:/x:y\n", "/nowhere/systemd'" },
        { "3:cpuacct,cpu:/\n", "/nowhere/cpu,cpuacct'" },
        { "3:net_prio,net_cls:/\n", "/nowhere/net_cls,net_prio'" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(crun_guard_hierarchies(cases[i][0], "/nowhere", &error));
        g_assert_true(err_is(error, FLOE_ERROR_UNSUPPORTED));
        g_assert_nonnull(strstr(error->message, cases[i][1]));
    }
}

/* What crun makes where a hierarchy is not mounted must not pass for one. */
static void test_a_plain_directory_is_no_hierarchy(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *root = g_dir_make_tmp("floe-guard-XXXXXX", NULL);
    g_autofree char *directory = g_build_filename(root, "hugetlb", NULL);

    g_assert_cmpint(mkdir(directory, 0700), ==, 0);
    g_assert_false(crun_guard_hierarchies("10:hugetlb:/\n", root, &error));
    g_assert_true(err_is(error, FLOE_ERROR_UNSUPPORTED));
    g_assert_true(tree_remove(root, NULL));
}

static void test_the_v2_tree_alone_is_fine(void)
{
    g_autoptr(GError) error = NULL;

    crun_guard_hierarchies("0::/user.slice\n", "/nowhere", &error);
    g_assert_no_error(error);
    crun_guard_hierarchies("", "/nowhere", &error);
    g_assert_no_error(error);
}

static void test_a_record_of_the_root_is_refused(void)
{
    static const struct {
        const char *record;
        bool fine;
    } cases[] = {
        { "{\"pid\":1,\"cgroup-path\":\"\\/floe\\/box\"}", true },
        { "{\"pid\":1,\"cgroup-path\":\"/\"}", false },
        { "{\"pid\":1,\"cgroup-path\":\"//\"}", false },
        { "{\"pid\":1,\"cgroup-path\":\"\"}", false },
        { "{\"pid\":1}", false },
        { "{\"cgroup-path\":7}", false },
        { "cut", false },
    };
    g_autofree char *state = g_dir_make_tmp("floe-guard-XXXXXX", NULL);
    g_autofree char *box = g_build_filename(state, "box", NULL);
    g_autofree char *status = g_build_filename(box, "status", NULL);

    g_assert_true(crun_guard_record(state, "box", NULL)); /* none */
    g_assert_cmpint(mkdir(box, 0700), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_true(
            file_write_atomic(status, cases[i].record, strlen(cases[i].record), 0600, NULL));
        g_assert_true(crun_guard_record(state, "box", &error) == cases[i].fine);
        g_assert_true((error == NULL) == cases[i].fine);
    }
    g_assert_true(tree_remove(state, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/crun-guard/a-hierarchy-that-is-not-mounted-is-refused",
                    test_a_hierarchy_that_is_not_mounted_is_refused);
    g_test_add_func("/oci/crun-guard/a-plain-directory-is-no-hierarchy",
                    test_a_plain_directory_is_no_hierarchy);
    g_test_add_func("/oci/crun-guard/the-v2-tree-alone-is-fine", test_the_v2_tree_alone_is_fine);
    g_test_add_func("/oci/crun-guard/a-record-of-the-root-is-refused",
                    test_a_record_of_the_root_is_refused);
    return g_test_run();
}
