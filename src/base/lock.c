/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks on files. A lock counts only when the file that is locked is still the one at the path: its
 * last holder may have removed it while we waited, and the next one would lock another file of the
 * same name.
 */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_still_at(int fd, const char *path)
{
    struct stat locked, there;

    return fstat(fd, &locked) == 0 && stat(path, &there) == 0 && locked.st_dev == there.st_dev &&
           locked.st_ino == there.st_ino;
}

/* command: F_OFD_SETLKW or F_OFD_SETLK. *ret_fd is -1 when another has the lock. */
static bool lock_file(const char *path, int command, const struct flock *range, int *ret_fd,
                      GError **error)
{
    for (;;) {
        autofd int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        struct flock wanted = *range;

        if (fd < 0)
            return err_set_errno(error, "open lock '%s'", path);
        if (TEMP_FAILURE_RETRY(fcntl(fd, command, &wanted)) < 0) {
            if (command == F_OFD_SETLKW || (errno != EAGAIN && errno != EACCES))
                return err_set_errno(error, "lock '%s'", path);
            *ret_fd = -1;
            return true;
        }
        if (is_still_at(fd, path)) {
            *ret_fd = g_steal_fd(&fd);
            return true;
        }
    }
}

static const struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

bool lock_acquire(const char *path, Lock *ret_lock, GError **error)
{
    return lock_file(path, F_OFD_SETLKW, &whole, &ret_lock->fd, error);
}

static struct flock byte_at(int64_t offset, short type)
{
    return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1 };
}

bool lock_acquire_byte(const char *path, int64_t offset, Lock *ret_lock, GError **error)
{
    const struct flock byte = byte_at(offset, F_WRLCK);

    return lock_file(path, F_OFD_SETLKW, &byte, &ret_lock->fd, error);
}

bool lock_share_byte(const char *path, int64_t offset, Lock *ret_lock, GError **error)
{
    const struct flock byte = byte_at(offset, F_RDLCK);

    return lock_file(path, F_OFD_SETLKW, &byte, &ret_lock->fd, error);
}

static bool try_range(const char *path, const struct flock *range, Lock *ret_lock, bool *ret_taken,
                      GError **error)
{
    if (!lock_file(path, F_OFD_SETLK, range, &ret_lock->fd, error))
        return false;
    *ret_taken = ret_lock->fd >= 0;
    return true;
}

bool lock_try(const char *path, Lock *ret_lock, bool *ret_taken, GError **error)
{
    return try_range(path, &whole, ret_lock, ret_taken, error);
}

bool lock_try_byte(const char *path, int64_t offset, Lock *ret_lock, bool *ret_taken, GError **error)
{
    const struct flock byte = byte_at(offset, F_WRLCK);

    return try_range(path, &byte, ret_lock, ret_taken, error);
}

bool lock_byte_is_held(const char *path, int64_t offset, bool *ret_held, GError **error)
{
    autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct flock byte = byte_at(offset, F_WRLCK);

    *ret_held = false;
    if (fd < 0)
        return errno == ENOENT || err_set_errno(error, "open lock '%s'", path);
    if (fcntl(fd, F_OFD_GETLK, &byte) < 0)
        return err_set_errno(error, "ask for the holder of lock '%s'", path);
    *ret_held = byte.l_type != F_UNLCK;
    return true;
}

void lock_leave(Lock *lock)
{
    fd_cleanup(&lock->fd);
}

void lock_release(Lock *lock)
{
    int saved_errno = errno;
    struct flock whole_file = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

    /*
     * Not left to close(): a child that another thread is just starting still shares the
     * descriptor.
     */
    if (lock->fd >= 0)
        fcntl(lock->fd, F_OFD_SETLK, &whole_file);
    fd_cleanup(&lock->fd);
    errno = saved_errno;
}
