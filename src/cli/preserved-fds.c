/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/preserved-fds.h"

#include "cli/message.h"

#include <fcntl.h>
#include <unistd.h>

#define MOST_FDS 1024

bool preserved_fds(int64_t n, int **ret_fds, GError **error)
{
    g_autofree int *fds = NULL;

    if (n > MOST_FDS)
        return cli_set_error(error, "--preserve-fds: at most %d descriptors", MOST_FDS);
    fds = g_new(int, (size_t)n);
    for (int i = 0; i < (int)n; i++) {
        fds[i] = STDERR_FILENO + 1 + i;
        if (fcntl(fds[i], F_GETFD) < 0)
            return cli_set_error(error, "--preserve-fds: file descriptor %d is not open", fds[i]);
    }
    *ret_fds = g_steal_pointer(&fds);
    return true;
}
