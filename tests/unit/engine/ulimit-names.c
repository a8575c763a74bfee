/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ulimit-names.h"

#include "state/fixture.h"

static void check(const char *text, const char *name, int64_t soft, int64_t hard)
{
    g_autofree char *found_name = NULL;
    int64_t found_soft = 0, found_hard = 0;

    WORKS(ulimit_parse(text, &found_name, &found_soft, &found_hard, &error));
    g_assert_cmpstr(found_name, ==, name);
    g_assert_cmpint(found_soft, ==, soft);
    g_assert_cmpint(found_hard, ==, hard);
}

static void test_limits_are_read(void)
{
    check("nofile=1024:2048", "nofile", 1024, 2048);
    check("nofile=1024", "nofile", 1024, 1024);
    check("NOFILE=5", "nofile", 5, 5);
    check("core=-1", "core", -1, -1);
    check("core=0", "core", 0, 0);
    check("memlock=unlimited", "memlock", -1, -1);
    check("memlock=8:unlimited", "memlock", 8, -1);
}

static void test_nonsense_is_refused_with_its_text(void)
{
    static const char *const texts[] = {
        "",
        "nofile",
        "nofile=",
        "nofile=x",
        "nofile=1:x",
        "nofile=1:",
        "nofile=:1",
        "nofile=2:1",
        "nofile=-2",
        "nofile=-1:1024",
        "files=1",
        "=1",
        "nofile=1:2:3",
        "nofile=99999999999999999999",
        "nofile= 1",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *name = NULL;
        int64_t soft = 0, hard = 0;

        FAILS(ulimit_parse(texts[i], &name, &soft, &hard, &error), FLOE_ERROR_INVALID, texts[i]);
        g_assert_null(name);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/ulimit-names/limits-are-read", test_limits_are_read);
    g_test_add_func("/engine/ulimit-names/nonsense-is-refused-with-its-text",
                    test_nonsense_is_refused_with_its_text);
    return g_test_run();
}
