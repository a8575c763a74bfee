/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>

#define STAT_LIMIT 65536

/* Where the fields behind the name are: the name's ")" is followed by a blank. */
enum { STATE = 1, START_TIME = 20 };

bool process_has_ended(pid_t pid)
{
    autofd int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;

    return pidfd < 0 ? pid <= 0 || errno == ESRCH : pidfd_wait(pidfd, 0);
}

/* The fields of proc(5)'s stat behind the name, which may hold anything; NULL: it has ended. */
static char **stat_fields(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    const char *behind_name;

    if (!file_read(path, STAT_LIMIT, &text, NULL, NULL))
        return NULL;
    behind_name = strrchr(text, ')');
    if (behind_name == NULL)
        return NULL;

    g_auto(GStrv) fields = g_strsplit(behind_name + 1, " ", -1);

    return g_strv_length(fields) > START_TIME ? g_steal_pointer(&fields) : NULL;
}

/* Its number and when it began: field 22. */
char *process_identity(pid_t pid)
{
    g_auto(GStrv) fields = stat_fields(pid);

    if (fields == NULL || g_str_equal(fields[STATE], "Z"))
        return NULL;
    return g_strdup_printf("%d %s", pid, fields[START_TIME]);
}

bool process_is_stopped(pid_t pid)
{
    g_auto(GStrv) fields = stat_fields(pid);

    return fields != NULL && g_str_equal(fields[STATE], "T");
}

bool process_is_alive(const char *identity)
{
    g_autofree char *now = process_identity((pid_t)strtol(identity, NULL, 10));

    return g_strcmp0(now, identity) == 0;
}

bool pidfd_wait(int pidfd, int timeout_ms)
{
    int64_t deadline_ms = clock_deadline_ms(timeout_ms);

    for (;;) {
        struct pollfd ended = { .fd = pidfd, .events = POLLIN };
        int n = poll(&ended, 1, clock_ms_until(deadline_ms));

        if (n >= 0 || errno != EINTR)
            return n != 0;
    }
}

pid_t pid_file_read(const char *path)
{
    g_autofree char *text = NULL;
    gint64 pid = 0;

    if (!file_read(path, 64, &text, NULL, NULL) ||
        !g_ascii_string_to_signed(g_strstrip(text), 10, 1, G_MAXINT, &pid, NULL))
        return 0;
    return (pid_t)pid;
}
