/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/cgroup-limits.h"

#include "base/fd.h"
#include "base/path.h"
#include "oci/cgroup-hierarchy.h"
#include "oci/cgroup.h"

#define CPU_PERIOD_US G_GINT64_CONSTANT(100000)
#define CPU_SCALE     G_GINT64_CONSTANT(10000) /* billionths of a processor to µs in a period */

/* What is written into one file. */
typedef struct LimitFile {
    const char *controller;
    const char *v1_file; /* NULL: there is none */
    const char *v2_file;
    char *v1_value; /* NULL: no limit */
    char *v2_value;
} LimitFile;

static void limit_file_clear(void *data)
{
    LimitFile *file = data;

    g_free(file->v1_value);
    g_free(file->v2_value);
}

static char *number(int64_t value)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, value);
}

static void add(GArray *files, const char *controller, const char *v1_file, char *v1_value,
                const char *v2_file, char *v2_value)
{
    LimitFile file = { controller, v1_file, v2_file, v1_value, v2_value };

    g_array_append_val(files, file);
}

/* v1's counts memory and swap together and may not be below memory, which is therefore first. */
static void add_memory(GArray *files, const SpecLimits *limits)
{
    int64_t memory = limits->memory_bytes;
    int64_t swap = limits->memory_swap_bytes != 0 ? limits->memory_swap_bytes : 2 * memory;

    if (memory != 0)
        add(files, "memory", "memory.limit_in_bytes", number(memory), "memory.max", number(memory));
    if (swap != 0 && cgroup_limits_swap())
        add(files, "memory", "memory.memsw.limit_in_bytes", number(swap), "memory.swap.max",
            swap < 0 ? g_strdup("max") : number(swap - memory));
}

static void add_cpu(GArray *files, const SpecLimits *limits)
{
    int64_t quota_us = limits->nano_cpus / CPU_SCALE;

    if (quota_us != 0) {
        add(files, "cpu", "cpu.cfs_period_us", number(CPU_PERIOD_US), NULL, NULL);
        add(files, "cpu", "cpu.cfs_quota_us", number(quota_us), "cpu.max",
            g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, quota_us, CPU_PERIOD_US));
    }
    if (limits->cpu_shares != 0)
        add(files, "cpu", "cpu.shares", number((int64_t)limits->cpu_shares), "cpu.weight",
            number((int64_t)spec_cpu_weight(limits->cpu_shares)));
    if (limits->cpuset_cpus != NULL && limits->cpuset_cpus[0] != '\0')
        add(files, "cpuset", "cpuset.cpus", g_strdup(limits->cpuset_cpus), "cpuset.cpus",
            g_strdup(limits->cpuset_cpus));
    if (limits->cpuset_mems != NULL && limits->cpuset_mems[0] != '\0')
        add(files, "cpuset", "cpuset.mems", g_strdup(limits->cpuset_mems), "cpuset.mems",
            g_strdup(limits->cpuset_mems));
}

static void add_blkio(GArray *files, const SpecLimits *limits)
{
    if (limits->blkio_weight != 0)
        add(files, "blkio", "blkio.weight", number(limits->blkio_weight), "io.bfq.weight",
            number(limits->blkio_weight));
}

/* --- writing -------------------------------------------------------------------------------- */

static const CgroupHierarchy *find_hierarchy(const GPtrArray *hierarchies, const char *controller)
{
    const CgroupHierarchy *v2 = NULL;

    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);

        if (hierarchy->is_v2)
            v2 = hierarchy;
        else if (cgroup_hierarchy_has(hierarchy, controller))
            return hierarchy;
    }
    return v2;
}

/* A new cpuset of v1 is empty: what it has before it is limited is what its parent has. */
static bool inherit_cpuset(const char *directory, GError **error)
{
    static const char *const names[] = { "cpuset.cpus", "cpuset.mems" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *own = g_build_filename(directory, names[i], NULL);
        g_autofree char *parent = g_path_get_dirname(directory);
        g_autofree char *above = g_build_filename(parent, names[i], NULL);
        g_autofree char *now = NULL;
        g_autofree char *text = NULL;

        if (!file_read(own, 4096, &now, NULL, error))
            return false;
        if (g_strstrip(now)[0] != '\0')
            continue;
        if (!file_read(above, 4096, &text, NULL, error) ||
            !file_write_control(own, g_strstrip(text), error))
            return false;
    }
    return true;
}

/* v2: a controller has to be handed down from the root, step by step. */
static bool hand_down(const CgroupHierarchy *hierarchy, const char *cgroup_path,
                      const char *controller, GError **error)
{
    g_auto(GStrv) steps = g_strsplit(cgroup_path + 1, "/", -1);
    g_autofree char *enable = g_strconcat("+", g_str_equal(controller, "blkio") ? "io" : controller,
                                          NULL);
    g_autofree char *directory = g_strdup(hierarchy->mount_point);

    for (char **step = steps; *step != NULL; step++) {
        g_autofree char *file = g_build_filename(directory, "cgroup.subtree_control", NULL);
        char *next = g_build_filename(directory, *step, NULL);

        if (!file_write_control(file, enable, error)) {
            g_free(next);
            return false;
        }
        g_free(directory);
        directory = next;
    }
    return true;
}

static bool make_directory(const CgroupHierarchy *hierarchy, const char *cgroup_path,
                           const char *controller, char **ret_directory, GError **error)
{
    g_autofree char *directory = g_strconcat(hierarchy->mount_point, cgroup_path, NULL);
    g_autofree char *parent = g_path_get_dirname(directory);

    if (!dir_make(directory, 0755, error))
        return false;
    if (hierarchy->is_v2 && !hand_down(hierarchy, cgroup_path, controller, error))
        return false;
    if (!hierarchy->is_v2 && g_str_equal(controller, "cpuset") &&
        (!inherit_cpuset(parent, error) || !inherit_cpuset(directory, error)))
        return false;
    *ret_directory = g_steal_pointer(&directory);
    return true;
}

static bool write_limit(const GPtrArray *hierarchies, const char *cgroup_path,
                        const LimitFile *limit, GError **error)
{
    const CgroupHierarchy *hierarchy = find_hierarchy(hierarchies, limit->controller);
    g_autofree char *directory = NULL;
    g_autofree char *file = NULL;
    const char *name, *value;

    if (hierarchy == NULL)
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "this host's control groups have no '%s'",
                       limit->controller);
    name = hierarchy->is_v2 ? limit->v2_file : limit->v1_file;
    value = hierarchy->is_v2 ? limit->v2_value : limit->v1_value;
    if (name == NULL)
        return true;
    if (!make_directory(hierarchy, cgroup_path, limit->controller, &directory, error))
        return false;
    file = g_build_filename(directory, name, NULL);
    if (!path_exists(file))
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "this host's control groups have no '%s'",
                       name);
    return file_write_control(file, value, error);
}

bool cgroup_set_limits(const char *cgroup_path, const SpecLimits *limits, GError **error)
{
    g_autoptr(GPtrArray) hierarchies = NULL;
    g_autoptr(GArray) files = g_array_new(FALSE, FALSE, sizeof(LimitFile));

    g_array_set_clear_func(files, limit_file_clear);
    add_memory(files, limits);
    add_cpu(files, limits);
    add_blkio(files, limits);
    if (files->len == 0)
        return true;
    if (!cgroup_hierarchies_load(&hierarchies, error))
        return false;
    for (guint i = 0; i < files->len; i++) {
        if (!write_limit(hierarchies, cgroup_path, &g_array_index(files, LimitFile, i), error))
            return false;
    }
    return true;
}
