/* SPDX-License-Identifier: Apache-2.0 */
/* The children are this program itself: `spawn --report` says what a child was given. */
#include "base/program.h"
#include "base/spawn-run.h"

#include "base/log.h"
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int report(void)
{
    struct sigaction usr1, pipe;
    sigset_t mask;

    printf("fds");
    for (int fd = 0; fd < 1024; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            printf(" %d", fd);
    }
    sigprocmask(SIG_BLOCK, NULL, &mask);
    sigaction(SIGUSR1, NULL, &usr1);
    sigaction(SIGPIPE, NULL, &pipe);
    printf("\nblocked %d\ndefaults %d\ngroup %s\n", !sigisemptyset(&mask),
           usr1.sa_handler == SIG_DFL && pipe.sa_handler == SIG_DFL,
           getpgrp() == getpid() ? "own" : "other");
    return 0;
}

/* Print what can be read from a descriptor. */
static int show(const char *number)
{
    char text[100];
    ssize_t length = read(atoi(number), text, sizeof(text));

    return length > 0 && fwrite(text, 1, (size_t)length, stdout) == (size_t)length ? 0 : 1;
}

static char *run_text(SpawnOptions options, const char *const *argv)
{
    g_auto(SpawnResult) result = { 0 };
    g_autoptr(GError) error = NULL;

    options.argv = argv;
    spawn_run(&options, NULL, 0, 10000, &result, &error);
    g_assert_no_error(error);
    g_assert_cmpint(result.status, ==, 0);
    return g_steal_pointer(&result.out);
}

static const char *const report_argv[] = { "/proc/self/exe", "--report", NULL };

/* --- what a child is given -------------------------------------------------------------------- */

static void test_a_child_gets_no_descriptor_but_those_given(void)
{
    /* Not close-on-exec, as a library may leave them: above those given, and between them. */
    autofd int leaked_above = fcntl(STDIN_FILENO, F_DUPFD, 100);
    autofd int leaked_between = fcntl(STDIN_FILENO, F_DUPFD, 20);
    autofd int given = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const SpawnFd fds[] = { { given, 50 }, { given, 5 } };
    SpawnOptions options = SPAWN_OPTIONS_INIT;

    g_autofree char *none = run_text(options, report_argv);
    options.fds = fds;
    options.n_fds = G_N_ELEMENTS(fds);
    g_autofree char *two = run_text(options, report_argv);

    g_assert_cmpint(leaked_above, >=, 100);
    g_assert_cmpint(leaked_between, ==, 20);
    g_assert_true(g_str_has_prefix(none, "fds 0 1 2\n"));
    g_assert_true(g_str_has_prefix(two, "fds 0 1 2 5 50\n"));
}

static int pipe_with(const char *text)
{
    int ends[2];

    g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
    g_assert_cmpint(write(ends[1], text, strlen(text)), ==, (ssize_t)strlen(text));
    close(ends[1]);
    return ends[0];
}

static void assert_child_reads(const SpawnOptions *options, int number, const char *wanted)
{
    g_autofree char *digits = g_strdup_printf("%d", number);
    const char *argv[] = { "/proc/self/exe", "--show", digits, NULL };
    g_autofree char *text = run_text(*options, argv);

    g_assert_cmpstr(text, ==, wanted);
}

static void test_descriptors_may_change_places(void)
{
    autofd int first = pipe_with("one");
    autofd int second = pipe_with("two");
    const SpawnFd swapped[] = { { first, second }, { second, first } };
    SpawnOptions options = SPAWN_OPTIONS_INIT;

    options.fds = swapped;
    options.n_fds = G_N_ELEMENTS(swapped);
    assert_child_reads(&options, second, "one");
    assert_child_reads(&options, first, "two");
}

static void test_our_own_standard_streams_may_be_closed(void)
{
    /* In a child of our own, which then starts one whose pipes get the numbers 0 to 2. */
    pid_t pid = fork();

    if (pid == 0) {
        SpawnOptions options = SPAWN_OPTIONS_INIT;
        g_auto(SpawnResult) result = { 0 };
        const char *argv[] = { "cat", NULL };

        close(0);
        close(1);
        close(2);
        options.argv = argv;
        bool good = spawn_run(&options, "text", 4, 10000, &result, NULL) &&
                    g_strcmp0(result.out, "text") == 0 && g_strcmp0(result.err, "") == 0;
        _exit(good ? 0 : 1);
    }

    int status = -1;

    waitpid(pid, &status, 0);
    g_assert_cmpint(status, ==, 0);
}

static void ignore_signal(int number) {}

static void test_signals_are_the_defaults_in_a_child(void)
{
    SpawnOptions options = { .stdin_fd = -1, .netns_fd = -1, .own_group = true };
    sigset_t blocked, before;
    void (*usr1_before)(int) = signal(SIGUSR1, ignore_signal);
    void (*pipe_before)(int) = signal(SIGPIPE, SIG_IGN);

    sigfillset(&blocked);
    sigprocmask(SIG_SETMASK, &blocked, &before);
    g_autofree char *text = run_text(options, report_argv);
    sigprocmask(SIG_SETMASK, &before, NULL);
    g_assert_true(signal(SIGUSR1, usr1_before) == ignore_signal); /* ours are as they were */
    g_assert_true(signal(SIGPIPE, pipe_before) == SIG_IGN);
    g_assert_nonnull(strstr(text, "blocked 0\ndefaults 1\ngroup own\n"));
}

static void test_environment_and_directory_are_those_asked_for(void)
{
    SCRATCH(directory);
    const char *env[] = { "WHO=floe", "PATH=/bin:/usr/bin", NULL };
    const char *argv[] = { "sh", "-c", "echo $WHO $HOME; pwd -P", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_autofree char *wanted = g_strdup_printf("floe\n%s\n", directory);

    options.env = env;
    options.cwd = directory;
    g_autofree char *text = run_text(options, argv);
    g_assert_cmpstr(text, ==, wanted);
}

static bool has_namespace_of_ours(const char *text, const char *name)
{
    g_autofree char *link = g_strdup_printf("/proc/self/ns/%s", name);
    g_autofree char *ours = g_file_read_link(link, NULL);

    return strstr(text, ours) != NULL;
}

static void test_own_mounts_are_a_namespace_apart(void)
{
    const char *argv[] = { "readlink", "/proc/self/ns/mnt", "/proc/self/ns/net", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;

    if (geteuid() != 0) {
        g_test_skip("needs root");
        return;
    }
    options.own_mounts = true;
    g_autofree char *text = run_text(options, argv);
    g_assert_false(has_namespace_of_ours(text, "mnt"));
    g_assert_true(has_namespace_of_ours(text, "net"));
}

static void test_a_network_namespace_can_be_entered(void)
{
    const char *argv[] = { "readlink", "/proc/self/ns/net", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_autofree char *ours = g_file_read_link("/proc/self/ns/net", NULL);

    if (geteuid() != 0) {
        g_test_skip("needs root");
        return;
    }

    autofd int before = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(unshare(CLONE_NEWNET), ==, 0);
    g_autofree char *other = g_file_read_link("/proc/self/ns/net", NULL);
    autofd int made = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(setns(before, CLONE_NEWNET), ==, 0);

    options.netns_fd = made;
    g_autofree char *text = run_text(options, argv);
    g_strchomp(text);
    g_assert_cmpstr(text, ==, other);
    g_assert_cmpstr(text, !=, ours);
}

/* --- what cannot be started ------------------------------------------------------------------- */

static void test_a_missing_program_is_named(void)
{
    SCRATCH(directory);
    IN(directory, plain, "plain-file");
    const char *programs[] = { "no-such-program-of-floe", "/nonexistent/program", plain };

    g_assert_true(file_write_atomic(plain, "x", 1, 0644, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
        const char *argv[] = { programs[i], NULL };
        SpawnOptions options = SPAWN_OPTIONS_INIT;
        g_autoptr(GError) error = NULL;
        Child child = CHILD_NONE;

        options.argv = argv;
        g_assert_false(spawn_start(&options, &child, &error));
        g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_MISSING_PART);
        g_assert_nonnull(strstr(error->message, programs[i]));
        g_assert_cmpint(child.pid, ==, 0);
    }
    g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1); /* nobody was left to reap */
}

static void test_a_missing_directory_is_no_missing_program(void)
{
    const char *argv[] = { "true", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_autoptr(GError) error = NULL;
    Child child = CHILD_NONE;

    options.argv = argv;
    options.cwd = "/nonexistent";
    g_assert_false(spawn_start(&options, &child, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_NOT_FOUND);
    g_assert_nonnull(strstr(error->message, "directory '/nonexistent'"));
}

static void test_programs_are_found_in_absolute_directories_only(void)
{
    SCRATCH(directory);
    IN(directory, program, "tool");
    IN(directory, shadow, "dir/tool");
    g_autofree char *path = g_strdup_printf(":.:dir:%s/dir:%s", directory, directory);
    g_autofree char *before = g_get_current_dir();

    g_assert_true(file_write_atomic(program, "#!/bin/sh\n", 10, 0755, NULL));
    g_assert_true(dir_make(shadow, 0755, NULL)); /* a directory is no program */
    g_assert_cmpint(chdir(directory), ==, 0);
    g_autofree char *found = program_find("tool", path);
    g_autofree char *none = program_find("tool", ".::dir");
    g_autofree char *itself = program_find("./tool", path);
    g_assert_cmpint(chdir(before), ==, 0);
    g_assert_cmpstr(found, ==, program);
    g_assert_null(none);
    g_assert_cmpstr(itself, ==, "./tool");
}

/* --- waiting and running ---------------------------------------------------------------------- */

static void test_waiting_gives_up_and_leaves_the_child_alive(void)
{
    const char *argv[] = { "sleep", "60", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_autoptr(GError) error = NULL;
    g_auto(Child) child = CHILD_NONE;
    int status = -1;

    options.argv = argv;
    g_assert_true(spawn_start(&options, &child, NULL));
    g_assert_cmpint(fcntl(child.pidfd, F_GETFD) & FD_CLOEXEC, !=, 0);
    g_assert_false(child_wait(&child, 20, &status, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_TIMEOUT);
    g_assert_cmpint(kill(child.pid, SIGTERM), ==, 0);
    g_assert_true(child_wait(&child, 10000, &status, NULL));
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    g_assert_cmpint(child.pid, ==, 0);
    g_assert_cmpint(child.pidfd, ==, -1);
}

static void test_a_killed_child_is_reaped(void)
{
    const char *argv[] = { "sleep", "60", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    Child child = CHILD_NONE;

    options.argv = argv;
    g_assert_true(spawn_start(&options, &child, NULL));
    pid_t pid = child.pid;
    child_kill(&child);
    g_assert_cmpint(kill(pid, 0), ==, -1);
    g_assert_cmpint(errno, ==, ESRCH);
    child_kill(&child);
}

static void test_large_input_and_output_pass_through(void)
{
    const char *argv[] = { "sh", "-c", "cat; echo done >&2; exit 3", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_autofree char *input = g_strnfill(3000000, 'x');
    g_auto(SpawnResult) result = { 0 };
    g_autoptr(GError) error = NULL;

    options.argv = argv;
    spawn_run(&options, input, 3000000, 30000, &result, &error);
    g_assert_no_error(error);
    g_assert_cmpint(WEXITSTATUS(result.status), ==, 3);
    g_assert_cmpuint(result.out_length, ==, 3000000);
    g_assert_cmpstr(result.out, ==, input);
    g_assert_cmpstr(result.err, ==, "done\n");
}

static void test_input_that_nobody_reads_does_no_harm(void)
{
    const char *argv[] = { "true", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_autofree char *input = g_strnfill(3000000, 'x');
    g_auto(SpawnResult) result = { 0 };
    sigset_t pending;

    options.argv = argv;
    g_assert_true(spawn_run(&options, input, 3000000, 10000, &result, NULL));
    g_assert_cmpint(result.status, ==, 0);
    sigpending(&pending);
    g_assert_false(sigismember(&pending, SIGPIPE));
}

static void test_a_grandchild_that_stays_is_not_waited_for(void)
{
    const char *argv[] = { "sh", "-c", "sleep 60 & echo $!", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    gint64 before = g_get_monotonic_time();
    g_autofree char *text = run_text(options, argv);

    g_assert_cmpint(g_get_monotonic_time() - before, <, 10 * G_USEC_PER_SEC);
    g_assert_cmpint(kill(atoi(text), SIGKILL), ==, 0);
}

static void test_a_run_that_takes_too_long_is_killed(void)
{
    const char *argv[] = { "sleep", "60", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_auto(SpawnResult) result = { 0 };
    g_autoptr(GError) error = NULL;

    options.argv = argv;
    g_assert_false(spawn_run(&options, NULL, 0, 50, &result, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_TIMEOUT);
    g_assert_nonnull(strstr(error->message, "'sleep'"));
    g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
}

/* What it writes is read to the end, so it has ended then; and yet there is nobody to reap. */
static void test_a_detached_program_is_not_our_child(void)
{
    const char *argv[] = { "sh", "-c", "cut -d ' ' -f 6 /proc/$$/stat", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    int pipe_fds[2];

    g_assert_cmpint(pipe2(pipe_fds, O_CLOEXEC), ==, 0);
    options.argv = argv;
    options.stdout_fd = pipe_fds[1];
    spawn_detached(&options, NULL, &error);
    g_assert_no_error(error);
    close(pipe_fds[1]);
    g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
    g_assert_cmpint(errno, ==, ECHILD);
    g_assert_true(fd_read_all(pipe_fds[0], 100, &text, NULL, &error));
    g_assert_cmpint(atoi(text), >, 1);
    g_assert_cmpint(atoi(text), !=, getsid(0));
    close(pipe_fds[0]);
}

static void test_a_detached_program_that_is_missing_is_named(void)
{
    const char *argv[] = { "/no/such/program", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_autoptr(GError) error = NULL;

    options.argv = argv;
    g_assert_false(spawn_detached(&options, NULL, &error));
    g_assert_true(err_is(error, FLOE_ERROR_MISSING_PART));
    g_assert_nonnull(strstr(error->message, "/no/such/program"));
    g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
}

static void test_endless_output_is_cut_off(void)
{
    const char *argv[] = { "cat", "/dev/zero", NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_auto(SpawnResult) result = { 0 };
    g_autoptr(GError) error = NULL;

    options.argv = argv;
    g_assert_false(spawn_run(&options, NULL, 0, 30000, &result, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
    g_assert_null(result.out);
}

static void collect(floe_log_level level, const char *message, void *data)
{
    g_string_append_printf(data, "%s\n", message);
}

static void test_the_log_tells_what_ran_and_how_it_ended(void)
{
    const char *const argv[] = { "sh", "-c", "exit 3", "it's", "", NULL };
    const char *const env[] = { "PATH=/usr/bin:/bin", "TOKEN=secret", NULL };
    g_autoptr(GString) lines = g_string_new(NULL);
    g_auto(SpawnResult) result = { 0 };
    SpawnOptions options = SPAWN_OPTIONS_INIT;

    options.argv = argv;
    options.env = env;
    log_set_handler(collect, lines, FLOE_LOG_DEBUG);
    g_assert_true(spawn_run(&options, NULL, 0, 10000, &result, NULL));
    spawn_result_clear(&result);
    log_set_handler(collect, lines, FLOE_LOG_INFO);
    g_assert_true(spawn_run(&options, NULL, 0, 10000, &result, NULL));
    log_set_handler(NULL, NULL, 0);

    g_assert_true(g_regex_match_simple("^started process (\\d+): /(usr/)?bin/sh -c 'exit 3' "
                                       "'it'\\\\''s' ''\n"
                                       "process \\1 ended: exit status 3, after \\d+ ms\n$",
                                       lines->str, 0, 0));
}

static void test_a_status_is_told_in_words(void)
{
    g_autofree char *exited = child_status_text(W_EXITCODE(3, 0));
    g_autofree char *killed = child_status_text(W_EXITCODE(0, SIGKILL));
    g_autofree char *unnamed = child_status_text(W_EXITCODE(0, 40));

    g_assert_cmpstr(exited, ==, "exit status 3");
    g_assert_cmpstr(killed, ==, "killed by signal 9 (Killed)");
    g_assert_cmpstr(unnamed, ==, "killed by signal 40");
}

#define CASE(name, function) g_test_add_func("/base/spawn/" name, function)

int main(int argc, char **argv)
{
    if (argc == 2 && g_str_equal(argv[1], "--report"))
        return report();
    if (argc == 3 && g_str_equal(argv[1], "--show"))
        return show(argv[2]);

    g_test_init(&argc, &argv, NULL);
    CASE("a-child-gets-no-descriptor-but-those-given",
         test_a_child_gets_no_descriptor_but_those_given);
    CASE("descriptors-may-change-places", test_descriptors_may_change_places);
    CASE("our-own-standard-streams-may-be-closed", test_our_own_standard_streams_may_be_closed);
    CASE("signals-are-the-defaults-in-a-child", test_signals_are_the_defaults_in_a_child);
    CASE("environment-and-directory-are-those-asked-for",
         test_environment_and_directory_are_those_asked_for);
    CASE("own-mounts-are-a-namespace-apart", test_own_mounts_are_a_namespace_apart);
    CASE("a-network-namespace-can-be-entered", test_a_network_namespace_can_be_entered);
    CASE("a-missing-program-is-named", test_a_missing_program_is_named);
    CASE("a-missing-directory-is-no-missing-program",
         test_a_missing_directory_is_no_missing_program);
    CASE("programs-are-found-in-absolute-directories-only",
         test_programs_are_found_in_absolute_directories_only);
    CASE("waiting-gives-up-and-leaves-the-child-alive",
         test_waiting_gives_up_and_leaves_the_child_alive);
    CASE("a-killed-child-is-reaped", test_a_killed_child_is_reaped);
    CASE("large-input-and-output-pass-through", test_large_input_and_output_pass_through);
    CASE("input-that-nobody-reads-does-no-harm", test_input_that_nobody_reads_does_no_harm);
    CASE("a-grandchild-that-stays-is-not-waited-for",
         test_a_grandchild_that_stays_is_not_waited_for);
    CASE("a-run-that-takes-too-long-is-killed", test_a_run_that_takes_too_long_is_killed);
    CASE("a-detached-program-is-not-our-child", test_a_detached_program_is_not_our_child);
    CASE("a-detached-program-that-is-missing-is-named",
         test_a_detached_program_that_is_missing_is_named);
    CASE("endless-output-is-cut-off", test_endless_output_is_cut_off);
    CASE("the-log-tells-what-ran-and-how-it-ended", test_the_log_tells_what_ran_and_how_it_ended);
    CASE("a-status-is-told-in-words", test_a_status_is_told_in_words);
    return g_test_run();
}
