/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/cgroup-freezer.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/process.h"
#include "oci/cgroup-hierarchy.h"
#include "oci/cgroup-tree.h"
#include "oci/cgroup-wait.h"
#include "oci/cgroup.h"

#include <string.h>

void cgroup_freezer_clear(CgroupFreezer *freezer)
{
    g_clear_pointer(&freezer->directory, g_free);
}

bool cgroup_freezer_find(const char *cgroup_path, CgroupFreezer *ret_freezer, GError **error)
{
    g_autoptr(GPtrArray) hierarchies = NULL;
    const CgroupHierarchy *found = NULL;

    if (!cgroup_path_check(cgroup_path, error) || !cgroup_hierarchies_load(&hierarchies, error))
        return false;
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);

        if (cgroup_hierarchy_has(hierarchy, "freezer") || (hierarchy->is_v2 && found == NULL))
            found = hierarchy;
    }
    if (found == NULL)
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "this host has no freezer cgroup");
    ret_freezer->directory = g_strconcat(found->mount_point, cgroup_path, NULL);
    ret_freezer->is_v2 = found->is_v2;
    return true;
}

/*
 * crun has the processes of a scope in a cgroup of that name in it (libcrun/cgroup-systemd.c,
 * find_systemd_subgroup()), which it and CRIU freeze and thaw. What is frozen above they cannot
 * thaw: CRIU would wait for ever. So that is where floe freezes, too.
 */
#define SCOPE_INNER "container"

static bool find_where_crun_freezes(const char *cgroup_path, CgroupFreezer *ret_freezer,
                                    GError **error)
{
    g_auto(CgroupFreezer) freezer = { NULL };

    if (!cgroup_freezer_find(cgroup_path, &freezer, error))
        return false;
    if (freezer.is_v2 && g_str_has_suffix(cgroup_path, ".scope")) {
        g_autofree char *inner = g_build_filename(freezer.directory, SCOPE_INNER, NULL);

        if (path_exists(inner)) {
            g_free(freezer.directory);
            freezer.directory = g_steal_pointer(&inner);
        }
    }
    *ret_freezer = freezer;
    freezer.directory = NULL;
    return true;
}

bool cgroup_freezer_write(const CgroupFreezer *freezer, bool frozen, GError **error)
{
    g_autofree char *file = g_build_filename(freezer->directory,
                                             freezer->is_v2 ? "cgroup.freeze" : "freezer.state",
                                             NULL);

    if (freezer->is_v2)
        return file_write_control(file, frozen ? "1" : "0", error);
    return file_write_control(file, frozen ? "FROZEN" : "THAWED", error);
}

static bool freeze_v2(const CgroupFreezer *freezer, int64_t deadline_ms, GError **error)
{
    autofd int events = -1;

    return cgroup_events_open(freezer->directory, &events, error) &&
           cgroup_freezer_write(freezer, true, error) &&
           cgroup_events_wait(events, "frozen 1", deadline_ms, error);
}

/*
 * A process that executes a new program waits for its other threads in a way that cannot be frozen,
 * and they may be frozen already: then it stays FREEZING for ever. So let them go for a moment and
 * try again, as runc does (libcontainer/cgroups/fs/freezer.go).
 */
#define REFREEZE_AFTER_MS 20
#define THAW_PAUSE_US     1000

static bool refreeze(const CgroupFreezer *freezer, GError **error)
{
    if (!cgroup_freezer_write(freezer, false, error))
        return false;
    g_usleep(THAW_PAUSE_US);
    return cgroup_freezer_write(freezer, true, error);
}

/*
 * It reads FREEZING until the last process has come to a halt; to read it makes the kernel look
 * again.
 */
static bool freeze_v1(const CgroupFreezer *freezer, int64_t deadline_ms, GError **error)
{
    g_autofree char *file = g_build_filename(freezer->directory, "freezer.state", NULL);
    unsigned sleep_us = CGROUP_SLEEP_FIRST_US;
    int64_t refreeze_ms = clock_monotonic_ms() + REFREEZE_AFTER_MS;

    if (!cgroup_freezer_write(freezer, true, error))
        return false;
    do {
        g_autofree char *state = NULL;

        if (clock_monotonic_ms() >= refreeze_ms) {
            if (!refreeze(freezer, error))
                return false;
            refreeze_ms = clock_monotonic_ms() + REFREEZE_AFTER_MS;
            sleep_us = CGROUP_SLEEP_FIRST_US;
        }

        if (!file_read(file, CGROUP_CONTROL_LIMIT, &state, NULL, error))
            return false;
        if (g_str_has_prefix(state, "FROZEN"))
            return true;
    } while (cgroup_sleep_until(deadline_ms, &sleep_us));
    return err_set(error, FLOE_ERROR_TIMEOUT, "a process does not come to a halt");
}

bool cgroup_freeze(const char *cgroup_path, int timeout_ms, GError **error)
{
    g_auto(CgroupFreezer) freezer = { NULL };
    int64_t deadline_ms = clock_deadline_ms(timeout_ms);

    if (!find_where_crun_freezes(cgroup_path, &freezer, error))
        return false;
    if (freezer.is_v2 ? freeze_v2(&freezer, deadline_ms, error)
                      : freeze_v1(&freezer, deadline_ms, error))
        return true;
    cgroup_freezer_write(&freezer, false, NULL);
    return err_prefix(error, "freeze cgroup '%s'", cgroup_path);
}

bool cgroup_thaw(const char *cgroup_path, GError **error)
{
    g_auto(CgroupFreezer) freezer = { NULL };

    if (!find_where_crun_freezes(cgroup_path, &freezer, error))
        return false;
    return cgroup_freezer_write(&freezer, false, error) ||
           err_prefix(error, "thaw cgroup '%s'", cgroup_path);
}

/* Visit: `data` is the first one found. */
static bool find_stopped(const char *directory, void *data, GError **error)
{
    pid_t *stopped = data;
    g_autoptr(GArray) pids = NULL;

    if (!cgroup_read_processes(directory, &pids, error))
        return false;
    for (guint i = 0; i < pids->len && *stopped == 0; i++) {
        if (process_is_stopped(g_array_index(pids, pid_t, i)))
            *stopped = g_array_index(pids, pid_t, i);
    }
    return true;
}

bool cgroup_find_untraceable(const char *cgroup_path, pid_t *ret_pid, GError **error)
{
    g_auto(CgroupFreezer) freezer = { NULL };

    *ret_pid = 0;
    return cgroup_freezer_find(cgroup_path, &freezer, error) &&
           (freezer.is_v2 || cgroup_tree_visit(freezer.directory, find_stopped, ret_pid, error));
}
