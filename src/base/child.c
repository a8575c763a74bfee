/* SPDX-License-Identifier: Apache-2.0 */
#include "base/child.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void log_ended(const Child *child, int status)
{
    g_autofree char *text = NULL;

    if (!log_is_heard(FLOE_LOG_DEBUG))
        return;
    text = child_status_text(status);
    log_debug("process %d ended: %s, after %" G_GINT64_FORMAT " ms", (int)child->pid, text,
              clock_monotonic_ms() - child->started_ms);
}

bool child_reap(Child *child, int *ret_status, GError **error)
{
    int status = 0;
    pid_t got = TEMP_FAILURE_RETRY(waitpid(child->pid, &status, 0));

    if (got < 0) {
        err_set_errno(error, "wait for process %d", (int)child->pid);
    } else {
        *ret_status = status;
        log_ended(child, status);
    }
    fd_cleanup(&child->pidfd);
    child->pid = 0;
    return got >= 0;
}

bool child_wait(Child *child, int timeout_ms, int *ret_status, GError **error)
{
    int64_t deadline_ms = clock_deadline_ms(timeout_ms);
    struct pollfd exit = { .fd = child->pidfd, .events = POLLIN };
    int ready = 1;

    while (timeout_ms >= 0 && (ready = poll(&exit, 1, clock_ms_until(deadline_ms))) < 0) {
        if (errno != EINTR)
            return err_set_errno(error, "wait for process %d", (int)child->pid);
    }
    if (ready == 0)
        return err_set(error, FLOE_ERROR_TIMEOUT, "process %d did not end within %d ms",
                       (int)child->pid, timeout_ms);
    return child_reap(child, ret_status, error);
}

void child_kill(Child *child)
{
    int saved_errno = errno;
    int status;

    if (child->pid > 0) {
        kill(child->pid, SIGKILL); /* ours and not reaped: the number cannot be another's */
        child_reap(child, &status, NULL);
    }
    errno = saved_errno;
}

char *child_status_text(int status)
{
    if (!WIFSIGNALED(status))
        return g_strdup_printf("exit status %d", WEXITSTATUS(status));

    const char *name = sigdescr_np(WTERMSIG(status));

    if (name == NULL)
        return g_strdup_printf("killed by signal %d", WTERMSIG(status));
    return g_strdup_printf("killed by signal %d (%s)", WTERMSIG(status), name);
}
