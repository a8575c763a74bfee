/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runtimes here are shell scripts that write down what they were given and fail as they are told.
 */
#include "oci/runtime.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/tree.h"
#include "oci/criu.h"
#include "oci/runtime-probe.h"

#include <string.h>
#include <sys/stat.h>

typedef struct Fixture {
    char *prefix; /* prefix/bin/ as the private programs' directory */
    char *root_dir;
    char *record; /* arguments, then the environment */
} Fixture;

static void set_up(Fixture *fixture, const void *data)
{
    g_autofree char *bin = NULL;

    fixture->prefix = g_dir_make_tmp("floe-runtime-XXXXXX", NULL);
    fixture->root_dir = g_build_filename(fixture->prefix, "state", NULL);
    fixture->record = g_build_filename(fixture->prefix, "record", NULL);
    bin = g_build_filename(fixture->prefix, "bin", NULL);
    g_assert_cmpint(mkdir(bin, 0700), ==, 0);
    g_setenv("FLOE_PRIVATE_PREFIX", fixture->prefix, TRUE);
}

static void tear_down(Fixture *fixture, const void *data)
{
    g_unsetenv("FLOE_PRIVATE_PREFIX");
    g_assert_true(tree_remove(fixture->prefix, NULL));
    g_free(fixture->prefix);
    g_free(fixture->root_dir);
    g_free(fixture->record);
}

/* A program of this name, with a script that is run after the record is written. */
static char *make_program(const Fixture *fixture, const char *name, const char *script)
{
    char *path = g_build_filename(fixture->prefix, "bin", name, NULL);
    g_autofree char *text = g_strdup_printf("#!/bin/sh\n{ echo \"$*\"; env; } > '%s'\n%s\n",
                                            fixture->record, script);

    g_assert_true(file_write_atomic(path, text, strlen(text), 0700, NULL));
    return path;
}

static Runtime make_runtime(const Fixture *fixture, const char *name, const char *script)
{
    g_autofree char *path = make_program(fixture, name, script);
    Runtime runtime = { 0 };

    runtime_from_path(path, fixture->root_dir, false, &runtime);
    return runtime;
}

static char *recorded(const Fixture *fixture)
{
    char *text = NULL;

    g_assert_true(file_read(fixture->record, 64 * 1024, &text, NULL, NULL));
    return text;
}

/* --- calling ---------------------------------------------------------------------------------- */

static void test_the_environment_is_small(Fixture *fixture, const void *data)
{
    g_auto(Runtime) runtime = make_runtime(fixture, "runc", "");
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_strdup_printf("\nPATH=%s/bin:/usr/local/sbin:", fixture->prefix);

    g_setenv("NOTIFY_SOCKET", "/x", TRUE);
    g_setenv("LISTEN_FDS", "1", TRUE);
    g_setenv("FLOE_TEST_MARK", "kept", TRUE);
    runtime_start(&runtime, "box", 0, 0, &error);
    g_assert_no_error(error);

    g_autofree char *record = recorded(fixture);
    g_assert_nonnull(strstr(record, path));
    g_assert_nonnull(strstr(record, "\nFLOE_TEST_MARK=kept\n"));
    g_assert_null(strstr(record, "NOTIFY_SOCKET"));
    g_assert_null(strstr(record, "LISTEN_FDS"));
    g_assert_null(strstr(record, "\nHOME="));
    g_assert_null(strstr(record, "XDG_RUNTIME_DIR"));
    g_assert_null(strstr(record, "CRIU_CONFIG_FILE"));
    g_unsetenv("NOTIFY_SOCKET");
    g_unsetenv("LISTEN_FDS");
    g_unsetenv("FLOE_TEST_MARK");
}

static void test_a_checkpoint_gets_its_options(Fixture *fixture, const void *data)
{
    g_auto(Runtime) runtime = make_runtime(fixture, "runc", "");
    g_autoptr(GError) error = NULL;
    g_autofree char *expected = NULL;
    const RuntimeCheckpoint checkpoint = {
        .id = "box",
        .image_dir = "/images",
        .work_dir = "/work",
        .criu_config = "/criu.conf",
        .leave_running = true,
        .tcp_established = true,
        .file_locks = true,
    };

    runtime_checkpoint(&runtime, &checkpoint, &error);
    g_assert_no_error(error);

    g_autofree char *record = recorded(fixture);
    expected = g_strdup_printf("--root %s/runc --log-format json checkpoint --image-path /images "
                               "--work-path /work --leave-running --tcp-established --file-locks "
                               "box\n",
                               fixture->root_dir);
    g_assert_true(g_str_has_prefix(record, expected));
    g_assert_nonnull(strstr(record, "\nCRIU_CONFIG_FILE=/criu.conf\n"));
}

static void test_cruns_state_is_where_its_checkpoint_looks(Fixture *fixture, const void *data)
{
    g_auto(Runtime) runtime = make_runtime(fixture, "crun-1.28", "");
    g_auto(GStrv) env = runtime_environment(&runtime, NULL);
    g_autofree char *setting = g_strconcat("XDG_RUNTIME_DIR=", fixture->root_dir, NULL);
    g_autofree char *state = g_build_filename(fixture->root_dir, "crun", NULL);

    g_assert_cmpstr(runtime.root_dir, ==, state);
    g_assert_true(g_strv_contains((const char *const *)env, setting));
}

static void test_failures_are_told(Fixture *fixture, const void *data)
{
    static const struct {
        const char *script;
        const char *message;
    } cases[] = {
        { "echo '{\"level\":\"error\",\"msg\":\"container does not exist\"}' >&2; exit 1",
          "runc: container does not exist" },
        { "exit 1", "runc failed and did not say why" },
        { "kill -9 $$", "runc start was killed by signal 9 (Killed)" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Runtime) runtime = make_runtime(fixture, "runc", cases[i].script);
        g_autoptr(GError) error = NULL;

        g_assert_false(runtime_start(&runtime, "box", 0, 0, &error));
        g_assert_true(err_is(error, FLOE_ERROR_RUNTIME));
        g_assert_cmpstr(error->message, ==, cases[i].message);
    }
}

/* A runtime that says why it cannot pause, and counts how often it is asked. */
static void check_pause(const Fixture *fixture, const char *reason, int failures, int calls)
{
    g_autofree char *count = g_build_filename(fixture->prefix, reason, NULL);
    g_autofree char *script = g_strdup_printf(
        "echo x >>'%s'; [ $(wc -l <'%s') -gt %d ] && exit 0\n"
        "echo '{\"level\":\"error\",\"msg\":\"%s\"}' >&2; exit 1",
        count, count, failures, reason);
    g_auto(Runtime) runtime = make_runtime(fixture, "runc", script);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    g_assert_true(runtime_pause(&runtime, "box", 0, &error) == (calls > failures));
    g_assert_true((error == NULL) == (calls > failures));
    g_assert_true(file_read(count, 64 * 1024, &text, NULL, NULL));
    g_assert_cmpuint(strlen(text), ==, 2 * (size_t)calls);
}

static void test_a_freezer_that_is_slow_is_waited_for(Fixture *fixture, const void *data)
{
    check_pause(fixture, "unable to freeze", 3, 4);
    check_pause(fixture, "always unable to freeze", 1000, 10);
    check_pause(fixture, "another reason", 3, 1);
}

static void test_what_is_not_there_needs_no_delete(Fixture *fixture, const void *data)
{
    g_auto(Runtime) runtime = make_runtime(fixture, "runc", "");
    g_autoptr(GError) error = NULL;
    g_autofree char *box = g_build_filename(runtime.root_dir, "box", NULL);

    g_assert_false(runtime_knows(&runtime, "box"));
    runtime_delete(&runtime, "box", &error);
    g_assert_no_error(error);
    g_assert_false(path_exists(fixture->record));

    g_assert_true(dir_make(box, 0700, NULL));
    g_assert_true(runtime_knows(&runtime, "box"));
    runtime_delete(&runtime, "box", &error);
    g_assert_no_error(error);

    g_autofree char *record = recorded(fixture);
    g_assert_nonnull(strstr(record, " delete --force box\n"));
}

static void test_the_version_is_its_first_line(Fixture *fixture, const void *data)
{
    g_auto(Runtime) runtime = make_runtime(fixture, "runc", "echo runc version 9; echo commit: x");
    g_autoptr(GError) error = NULL;
    g_autofree char *version = NULL;

    runtime_version(&runtime, &version, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(version, ==, "runc version 9");
}

/* --- choosing --------------------------------------------------------------------------------- */

static void test_a_probe_wants_to_hear_of_the_command(Fixture *fixture, const void *data)
{
    static const struct {
        const char *script;
        const char *refusal; /* NULL: it works */
    } cases[] = {
        { "echo 'exec: \"/floe-probe-command\": no such file or directory' >&2; exit 1", NULL },
        { "exit 0", NULL },
        { "echo '{\"level\":\"error\",\"msg\":\"cgroups in hybrid mode not supported\"}' >&2; exit 1",
          "runc: cgroups in hybrid mode not supported" },
        { "exit 1", "runc failed and did not say why" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Runtime) runtime = make_runtime(fixture, "runc", cases[i].script);
        g_autoptr(GError) error = NULL;
        g_autoptr(GDir) left = NULL;

        g_assert_true(runtime_probe_create(&runtime, &error) == (cases[i].refusal == NULL));
        g_assert_cmpstr(error != NULL ? error->message : NULL, ==, cases[i].refusal);
        left = g_dir_open(runtime.root_dir, 0, NULL);
        g_assert_null(g_dir_read_name(left));
    }
}

static void test_a_probe_sees_whether_checkpoint_is_known(Fixture *fixture, const void *data)
{
    g_auto(Runtime) with = make_runtime(fixture, "runc", "");
    g_assert_true(runtime_probe_checkpoint(&with));

    g_auto(Runtime) without = make_runtime(fixture, "runc", "exit 1");
    g_assert_false(runtime_probe_checkpoint(&without));
}

static void test_the_wanted_one_is_taken_unseen(Fixture *fixture, const void *data)
{
    g_autofree char *path = make_program(fixture, "odd-runtime", "exit 1");
    g_auto(Runtime) by_name = { 0 };
    g_auto(Runtime) by_path = { 0 };
    g_auto(Runtime) none = { 0 };
    g_autoptr(GError) error = NULL;

    runtime_choose("odd-runtime", fixture->root_dir, false, &by_name, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(by_name.path, ==, path);
    runtime_choose(path, fixture->root_dir, false, &by_path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(by_path.path, ==, path);
    g_assert_cmpstr(by_path.name, ==, "odd-runtime");
    g_assert_false(path_exists(fixture->record));

    g_assert_false(runtime_choose("no-such-runtime", fixture->root_dir, false, &none, &error));
    g_assert_true(err_is(error, FLOE_ERROR_MISSING_PART));
    g_clear_error(&error);
    g_assert_false(runtime_choose("/no/such", fixture->root_dir, false, &none, &error));
    g_assert_true(err_is(error, FLOE_ERROR_MISSING_PART));
}

/* --- CRIU ------------------------------------------------------------------------------------- */

static void test_criu_is_the_one_of_the_private_prefix(Fixture *fixture, const void *data)
{
    static const struct {
        const char *says;
        int version;
    } cases[] = { { "Version: 4.2.1", 40201 }, { "Version: 3.17", 31700 }, { "what?", 0 } };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *script = g_strdup_printf("echo '%s'; echo GitID: x", cases[i].says);
        g_autofree char *expected = make_program(fixture, "criu", script);
        g_auto(Runtime) runtime = make_runtime(fixture, "runc", "");
        g_autoptr(GError) error = NULL;
        g_autofree char *path = NULL;
        int version = 0;

        g_assert_true(criu_find(&runtime, &path, &version, &error) == (cases[i].version > 0));
        g_assert_cmpint(version, ==, cases[i].version);
        if (cases[i].version > 0)
            g_assert_cmpstr(path, ==, expected);
        else
            g_assert_true(err_is(error, FLOE_ERROR_MISSING_PART));
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(Fixture *, const void *);
    } tests[] = {
        { "/oci/runtime/the-environment-is-small", test_the_environment_is_small },
        { "/oci/runtime/a-checkpoint-gets-its-options", test_a_checkpoint_gets_its_options },
        { "/oci/runtime/cruns-state-is-where-its-checkpoint-looks",
          test_cruns_state_is_where_its_checkpoint_looks },
        { "/oci/runtime/failures-are-told", test_failures_are_told },
        { "/oci/runtime/a-freezer-that-is-slow-is-waited-for",
          test_a_freezer_that_is_slow_is_waited_for },
        { "/oci/runtime/what-is-not-there-needs-no-delete", test_what_is_not_there_needs_no_delete },
        { "/oci/runtime/the-version-is-its-first-line", test_the_version_is_its_first_line },
        { "/oci/runtime/a-probe-wants-to-hear-of-the-command",
          test_a_probe_wants_to_hear_of_the_command },
        { "/oci/runtime/a-probe-sees-whether-checkpoint-is-known",
          test_a_probe_sees_whether_checkpoint_is_known },
        { "/oci/runtime/the-wanted-one-is-taken-unseen", test_the_wanted_one_is_taken_unseen },
        { "/oci/runtime/criu-is-the-one-of-the-private-prefix",
          test_criu_is_the_one_of_the_private_prefix },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
    return g_test_run();
}
