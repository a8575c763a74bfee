/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/cgroup-stats.h"

#include "base/fd.h"
#include "base/path.h"
#include "oci/cgroup-hierarchy.h"

#include <string.h>

#define FILE_LIMIT   (1024 * 1024)
#define NS_PER_US    1000
#define NS_PER_TICK  (G_GUINT64_CONSTANT(1000000000) / 100) /* USER_HZ, in cpuacct.stat */
#define V1_UNLIMITED (G_GUINT64_CONSTANT(1) << 62)          /* "none" is all bits but a page's */

/* A file of the cgroup's in this hierarchy, NULL if it has none; the caller's. */
static char *read_file(const CgroupHierarchy *hierarchy, const char *cgroup_path, const char *name)
{
    g_autofree char *directory = g_strconcat(hierarchy->mount_point, cgroup_path, NULL);
    g_autofree char *file = g_build_filename(directory, name, NULL);
    char *text = NULL;

    return file_read(file, FILE_LIMIT, &text, NULL, NULL) ? text : NULL;
}

static void read_number(const CgroupHierarchy *hierarchy, const char *cgroup_path, const char *name,
                        uint64_t *ret_number)
{
    g_autofree char *text = read_file(hierarchy, cgroup_path, name);

    if (text != NULL && g_ascii_isdigit(text[0]))
        *ret_number = g_ascii_strtoull(text, NULL, 10);
}

/* The number behind `key` of a text with "key 123" lines; 0 if there is none. */
static uint64_t number_of(const char *text, const char *key)
{
    size_t length = strlen(key);

    for (const char *line = text; line != NULL && *line != '\0'; line++) {
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            return g_ascii_strtoull(line + length, NULL, 10);
        line = strchr(line, '\n');
        if (line == NULL)
            break;
    }
    return 0;
}

/* --- v1 --------------------------------------------------------------------------------------- */

/* "8:0 Read 4096" for each device and operation; "Total" lines end it. */
static bool add_v1_block(const char *text, CgroupStats *stats)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    bool found = false;

    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) words = g_strsplit(*line, " ", 3);

        if (g_strv_length(words) != 3)
            continue;
        found = true;
        if (strcmp(words[1], "Read") == 0)
            stats->block_read_bytes += g_ascii_strtoull(words[2], NULL, 10);
        else if (strcmp(words[1], "Write") == 0)
            stats->block_written_bytes += g_ascii_strtoull(words[2], NULL, 10);
    }
    return found;
}

/* Which file counts depends on the scheduler of the devices: the first one that has a device. */
static void read_v1_block(const CgroupHierarchy *hierarchy, const char *cgroup_path,
                          CgroupStats *stats)
{
    static const char *const names[] = {
        "blkio.bfq.io_service_bytes_recursive",
        "blkio.io_service_bytes_recursive",
        "blkio.throttle.io_service_bytes_recursive",
        "blkio.throttle.io_service_bytes",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *text = read_file(hierarchy, cgroup_path, names[i]);

        if (text != NULL && add_v1_block(text, stats))
            return;
    }
}

static void read_v1(const CgroupHierarchy *hierarchy, const char *cgroup_path, CgroupStats *stats)
{
    if (cgroup_hierarchy_has(hierarchy, "cpuacct")) {
        g_autofree char *split = read_file(hierarchy, cgroup_path, "cpuacct.stat");

        read_number(hierarchy, cgroup_path, "cpuacct.usage", &stats->cpu_ns);
        stats->cpu_system_ns = number_of(split, "system") * NS_PER_TICK;
    }
    if (cgroup_hierarchy_has(hierarchy, "memory")) {
        read_number(hierarchy, cgroup_path, "memory.usage_in_bytes", &stats->memory_bytes);
        read_number(hierarchy, cgroup_path, "memory.limit_in_bytes", &stats->memory_limit_bytes);
        if (stats->memory_limit_bytes >= V1_UNLIMITED)
            stats->memory_limit_bytes = UINT64_MAX;
    }
    if (cgroup_hierarchy_has(hierarchy, "pids"))
        read_number(hierarchy, cgroup_path, "pids.current", &stats->n_pids);
    if (cgroup_hierarchy_has(hierarchy, "blkio"))
        read_v1_block(hierarchy, cgroup_path, stats);
}

/* --- v2 --------------------------------------------------------------------------------------- */

/* "8:0 rbytes=4096 wbytes=0 rios=1 ..." for each device. */
static void add_v2_block(const char *text, CgroupStats *stats)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);

    for (char **word = words; *word != NULL; word++) {
        if (g_str_has_prefix(*word, "rbytes="))
            stats->block_read_bytes += g_ascii_strtoull(*word + strlen("rbytes="), NULL, 10);
        else if (g_str_has_prefix(*word, "wbytes="))
            stats->block_written_bytes += g_ascii_strtoull(*word + strlen("wbytes="), NULL, 10);
    }
}

/*
 * Beside v1 hierarchies it has only the files of controllers that none of them has; but cpu.stat is
 * always there, and counts the same.
 */
static void read_v2(const CgroupHierarchy *hierarchy, const char *cgroup_path, CgroupStats *stats)
{
    g_autofree char *cpu = read_file(hierarchy, cgroup_path, "cpu.stat");
    g_autofree char *io = read_file(hierarchy, cgroup_path, "io.stat");

    if (stats->cpu_ns == 0) {
        stats->cpu_ns = number_of(cpu, "usage_usec") * NS_PER_US;
        stats->cpu_system_ns = number_of(cpu, "system_usec") * NS_PER_US;
    }
    read_number(hierarchy, cgroup_path, "memory.current", &stats->memory_bytes);
    read_number(hierarchy, cgroup_path, "memory.max", &stats->memory_limit_bytes);
    read_number(hierarchy, cgroup_path, "pids.current", &stats->n_pids);
    if (io != NULL)
        add_v2_block(io, stats);
}

/* --- both ------------------------------------------------------------------------------------- */

/* The v2 tree comes last, for it counts some things that v1 has counted. */
bool cgroup_read_stats_in(const GPtrArray *hierarchies, const char *cgroup_path,
                          CgroupStats *ret_stats, GError **error)
{
    CgroupStats stats = { .memory_limit_bytes = UINT64_MAX };
    bool found = false;

    for (int v2 = 0; v2 <= 1; v2++) {
        for (guint i = 0; i < hierarchies->len; i++) {
            const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);
            g_autofree char *directory = g_strconcat(hierarchy->mount_point, cgroup_path, NULL);

            if (hierarchy->is_v2 != (v2 == 1) || !path_exists(directory))
                continue;
            found = true;
            if (hierarchy->is_v2)
                read_v2(hierarchy, cgroup_path, &stats);
            else
                read_v1(hierarchy, cgroup_path, &stats);
        }
    }
    if (!found)
        return err_set(error, FLOE_ERROR_NOT_FOUND, "there is no cgroup '%s'", cgroup_path);
    *ret_stats = stats;
    return true;
}

bool cgroup_read_stats(const char *cgroup_path, CgroupStats *ret_stats, GError **error)
{
    g_autoptr(GPtrArray) hierarchies = NULL;

    return cgroup_hierarchies_load(&hierarchies, error) &&
           cgroup_read_stats_in(hierarchies, cgroup_path, ret_stats, error);
}
