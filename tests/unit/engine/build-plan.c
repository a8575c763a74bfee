/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/build-plan.h"

static char *joined(const GPtrArray *words)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new();

    for (guint i = 0; i < words->len; i++) {
        if (words->pdata[i] != NULL)
            g_ptr_array_add(all, words->pdata[i]);
    }
    g_ptr_array_add(all, NULL);
    return g_strjoinv(" ", (char **)all->pdata);
}

static void check(const char *command, const char *list, const char *platforms,
                  const char *arguments)
{
    g_auto(GStrv) words = g_strsplit(command, " ", -1);
    g_auto(BuildPlan) plan = { NULL };

    g_assert_true(build_plan_read((const char *const *)words, &plan, NULL));

    g_autofree char *found_platforms = joined(plan.platforms);
    g_autofree char *found_arguments = joined(plan.arguments);

    g_assert_cmpstr(plan.list, ==, list);
    g_assert_cmpstr(found_platforms, ==, platforms);
    g_assert_cmpuint(plan.platforms->len, >=, 1);
    g_assert_cmpstr(found_arguments, ==, arguments);
}

static void test_only_what_is_floes_is_taken(void)
{
    check("-t x .", NULL, "", "-t x .");
    check("--platform linux/amd64 .", NULL, "linux/amd64", ".");
    check("--platform=a/b,c/d --platform a/b -t x --manifest=l .", "l", "a/b c/d", "-t x .");
    check("--manifest old . --manifest new", "new", "", ".");
    check("--platforms x --manifests .", NULL, "", "--platforms x --manifests .");
    check("-f - --platform a/b .", NULL, "a/b", "-f - .");
}

static void test_what_cannot_be_is_refused(void)
{
    static const struct {
        const char *command;
        floe_error_code code;
    } bad[] = {
        { ". --manifest", FLOE_ERROR_INVALID },
        { "--manifest= .", FLOE_ERROR_INVALID },
        { ". --platform", FLOE_ERROR_INVALID },
        { "--all-platforms .", FLOE_ERROR_UNSUPPORTED },
        { "-f - --platform a/b,c/d .", FLOE_ERROR_UNSUPPORTED },
        { "--platform a/b,c/d -", FLOE_ERROR_UNSUPPORTED },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_auto(GStrv) words = g_strsplit(bad[i].command, " ", -1);
        g_auto(BuildPlan) plan = { NULL };
        g_autoptr(GError) error = NULL;

        g_assert_false(build_plan_read((const char *const *)words, &plan, &error));
        g_assert_error(error, FLOE_ERROR_DOMAIN, (int)bad[i].code);
    }
}

static void test_an_image_fits_its_platform(void)
{
    g_autoptr(JsonValue) config = json_pack("{s:s, s:s, s:s}", "os", "linux", "architecture", "arm",
                                            "variant", "v7");

    g_assert_true(build_platform_fits(NULL, config));
    g_assert_true(build_platform_fits("local", config));
    g_assert_true(build_platform_fits("linux/arm", config));
    g_assert_true(build_platform_fits("linux/arm/v7", config));
    g_assert_false(build_platform_fits("linux/arm/v6", config));
    g_assert_false(build_platform_fits("linux/arm64", config));
    g_assert_false(build_platform_fits("windows/arm", config));
    json_object_del(config, "variant");
    g_assert_true(build_platform_fits("linux/arm/v6", config));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/build-plan/only-what-is-floes-is-taken",
                    test_only_what_is_floes_is_taken);
    g_test_add_func("/engine/build-plan/what-cannot-be-is-refused", test_what_cannot_be_is_refused);
    g_test_add_func("/engine/build-plan/an-image-fits-its-platform",
                    test_an_image_fits_its_platform);
    return g_test_run();
}
