/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/public-struct.h"

#include <stdint.h>

typedef struct Wish {
    size_t size;
    int64_t old;
    int64_t added; /* by a later header */
} Wish;

#define OLD_SIZE offsetof(Wish, added)

static void test_nothing_said_is_the_defaults(void)
{
    Wish known = { sizeof(known), 1, 2 };

    g_assert_true(public_options(NULL, &known, sizeof(known), NULL));
    g_assert_cmpint(known.old, ==, 1);
    g_assert_cmpint(known.added, ==, 2);
}

static void test_a_shorter_struct_leaves_the_rest_as_it_is(void)
{
    Wish options = { OLD_SIZE, 10, 20 };
    Wish known = { sizeof(known), 1, 2 };

    g_assert_true(public_options(&options, &known, sizeof(known), NULL));
    g_assert_cmpint(known.old, ==, 10);
    g_assert_cmpint(known.added, ==, 2);
}

static void test_of_a_longer_struct_the_known_part_is_taken(void)
{
    Wish options = { sizeof(options), 10, 20 };
    Wish known = { OLD_SIZE, 1, 2 };

    g_assert_true(public_options(&options, &known, OLD_SIZE, NULL));
    g_assert_cmpint(known.old, ==, 10);
    g_assert_cmpint(known.added, ==, 2);
}

static void test_a_result_keeps_to_the_callers_size(void)
{
    const Wish made = { 0, 10, 20 };
    Wish result = { OLD_SIZE, 1, 2 };

    g_assert_true(public_result_check(&result, NULL));
    public_result_write(&result, &made, sizeof(made));
    g_assert_cmpuint(result.size, ==, OLD_SIZE);
    g_assert_cmpint(result.old, ==, 10);
    g_assert_cmpint(result.added, ==, 2);

    g_assert_true(public_result_check(NULL, NULL));
    public_result_write(NULL, &made, sizeof(made));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/public-struct/nothing-said-is-the-defaults",
                    test_nothing_said_is_the_defaults);
    g_test_add_func("/engine/public-struct/a-shorter-struct-leaves-the-rest-as-it-is",
                    test_a_shorter_struct_leaves_the_rest_as_it_is);
    g_test_add_func("/engine/public-struct/of-a-longer-struct-the-known-part-is-taken",
                    test_of_a_longer_struct_the_known_part_is_taken);
    g_test_add_func("/engine/public-struct/a-result-keeps-to-the-callers-size",
                    test_a_result_keeps_to_the_callers_size);
    return g_test_run();
}
