/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conmon reads lines "TYPE ROWS COLUMNS" from DIRECTORY/ctl, type 1 for the window's size, and hands
 * them to itself through DIRECTORY/winsz (conmon 2.1, src/ctrl.c). One that comes before the terminal
 * is kept for it. Of several lines that it reads at once it takes the first for all of them, in both
 * pipes: the next may only be written when the last has been read.
 */
#include "oci/console.h"

#include "base/fd.h"
#include "base/sigpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#define LOOK_PAUSE_US 300
#define MAX_LOOKS     1000

static bool open_pipe(const char *directory, const char *name, int flags, int *ret_fd,
                      GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    *ret_fd = open(path, flags | O_NONBLOCK | O_CLOEXEC);
    if (*ret_fd < 0 && (errno == ENXIO || errno == ENOENT))
        return err_set(error, FLOE_ERROR_NOT_FOUND, "nobody holds the terminal of '%s'", directory);
    return *ret_fd >= 0 || err_set_errno(error, "open '%s'", path);
}

static bool is_empty(int fd)
{
    int length = 0;

    return ioctl(fd, FIONREAD, &length) == 0 && length == 0;
}

/* Twice: between the two pipes a line is for a moment in neither. */
static bool wait_empty(int ctl_fd, int winsz_fd, GError **error)
{
    int empty = 0;

    for (int looks = 0; looks < MAX_LOOKS; looks++) {
        empty = is_empty(ctl_fd) && is_empty(winsz_fd) ? empty + 1 : 0;
        if (empty == 2)
            return true;
        g_usleep(LOOK_PAUSE_US);
    }
    return err_set(error, FLOE_ERROR_TIMEOUT, "conmon does not read its control pipe");
}

bool console_resize(const char *directory, unsigned rows, unsigned columns, GError **error)
{
    g_autofree char *line = g_strdup_printf("1 %u %u\n", rows, columns);
    g_auto(SigpipeBlock) block = sigpipe_block(); /* conmon may end at any moment */
    autofd int ctl_fd = -1;
    autofd int winsz_fd = -1;

    return open_pipe(directory, "ctl", O_WRONLY, &ctl_fd, error) &&
           open_pipe(directory, "winsz", O_RDONLY, &winsz_fd, error) &&
           wait_empty(ctl_fd, winsz_fd, error) && fd_write_all(ctl_fd, line, strlen(line), error);
}
