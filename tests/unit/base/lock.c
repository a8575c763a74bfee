/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lock.h"
#include "scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_free(const char *path)
{
    g_auto(Lock) lock = LOCK_NONE;
    bool taken = false;

    g_assert_true(lock_try(path, &lock, &taken, NULL));
    g_assert_true(taken == (lock.fd >= 0));
    return taken;
}

static void test_a_held_lock_is_not_free(void)
{
    SCRATCH(directory);
    IN(directory, path, "lock");

    {
        g_auto(Lock) lock = LOCK_NONE;

        g_assert_true(lock_acquire(path, &lock, NULL));
        g_assert_cmpint(fcntl(lock.fd, F_GETFD) & FD_CLOEXEC, !=, 0);
        g_assert_false(is_free(path));
    }
    g_assert_true(is_free(path));
}

static void test_a_killed_holder_lets_go(void)
{
    SCRATCH(directory);
    IN(directory, path, "lock");
    int held[2];
    char byte;

    g_assert_cmpint(pipe2(held, O_CLOEXEC), ==, 0);
    pid_t holder = fork();
    if (holder == 0) {
        Lock lock = LOCK_NONE;

        if (lock_acquire(path, &lock, NULL) && write(held[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    g_assert_cmpint(read(held[0], &byte, 1), ==, 1);
    g_assert_false(is_free(path));
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
    g_assert_true(is_free(path));
    close(held[0]);
    close(held[1]);
}

static void *wait_for_lock(void *path)
{
    Lock *lock = g_new(Lock, 1);

    g_assert_true(lock_acquire(path, lock, NULL));
    return lock;
}

static void test_a_lock_on_a_removed_file_does_not_count(void)
{
    SCRATCH(directory);
    IN(directory, path, "lock");
    g_auto(Lock) first = LOCK_NONE;

    g_assert_true(lock_acquire(path, &first, NULL));
    GThread *waiter = g_thread_new("waiter", wait_for_lock, path);
    g_usleep(50000); /* until it waits; if it does not yet, this test is only weaker */
    g_assert_cmpint(unlink(path), ==, 0);
    lock_release(&first);

    g_autofree Lock *second = g_thread_join(waiter);
    struct stat locked, there;

    g_assert_cmpint(fstat(second->fd, &locked), ==, 0);
    g_assert_cmpint(stat(path, &there), ==, 0);
    g_assert_cmpuint(locked.st_ino, ==, there.st_ino);
    g_assert_false(is_free(path));
    lock_release(second);
}

static void test_a_release_reaches_other_copies_of_the_descriptor(void)
{
    SCRATCH(directory);
    IN(directory, path, "lock");
    g_auto(Lock) lock = LOCK_NONE;

    g_assert_true(lock_acquire(path, &lock, NULL));
    autofd int copy = fcntl(lock.fd, F_DUPFD_CLOEXEC, 3);
    lock_release(&lock);
    g_assert_cmpint(lock.fd, ==, -1);
    g_assert_cmpint(copy, >=, 0);
    g_assert_true(is_free(path));
    lock_release(&lock);
}

static void test_a_missing_directory_is_not_found(void)
{
    g_auto(Lock) lock = LOCK_NONE;
    g_autoptr(GError) error = NULL;

    g_assert_false(lock_acquire("/nonexistent/lock", &lock, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_NOT_FOUND);
    g_assert_cmpint(lock.fd, ==, -1);
}

static void test_a_shared_byte_is_nobodys_alone(void)
{
    SCRATCH(directory);
    IN(directory, path, "lock");
    g_auto(Lock) one = LOCK_NONE, other = LOCK_NONE, alone = LOCK_NONE;
    bool taken = true;

    g_assert_true(lock_share_byte(path, 7, &one, NULL));
    g_assert_true(lock_share_byte(path, 7, &other, NULL));
    g_assert_true(lock_try_byte(path, 7, &alone, &taken, NULL));
    g_assert_false(taken);
    lock_release(&one);
    lock_release(&other);
    g_assert_true(lock_try_byte(path, 7, &alone, &taken, NULL));
    g_assert_true(taken);
}

static void holds(const char *path, int64_t offset, bool expected)
{
    bool held = !expected;

    g_assert_true(lock_byte_is_held(path, offset, &held, NULL));
    g_assert_cmpint(held, ==, expected);
}

static void test_a_byte_is_asked_for_without_taking_it(void)
{
    SCRATCH(directory);
    IN(directory, path, "lock");
    g_auto(Lock) lock = LOCK_NONE;

    holds(path, 7, false);
    g_assert_true(lock_share_byte(path, 7, &lock, NULL));
    holds(path, 7, true);
    holds(path, 8, false);
    lock_release(&lock);
    holds(path, 7, false);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/lock/a-held-lock-is-not-free", test_a_held_lock_is_not_free);
    g_test_add_func("/base/lock/a-shared-byte-is-nobodys-alone",
                    test_a_shared_byte_is_nobodys_alone);
    g_test_add_func("/base/lock/a-byte-is-asked-for-without-taking-it",
                    test_a_byte_is_asked_for_without_taking_it);
    g_test_add_func("/base/lock/a-killed-holder-lets-go", test_a_killed_holder_lets_go);
    g_test_add_func("/base/lock/a-lock-on-a-removed-file-does-not-count",
                    test_a_lock_on_a_removed_file_does_not_count);
    g_test_add_func("/base/lock/a-release-reaches-other-copies-of-the-descriptor",
                    test_a_release_reaches_other_copies_of_the_descriptor);
    g_test_add_func("/base/lock/a-missing-directory-is-not-found",
                    test_a_missing_directory_is_not_found);
    return g_test_run();
}
