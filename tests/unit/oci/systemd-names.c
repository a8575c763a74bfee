/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/systemd-names.h"

static void assert_cgroup(const char *slice, const char *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;

    systemd_slice_cgroup(slice, &path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(path, ==, wanted);
}

static void test_slice_is_in_those_of_its_name(void)
{
    assert_cgroup("machine.slice", "/machine.slice");
    assert_cgroup("machine-libpod_pod_12ab.slice", "/machine.slice/machine-libpod_pod_12ab.slice");
    assert_cgroup("a-b-c.slice", "/a.slice/a-b.slice/a-b-c.slice");
}

static void test_no_slices(void)
{
    g_autofree char *too_long = g_strdup_printf("%0300d.slice", 0);
    const char *const bad[] = { "",           ".slice",    "-.slice",  "machine",   "machine.scope",
                                "a--b.slice", "-a.slice",  "a-.slice", "a/b.slice", "../a.slice",
                                "a b.slice",  "a\n.slice", too_long };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *path = NULL;

        g_assert_false(systemd_slice_cgroup(bad[i], &path, &error));
        g_assert_true(err_is(error, FLOE_ERROR_INVALID));
        g_assert_null(path);
    }
}

static void test_slice_within(void)
{
    g_autofree char *pod = systemd_slice_within("machine.slice", "libpod_pod_12");
    g_autofree char *deeper = systemd_slice_within("a-b.slice", "c");

    g_assert_cmpstr(pod, ==, "machine-libpod_pod_12.slice");
    g_assert_cmpstr(deeper, ==, "a-b-c.slice");
}

static void assert_mask(const char *list, const guint8 *wanted, gsize n)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) mask = NULL;

    systemd_cpu_mask(list, &mask, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(mask->data, mask->len, wanted, n);
}

static void test_cpu_mask(void)
{
    assert_mask("0", (const guint8[]){ 0x01 }, 1);
    assert_mask("0-3,5", (const guint8[]){ 0x2f }, 1);
    assert_mask("9,0", (const guint8[]){ 0x01, 0x02 }, 2);
    assert_mask("7-8", (const guint8[]){ 0x80, 0x01 }, 2);
}

static void test_no_cpu_lists(void)
{
    const char *const bad[] = { "",    "a",     "1-",
                                "-1",  "3-1",   "1,,2",
                                "1 2", "99999", "0-99999999999999999999" };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GByteArray) mask = NULL;

        g_assert_false(systemd_cpu_mask(bad[i], &mask, &error));
        g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/systemd-names/a-slice-is-in-those-of-its-name",
                    test_slice_is_in_those_of_its_name);
    g_test_add_func("/oci/systemd-names/what-is-no-slice", test_no_slices);
    g_test_add_func("/oci/systemd-names/a-slice-within-another", test_slice_within);
    g_test_add_func("/oci/systemd-names/a-list-of-processors-is-bits", test_cpu_mask);
    g_test_add_func("/oci/systemd-names/what-is-no-list-of-processors", test_no_cpu_lists);
    return g_test_run();
}
