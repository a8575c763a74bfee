/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/id-file.h"

#include "cli/message.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Between a check of the caller's and here it may have been made by another. */
bool id_file_write(const char *path, const char *id, const char *what, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (fd < 0)
        return cli_set_error(error, "create %s %s: %s", what, path, g_strerror(errno));

    bool written = write(fd, id, strlen(id)) == (ssize_t)strlen(id);
    if (close(fd) != 0 || !written)
        return cli_set_error(error, "write %s %s: %s", what, path, g_strerror(errno));
    return true;
}
