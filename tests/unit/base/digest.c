/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <string.h>

static void test_digests_are_sha256_in_hex(void)
{
    g_autofree char *empty = sha256_hex(NULL, 0);
    g_autofree char *abc = sha256_hex("abc", 3);

    g_assert_cmpstr(empty, ==, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    g_assert_cmpstr(abc, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    g_assert_true(id_is_valid(abc));
}

static void test_pieces_have_the_digest_of_the_whole(void)
{
    static const char text[] =
        "what comes in pieces, of which some are longer than a block of 64 bytes";
    g_autofree char *whole = sha256_hex(text, strlen(text));
    Hasher *hasher = hasher_new();

    hasher_add(hasher, text, 3);
    hasher_add(hasher, text, 0);
    hasher_add(hasher, text + 3, strlen(text) - 3);

    g_autofree char *pieces = hasher_finish(hasher);

    g_assert_cmpstr(pieces, ==, whole);
}

static void test_random_ids_are_valid_and_differ(void)
{
    g_autofree char *first = id_random();
    g_autofree char *second = id_random();

    g_assert_true(id_is_valid(first));
    g_assert_true(id_is_valid(second));
    g_assert_cmpstr(first, !=, second);
}

static void test_other_texts_are_no_ids(void)
{
    g_autofree char *short_one = g_strnfill(63, 'a');
    g_autofree char *long_one = g_strnfill(65, 'a');
    g_autofree char *upper = g_strnfill(64, 'A');
    g_autofree char *path = g_strnfill(64, '/');

    g_assert_false(id_is_valid(NULL));
    g_assert_false(id_is_valid(""));
    g_assert_false(id_is_valid(short_one));
    g_assert_false(id_is_valid(long_one));
    g_assert_false(id_is_valid(upper));
    g_assert_false(id_is_valid(path));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/digest/digests-are-sha256-in-hex", test_digests_are_sha256_in_hex);
    g_test_add_func("/base/digest/pieces-have-the-digest-of-the-whole",
                    test_pieces_have_the_digest_of_the_whole);
    g_test_add_func("/base/digest/random-ids-are-valid-and-differ",
                    test_random_ids_are_valid_and_differ);
    g_test_add_func("/base/digest/other-texts-are-no-ids", test_other_texts_are_no_ids);
    return g_test_run();
}
