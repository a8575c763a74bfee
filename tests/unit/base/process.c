/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process.h"

#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t sleeper(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        pause();
        _exit(0);
    }
    g_assert_cmpint(pid, >, 0);
    return pid;
}

static void test_a_living_process_has_not_ended(void)
{
    g_assert_false(process_has_ended(getpid()));
    g_assert_true(process_has_ended(0));
    g_assert_true(process_has_ended(-1));
}

static void test_a_zombie_has_ended(void)
{
    pid_t pid = sleeper();
    autofd int pidfd = pidfd_open(pid, 0);

    g_assert_false(pidfd_wait(pidfd, 10));
    kill(pid, SIGKILL);
    g_assert_true(pidfd_wait(pidfd, 5000));
    g_assert_true(process_has_ended(pid));
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    g_assert_true(process_has_ended(pid));
}

static void test_an_identity_is_one_process_only(void)
{
    pid_t pid = sleeper();
    g_autofree char *identity = process_identity(pid);
    g_autofree char *own = process_identity(getpid());
    g_autofree char *other = g_strdup_printf("%d 1", getpid());

    g_assert_true(process_is_alive(own));
    g_assert_true(process_is_alive(identity));
    g_assert_false(process_is_alive(other));
    g_assert_false(process_is_alive(""));
    kill(pid, SIGKILL);
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    g_assert_false(process_is_alive(identity));
    g_assert_null(process_identity(pid));
}

static void test_a_stopped_process_is_told(void)
{
    pid_t pid = sleeper();

    g_assert_false(process_is_stopped(pid));
    kill(pid, SIGSTOP);
    g_assert_cmpint(waitpid(pid, NULL, WUNTRACED), ==, pid);
    g_assert_true(process_is_stopped(pid));
    kill(pid, SIGKILL);
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    g_assert_false(process_is_stopped(pid));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/process/a-living-process-has-not-ended",
                    test_a_living_process_has_not_ended);
    g_test_add_func("/base/process/a-zombie-has-ended", test_a_zombie_has_ended);
    g_test_add_func("/base/process/an-identity-is-one-process-only",
                    test_an_identity_is_one_process_only);
    g_test_add_func("/base/process/a-stopped-process-is-told", test_a_stopped_process_is_told);
    return g_test_run();
}
