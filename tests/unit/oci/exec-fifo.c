/* SPDX-License-Identifier: Apache-2.0 */
/* Starting without the runtime, with real containers of each runtime that works here; needs root. */
#include "oci/exec-fifo.h"

#include "base/path.h"
#include "base/spawn-run.h"
#include "live-container.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* A created container whose command ends with status 7; NULL: skipped. */
static LiveContainer *created(const char *runtime)
{
    LiveContainer *box = live_container_new(runtime);
    g_autoptr(GError) error = NULL;

    if (box == NULL)
        return NULL;
    live_container_configure(box, LIST("sh", "-c", "echo here; exit 7"));
    live_container_create(box, &error);
    g_assert_no_error(error);
    return box;
}

static char *path_in_state(const LiveContainer *box, const char *name)
{
    return g_build_filename(box->runtime.root_dir, box->id, name, NULL);
}

/* What the runtime itself calls the container's state. */
static bool is_in_state(const LiveContainer *box, const char *state)
{
    const RuntimeCall call = { .arguments = LIST("state", box->id), .timeout_ms = 20000 };
    g_auto(SpawnResult) result = { 0 };
    g_autoptr(GError) error = NULL;
    g_autofree char *quoted = g_strdup_printf("\"status\": \"%s\"", state);

    runtime_run(&box->runtime, &call, &result, &error);
    g_assert_no_error(error);
    return strstr(result.out, quoted) != NULL;
}

static void test_the_runtime_is_not_needed_and_knows(const void *name)
{
    g_autoptr(LiveContainer) box = live_container_new(name);
    g_autoptr(GError) error = NULL;
    g_autofree char *real = NULL;

    if (box == NULL)
        return;
    live_container_configure(box, LIST("sh", "-c", "echo begun; sleep 100"));
    live_container_create(box, &error);
    g_assert_no_error(error);
    g_assert_true(is_in_state(box, "created"));

    real = box->runtime.path;
    box->runtime.path = g_strdup("/no/such/runtime");
    runtime_start(&box->runtime, box->id, box->pid, 0, &error);
    g_assert_no_error(error);
    g_free(box->runtime.path);
    box->runtime.path = g_steal_pointer(&real);

    g_assert_true(is_in_state(box, "running"));
    live_container_wait_log(box, "begun");
    kill(box->pid, SIGKILL);
    g_assert_cmpint(live_container_wait(box), ==, 137);
    g_assert_true(is_in_state(box, "stopped"));
}

static void test_one_that_has_begun_is_not_started_again(const void *name)
{
    g_autoptr(LiveContainer) box = live_container_new(name);
    g_autoptr(GError) error = NULL;

    if (box == NULL)
        return;
    live_container_run(box, "sleep 100");
    g_assert_false(exec_fifo_is_waiting(&box->runtime, box->id, box->pid));
    g_assert_false(runtime_start(&box->runtime, box->id, box->pid, 0, &error));
    g_assert_true(err_is(error, FLOE_ERROR_RUNTIME));
}

static void test_one_whose_process_is_gone_is_an_error(const void *name)
{
    g_autoptr(LiveContainer) box = created(name);
    g_autoptr(GError) error = NULL;

    if (box == NULL)
        return;
    kill(box->pid, SIGKILL);
    live_container_wait(box);
    g_assert_false(runtime_start(&box->runtime, box->id, box->pid, 0, &error));
    g_test_message("%s", error->message);
    g_assert_true(err_is(error, FLOE_ERROR_RUNTIME));
}

static void test_another_runtimes_fifo_is_left_alone(const void *name)
{
    g_autoptr(LiveContainer) box = created(name);

    if (box == NULL)
        return;
    g_assert_true(exec_fifo_is_waiting(&box->runtime, box->id, box->pid));
    g_assert_false(exec_fifo_is_waiting(&box->runtime, box->id, getpid()));
    g_assert_false(exec_fifo_is_waiting(&box->runtime, box->id, 0));
    g_assert_false(exec_fifo_is_waiting(&box->runtime, "other", box->pid));
    g_free(box->runtime.name);
    box->runtime.name = g_strdup("youki");
    g_assert_false(exec_fifo_is_waiting(&box->runtime, box->id, box->pid));
}

/* --- floe was killed in between ----------------------------------------------------------------- */

static void finish(const LiveContainer *box, bool expect_begun)
{
    g_autofree char *aside = path_in_state(box, "exec.fifo.floe");
    g_autoptr(GError) error = NULL;
    bool begun = !expect_begun;

    exec_fifo_finish(&box->runtime, box->id, box->pid, &begun, &error);
    g_assert_no_error(error);
    g_assert_cmpint(begun, ==, expect_begun);
    g_assert_false(expect_begun && path_exists(aside) && kill(box->pid, 0) == 0);
}

static void take_aside(const LiveContainer *box)
{
    g_autofree char *fifo = path_in_state(box, "exec.fifo");
    g_autofree char *aside = path_in_state(box, "exec.fifo.floe");

    g_assert_cmpint(rename(fifo, aside), ==, 0);
}

static void test_before_the_first_step_it_still_waits(const void *name)
{
    g_autoptr(LiveContainer) box = created(name);

    if (box == NULL)
        return;
    finish(box, false);
    g_assert_true(is_in_state(box, "created"));
}

static void test_after_the_first_step_it_is_started(const void *name)
{
    g_autoptr(LiveContainer) box = created(name);

    if (box == NULL)
        return;
    take_aside(box);
    finish(box, true);
    g_assert_cmpint(live_container_wait(box), ==, 7);
}

static void test_before_the_last_step_it_goes_on(const void *name)
{
    g_autoptr(LiveContainer) box = live_container_new(name);
    g_autofree char *aside = NULL;

    if (box == NULL)
        return;
    live_container_run(box, "echo begun; sleep 100");
    live_container_wait_log(box, "begun");
    aside = path_in_state(box, "exec.fifo.floe");
    g_assert_cmpint(mkfifo(aside, 0600), ==, 0);
    finish(box, true);
    g_assert_false(path_exists(aside));
    g_assert_cmpint(kill(box->pid, 0), ==, 0);
}

static void test_one_that_ended_meanwhile_has_begun(const void *name)
{
    g_autoptr(LiveContainer) box = created(name);

    if (box == NULL)
        return;
    take_aside(box);
    kill(box->pid, SIGKILL);
    live_container_wait(box);
    finish(box, true);
}

/* --- all of them with each runtime -------------------------------------------------------------- */

static const struct {
    const char *name;
    GTestDataFunc test;
} tests[] = {
    { "the-runtime-is-not-needed-and-knows", test_the_runtime_is_not_needed_and_knows },
    { "one-that-has-begun-is-not-started-again", test_one_that_has_begun_is_not_started_again },
    { "one-whose-process-is-gone-is-an-error", test_one_whose_process_is_gone_is_an_error },
    { "another-runtimes-fifo-is-left-alone", test_another_runtimes_fifo_is_left_alone },
    { "before-the-first-step-it-still-waits", test_before_the_first_step_it_still_waits },
    { "after-the-first-step-it-is-started", test_after_the_first_step_it_is_started },
    { "before-the-last-step-it-goes-on", test_before_the_last_step_it_goes_on },
    { "one-that-ended-meanwhile-has-begun", test_one_that_ended_meanwhile_has_begun },
};

static int run(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        for (const char *const *runtime = LIST("runc", "crun"); *runtime != NULL; runtime++) {
            g_autofree char *path = g_strdup_printf("/oci/exec-fifo/%s-%s", tests[i].name, *runtime);
            g_test_add_data_func(path, *runtime, tests[i].test);
        }
    }
    return g_test_run();
}

int main(int argc, char **argv)
{
    return live_container_isolate(argc, argv, run);
}
