/* SPDX-License-Identifier: Apache-2.0 */
/* The real conmon with each OCI runtime that works here; needs root. */
#include "oci/conmon.h"

#include "base/path.h"
#include "base/tree.h"
#include "live-container.h"
#include "oci/attach.h"
#include "oci/criu.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static bool is_error(GError *error, floe_error_code code, const char *part)
{
    return err_is(error, code) && strstr(error->message, part) != NULL;
}

/* Run an attachment to its end; what came on standard output. */
static char *attach_and_read(int socket, const char *input)
{
    g_autoptr(GError) error = NULL;
    autofd int out = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    autofd int in = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    char *text = NULL;

    g_assert_cmpint(out, >=, 0);
    if (input != NULL)
        fd_write_all(in, input, strlen(input), &error);
    g_assert_no_error(error);
    lseek(in, 0, SEEK_SET);

    const AttachStreams streams = {
        .socket = socket, .stdin_fd = input != NULL ? in : -1, .stdout_fd = out, .stderr_fd = out
    };
    g_autoptr(AttachPump) pump = NULL;

    attach_pump_new(&streams, &pump, &error);
    g_assert_no_error(error);
    attach_pump_run(pump, &error);
    g_assert_no_error(error);
    lseek(out, 0, SEEK_SET);
    fd_read_all(out, 16 * 1024 * 1024, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

/* --- containers ------------------------------------------------------------------------------- */

static void test_the_exit_code_and_all_output_arrive(const void *runtime)
{
    g_autoptr(LiveContainer) box = live_container_new(runtime);
    g_autoptr(GError) error = NULL;
    autofd int socket = -1;

    if (box == NULL)
        return;
    live_container_configure(box, LIST("sh", "-c", "echo first; echo second >&2; exit 7"));
    live_container_create(box, &error);
    g_assert_no_error(error);
    g_assert_true(runtime_knows(&box->runtime, box->id));
    attach_connect(box->bundle, &socket, &error);
    g_assert_no_error(error);
    runtime_start(&box->runtime, box->id, box->pid, 0, &error);
    g_assert_no_error(error);

    g_autofree char *output = attach_and_read(socket, NULL);
    g_assert_true(strcmp(output, "first\nsecond\n") == 0 || strcmp(output, "second\nfirst\n") == 0);
    g_assert_cmpint(live_container_wait(box), ==, 7);

    g_autofree char *log = live_container_log(box);
    g_assert_nonnull(strstr(log, " stdout F first\n"));
    g_assert_nonnull(strstr(log, " stderr F second\n"));

    runtime_delete(&box->runtime, box->id, &error);
    g_assert_no_error(error);
    g_assert_false(runtime_knows(&box->runtime, box->id));
    runtime_delete(&box->runtime, box->id, &error);
    g_assert_no_error(error);
}

static void test_standard_input_arrives_as_a_whole(const void *runtime)
{
    g_autoptr(LiveContainer) box = live_container_new(runtime);
    g_autoptr(GError) error = NULL;
    autofd int socket = -1;

    if (box == NULL)
        return;

    g_autofree char *input = g_malloc(1000 * 1000 + 1);
    for (size_t i = 0; i < 1000 * 1000; i++)
        input[i] = (char)('a' + (i * 7 + i / 999) % 26);
    input[1000 * 1000] = '\0';

    box->open_stdin = true;
    live_container_configure(box, LIST("cat"));
    live_container_create(box, &error);
    g_assert_no_error(error);
    attach_connect(box->bundle, &socket, &error);
    g_assert_no_error(error);
    runtime_start(&box->runtime, box->id, box->pid, 0, &error);
    g_assert_no_error(error);

    g_autofree char *output = attach_and_read(socket, input);
    g_assert_cmpuint(strlen(output), ==, strlen(input));
    g_assert_true(strcmp(output, input) == 0);
    g_assert_cmpint(live_container_wait(box), ==, 0);
}

static void test_a_missing_command_is_told_apart(const void *runtime)
{
    static const struct {
        const char *command;
        floe_error_code code;
    } cases[] = {
        { "nope", FLOE_ERROR_CMD_NOT_FOUND },
        { "/bin/nope", FLOE_ERROR_CMD_NOT_FOUND },
        { "/bin", FLOE_ERROR_CMD_NOT_RUNNABLE },
        { "/plain", FLOE_ERROR_CMD_NOT_RUNNABLE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(LiveContainer) box = live_container_new(runtime);
        g_autoptr(GError) error = NULL;
        g_autofree char *plain = NULL;

        if (box == NULL)
            return;
        plain = g_build_filename(box->directory, "rootfs/plain", NULL);
        g_assert_true(file_write_atomic(plain, "x", 1, 0644, NULL));
        live_container_configure(box, LIST(cases[i].command));
        g_assert_false(live_container_create(box, &error));
        g_test_message("%s", error->message);
        g_assert_true(err_is(error, cases[i].code));
    }
}

static void test_other_failures_are_not_of_the_command(const void *runtime)
{
    g_autoptr(LiveContainer) box = live_container_new(runtime);
    g_autoptr(GError) error = NULL;
    g_autofree char *rootfs = NULL;

    if (box == NULL)
        return;
    live_container_configure(box, LIST("sh"));
    rootfs = g_build_filename(box->directory, "rootfs", NULL);
    tree_remove(rootfs, &error);
    g_assert_no_error(error);
    g_assert_false(live_container_create(box, &error));
    g_test_message("%s", error->message);
    g_assert_true(err_is(error, FLOE_ERROR_RUNTIME));
}

static void test_conmon_says_why_it_refuses(const void *runtime)
{
    g_autoptr(LiveContainer) box = live_container_new(runtime);
    g_autoptr(GError) error = NULL;

    if (box == NULL)
        return;
    live_container_configure(box, LIST("sh"));
    g_free(box->log_path);
    box->log_path = g_strdup("/no/such/directory/log");
    g_assert_false(live_container_create(box, &error));
    g_test_message("%s", error->message);
    g_assert_true(is_error(error, FLOE_ERROR_CONMON, "log file"));
}

static void test_an_unfinished_call_takes_conmon_with_it(const void *runtime)
{
    g_autoptr(LiveContainer) box = live_container_new(runtime);
    g_autoptr(GError) error = NULL;
    g_autofree char *pid_file = NULL;
    g_autofree char *pid = NULL;
    bool gone = false;

    if (box == NULL)
        return;
    live_container_configure(box, LIST("sleep", "100"));
    conmon_call_free(live_container_call(box));

    pid_file = g_build_filename(box->directory, "conmon.pid", NULL);
    file_read(pid_file, 100, &pid, NULL, &error);
    g_assert_no_error(error);
    conmon_wait_exit(box->exit_dir, box->id, atoi(pid), 5000, &gone, &error);
    g_assert_no_error(error);
    g_assert_true(gone);
}

static void test_a_killed_conmon_is_noticed(const void *runtime)
{
    g_autoptr(LiveContainer) box = live_container_new(runtime);
    g_autoptr(GError) error = NULL;
    bool gone = false;

    if (box == NULL)
        return;
    live_container_run(box, "sleep 100");
    g_assert_false(conmon_wait_exit(box->exit_dir, box->id, box->conmon_pid, 50, &gone, &error));
    g_assert_true(err_is(error, FLOE_ERROR_TIMEOUT));
    g_clear_error(&error);

    kill(box->conmon_pid, SIGKILL);
    conmon_wait_exit(box->exit_dir, box->id, box->conmon_pid, 5000, &gone, &error);
    g_assert_no_error(error);
    g_assert_true(gone);
    /* And again, with a pid that is nobody's now. */
    gone = false;
    conmon_wait_exit(box->exit_dir, box->id, box->conmon_pid, 5000, &gone, &error);
    g_assert_no_error(error);
    g_assert_true(gone);
}

static void test_the_exit_command_runs_at_the_end(const void *runtime)
{
    g_autoptr(LiveContainer) box = live_container_new(runtime);
    g_autofree char *done = NULL;

    if (box == NULL)
        return;
    done = g_build_filename(box->directory, "done", NULL);

    const char *const command[] = { "/bin/busybox", "mkdir", "-p", done, NULL };

    box->exit_command = command;
    live_container_run(box, "exit 0");
    live_container_wait(box);
    for (int i = 0; i < 250 && !path_exists(done); i++)
        g_usleep(20000);
    g_assert_true(path_exists(done));
}

static void test_the_runtime_pauses_and_resumes(const void *runtime)
{
    g_autoptr(LiveContainer) box = live_container_new(runtime);
    g_autoptr(GError) error = NULL;

    if (box == NULL)
        return;
    live_container_run(box, "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done");
    live_container_wait_log(box, "ready\n"); /* without its trap it would not notice the signal */
    g_assert_false(runtime_start(&box->runtime, box->id, box->pid, 0, &error));
    g_test_message("%s", error->message);
    g_assert_true(err_is(error, FLOE_ERROR_RUNTIME));
    g_clear_error(&error);
    runtime_pause(&box->runtime, box->id, 0, &error);
    g_assert_no_error(error);
    runtime_resume(&box->runtime, box->id, 0, &error);
    g_assert_no_error(error);
    kill(box->pid, SIGTERM);
    g_assert_cmpint(live_container_wait(box), ==, 3);
    g_assert_false(runtime_pause(&box->runtime, "no-such-box", 0, &error));
    g_assert_true(is_error(error, FLOE_ERROR_RUNTIME, "does not exist"));
}

/* --- exec ------------------------------------------------------------------------------------- */

static ConmonExec exec_in(LiveContainer *box, const char *directory, const json_t *process,
                          bool attach)
{
    return (ConmonExec){
        .runtime = &box->runtime,
        .container_id = box->id,
        .container_name = "box",
        .session_id = "session",
        .directory = directory,
        .process = process,
        .attach = attach,
    };
}

/* Exit code of a command; `error` when it cannot begin. What it writes goes to *ret_output. */
static bool run_exec(LiveContainer *box, const char *const *argv, bool attach, int *ret_code,
                     char **ret_output, GError **error)
{
    static int counter;
    g_autofree char *directory = g_strdup_printf("%s/exec-%d", box->directory, counter++);
    g_autoptr(JsonValue) process = live_container_process(argv);
    g_autoptr(ConmonExecCall) call = NULL;
    autofd int socket = -1;
    int pid = 0, conmon_pid = 0;
    const ConmonExec exec = exec_in(box, directory, process, attach);

    g_assert_true(dir_make(directory, 0700, NULL));
    if (!conmon_exec_start(&exec, &call, error) ||
        (attach && !attach_connect(directory, &socket, error)) ||
        !conmon_exec_begin(call, &pid, &conmon_pid, error))
        return false;
    g_assert_cmpint(pid, >, 0);
    g_assert_cmpint(conmon_pid, >, 0);
    if (attach)
        *ret_output = attach_and_read(socket, NULL);
    return conmon_exec_wait(call, ret_code, error);
}

static void test_exec_tells_output_and_exit_code(const void *runtime)
{
    static const struct {
        const char *script;
        bool attach;
        int code;
        const char *output;
    } cases[] = {
        { "echo hello", true, 0, "hello\n" },
        { "exit 3", true, 3, "" },
        { "kill -9 $$", false, 128 + SIGKILL, NULL },
    };
    g_autoptr(LiveContainer) box = live_container_new(runtime);

    if (box == NULL)
        return;
    live_container_run(box, "sleep 100");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *output = NULL;
        int code = -2;

        run_exec(box, LIST("sh", "-c", cases[i].script), cases[i].attach, &code, &output, &error);
        g_assert_no_error(error);
        g_assert_cmpint(code, ==, cases[i].code);
        g_assert_cmpstr(output, ==, cases[i].output);
    }
}

static void test_exec_of_a_bad_command_fails(const void *runtime)
{
    g_autoptr(LiveContainer) box = live_container_new(runtime);
    g_autoptr(GError) error = NULL;
    g_autofree char *output = NULL;
    int code = -2;

    if (box == NULL)
        return;
    live_container_run(box, "sleep 100");
    g_assert_false(run_exec(box, LIST("nope"), true, &code, &output, &error));
    g_assert_true(is_error(error, FLOE_ERROR_CMD_NOT_FOUND, "'nope'"));
    g_clear_error(&error);
    g_assert_false(run_exec(box, LIST("/bin"), false, &code, &output, &error));
    g_test_message("%s", error->message);
    g_assert_true(err_is(error, FLOE_ERROR_CMD_NOT_RUNNABLE));
}

static void test_an_exec_that_was_given_up_never_runs(const void *runtime)
{
    g_autoptr(LiveContainer) box = live_container_new(runtime);
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonValue) process = NULL;
    g_autofree char *directory = NULL;
    g_autofree char *trace = NULL;
    ConmonExecCall *call = NULL;

    if (box == NULL)
        return;
    live_container_run(box, "sleep 100");
    directory = g_build_filename(box->directory, "given-up", NULL);
    trace = g_build_filename(box->directory, "rootfs/tmp/trace", NULL);
    process = live_container_process(LIST("sh", "-c", "echo > /tmp/trace"));
    dir_make(directory, 0700, &error);
    g_assert_no_error(error);

    const ConmonExec exec = exec_in(box, directory, process, true);

    conmon_exec_start(&exec, &call, &error);
    g_assert_no_error(error);
    conmon_exec_free(call);
    g_usleep(300000);
    g_assert_false(path_exists(trace));
}

/* --- checkpoint ------------------------------------------------------------------------------- */

static bool checkpoint(LiveContainer *box, const char *images, GError **error)
{
    const RuntimeCheckpoint options = { .id = box->id, .image_dir = images, .work_dir = images };

    g_assert_true(dir_make(images, 0700, NULL));
    return runtime_checkpoint(&box->runtime, &options, error);
}

static bool has_criu(const LiveContainer *box)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    int version = 0;

    if (criu_find(&box->runtime, &path, &version, &error)) {
        g_assert_cmpint(version, >=, 31500);
        return true;
    }
    g_test_skip(error->message);
    return false;
}

/* The last N of the lines "step-N" in the container's log. */
static int last_step(LiveContainer *box)
{
    g_autofree char *log = live_container_log(box);
    const char *last = strrchr(log, '-');

    g_assert_nonnull(last);
    return atoi(last + 1);
}

static void test_a_checkpoint_is_restored(const void *runtime)
{
    g_autoptr(LiveContainer) box = live_container_new(runtime);
    g_autoptr(GError) error = NULL;
    g_autofree char *images = NULL;
    g_autofree char *dump_stats = NULL;
    g_autofree char *restore_stats = NULL;
    CriuDumpStats dump = { 0 };
    CriuRestoreStats restore = { 0 };

    if (box == NULL || !has_criu(box))
        return;
    live_container_run(box, "i=0; while [ ! -e /tmp/end ]; do i=$((i+1)); echo step-$i; "
                            "sleep 0.02; done; exit 42");
    live_container_wait_log(box, "step-5\n");

    images = g_build_filename(box->directory, "images", NULL);
    checkpoint(box, images, &error);
    g_assert_no_error(error);
    dump_stats = g_build_filename(images, "stats-dump", NULL);
    criu_read_dump_stats(dump_stats, &dump, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(dump.pages_written, >, 0);
    g_assert_cmpuint(dump.frozen_us, >, 0);
    live_container_wait(box);
    runtime_delete(&box->runtime, box->id, &error);
    g_assert_no_error(error);

    g_autofree char *exit_file = g_build_filename(box->exit_dir, box->id, NULL);
    g_autofree char *later = g_strdup_printf("step-%d\n", last_step(box) + 15);
    g_assert_cmpint(unlink(exit_file), ==, 0);
    unlink(box->log_path);
    box->restore_dir = images;
    live_container_create(box, &error);
    g_assert_no_error(error);
    live_container_wait_log(box, later);
    restore_stats = g_build_filename(box->bundle, "stats-restore", NULL);
    criu_read_restore_stats(restore_stats, &restore, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(restore.pages_restored, >, 0);

    g_autofree char *log = live_container_log(box);
    g_assert_null(strstr(log, "step-1\n"));

    g_autofree char *end = g_build_filename(box->directory, "rootfs/tmp/end", NULL);
    file_write_atomic(end, "", 0, 0644, &error);
    g_assert_no_error(error);
    g_assert_cmpint(live_container_wait(box), ==, 42);
}

static void test_a_failed_checkpoint_has_a_reason(const void *runtime)
{
    g_autoptr(LiveContainer) box = live_container_new(runtime);
    g_autoptr(GError) error = NULL;
    g_autofree char *images = NULL;
    g_autofree char *dump_log = NULL;
    g_autofree char *reason = NULL;

    if (box == NULL || !has_criu(box))
        return;
    live_container_run(box, "head -c 2000000 /dev/zero >/tmp/big; exec 3</tmp/big; rm /tmp/big; "
                            "echo ready; exec sleep 100");
    live_container_wait_log(box, "ready\n");
    images = g_build_filename(box->directory, "images", NULL);
    g_assert_false(checkpoint(box, images, &error));
    g_test_message("%s", error->message);
    g_assert_true(err_is(error, FLOE_ERROR_RUNTIME));
    dump_log = g_build_filename(images, "dump.log", NULL);
    reason = criu_log_reason(dump_log, box->pid);
    g_assert_nonnull(reason);
    g_assert_true(g_str_has_prefix(reason, "the deleted file '/tmp/big' is still open"));
    g_assert_cmpint(kill(box->pid, 0), ==, 0);
}

/* --- all of them with each runtime ------------------------------------------------------------ */

static const struct {
    const char *name;
    GTestDataFunc test;
} tests[] = {
    { "the-exit-code-and-all-output-arrive", test_the_exit_code_and_all_output_arrive },
    { "standard-input-arrives-as-a-whole", test_standard_input_arrives_as_a_whole },
    { "a-missing-command-is-told-apart", test_a_missing_command_is_told_apart },
    { "other-failures-are-not-of-the-command", test_other_failures_are_not_of_the_command },
    { "conmon-says-why-it-refuses", test_conmon_says_why_it_refuses },
    { "an-unfinished-call-takes-conmon-with-it", test_an_unfinished_call_takes_conmon_with_it },
    { "a-killed-conmon-is-noticed", test_a_killed_conmon_is_noticed },
    { "the-exit-command-runs-at-the-end", test_the_exit_command_runs_at_the_end },
    { "the-runtime-pauses-and-resumes", test_the_runtime_pauses_and_resumes },
    { "exec-tells-output-and-exit-code", test_exec_tells_output_and_exit_code },
    { "exec-of-a-bad-command-fails", test_exec_of_a_bad_command_fails },
    { "an-exec-that-was-given-up-never-runs", test_an_exec_that_was_given_up_never_runs },
    { "a-checkpoint-is-restored", test_a_checkpoint_is_restored },
    { "a-failed-checkpoint-has-a-reason", test_a_failed_checkpoint_has_a_reason },
};

static int run(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        for (const char *const *runtime = LIST("runc", "crun"); *runtime != NULL; runtime++) {
            g_autofree char *path = g_strdup_printf("/oci/conmon/%s-%s", tests[i].name, *runtime);
            g_test_add_data_func(path, *runtime, tests[i].test);
        }
    }
    return g_test_run();
}

int main(int argc, char **argv)
{
    return live_container_isolate(argc, argv, run);
}
