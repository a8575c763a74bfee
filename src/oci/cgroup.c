/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/cgroup.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/process.h"
#include "oci/cgroup-hierarchy.h"
#include "oci/cgroup-tree.h"
#include "oci/cgroup-wait.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/vfs.h>
#include <unistd.h>

#define REMOVE_TIMEOUT_MS 1000

CgroupMode cgroup_mode(void)
{
    struct statfs fs;

    return statfs(CGROUP_ROOT, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC ? CGROUP_V2 : CGROUP_V1;
}

bool cgroup_limits_swap(void)
{
    g_autoptr(GPtrArray) hierarchies = NULL;

    /* v2's memory.swap.max is there if the kernel has swap at all, as this file is. */
    if (cgroup_mode() == CGROUP_V2)
        return path_exists("/proc/swaps");
    if (!cgroup_hierarchies_load(&hierarchies, NULL))
        return false;
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);

        if (cgroup_hierarchy_has(hierarchy, "memory")) {
            g_autofree char *file = g_build_filename(hierarchy->mount_point,
                                                     "memory.memsw.limit_in_bytes", NULL);
            return path_exists(file);
        }
    }
    return false;
}

bool cgroup_is_mixed(void)
{
    g_autofree char *controllers = NULL;
    size_t length = 0;

    return cgroup_mode() == CGROUP_V1 &&
           file_read(CGROUP_ROOT "/unified/cgroup.controllers", CGROUP_CONTROL_LIMIT, &controllers,
                     &length, NULL) &&
           g_strstrip(controllers)[0] != '\0';
}

bool cgroup_path_check(const char *cgroup_path, GError **error)
{
    bool is_good = cgroup_path[0] == '/' && cgroup_path[1] != '\0';
    g_auto(GStrv) parts = g_strsplit(is_good ? cgroup_path + 1 : "", "/", -1);

    for (char **part = parts; *part != NULL; part++)
        is_good = is_good && **part != '\0' && strcmp(*part, ".") != 0 && strcmp(*part, "..") != 0;
    return is_good ||
           err_set(error, FLOE_ERROR_INVALID, "'%s' is not the path of a cgroup", cgroup_path);
}

/* --- removing --------------------------------------------------------------------------------- */

/*
 * Visit: remove one cgroup. Its last processes may still be on their way out, which is EBUSY for a
 * moment.
 */
static bool remove_directory(const char *directory, void *data, GError **error)
{
    const int64_t *deadline_ms = data;
    unsigned sleep_us = CGROUP_SLEEP_FIRST_US;

    do {
        if (rmdir(directory) == 0 || errno == ENOENT)
            return true;
    } while (errno == EBUSY && cgroup_sleep_until(*deadline_ms, &sleep_us));
    return err_set_errno(error, "remove cgroup '%s'", directory);
}

bool cgroup_remove(const char *cgroup_path, GError **error)
{
    g_autoptr(GPtrArray) hierarchies = NULL;
    int64_t deadline_ms = clock_deadline_ms(REMOVE_TIMEOUT_MS);

    if (!cgroup_path_check(cgroup_path, error) || !cgroup_hierarchies_load(&hierarchies, error))
        return false;
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);
        g_autofree char *directory = g_strconcat(hierarchy->mount_point, cgroup_path, NULL);

        /* Nearly always it is gone or empty: then this is all. */
        if (rmdir(directory) == 0 || errno == ENOENT)
            continue;
        if (!cgroup_tree_visit(directory, remove_directory, &deadline_ms, error))
            return false;
    }
    return true;
}

bool cgroup_remove_if_empty(const char *cgroup_path, GError **error)
{
    g_autoptr(GPtrArray) hierarchies = NULL;

    if (!cgroup_path_check(cgroup_path, error) || !cgroup_hierarchies_load(&hierarchies, error))
        return false;
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);
        g_autofree char *directory = g_strconcat(hierarchy->mount_point, cgroup_path, NULL);

        if (rmdir(directory) < 0 && errno != ENOENT && errno != EBUSY && errno != ENOTEMPTY)
            return err_set_errno(error, "remove cgroup '%s'", directory);
    }
    return true;
}

/* --- processes -------------------------------------------------------------------------------- */

bool cgroup_has_process(const char *cgroup_path, pid_t pid)
{
    g_autofree char *file = g_strdup_printf("/proc/%d/cgroup", pid);
    g_autofree char *text = NULL;

    return file_read(file, CGROUP_CONTROL_LIMIT, &text, NULL, NULL) &&
           strstr(text, cgroup_path) != NULL;
}

bool cgroup_open_process(const char *cgroup_path, pid_t pid, int *ret_pidfd, GError **error)
{
    autofd int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;

    if (pidfd < 0 && pid > 0 && errno != ESRCH && errno != EINVAL)
        return err_set_errno(error, "open process %d", pid);
    /* Only when the descriptor is open the check is about the process that it stands for. */
    if (pidfd < 0 || pidfd_wait(pidfd, 0) || !cgroup_has_process(cgroup_path, pid))
        *ret_pidfd = -1;
    else
        *ret_pidfd = g_steal_fd(&pidfd);
    return true;
}

/* --- entering --------------------------------------------------------------------------------- */

/*
 * Does a /proc/PID/cgroup's text ("9:name=systemd:/" a line; v2 is "0::/") say that it is in a
 * hierarchy's root?
 */
static bool is_in_root(const char *text, const CgroupHierarchy *hierarchy)
{
    const char *root = hierarchy->is_v2 ? "0::/" : ":name=systemd:/";
    const char *found = strstr(text, root);

    return found != NULL && (found[strlen(root)] == '\n' || found[strlen(root)] == '\0');
}

static bool enter_hierarchy(const CgroupHierarchy *hierarchy, const char *cgroup_path, pid_t pid,
                            GError **error)
{
    g_autofree char *directory = g_strconcat(hierarchy->mount_point, cgroup_path, NULL);
    g_autofree char *file = g_build_filename(directory, "cgroup.procs", NULL);
    g_autofree char *number = g_strdup_printf("%d", pid);

    return dir_make(directory, 0755, error) && file_write_control(file, number, error);
}

bool cgroup_enter(const char *cgroup_path, pid_t pid, GError **error)
{
    g_autoptr(GPtrArray) hierarchies = NULL;
    g_autofree char *file = g_strdup_printf("/proc/%d/cgroup", pid);
    g_autofree char *text = NULL;

    if (!cgroup_path_check(cgroup_path, error) || !cgroup_hierarchies_load(&hierarchies, error) ||
        !file_read(file, CGROUP_CONTROL_LIMIT, &text, NULL, error))
        return false;
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);

        if (!hierarchy->is_v2 && !cgroup_hierarchy_has(hierarchy, "name=systemd"))
            continue;
        if (!is_in_root(text, hierarchy) && !enter_hierarchy(hierarchy, cgroup_path, pid, error))
            return err_prefix(error, "move process %d to cgroup '%s'", pid, cgroup_path);
    }
    return true;
}

bool cgroup_leave(const char *cgroup_path, pid_t pid, GError **error)
{
    g_autoptr(GPtrArray) hierarchies = NULL;
    g_autofree char *number = g_strdup_printf("%d", pid);

    if (!cgroup_path_check(cgroup_path, error) || !cgroup_hierarchies_load(&hierarchies, error))
        return false;
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);
        g_autofree char *directory = g_strconcat(hierarchy->mount_point, cgroup_path, NULL);
        g_autofree char *root = g_build_filename(hierarchy->mount_point, "cgroup.procs", NULL);

        if (path_exists(directory) && !file_write_control(root, number, error))
            return err_prefix(error, "move process %d out of cgroup '%s'", pid, cgroup_path);
    }
    return true;
}

/* --- splitting -------------------------------------------------------------------------------- */

static bool move_all(const char *cgroup, const char *to, GError **error)
{
    g_autofree char *from = g_strconcat(CGROUP_ROOT, cgroup, NULL);
    g_autofree char *directory = g_strconcat(CGROUP_ROOT, to, NULL);
    g_autofree char *file = g_build_filename(directory, "cgroup.procs", NULL);
    g_autoptr(GArray) pids = NULL;

    if (!dir_make(directory, 0755, error) || !cgroup_read_processes(from, &pids, error))
        return false;
    for (guint i = 0; i < pids->len; i++) {
        pid_t pid = g_array_index(pids, pid_t, i);
        g_autofree char *number = g_strdup_printf("%d", pid);

        /* One that has ended meanwhile needs no place. */
        if (!file_write_control(file, number, error) && !process_has_ended(pid))
            return false;
        g_clear_error(error);
    }
    return true;
}

bool cgroup_split_own(char **ret_cgroup, GError **error)
{
    g_autofree char *text = NULL;
    g_autofree char *runtime = NULL;

    if (!file_read("/proc/self/cgroup", CGROUP_CONTROL_LIMIT, &text, NULL, error))
        return false;

    /* v2 has this line alone: "0::/system.slice/web.service". */
    const char *own = g_str_has_prefix(text, "0::/") ? g_strchomp(text) + strlen("0::") : "/";

    if (strcmp(own, "/") == 0)
        return err_set(error, FLOE_ERROR_INVALID,
                       "the root cgroup cannot be split: run it in a service or a scope");
    if (g_str_has_suffix(own, "/runtime")) {
        *ret_cgroup = g_path_get_dirname(own);
        return true;
    }
    runtime = g_strconcat(own, "/runtime", NULL);
    if (!move_all(own, runtime, error))
        return err_prefix(error, "split cgroup '%s'", own);
    *ret_cgroup = g_strdup(own);
    return true;
}
