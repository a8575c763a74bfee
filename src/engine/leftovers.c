/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/leftovers.h"

#include "base/fd.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CMDLINE_LIMIT 65536
#define END_TIMEOUT_MS 5000

/* Is it "conmon ... -b BUNDLE ..."? */
static bool is_conmon_of(const char *pid, const char *bundle)
{
    g_autofree char *path = g_build_filename("/proc", pid, "cmdline", NULL);
    g_autofree char *line = NULL;
    size_t length = 0;
    bool names_bundle = false;

    if (!file_read(path, CMDLINE_LIMIT, &line, &length, NULL) || length == 0)
        return false;
    if (!g_str_has_suffix(line, "conmon"))
        return false;
    for (const char *word = line; word < line + length; word += strlen(word) + 1)
        names_bundle = names_bundle || g_str_equal(word, bundle);
    return names_bundle;
}

static bool end_process(const char *pid, const char *bundle, GError **error)
{
    autofd int pidfd = (int)syscall(SYS_pidfd_open, (pid_t)atoi(pid), 0);
    struct pollfd ended = { .fd = pidfd, .events = POLLIN };

    /* Asked again with the descriptor open, it cannot be another process of the same number. */
    if (pidfd < 0 || !is_conmon_of(pid, bundle))
        return true;
    if (syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) < 0)
        return true;
    if (poll(&ended, 1, END_TIMEOUT_MS) == 0)
        return err_set(error, FLOE_ERROR_TIMEOUT, "conmon (process %s) does not end", pid);
    return true;
}

bool leftover_conmon_kill(const char *bundle, GError **error)
{
    g_autoptr(GDir) proc = g_dir_open("/proc", 0, error);
    const char *name;

    if (proc == NULL)
        return false;
    while ((name = g_dir_read_name(proc)) != NULL) {
        if (g_ascii_isdigit(name[0]) && is_conmon_of(name, bundle) &&
            !end_process(name, bundle, error))
            return false;
    }
    return true;
}
