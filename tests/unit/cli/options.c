/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

typedef struct Parsed {
    bool interactive, tty, remove;
    const char *name;
    char **env, **dns, **words;
    int64_t last, memory;
    bool help;
    GError *error;
} Parsed;

static void parsed_clear(Parsed *parsed)
{
    g_strfreev(parsed->env);
    g_strfreev(parsed->dns);
    g_strfreev(parsed->words);
    g_clear_error(&parsed->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parsed, parsed_clear)

/* The line is split at blanks. */
static bool parse(const char *line, bool options_first, Parsed *parsed)
{
    const Usage usage = { .synopsis = "run [options] IMAGE",
                          .later = "device x/export",
                          .options_first = options_first,
                          .max_words = -1 };
    const Option options[] = {
        { "dns", 0, OPTION_COMMA_LIST, &parsed->dns, "A", "help" },
        { "env", 'e', OPTION_LIST, &parsed->env, "A", "help" },
        { "interactive", 'i', OPTION_FLAG, &parsed->interactive, NULL, "help" },
        { "last", 'n', OPTION_INTEGER, &parsed->last, "N", "help" },
        { "memory", 'm', OPTION_SIZE, &parsed->memory, "SIZE", "help" },
        { "name", 0, OPTION_TEXT, &parsed->name, "NAME", "help" },
        { "rm", 0, OPTION_FLAG, &parsed->remove, NULL, "help" },
        { "tls-verify", 0, OPTION_FLAG, NULL, NULL, NULL },
        { "tty", 't', OPTION_FLAG, &parsed->tty, NULL, "help" },
        OPTIONS_END,
    };
    g_auto(GStrv) split = g_strsplit(line, " ", -1);
    g_autofree char **argv = g_memdup2(split, (g_strv_length(split) + 1) * sizeof(*split));
    char **words = NULL;

    bool done = options_read(&usage, options, argv, &words, &parsed->help, &parsed->error);
    parsed->words = g_strdupv(words);
    /* Texts point into argv, which ends here. */
    parsed->name = parsed->name != NULL ? g_intern_string(parsed->name) : NULL;
    return done;
}

static void must_parse(const char *line, bool options_first, Parsed *parsed)
{
    bool done = parse(line, options_first, parsed);

    g_assert_no_error(parsed->error);
    g_assert_true(done);
}

static void assert_words(const Parsed *parsed, const char *expected)
{
    g_autofree char *words = g_strjoinv(" ", parsed->words);

    g_assert_cmpstr(words, ==, expected);
}

static void assert_error(const char *line, const char *message)
{
    g_auto(Parsed) parsed = { 0 };
    bool done = parse(line, true, &parsed);

    g_assert_false(done);
    g_assert_cmpstr(parsed.error->message, ==, message);
}

static void test_forms(void)
{
    g_auto(Parsed) parsed = { 0 };

    must_parse("run -it -eA=1 -e B=2 --env=C=3 --env D -m=512m -n -1 --name web --dns 1,2 "
               "--dns=3 --rm img",
               true, &parsed);
    const char *const env[] = { "A=1", "B=2", "C=3", "D", NULL };
    const char *const dns[] = { "1", "2", "3", NULL };

    g_assert_true(parsed.interactive && parsed.tty && parsed.remove);
    g_assert_cmpstrv(parsed.env, env);
    g_assert_cmpstrv(parsed.dns, dns);
    g_assert_cmpint(parsed.memory, ==, 512 << 20);
    g_assert_cmpint(parsed.last, ==, -1);
    g_assert_cmpstr(parsed.name, ==, "web");
    assert_words(&parsed, "img");
}

static void test_cluster_with_value(void)
{
    g_auto(Parsed) parsed = { 0 };

    must_parse("run -iten=v img", true, &parsed);
    g_assert_true(parsed.interactive && parsed.tty);
    g_assert_cmpstr(parsed.env[0], ==, "n=v");
}

static void test_false(void)
{
    g_auto(Parsed) parsed = { .interactive = true };

    must_parse("run --rm --rm=false -i=0 --tty=True --tls-verify=false img", true, &parsed);
    g_assert_false(parsed.remove);
    g_assert_false(parsed.interactive);
    g_assert_true(parsed.tty);
}

static void test_options_first(void)
{
    g_auto(Parsed) first = { 0 }, mixed = { 0 };

    must_parse("run img --rm -i", true, &first);
    g_assert_false(first.remove);
    assert_words(&first, "img --rm -i");

    must_parse("rm a --rm b - -i", false, &mixed);
    g_assert_true(mixed.remove && mixed.interactive);
    assert_words(&mixed, "a b -");
}

static void test_double_dash(void)
{
    g_auto(Parsed) parsed = { 0 };

    must_parse("rm --rm -- --name -i", false, &parsed);
    g_assert_true(parsed.remove);
    g_assert_false(parsed.interactive);
    assert_words(&parsed, "--name -i");
}

static void test_help(void)
{
    g_auto(Parsed) by_name = { 0 }, by_letter = { 0 }, behind_image = { 0 };

    must_parse("run --help", true, &by_name);
    g_assert_true(by_name.help);
    must_parse("run -h", true, &by_letter);
    g_assert_true(by_letter.help);
    must_parse("run img --help", true, &behind_image);
    g_assert_false(behind_image.help);
}

static void test_errors(void)
{
    assert_error("run --nmae x", "unknown flag: --nmae (did you mean --name?)");
    assert_error("run --frobnicate", "unknown flag: --frobnicate");
    assert_error("run --frobnicate=1", "unknown flag: --frobnicate");
    assert_error("run -ix", "--export is not supported by floe yet");
    assert_error("run -iq", "unknown flag: 'q' in -iq");
    assert_error("run --device /dev/x", "--device is not supported by floe yet");
    assert_error("run --device=/dev/x", "--device is not supported by floe yet");
    assert_error("run --name", "flag needs an argument: --name");
    assert_error("run -e", "flag needs an argument: --env");
    assert_error("run --rm=maybe img", "invalid argument 'maybe' for --rm: not true or false");
    assert_error("run -n x", "invalid argument 'x' for --last: not a whole number");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/options/every-form-of-podman-is-read", test_forms);
    g_test_add_func("/cli/options/a-cluster-may-end-in-a-value", test_cluster_with_value);
    g_test_add_func("/cli/options/flags-can-be-false", test_false);
    g_test_add_func("/cli/options/behind-the-image-all-is-the-container-s", test_options_first);
    g_test_add_func("/cli/options/behind-two-dashes-all-are-words", test_double_dash);
    g_test_add_func("/cli/options/help-is-noticed", test_help);
    g_test_add_func("/cli/options/errors-say-what-was-meant", test_errors);
    return g_test_run();
}
