/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/event-log.h"

#include "base/lock.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME     "events.log"
#define OLD_FILE_NAME "events.log.1"
#define LOCK_NAME     "lock"

static bool open_for_append(const char *directory, const char *path, int *ret_fd, GError **error)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0 && errno == ENOENT) {
        if (!dir_make(directory, 0700, error))
            return false;
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    if (fd < 0)
        return err_set_errno(error, "open '%s'", path);
    *ret_fd = fd;
    return true;
}

/* The lock keeps two that saw the full file from renaming twice. Who does not get it writes on. */
static bool rotate(const char *directory, const char *path, GError **error)
{
    g_autofree char *lock_path = g_build_filename(directory, LOCK_NAME, NULL);
    g_autofree char *old_path = g_build_filename(directory, OLD_FILE_NAME, NULL);
    g_auto(Lock) lock = LOCK_NONE;
    struct stat info;
    bool taken;

    if (!lock_try(lock_path, &lock, &taken, error))
        return false;
    if (!taken || stat(path, &info) < 0 || info.st_size < EVENT_LOG_MAX_BYTES)
        return true;
    if (rename(path, old_path) < 0)
        return err_set_errno(error, "rename '%s' to '%s'", path, old_path);
    return true;
}

bool event_log_append(const char *directory, const char *line, size_t length, GError **error)
{
    g_autofree char *path = g_build_filename(directory, FILE_NAME, NULL);
    autofd int fd = -1;
    struct stat info;
    ssize_t written;

    if (length > EVENT_LINE_MAX_BYTES)
        return err_set(error, FLOE_ERROR_INVALID, "an event of %zu bytes is too long", length);
    if (!open_for_append(directory, path, &fd, error))
        return false;
    if (fstat(fd, &info) == 0 && info.st_size >= EVENT_LOG_MAX_BYTES) {
        fd_cleanup(&fd);
        if (!rotate(directory, path, error) || !open_for_append(directory, path, &fd, error))
            return false;
    }
    written = TEMP_FAILURE_RETRY(write(fd, line, length));
    if (written < 0)
        return err_set_errno(error, "write '%s'", path);
    if ((size_t)written < length)
        return err_set(error, FLOE_ERROR_IO, "write '%s': no space is left", path);
    return true;
}
