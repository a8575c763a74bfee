/* SPDX-License-Identifier: Apache-2.0 */
#include "base/protobuf.h"

#include <string.h>

#define BYTES(text) \
    (ProtobufBytes) \
    { \
        (const uint8_t *)(text), sizeof(text) - 1 \
    }

typedef struct Pair {
    uint64_t number;
    ProtobufBytes part;
} Pair;

static const ProtobufSlot slots[] = {
    PROTOBUF_INTEGER(1, Pair, number),
    PROTOBUF_PART(2, Pair, part),
};

static void test_fields_go_where_they_belong(void)
{
    Pair pair = { 7, { 0 } };

    g_assert_true(protobuf_read(BYTES("\x12\x03"
                                      "abc\x1d"
                                      "1234\x08\xac\x02"),
                                slots, 2, &pair));
    g_assert_cmpuint(pair.number, ==, 300);

    g_autofree char *text = protobuf_text(pair.part);
    g_assert_cmpstr(text, ==, "abc");

    g_autofree char *nothing = protobuf_text((ProtobufBytes){ 0 });
    g_assert_cmpstr(nothing, ==, "");
}

static void test_what_is_not_said_stays(void)
{
    Pair pair = { 7, { 0 } };

    g_assert_true(protobuf_read(BYTES(""), slots, 2, &pair));
    g_assert_true(protobuf_read((ProtobufBytes){ 0 }, slots, 2, &pair));
    g_assert_true(protobuf_read(BYTES("\x0a\x01x"), slots, 2, &pair)); /* a text, not a number */
    g_assert_cmpuint(pair.number, ==, 7);
    g_assert_null(pair.part.at);
}

static void test_the_last_one_counts(void)
{
    Pair pair = { 0 };

    g_assert_true(protobuf_read(BYTES("\x08\x01\x08\x02"), slots, 2, &pair));
    g_assert_cmpuint(pair.number, ==, 2);
}

static void test_broken_messages_are_refused(void)
{
    const ProtobufBytes cases[] = {
        BYTES("\x08"),                                         /* no number */
        BYTES("\x08\x80"),                                     /* half a number */
        BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), /* 65 bits */
        BYTES("\x12\x02x"), /* a text that goes on behind the end */
        BYTES("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"), /* the longest */
        BYTES("\x0d\x01\x02\x03"),                              /* 3 of 4 bytes */
        BYTES("\x09\x01\x02\x03"),                              /* 3 of 8 bytes */
        BYTES("\x0b\x0c"),                                      /* a group */
        BYTES("\x0e"),                                          /* no type */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Pair pair = { 0 };

        g_test_message("case %zu", i);
        g_assert_false(protobuf_read(cases[i], slots, 2, &pair));
    }
}

static void test_repeated_integers_are_read_in_both_forms(void)
{
    g_autoptr(GArray) integers = g_array_new(FALSE, FALSE, sizeof(uint64_t));

    g_assert_true(
        protobuf_integers(BYTES("\x28\x01\x28\xac\x02\x08\x09\x2a\x03\x04\xac\x02"), 5, integers));
    g_assert_cmpuint(integers->len, ==, 4);
    g_assert_cmpuint(g_array_index(integers, uint64_t, 1), ==, 300);
    g_assert_cmpuint(g_array_index(integers, uint64_t, 2), ==, 4);
    g_assert_cmpuint(g_array_index(integers, uint64_t, 3), ==, 300);
    g_assert_false(protobuf_integers(BYTES("\x2a\x01\x80"), 5, integers));
    g_assert_false(protobuf_integers(BYTES("\x28"), 5, integers));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/protobuf/fields-go-where-they-belong", test_fields_go_where_they_belong);
    g_test_add_func("/base/protobuf/what-is-not-said-stays", test_what_is_not_said_stays);
    g_test_add_func("/base/protobuf/the-last-one-counts", test_the_last_one_counts);
    g_test_add_func("/base/protobuf/broken-messages-are-refused", test_broken_messages_are_refused);
    g_test_add_func("/base/protobuf/repeated-integers-are-read-in-both-forms",
                    test_repeated_integers_are_read_in_both_forms);
    return g_test_run();
}
