/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/cgroup-kill.h"

#include "base/clock.h"
#include "base/fd.h"
#include "oci/cgroup-freezer.h"
#include "oci/cgroup-tree.h"
#include "oci/cgroup-wait.h"
#include "oci/cgroup.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>

#define KILL_TIMEOUT_MS 10000

typedef struct KillRound {
    const char *cgroup_path;
    GArray *pidfds; /* of what was killed */
    bool found;     /* was there anything? */
} KillRound;

/* Visit: kill a cgroup's processes. What was read may be another process's number already. */
static bool kill_processes(const char *directory, void *data, GError **error)
{
    KillRound *round = data;
    g_autoptr(GArray) pids = NULL;

    if (!cgroup_read_processes(directory, &pids, error))
        return false;
    for (guint i = 0; i < pids->len; i++) {
        pid_t pid = g_array_index(pids, pid_t, i);
        int pidfd = -1;

        round->found = true;
        if (!cgroup_open_process(round->cgroup_path, pid, &pidfd, error))
            return false;
        if (pidfd < 0)
            continue;
        g_array_append_val(round->pidfds, pidfd);
        if (pidfd_send_signal(pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
            return err_set_errno(error, "kill process %d", pid);
    }
    return true;
}

/* Visit: let v1's frozen processes run into their SIGKILL. Not every cgroup has the file. */
static bool thaw_directory(const char *directory, void *data, GError **error)
{
    const CgroupFreezer freezer = { (char *)directory, false };

    cgroup_freezer_write(&freezer, false, NULL);
    return true;
}

static void close_pidfd(void *pidfd)
{
    fd_cleanup(pidfd);
}

/* Kill what is there now and wait for its end. `*ret_found` tells if there was anything. */
static bool kill_round(const CgroupFreezer *freezer, const char *cgroup_path, int64_t deadline_ms,
                       bool *ret_found, GError **error)
{
    g_autoptr(GArray) pidfds = g_array_new(FALSE, FALSE, sizeof(int));
    KillRound round = { cgroup_path, pidfds, false };

    g_array_set_clear_func(pidfds, close_pidfd);
    if (!cgroup_tree_visit(freezer->directory, kill_processes, &round, error))
        return false;
    *ret_found = round.found;
    if (!freezer->is_v2 && !cgroup_tree_visit(freezer->directory, thaw_directory, NULL, error))
        return false;
    for (guint i = 0; i < pidfds->len; i++) {
        struct pollfd exited = { .fd = g_array_index(pidfds, int, i), .events = POLLIN };

        if (poll(&exited, 1, clock_ms_until(deadline_ms)) < 0 && errno != EINTR)
            return err_set_errno(error, "wait for a killed process");
    }
    return true;
}

/* One by one, and again for those that were forked meanwhile. */
static bool kill_each(const CgroupFreezer *freezer, const char *cgroup_path, int64_t deadline_ms,
                      GError **error)
{
    unsigned sleep_us = CGROUP_SLEEP_FIRST_US;

    for (;;) {
        bool found = false;

        if (!kill_round(freezer, cgroup_path, deadline_ms, &found, error))
            return false;
        if (!found)
            return true;
        if (!cgroup_sleep_until(deadline_ms, &sleep_us))
            return err_set(error, FLOE_ERROR_TIMEOUT, "a killed process does not end");
    }
}

/*
 * v2: all at once, also what is frozen or forks. NOT_FOUND: there is no such cgroup, or the kernel
 * is older than 5.14.
 */
static bool kill_at_once(const CgroupFreezer *freezer, int64_t deadline_ms, GError **error)
{
    autofd int events = -1;
    g_autofree char *file = g_build_filename(freezer->directory, "cgroup.kill", NULL);

    return cgroup_events_open(freezer->directory, &events, error) &&
           file_write_control(file, "1", error) &&
           cgroup_events_wait(events, "populated 0", deadline_ms, error);
}

bool cgroup_kill(const char *cgroup_path, GError **error)
{
    g_auto(CgroupFreezer) freezer = { NULL };
    g_autoptr(GError) err = NULL;
    int64_t deadline_ms = clock_deadline_ms(KILL_TIMEOUT_MS);

    if (!cgroup_freezer_find(cgroup_path, &freezer, error))
        return false;
    if (freezer.is_v2) {
        if (kill_at_once(&freezer, deadline_ms, &err))
            return true;
        if (!err_is(err, FLOE_ERROR_NOT_FOUND)) {
            g_propagate_prefixed_error(error, g_steal_pointer(&err),
                                       "kill cgroup '%s': ", cgroup_path);
            return false;
        }
    }
    return kill_each(&freezer, cgroup_path, deadline_ms, error) ||
           err_prefix(error, "kill cgroup '%s'", cgroup_path);
}
