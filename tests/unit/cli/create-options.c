/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/create-flags.h"

#include <glib/gstdio.h>

static const Usage usage = {
    .synopsis = "run [options] IMAGE",
    .later = create_flags_later,
    .options_first = true,
    .min_words = 1,
    .max_words = -1,
};

/* The words stay alive with the options: texts point into them. */
static bool parse(CreateOptions *options, char **argv)
{
    int status = -1;
    bool done = create_options_parse(options, &usage, true, argv, &status);

    g_assert_cmpint(status, ==, done ? STATUS_OK : STATUS_FLOE_FAILED);
    return done;
}

static void assert_list(const char *const *list, const char *joined)
{
    g_autofree char *text = g_strjoinv("|", (char **)list);

    g_assert_cmpstr(text, ==, joined);
}

static void test_command(void)
{
    g_auto(CreateOptions) o = CREATE_OPTIONS_INIT;
    char *argv[] = { (char *)"run", (char *)"--name", (char *)"web",    (char *)"-m", (char *)"1g",
                     (char *)"img", (char *)"echo",   (char *)"--name", NULL };

    g_assert_true(parse(&o, argv));
    g_assert_cmpstr(o.container.image, ==, "img");
    g_assert_cmpstr(o.container.name, ==, "web");
    assert_list(o.container.command, "echo|--name");
    g_assert_cmpint(o.container.memory_bytes, ==, 1 << 30);
    g_assert_cmpint(o.container.stop_timeout_s, ==, -1);
    g_assert_null(o.container.env);
    g_assert_true(o.sig_proxy);
}

static void test_no_command(void)
{
    g_auto(CreateOptions) o = CREATE_OPTIONS_INIT;
    char *argv[] = { (char *)"run", (char *)"img", NULL };

    g_assert_true(parse(&o, argv));
    g_assert_null(o.container.command);
    g_assert_null(o.container.entrypoint);
}

static void test_env_files(void)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("floe-test-XXXXXX", &path, NULL);
    g_auto(CreateOptions) o = CREATE_OPTIONS_INIT;
    char *argv[] = { (char *)"run",
                     (char *)"-e",
                     (char *)"A=flag",
                     (char *)"-e",
                     (char *)"B",
                     (char *)"--env-file",
                     path,
                     (char *)"--env-file",
                     path,
                     (char *)"img",
                     NULL };

    g_assert_true(g_file_set_contents(path, "A=file\n", -1, NULL));
    g_assert_true(parse(&o, argv));
    assert_list(o.container.env, "A=file|A=file|A=flag|B");
    g_close(fd, NULL);
    g_unlink(path);
}

static void test_entrypoint(void)
{
    g_auto(GStrv) list = NULL, empty = NULL, plain = NULL, bad = NULL;

    g_assert_true(create_options_entrypoint("[\"sh\",\"-c\"]", &list, NULL));
    assert_list(list_const(list), "sh|-c");
    g_assert_true(create_options_entrypoint("", &empty, NULL));
    assert_list(list_const(empty), "");
    g_assert_true(create_options_entrypoint("sh -c", &plain, NULL));
    assert_list(list_const(plain), "sh -c");
    g_assert_false(create_options_entrypoint("[\"sh\"", &bad, NULL));
    g_assert_false(create_options_entrypoint("[1]", &bad, NULL));
    g_assert_null(bad);
}

static void assert_refused(const char *flag)
{
    g_auto(CreateOptions) o = CREATE_OPTIONS_INIT;
    g_autofree char *copy = g_strdup(flag);
    char *argv[] = { (char *)"run", copy, (char *)"img", NULL };

    g_assert_false(parse(&o, argv));
}

static void test_refusals(void)
{
    assert_refused("--pull=sometimes");
    assert_refused("--attach=stdlog");
    assert_refused("--cidfile=/proc/self/status");
    assert_refused("--env-file=/nonexistent");
    assert_refused("--device-read-bps=/dev/null");
    assert_refused("--memory=lots");
    assert_refused("--stop-timeout=-1");
}

static void test_podman_noise(void)
{
    g_auto(CreateOptions) o = CREATE_OPTIONS_INIT;
    char *argv[] = { (char *)"run",
                     (char *)"--restart=no",
                     (char *)"--tls-verify=false",
                     (char *)"--quiet",
                     (char *)"--pull=never",
                     (char *)"--userns=host",
                     (char *)"--network",
                     (char *)"none",
                     (char *)"img",
                     NULL };

    g_assert_true(parse(&o, argv));
    g_assert_cmpstr(o.container.networks[0], ==, "none");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/create-options/what-follows-the-image-is-the-command", test_command);
    g_test_add_func("/cli/create-options/without-a-command-the-image-s-is-left", test_no_command);
    g_test_add_func("/cli/create-options/flags-win-over-files", test_env_files);
    g_test_add_func("/cli/create-options/an-entry-point-is-one-word-or-a-list", test_entrypoint);
    g_test_add_func("/cli/create-options/what-cannot-be-done-is-refused", test_refusals);
    g_test_add_func("/cli/create-options/podman-s-defaults-may-be-spelled-out", test_podman_noise);
    return g_test_run();
}
