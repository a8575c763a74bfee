/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/volume-filter.h"

#include "state/fixture.h"

static VolumeRecord *make_volume(void)
{
    VolumeRecord *record = volume_record_new();

    record->name = g_strdup("data");
    record->created_unix_ns = INT64_C(1000000000) * 1000000000;
    record->labels = json_pack("{s:s, s:s}", "colour", "blue", "empty", "");
    record->options = json_pack("{s:s}", "type", "tmpfs");
    return record;
}

/* All of the texts, with '|' between them. */
static void check(const char *texts, bool is_used, bool expected)
{
    g_auto(GStrv) filters = g_strsplit(texts, "|", -1);
    g_autoptr(VolumeRecord) record = make_volume();
    g_autoptr(ObjectFilter) filter = NULL;

    WORKS(volume_filter_new((const char *const *)filters, false, &filter, &error));
    if (volume_filter_matches(filter, record, is_used) != expected)
        g_error("'%s' should%s match", texts, expected ? "" : " not");
}

static void test_what_each_key_means(void)
{
    check("name=dat", false, true);
    check("name=^at", false, false);
    check("label=colour", false, true);
    check("label=colour=blue", false, true);
    check("label=colour=red", false, false);
    check("label=empty=", false, true);
    check("label!=colour", false, false);
    check("label!=size", false, true);
    check("opt=type", false, true);
    check("opt=type=nfs", false, false);
    check("driver=local", false, true);
    check("scope=global", false, false);
    check("until=2001-09-10", false, true);
    check("until=1999-01-01", false, false);
}

static void test_dangling_is_what_nobody_uses(void)
{
    g_autoptr(ObjectFilter) filter = NULL;
    static const char *const texts[] = { "dangling=true", NULL };

    check("dangling=true", false, true);
    check("dangling=1", true, false);
    check("dangling=false", true, true);
    check("dangling=0", false, false);
    WORKS(volume_filter_new(texts, false, &filter, &error));
    g_assert_true(object_filter_has_use(filter));
    g_clear_pointer(&filter, object_filter_free);
    WORKS(volume_filter_new(NULL, false, &filter, &error));
    g_assert_false(object_filter_has_use(filter));
}

static void test_all_must_be_met(void)
{
    check("name=data|label=colour", false, true);
    check("name=data|label=size", false, false);
    check("label=colour|label=size", false, false);
}

static void refuse(const char *text, bool for_prune, const char *why)
{
    const char *const texts[] = { text, NULL };
    g_autoptr(ObjectFilter) filter = NULL;

    FAILS(volume_filter_new(texts, for_prune, &filter, &error), FLOE_ERROR_INVALID, why);
    g_assert_null(filter);
}

static void test_wrong_ones_are_named(void)
{
    refuse("foo=bar", false, "\"foo=bar\" is an invalid volume filter");
    refuse("name", false, "\"name\"");
    refuse("", false, "\"\"");
    refuse("nam=x", false, "\"nam=x\"");
    refuse("dangling=maybe", false, "must be true or false");
    refuse("name=(", false, "filter 'name=('");
    refuse("until=never", false, "filter 'until=never'");
    refuse("name=data", true, "\"name=data\"");
    refuse("dangling=true", true, "\"dangling=true\"");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/volume-filter/what-each-key-means", test_what_each_key_means);
    g_test_add_func("/engine/volume-filter/dangling-is-what-nobody-uses",
                    test_dangling_is_what_nobody_uses);
    g_test_add_func("/engine/volume-filter/all-must-be-met", test_all_must_be_met);
    g_test_add_func("/engine/volume-filter/wrong-ones-are-named", test_wrong_ones_are_named);
    return g_test_run();
}
