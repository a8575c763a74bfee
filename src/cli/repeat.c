/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/repeat.h"

#include "cli/message.h"

#include <glib.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define CLEAR_SCREEN "\033[H\033[2J"

void repeat_clear_screen(void)
{
    if (isatty(STDOUT_FILENO))
        fputs(CLEAR_SCREEN, stdout);
}

bool repeat_wait(int64_t seconds)
{
    struct pollfd polled = { .fd = STDOUT_FILENO }; /* for POLLERR */

    if (fflush(stdout) != 0 || cli_stdout_is_gone())
        return false;
    return poll(&polled, 1, (int)MIN(seconds, G_MAXINT / 1000) * 1000) <= 0;
}
