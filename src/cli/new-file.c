/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/new-file.h"

#include "cli/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0666 /* the umask takes its part */

/* A file without a name goes by itself if floe is ended; not every file system has them. */
static bool open_aside(NewFile *file)
{
    g_autofree char *directory = g_path_get_dirname(file->path);

    file->fd = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, MODE);
    if (file->fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return file->fd >= 0;
    file->aside = g_strdup_printf("%s.%d.tmp", file->path, getpid());
    file->fd = open(file->aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    if (file->fd < 0)
        g_clear_pointer(&file->aside, g_free);
    return file->fd >= 0;
}

bool new_file_open(const char *path, NewFile *ret_file, GError **error)
{
    g_auto(NewFile) file = NEW_FILE_NONE;
    char *real = realpath(path, NULL);
    struct stat st;

    file.path = g_strdup(real != NULL ? real : path);
    free(real);
    if (stat(file.path, &st) == 0 && !S_ISREG(st.st_mode)) {
        file.is_in_place = true;
        file.fd = open(file.path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    } else {
        open_aside(&file);
    }
    if (file.fd < 0)
        return cli_set_error(error, "creating file '%s': %s", path, g_strerror(errno));
    *ret_file = file;
    file = (NewFile)NEW_FILE_NONE;
    return true;
}

static bool name_it(NewFile *file)
{
    if (file->aside == NULL) {
        g_autofree char *nameless = g_strdup_printf("/proc/self/fd/%d", file->fd);

        file->aside = g_strdup_printf("%s.%d.tmp", file->path, getpid());
        if (linkat(AT_FDCWD, nameless, AT_FDCWD, file->aside, AT_SYMLINK_FOLLOW) < 0) {
            g_clear_pointer(&file->aside, g_free); /* what has the name is not ours */
            return false;
        }
    }
    if (rename(file->aside, file->path) < 0)
        return false;
    g_clear_pointer(&file->aside, g_free);
    return true;
}

bool new_file_keep(NewFile *file, GError **error)
{
    if (!file->is_in_place && !name_it(file))
        return cli_set_error(error, "creating file '%s': %s", file->path, g_strerror(errno));

    int fd = file->fd;

    file->fd = -1;
    return close(fd) == 0 || errno == EINTR ||
           cli_set_error(error, "write file '%s': %s", file->path, g_strerror(errno));
}

void new_file_clear(NewFile *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->aside != NULL)
        unlink(file->aside);
    g_clear_pointer(&file->aside, g_free);
    g_clear_pointer(&file->path, g_free);
}

/* Between a check of the caller's and here it may have been made by another. */
bool new_file_write_id(const char *path, const char *id, const char *what, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (fd < 0)
        return cli_set_error(error, "create %s %s: %s", what, path, g_strerror(errno));

    bool written = write(fd, id, strlen(id)) == (ssize_t)strlen(id);
    if (close(fd) != 0 || !written)
        return cli_set_error(error, "write %s %s: %s", what, path, g_strerror(errno));
    return true;
}
