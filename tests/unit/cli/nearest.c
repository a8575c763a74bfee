/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/nearest.h"

static void test_distance(void)
{
    g_assert_cmpuint(edit_distance("start", "start"), ==, 0);
    g_assert_cmpuint(edit_distance("strat", "start"), ==, 1);
    g_assert_cmpuint(edit_distance("stat", "start"), ==, 1);
    g_assert_cmpuint(edit_distance("starts", "start"), ==, 1);
    g_assert_cmpuint(edit_distance("stort", "start"), ==, 1);
    g_assert_cmpuint(edit_distance("", "abc"), ==, 3);
    g_assert_cmpuint(edit_distance("kitten", "sitting"), ==, 3);
}

static void test_too_long(void)
{
    g_autofree char *word = g_strnfill(100000, 'a');

    g_assert_cmpuint(edit_distance(word, "start"), ==, G_MAXUINT);
    g_assert_cmpuint(edit_distance("start", word), ==, G_MAXUINT);
}

static const char *nearest_of(const char *word)
{
    static const char *const verbs[] = {
        "checkpoint", "ps", "restart", "rm", "rmi", "start", "stop"
    };
    Nearest nearest = NEAREST_INIT(word);

    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
        nearest_offer(&nearest, verbs[i]);
    return nearest.found;
}

static void test_nearest(void)
{
    g_assert_cmpstr(nearest_of("strat"), ==, "start");
    g_assert_cmpstr(nearest_of("restrat"), ==, "restart");
    g_assert_cmpstr(nearest_of("chekpiont"), ==, "checkpoint");
    g_assert_cmpstr(nearest_of("check"), ==, "checkpoint");
    g_assert_null(nearest_of("frobnicate"));
    g_assert_null(nearest_of("xyz"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/nearest/a-swap-is-one-mistake", test_distance);
    g_test_add_func("/cli/nearest/a-huge-word-is-far-from-all", test_too_long);
    g_test_add_func("/cli/nearest/finds-what-was-meant-and-nothing-else", test_nearest);
    return g_test_run();
}
