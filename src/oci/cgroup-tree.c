/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/cgroup-tree.h"

#include "base/fd.h"
#include "base/path.h"
#include "oci/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 32

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool visit_below(const char *directory, unsigned depth, CgroupVisit visit, void *data,
                        GError **error)
{
    DIR *dir = opendir(directory);
    bool ok = true;

    if (dir == NULL)
        return errno == ENOENT || err_set_errno(error, "open '%s'", directory);
    for (struct dirent *entry; ok && (entry = readdir(dir)) != NULL;) {
        if (entry->d_type != DT_DIR || is_dots(entry->d_name) || depth == MAX_DEPTH)
            continue;

        g_autofree char *child = g_build_filename(directory, entry->d_name, NULL);

        ok = visit_below(child, depth + 1, visit, data, error);
    }
    closedir(dir);
    return ok && visit(directory, data, error);
}

bool cgroup_tree_visit(const char *directory, CgroupVisit visit, void *data, GError **error)
{
    return visit_below(directory, 0, visit, data, error);
}

bool cgroup_read_processes(const char *directory, GArray **ret_pids, GError **error)
{
    g_autofree char *file = g_build_filename(directory, "cgroup.procs", NULL);
    g_autoptr(GArray) pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
    g_autofree char *text = NULL;
    g_autoptr(GError) err = NULL;

    if (!file_read(file, CGROUP_CONTROL_LIMIT, &text, NULL, &err) && path_exists(directory)) {
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    for (char *next = text, *end = text; text != NULL; next = end) {
        pid_t pid = (pid_t)strtol(next, &end, 10);

        if (end == next)
            break;
        if (pid != 0) /* of another pid namespace: nothing that can be named here */
            g_array_append_val(pids, pid);
    }
    *ret_pids = g_steal_pointer(&pids);
    return true;
}
