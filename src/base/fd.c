/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing of whole files and streams: all the loops over EINTR and short counts, and
 * the "write aside, rename into place" that keeps a killed floe from leaving half a file.
 */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_READ 4096

void fd_cleanup(int *fd)
{
    int saved_errno = errno;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved_errno;
}

bool fd_open_nameless(const char *directory, int *ret_fd, GError **error)
{
    autofd int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
        g_autofree char *path = g_build_filename(directory, "nameless.XXXXXX", NULL);

        fd = mkostemp(path, O_CLOEXEC);
        if (fd >= 0)
            unlink(path);
    }
    if (fd < 0)
        return err_set_errno(error, "make a file in '%s'", directory);
    *ret_fd = g_steal_fd(&fd);
    return true;
}

bool fd_close(int *fd, const char *name, GError **error)
{
    int taken = g_steal_fd(fd);

    /* On Linux the descriptor is gone after EINTR too, and a second close could hit another's. */
    if (close(taken) < 0 && errno != EINTR)
        return err_set_errno(error, "close '%s'", name);
    return true;
}

bool fd_write_all(int fd, const void *data, size_t length, GError **error)
{
    const char *rest = data;

    while (length > 0) {
        ssize_t written = write(fd, rest, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return err_set_errno(error, "write");
        rest += written;
        length -= (size_t)written;
    }
    return true;
}

bool fd_read_all(int fd, size_t limit, char **ret_data, size_t *ret_length, GError **error)
{
    g_assert(limit < SIZE_MAX / 2);

    g_autofree char *data = NULL;
    size_t length = 0, room = 0;

    for (;;) {
        /* One byte more than the limit tells a file that is too long, one more holds the NUL. */
        if (room - length < 2) {
            room = MIN(MAX(room * 2, FIRST_READ), limit + 2);
            data = g_realloc(data, room);
        }

        ssize_t got = read(fd, data + length, room - length - 1);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set_errno(error, "read");
        if (got == 0)
            break;
        length += (size_t)got;
        if (length > limit)
            return err_set(error, FLOE_ERROR_INVALID, "longer than %zu bytes", limit);
    }

    data[length] = '\0';
    *ret_data = g_steal_pointer(&data);
    if (ret_length != NULL)
        *ret_length = length;
    return true;
}

bool file_read(const char *path, size_t limit, char **ret_data, size_t *ret_length, GError **error)
{
    autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return err_set_errno(error, "open '%s'", path);
    if (!fd_read_all(fd, limit, ret_data, ret_length, error))
        return err_prefix(error, "'%s'", path);
    return true;
}

static bool directory_sync(const char *file, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(file);
    autofd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(error, "open '%s'", directory);
    if (fsync(fd) < 0)
        return err_set_errno(error, "sync '%s'", directory);
    return true;
}

/* Fill the new file behind *fd and close it. */
static bool file_fill(int *fd, const char *name, const void *data, size_t length, mode_t mode,
                      bool durable, GError **error)
{
    if (!fd_write_all(*fd, data, length, error))
        return err_prefix(error, "'%s'", name);
    if (fchmod(*fd, mode) < 0)
        return err_set_errno(error, "set the mode of '%s'", name);
    if (durable && fdatasync(*fd) < 0)
        return err_set_errno(error, "sync '%s'", name);
    return fd_close(fd, name, error);
}

static bool file_replace(const char *path, const void *data, size_t length, mode_t mode,
                         bool durable, GError **error)
{
    g_autofree char *aside = g_strdup_printf("%s.XXXXXX.tmp", path);
    autofd int fd = mkostemps(aside, strlen(".tmp"), O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(error, "create '%s'", path);
    if (!file_fill(&fd, aside, data, length, mode, durable, error)) {
        unlink(aside);
        return false;
    }
    if (rename(aside, path) < 0) {
        err_set_errno(error, "rename '%s' to '%s'", aside, path);
        unlink(aside);
        return false;
    }
    return !durable || directory_sync(path, error);
}

bool file_write_atomic(const char *path, const void *data, size_t length, mode_t mode,
                       GError **error)
{
    return file_replace(path, data, length, mode, false, error);
}

bool file_write_durable(const char *path, const void *data, size_t length, mode_t mode,
                        GError **error)
{
    return file_replace(path, data, length, mode, true, error);
}

bool file_write_control(const char *path, const char *text, GError **error)
{
    autofd int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return err_set_errno(error, "open '%s'", path);

    size_t length = strlen(text);
    ssize_t written = TEMP_FAILURE_RETRY(write(fd, text, length));

    if (written < 0)
        return err_set_errno(error, "write '%.64s' into '%s'", text, path);
    if ((size_t)written != length)
        return err_set(error, FLOE_ERROR_IO, "write '%.64s' into '%s': only %zd bytes were taken",
                       text, path, written);
    return true;
}
