/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/registries-conf.h"

#include <string.h>

static void test_what_is_said_is_read(void)
{
    static const char text[] = "# a comment\n"
                               "unqualified-search-registries = [\"one.example\", # first\n"
                               "    'two.example',\n"
                               "]\n"
                               "short-name-mode=\"enforcing\"\n"
                               "credential-helpers = [\"a\",\n  \"b\"]\n"
                               "\n"
                               "[[registry]]\n"
                               "location = \"one.example\"\n"
                               "insecure = true\n"
                               "short-name-mode = \"nonsense, but of a registry\"\n"
                               "[aliases]\n"
                               "\"redis\" = \"docker.io/library/redis\"\n"
                               "plain = 'quay.io/plain' # behind\n"
                               "\"a\\\"b\" = \"c\\\\d\"\n";
    g_auto(RegistriesConf) conf = { 0 };
    g_autoptr(GError) error = NULL;

    registries_conf_init(&conf);
    g_assert_true(registries_conf_parse(&conf, text, "x", &error));
    g_assert_no_error(error);
    g_assert_cmpuint(g_strv_length(conf.search), ==, 2);
    g_assert_cmpstr(conf.search[0], ==, "one.example");
    g_assert_cmpstr(conf.search[1], ==, "two.example");
    g_assert_cmpint(conf.mode, ==, SHORT_NAMES_ENFORCING);
    g_assert_cmpuint(g_hash_table_size(conf.aliases), ==, 3);
    g_assert_cmpstr(g_hash_table_lookup(conf.aliases, "redis"), ==, "docker.io/library/redis");
    g_assert_cmpstr(g_hash_table_lookup(conf.aliases, "plain"), ==, "quay.io/plain");
    g_assert_cmpstr(g_hash_table_lookup(conf.aliases, "a\"b"), ==, "c\\d");
}

static void test_a_later_file_counts(void)
{
    g_auto(RegistriesConf) conf = { 0 };

    registries_conf_init(&conf);
    g_assert_true(
        registries_conf_parse(&conf, "unqualified-search-registries=['a']\n[aliases]\nx='1'\ny='1'",
                              "x", NULL));
    g_assert_true(registries_conf_parse(&conf, "unqualified-search-registries=[]\n[aliases]\nx='2'",
                                        "x", NULL));
    g_assert_null(conf.search[0]);
    g_assert_cmpstr(g_hash_table_lookup(conf.aliases, "x"), ==, "2");
    g_assert_cmpstr(g_hash_table_lookup(conf.aliases, "y"), ==, "1");
}

static void test_what_cannot_be_right_is_told_with_its_line(void)
{
    static const struct {
        const char *text, *part;
    } wrong[] = {
        { "\noops\n", "line 2: a = is missing" },
        { "= 'x'", "line 1: a key is missing" },
        { "[aliases\nx='1'", "line 1: a ] is missing" },
        { "[aliases]\nx='1\n'", "line 2: a string does not end" },
        { "[aliases]\nx=\"\\u0041\"", "line 2: an escape sequence" },
        { "unqualified-search-registries=['a' 'b']", "line 1: a comma is missing" },
        { "unqualified-search-registries=['a',\n3]", "line 2: a string is missing" },
        { "unqualified-search-registries=['a'", "line 1: a comma is missing" },
        { "unqualified-search-registries=[", "line 1: a string is missing" },
        { "short-name-mode='always'", "short-name-mode is none of" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_auto(RegistriesConf) conf = { 0 };
        g_autoptr(GError) error = NULL;

        registries_conf_init(&conf);
        g_assert_false(registries_conf_parse(&conf, wrong[i].text, "FILE", &error));
        g_assert_nonnull(strstr(error->message, wrong[i].part));
        g_assert_true(g_str_has_prefix(error->message, "'FILE': "));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/storage/registries-conf/read", test_what_is_said_is_read);
    g_test_add_func("/storage/registries-conf/later-counts", test_a_later_file_counts);
    g_test_add_func("/storage/registries-conf/wrong",
                    test_what_cannot_be_right_is_told_with_its_line);
    return g_test_run();
}
