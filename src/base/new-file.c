/* SPDX-License-Identifier: Apache-2.0 */
#include "base/new-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file that `path` is, or the place where it is to be. Absolute: it may outlive this process. */
static bool path_resolve(const char *path, char **ret_path, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    char *real = realpath(path, NULL);

    if (real == NULL && errno == ENOENT) {
        g_autofree char *real_directory = realpath(directory, NULL);

        if (real_directory != NULL)
            real = g_build_filename(real_directory, name, NULL);
    }
    if (real == NULL)
        return err_set_errno(error, "'%s'", path);
    *ret_path = g_strdup(real);
    free(real);
    return true;
}

/* Not every file system has files without a name. */
static bool open_aside(NewFile *file, mode_t mode)
{
    g_autofree char *directory = g_path_get_dirname(file->path);

    file->fd = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    if (file->fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return file->fd >= 0;
    unlink(file->aside);
    file->fd = open(file->aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    file->has_aside = file->fd >= 0;
    return file->has_aside;
}

bool new_file_open(const char *path, mode_t mode, const char *mark, NewFile *ret_file,
                   GError **error)
{
    g_auto(NewFile) file = NEW_FILE_NONE;
    struct stat st;

    if (!path_resolve(path, &file.path, error))
        return false;
    file.aside = g_strdup_printf("%s.%s.tmp", file.path, mark);
    if (stat(file.path, &st) == 0 && !S_ISREG(st.st_mode)) {
        file.is_in_place = true;
        file.fd = open(file.path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    } else {
        open_aside(&file, mode);
    }
    if (file.fd < 0)
        return err_set_errno(error, "create '%s'", path);
    *ret_file = file;
    file = (NewFile)NEW_FILE_NONE;
    return true;
}

/* A name that nobody has is given at once; over another's only rename(2) leads. */
static bool name_give(NewFile *file)
{
    if (!file->has_aside) {
        g_autofree char *nameless = g_strdup_printf("/proc/self/fd/%d", file->fd);

        if (linkat(AT_FDCWD, nameless, AT_FDCWD, file->path, AT_SYMLINK_FOLLOW) == 0)
            return true;
        if (errno != EEXIST)
            return false;
        unlink(file->aside);
        if (linkat(AT_FDCWD, nameless, AT_FDCWD, file->aside, AT_SYMLINK_FOLLOW) < 0)
            return false;
        file->has_aside = true;
    }
    if (rename(file->aside, file->path) < 0)
        return false;
    file->has_aside = false;
    return true;
}

static bool directory_sync(const char *path, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path);
    autofd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return (fd >= 0 && fsync(fd) == 0) || err_set_errno(error, "sync '%s'", directory);
}

bool new_file_keep(NewFile *file, bool durable, GError **error)
{
    if (!file->is_in_place) {
        if (durable && fsync(file->fd) < 0)
            return err_set_errno(error, "write '%s'", file->path);
        if (!name_give(file))
            return err_set_errno(error, "create '%s'", file->path);
        if (durable && !directory_sync(file->path, error))
            return false;
    }
    return fd_close(&file->fd, file->path, error);
}

void new_file_clear(NewFile *file)
{
    fd_cleanup(&file->fd);
    if (file->has_aside)
        unlink(file->aside);
    g_clear_pointer(&file->aside, g_free);
    g_clear_pointer(&file->path, g_free);
}
