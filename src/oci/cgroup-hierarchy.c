/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the mount table for cgroup file systems. v1 mounts are by custom
 * /sys/fs/cgroup/CONTROLLER, but several controllers may share one and the names differ, so only
 * what the kernel says counts.
 */
#include "oci/cgroup-hierarchy.h"

#include "oci/cgroup.h"

#include "base/fd.h"

#include <string.h>

#define MOUNTINFO_LIMIT (16 * 1024 * 1024)
#define SET_LIMIT       4096

static void hierarchy_free(CgroupHierarchy *hierarchy)
{
    g_free(hierarchy->mount_point);
    g_strfreev(hierarchy->options);
    g_free(hierarchy);
}

static CgroupHierarchy *hierarchy_new(const char *mount_point, const char *options, bool is_v2)
{
    CgroupHierarchy *hierarchy = g_new0(CgroupHierarchy, 1);

    hierarchy->mount_point = g_strcompress(mount_point); /* "\040" is a space there */
    hierarchy->options = g_strsplit(options, ",", -1);
    hierarchy->is_v2 = is_v2;
    return hierarchy;
}

static GPtrArray *hierarchies_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)hierarchy_free);
}

/*
 * "36 25 0:31 / /sys/fs/cgroup/freezer rw,relatime shared:9 - cgroup cgroup rw,freezer": id,
 * parent, device, root, mount point, options, any number of tags, a dash, type, source, the file
 * system's options.
 */
static void parse_line(const char *line, bool whole, GHashTable *seen_devices,
                       GPtrArray *hierarchies)
{
    const char *dash = strstr(line, " - cgroup");

    if (dash == NULL)
        return;

    g_auto(GStrv) mount = g_strsplit(line, " ", 6);
    g_auto(GStrv) file_system = g_strsplit(dash + strlen(" - "), " ", 3);

    if (g_strv_length(mount) < 6 || g_strv_length(file_system) < 3)
        return;

    bool is_v2 = strcmp(file_system[0], "cgroup2") == 0;

    if ((is_v2 || strcmp(file_system[0], "cgroup") == 0) &&
        (!whole || strcmp(mount[3], "/") == 0) && g_hash_table_add(seen_devices, g_strdup(mount[2])))
        g_ptr_array_add(hierarchies, hierarchy_new(mount[4], file_system[2], is_v2));
}

GPtrArray *cgroup_hierarchies_parse(const char *mountinfo)
{
    g_autoptr(GHashTable) seen_devices = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                                               NULL);
    GPtrArray *hierarchies = hierarchies_new();
    g_auto(GStrv) lines = g_strsplit(mountinfo, "\n", -1);

    /* A part of a hierarchy, bound to somewhere, counts where the whole is not mounted. */
    for (char **line = lines; *line != NULL; line++)
        parse_line(*line, true, seen_devices, hierarchies);
    for (char **line = lines; *line != NULL; line++)
        parse_line(*line, false, seen_devices, hierarchies);
    return hierarchies;
}

bool cgroup_hierarchies_load(GPtrArray **ret_hierarchies, GError **error)
{
    g_autofree char *mountinfo = NULL;
    g_autoptr(GPtrArray) hierarchies = NULL;

    if (cgroup_mode() == CGROUP_V2) {
        hierarchies = hierarchies_new();
        g_ptr_array_add(hierarchies, hierarchy_new(CGROUP_ROOT, "", true));
    } else {
        if (!file_read("/proc/self/mountinfo", MOUNTINFO_LIMIT, &mountinfo, NULL, error))
            return false;
        hierarchies = cgroup_hierarchies_parse(mountinfo);
    }
    if (hierarchies->len == 0)
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "no control groups are mounted on this host");
    *ret_hierarchies = g_steal_pointer(&hierarchies);
    return true;
}

bool cgroup_hierarchy_has(const CgroupHierarchy *hierarchy, const char *controller)
{
    return !hierarchy->is_v2 && g_strv_contains((const char *const *)hierarchy->options, controller);
}

char *cgroup_read_set(const char *cgroup_path, const char *which)
{
    g_autoptr(GPtrArray) hierarchies = NULL;

    if (!cgroup_hierarchies_load(&hierarchies, NULL))
        return NULL;
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);
        g_autofree char *file = g_strdup_printf("%s%s/cpuset.%s%s", hierarchy->mount_point,
                                                cgroup_path, which,
                                                hierarchy->is_v2 ? ".effective" : "");
        g_autofree char *text = NULL;

        if ((hierarchy->is_v2 || cgroup_hierarchy_has(hierarchy, "cpuset")) &&
            file_read(file, SET_LIMIT, &text, NULL, NULL))
            return g_steal_pointer(&text);
    }
    return NULL;
}
