/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/name-generator.h"

#include "state/fixture.h"

#include <string.h>

#define N_NAMES 2000

static void test_generated_names_are_good_names(void)
{
    for (int i = 0; i < N_NAMES; i++) {
        g_autofree char *name = name_generate();
        g_auto(GStrv) words = g_strsplit(name, "_", -1);

        WORKS(container_name_check(name, &error));
        g_assert_cmpint(g_strv_length(words), ==, 2);
        g_assert_cmpint(strlen(words[0]), >, 0);
        g_assert_cmpint(strlen(words[1]), >, 0);
    }
}

static void test_generated_names_differ(void)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (int i = 0; i < N_NAMES; i++)
        g_hash_table_add(names, name_generate());
    /* Of 4096: some 1582 different ones are to be expected. */
    g_assert_cmpint(g_hash_table_size(names), >, 1400);
}

static void test_names_are_checked(void)
{
    static const char *const good[] = { "a", "web", "web-1", "a.b_c-d", "0", "A9", "x__y", "x." };
    static const char *const bad[] = { "",     "-a",  ".a",  "_a",       "a b", "a/b",
                                       "../a", "a:b", "a\n", "\xc3\xa4", "a@b", "a*" };

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        WORKS(container_name_check(good[i], &error));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        FAILS(container_name_check(bad[i], &error), FLOE_ERROR_INVALID, bad[i]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/name-generator/generated-names-are-good-names",
                    test_generated_names_are_good_names);
    g_test_add_func("/engine/name-generator/generated-names-differ", test_generated_names_differ);
    g_test_add_func("/engine/name-generator/names-are-checked", test_names_are_checked);
    return g_test_run();
}
