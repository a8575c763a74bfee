/* SPDX-License-Identifier: Apache-2.0 */
#include "state/image-name.h"

#include <string.h>

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_a_name_gets_its_full_form(void)
{
    static const struct {
        const char *name;
        const char *full;
    } cases[] = {
        { "redis", "localhost/redis:latest" },
        { "redis:7", "localhost/redis:7" },
        { "team/redis", "localhost/team/redis:latest" },
        { "localhost/redis", "localhost/redis:latest" },
        { "localhost:5000", "localhost/localhost:5000" },
        { "localhost:5000/x", "localhost:5000/x:latest" },
        { "host:5000/x", "host:5000/x:latest" },
        { "host:5000/x:y", "host:5000/x:y" },
        { "Quay.io/x/y", "Quay.io/x/y:latest" },
        { "quay.io/a/b/c/d:v1.2-3_4", "quay.io/a/b/c/d:v1.2-3_4" },
        { "docker.io/redis", "docker.io/library/redis:latest" },
        { "docker.io/team/redis:1", "docker.io/team/redis:1" },
        { "[::1]:5000/x", "[::1]:5000/x:latest" },
        { "x/a.b__c_d---e", "localhost/x/a.b__c_d---e:latest" },
        { "redis@sha256:" HEX64, "localhost/redis@sha256:" HEX64 },
        { "redis:7@sha256:" HEX64, "localhost/redis@sha256:" HEX64 },
        { "host:5000/x@sha256:" HEX64, "host:5000/x@sha256:" HEX64 },
        { "x:" HEX64, "localhost/x:" HEX64 },
        { "x/" HEX64, "localhost/x/" HEX64 ":latest" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *full = NULL;
        g_autofree char *again = NULL;

        image_name_normalize(cases[i].name, &full, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(full, ==, cases[i].full);
        image_name_normalize(full, &again, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(again, ==, full);
    }
}

static void test_what_is_no_reference_is_refused(void)
{
    static const struct {
        const char *name;
        const char *why;
    } cases[] = {
        { "", "the name is" },
        { "Redis", "must be lowercase" },
        { "team/Redis:7", "must be lowercase" },
        { "a/", "the name is" },
        { "/a", "the name is" },
        { "a//b", "the name is" },
        { "a..b", "the name is" },
        { "a___b", "the name is" },
        { "-a", "the name is" },
        { "a-", "the name is" },
        { "a b", "the name is" },
        { "a\n", "the name is" },
        { "a\xc3\xa4", "the name is" },
        { "../a", "not a host name" },
        { "a/../b", "the name is" },
        { "a:", "the tag is" },
        { "a:.b", "the tag is" },
        { "a:b\n", "the tag is" },
        { "a:b:c", "the name is" },
        { "a@", "the digest is" },
        { "a@sha256:abc", "the digest is" },
        { "a@sha256:0123456789abcdef0123456789abcdef", "64 hex digits" },
        { "a@sha256:" HEX64 "0", "64 hex digits" },
        { "@sha256:" HEX64, "the name is" },
        { "-host.io/a", "not a host name" },
        { "host:port/a", "not a host name" },
        { "host_x.io/a", "not a host name" },
        { "host.io/", "the name is" },
        { HEX64, "an ID, not a name" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        char *full = NULL;

        if (image_name_normalize(cases[i].name, &full, &error))
            g_error("'%s' became '%s'", cases[i].name, full);
        g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, "invalid reference format"));
        if (strstr(error->message, cases[i].why) == NULL)
            g_error("'%s': '%s' is not in '%s'", cases[i].name, cases[i].why, error->message);
    }
}

static void check_length(const char *prefix, size_t n, bool is_valid)
{
    g_autofree char *rest = g_strnfill(n, 'a');
    g_autofree char *name = g_strconcat(prefix, rest, NULL);
    g_autofree char *full = NULL;

    g_assert_true(image_name_normalize(name, &full, NULL) == is_valid);
}

static void test_lengths_are_bounded(void)
{
    check_length("a:", 128, true);
    check_length("a:", 129, false);
    check_length("host.io/", 247, true);
    check_length("host.io/", 248, false);
    check_length("host.io/", 10000000, false);
    check_length("a@sha256:", 10000000, false);
}

static void check_expanded(const char *name, const char *first, const char *second,
                           const char *expected_tail)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) names = NULL;
    g_autofree char *tail = NULL;

    image_name_expand(name, &names, &tail, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(names[0], ==, first);
    g_assert_cmpstr(names[1], ==, second);
    g_assert_cmpstr(tail, ==, expected_tail);
}

static void test_a_short_name_can_stand_for_several(void)
{
    check_expanded("redis", "localhost/redis:latest", "docker.io/library/redis:latest",
                   "/redis:latest");
    check_expanded("team/redis:7", "localhost/team/redis:7", "docker.io/team/redis:7",
                   "/team/redis:7");
    check_expanded("quay.io/redis", "quay.io/redis:latest", NULL, NULL);
}

static void test_no_reference_stands_for_nothing(void)
{
    g_autoptr(GError) error = NULL;
    char **names = NULL;
    char *tail = NULL;

    g_assert_false(image_name_expand("Redis", &names, &tail, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
    g_assert_null(names);
    g_assert_null(tail);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/state/image-name/a-name-gets-its-full-form", test_a_name_gets_its_full_form);
    g_test_add_func("/state/image-name/what-is-no-reference-is-refused",
                    test_what_is_no_reference_is_refused);
    g_test_add_func("/state/image-name/lengths-are-bounded", test_lengths_are_bounded);
    g_test_add_func("/state/image-name/a-short-name-can-stand-for-several",
                    test_a_short_name_can_stand_for_several);
    g_test_add_func("/state/image-name/no-reference-stands-for-nothing",
                    test_no_reference_stands_for_nothing);
    return g_test_run();
}
