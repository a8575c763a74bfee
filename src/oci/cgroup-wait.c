/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/cgroup-wait.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define SLEEP_LONGEST_US 10000

bool cgroup_sleep_until(int64_t deadline_ms, unsigned *sleep_us)
{
    if (clock_ms_until(deadline_ms) == 0)
        return false;
    g_usleep(*sleep_us);
    *sleep_us = MIN(*sleep_us * 2, SLEEP_LONGEST_US);
    return true;
}

/* Has cgroup.events this line, "frozen 1"? */
static bool events_has(int fd, const char *line, bool *ret_has, GError **error)
{
    char text[512];
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

    if (n < 0 && errno == ENODEV)
        errno = ENOENT; /* the cgroup has been removed */
    if (n < 0)
        return err_set_errno(error, "read cgroup.events");
    text[n] = '\0';
    *ret_has = strstr(text, line) != NULL;
    return true;
}

bool cgroup_events_wait(int fd, const char *line, int64_t deadline_ms, GError **error)
{
    for (;;) {
        struct pollfd event = { .fd = fd, .events = POLLPRI };
        bool has = false;

        if (!events_has(fd, line, &has, error))
            return false;
        if (has)
            return true;
        if (clock_ms_until(deadline_ms) == 0)
            return err_set(error, FLOE_ERROR_TIMEOUT, "the cgroup does not become '%s'", line);
        if (poll(&event, 1, clock_ms_until(deadline_ms)) < 0 && errno != EINTR)
            return err_set_errno(error, "wait for cgroup.events");
    }
}

bool cgroup_events_open(const char *directory, int *ret_fd, GError **error)
{
    g_autofree char *file = g_build_filename(directory, "cgroup.events", NULL);

    *ret_fd = open(file, O_RDONLY | O_CLOEXEC);
    return *ret_fd >= 0 || err_set_errno(error, "open '%s'", file);
}
