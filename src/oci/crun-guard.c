/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes wrong (seen with crun 1.28 on a hybrid host whose hugetlb hierarchy had been
 * unmounted): crun writes the container's process into /sys/fs/cgroup/NAME/PATH/cgroup.procs for
 * each hierarchy NAME of /proc/self/cgroup, and where NAME is not mounted it makes directories and
 * a plain file there. Then it reads the process's first line in /proc/PID/cgroup for the
 * container's cgroup. If that is the hierarchy in question the process is still in its root: the
 * container's cgroup is "/", and whenever crun clears it, at the end of a restore for one,
 * everything on the host is killed.
 */
#include "oci/crun-guard.h"

#include "base/fd.h"
#include "base/json.h"
#include "oci/cgroup.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#define TEXT_MAX   ((size_t)64 * 1024)
#define RECORD_MAX ((size_t)1024 * 1024)

/* The directory of a hierarchy as crun names it (crun src/libcrun/cgroup-utils.c). */
static const char *directory_name(const char *controllers)
{
    if (g_str_has_prefix(controllers, "name="))
        return controllers + strlen("name=");
    if (g_str_equal(controllers, "net_prio,net_cls"))
        return "net_cls,net_prio";
    if (g_str_equal(controllers, "cpuacct,cpu"))
        return "cpu,cpuacct";
    return controllers;
}

static bool is_v1_mount(const char *path)
{
    struct statfs fs;

    return statfs(path, &fs) == 0 && fs.f_type == CGROUP_SUPER_MAGIC;
}

bool crun_guard_hierarchies(const char *text, const char *cgroup_root, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (size_t i = 0; lines[i] != NULL; i++) {
        /* "10:hugetlb:/path"; the v2 tree's is "0::/path". */
        g_auto(GStrv) parts = g_strsplit(lines[i], ":", 3);

        if (g_strv_length(parts) != 3 || *parts[1] == '\0')
            continue;

        g_autofree char *path = g_build_filename(cgroup_root, directory_name(parts[1]), NULL);

        if (!is_v1_mount(path))
            return err_set(error, FLOE_ERROR_UNSUPPORTED,
                           "crun is not safe on this host now: the cgroup hierarchy '%s' is not "
                           "mounted at '%s', and crun would kill processes outside of the "
                           "container; mount it (mount -t cgroup -o %s cgroup %s) or use runc",
                           parts[1], path, parts[1], path);
    }
    return true;
}

bool crun_guard_host(GError **error)
{
    g_autofree char *text = NULL;

    if (cgroup_mode() == CGROUP_V2)
        return true;
    /*
     * crun's create finds this out in time ("cgroups in hybrid mode not supported"), its restore
     * too late.
     */
    if (cgroup_is_mixed())
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "crun does not work with control groups of versions 1 and 2 mixed, as this "
                       "host has them: use --runtime runc");
    return file_read("/proc/self/cgroup", TEXT_MAX, &text, NULL, error) &&
           crun_guard_hierarchies(text, CGROUP_ROOT, error);
}

bool crun_guard_record(const char *state_dir, const char *id, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, id, "status", NULL);
    g_autoptr(GError) unreadable = NULL;
    g_autoptr(JsonValue) record = NULL;
    const char *cgroup_path = NULL;

    if (!json_read_file(path, RECORD_MAX, &record, &unreadable)) {
        if (err_is(unreadable, FLOE_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&unreadable));
        return false;
    }
    if (!json_get_string(record, "cgroup-path", &cgroup_path, error))
        return err_prefix(error, "'%s'", path);
    if (cgroup_path == NULL || strspn(cgroup_path, "/") == strlen(cgroup_path))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "crun is not asked to delete '%s': in '%s' the container's cgroup is the "
                       "root, and all processes of the host would be killed with it",
                       id, path);
    return true;
}
