/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sigpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static volatile sig_atomic_t n_raised;

static void count(int number)
{
    n_raised++;
}

/* A write that fails with EPIPE, and so raises SIGPIPE. */
static void write_to_nobody(void)
{
    int ends[2];

    g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
    close(ends[0]);
    g_assert_cmpint(write(ends[1], "x", 1), ==, -1);
    g_assert_cmpint(errno, ==, EPIPE);
    close(ends[1]);
}

static void test_what_is_raised_meanwhile_never_arrives(void)
{
    n_raised = 0;
    {
        g_auto(SigpipeBlock) block = sigpipe_block();
        write_to_nobody();
    }
    g_assert_cmpint(n_raised, ==, 0);
}

static void test_afterwards_it_arrives_as_before(void)
{
    n_raised = 0;
    {
        g_auto(SigpipeBlock) block = sigpipe_block();
    }
    write_to_nobody();
    g_assert_cmpint(n_raised, ==, 1);
}

static void test_one_that_waited_before_still_waits(void)
{
    sigset_t sigpipe, before;

    n_raised = 0;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
    write_to_nobody();
    {
        g_auto(SigpipeBlock) block = sigpipe_block();
        write_to_nobody();
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    g_assert_cmpint(n_raised, ==, 1);
}

static void test_errno_is_kept(void)
{
    SigpipeBlock block = sigpipe_block();

    errno = ENOSPC;
    sigpipe_unblock(&block);
    g_assert_cmpint(errno, ==, ENOSPC);
}

int main(int argc, char **argv)
{
    const struct sigaction counted = { .sa_handler = count };

    g_test_init(&argc, &argv, NULL);
    sigaction(SIGPIPE, &counted, NULL);
    g_test_add_func("/base/sigpipe/what-is-raised-meanwhile-never-arrives",
                    test_what_is_raised_meanwhile_never_arrives);
    g_test_add_func("/base/sigpipe/afterwards-it-arrives-as-before",
                    test_afterwards_it_arrives_as_before);
    g_test_add_func("/base/sigpipe/one-that-waited-before-still-waits",
                    test_one_that_waited_before_still_waits);
    g_test_add_func("/base/sigpipe/errno-is-kept", test_errno_is_kept);
    return g_test_run();
}
