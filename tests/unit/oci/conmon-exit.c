/* SPDX-License-Identifier: Apache-2.0 */
/* A forked child that calls itself "conmon" plays it. */
#include "oci/conmon-exit.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/tree.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID "box"

typedef struct Fixture {
    char *directory;
    char *exit_file;
} Fixture;

static void set_up(Fixture *fixture, const void *data)
{
    fixture->directory = g_dir_make_tmp("floe-exit-XXXXXX", NULL);
    fixture->exit_file = g_build_filename(fixture->directory, ID, NULL);
}

static void tear_down(Fixture *fixture, const void *data)
{
    g_assert_true(tree_remove(fixture->directory, NULL));
    g_free(fixture->directory);
    g_free(fixture->exit_file);
}

static void write_exit(const Fixture *fixture, const char *text)
{
    g_assert_true(file_write_atomic(fixture->exit_file, text, strlen(text), 0600, NULL));
}

/* --- reading ---------------------------------------------------------------------------------- */

static void test_the_exit_file_is_read(Fixture *fixture, const void *data)
{
    static const struct {
        const char *text;
        int code;
    } cases[] = { { "0", 0 }, { "137", 137 }, { "255", 255 }, { "-1", -1 }, { "3\n", 3 } };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        int64_t finished = 0;
        bool oom = true;
        int code = -2;

        write_exit(fixture, cases[i].text);
        conmon_read_exit(fixture->directory, ID, fixture->directory, &code, &finished, &oom, &error);
        g_assert_no_error(error);
        g_assert_cmpint(code, ==, cases[i].code);
        g_assert_false(oom);
        g_assert_cmpint(clock_unix_ns() - finished, <, G_GINT64_CONSTANT(60000000000));
    }
}

static void test_a_broken_exit_file_is_an_error(Fixture *fixture, const void *data)
{
    static const char *const cases[] = {
        "", "x", "1 2", "256", "-2", "99999999999999999999", "0000000000000000000000000000000000001"
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        int64_t finished = 0;
        bool oom = false;
        int code = -2;

        write_exit(fixture, cases[i]);
        g_assert_false(conmon_read_exit(fixture->directory, ID, fixture->directory, &code,
                                        &finished, &oom, &error));
        g_assert_true(err_is(error, FLOE_ERROR_NOT_FOUND));
        g_assert_nonnull(strstr(error->message, fixture->exit_file));
        g_assert_cmpint(code, ==, -2);
    }
}

static void test_out_of_memory_is_told(Fixture *fixture, const void *data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *oom_file = g_build_filename(fixture->directory, "oom", NULL);
    int64_t finished = 0;
    bool oom = false;
    int code = -2;

    g_assert_false(conmon_read_exit(fixture->directory, ID, fixture->directory, &code, &finished,
                                    &oom, &error));
    g_assert_true(err_is(error, FLOE_ERROR_NOT_FOUND));
    g_clear_error(&error);

    write_exit(fixture, "137");
    g_assert_true(file_write_atomic(oom_file, "", 0, 0600, NULL));
    conmon_read_exit(fixture->directory, ID, fixture->directory, &code, &finished, &oom, &error);
    g_assert_no_error(error);
    g_assert_true(oom);
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* A conmon that after some time writes the exit file (or not) and ends. */
static pid_t start_conmon(const Fixture *fixture, bool writes)
{
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_NAME, "conmon");
        g_usleep(100 * 1000);
        if (writes)
            file_write_atomic(fixture->exit_file, "5", 1, 0600, NULL);
        _exit(0);
    }
    g_usleep(20 * 1000); /* until it has its name */
    return pid;
}

static void test_the_file_ends_the_wait(Fixture *fixture, const void *data)
{
    g_autoptr(GError) error = NULL;
    pid_t conmon = start_conmon(fixture, true);
    bool gone = true;

    conmon_wait_exit(fixture->directory, ID, conmon, 10000, &gone, &error);
    g_assert_no_error(error);
    g_assert_false(gone);
    waitpid(conmon, NULL, 0);

    /* It is there already, and conmon is not. */
    gone = true;
    conmon_wait_exit(fixture->directory, ID, conmon, 0, &gone, &error);
    g_assert_no_error(error);
    g_assert_false(gone);
}

static void test_the_end_of_conmon_ends_the_wait(Fixture *fixture, const void *data)
{
    g_autoptr(GError) error = NULL;
    pid_t conmon = start_conmon(fixture, false);
    bool gone = false;

    conmon_wait_exit(fixture->directory, ID, conmon, 10000, &gone, &error);
    g_assert_no_error(error);
    g_assert_true(gone);
    waitpid(conmon, NULL, 0);
}

static void test_another_process_is_not_waited_for(Fixture *fixture, const void *data)
{
    int pids[] = { getpid(), 0, -1 };

    for (size_t i = 0; i < G_N_ELEMENTS(pids); i++) {
        g_autoptr(GError) error = NULL;
        bool gone = false;

        conmon_wait_exit(fixture->directory, ID, pids[i], 10000, &gone, &error);
        g_assert_no_error(error);
        g_assert_true(gone);
    }
}

static void test_the_wait_has_a_limit(Fixture *fixture, const void *data)
{
    g_autoptr(GError) error = NULL;
    pid_t conmon = start_conmon(fixture, true);
    bool gone = false;

    g_assert_false(conmon_wait_exit(fixture->directory, ID, conmon, 10, &gone, &error));
    g_assert_true(err_is(error, FLOE_ERROR_TIMEOUT));
    kill(conmon, SIGKILL);
    waitpid(conmon, NULL, 0);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(Fixture *, const void *);
    } tests[] = {
        { "/oci/conmon-exit/the-exit-file-is-read", test_the_exit_file_is_read },
        { "/oci/conmon-exit/a-broken-exit-file-is-an-error", test_a_broken_exit_file_is_an_error },
        { "/oci/conmon-exit/out-of-memory-is-told", test_out_of_memory_is_told },
        { "/oci/conmon-exit/the-file-ends-the-wait", test_the_file_ends_the_wait },
        { "/oci/conmon-exit/the-end-of-conmon-ends-the-wait", test_the_end_of_conmon_ends_the_wait },
        { "/oci/conmon-exit/another-process-is-not-waited-for",
          test_another_process_is_not_waited_for },
        { "/oci/conmon-exit/the-wait-has-a-limit", test_the_wait_has_a_limit },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
    return g_test_run();
}
