/* SPDX-License-Identifier: Apache-2.0 */
/* On trees of plain files, made as the kernel shows them. */
#include "oci/cgroup-stats.h"

#include "base/fd.h"
#include "oci/cgroup-hierarchy.h"

#include "../base/scratch.h"

#include <string.h>

typedef struct File {
    const char *path; /* below the scratch directory */
    const char *text;
} File;

static void write_files(const char *directory, const File *files, size_t n_files)
{
    for (size_t i = 0; i < n_files; i++) {
        g_autofree char *path = g_build_filename(directory, files[i].path, NULL);
        g_autofree char *above = g_path_get_dirname(path);
        g_autoptr(GError) error = NULL;

        dir_make(above, 0700, &error);
        g_assert_no_error(error);
        file_write_atomic(path, files[i].text, strlen(files[i].text), 0600, &error);
        g_assert_no_error(error);
    }
}

/* The mount table of a host whose hierarchies are in the scratch directory: "v2", "cpu,cpuacct" ... */
static GPtrArray *hierarchies(const char *directory, const char *const *names)
{
    g_autoptr(GString) mountinfo = g_string_new(NULL);

    for (size_t i = 0; names[i] != NULL; i++) {
        bool is_v2 = strcmp(names[i], "v2") == 0;

        g_string_append_printf(mountinfo, "3%zu 2 0:%zu / %s/%s rw - %s cgroup rw,%s\n", i, i,
                               directory, names[i], is_v2 ? "cgroup2" : "cgroup", names[i]);
    }
    return cgroup_hierarchies_parse(mountinfo->str);
}

static CgroupStats read_stats(const char *directory, const char *const *names)
{
    g_autoptr(GPtrArray) mounted = hierarchies(directory, names);
    g_autoptr(GError) error = NULL;
    CgroupStats stats = { 0 };

    cgroup_read_stats_in(mounted, "/floe/c", &stats, &error);
    g_assert_no_error(error);
    return stats;
}

static void assert_stats(const CgroupStats *stats, const CgroupStats *wanted)
{
    g_assert_cmpuint(stats->cpu_ns, ==, wanted->cpu_ns);
    g_assert_cmpuint(stats->cpu_system_ns, ==, wanted->cpu_system_ns);
    g_assert_cmpuint(stats->memory_bytes, ==, wanted->memory_bytes);
    g_assert_cmpuint(stats->memory_limit_bytes, ==, wanted->memory_limit_bytes);
    g_assert_cmpuint(stats->n_pids, ==, wanted->n_pids);
    g_assert_cmpuint(stats->block_read_bytes, ==, wanted->block_read_bytes);
    g_assert_cmpuint(stats->block_written_bytes, ==, wanted->block_written_bytes);
}

static void test_v1(void)
{
    static const File files[] = {
        { "cpu,cpuacct/floe/c/cpuacct.usage", "207563218\n" },
        { "cpu,cpuacct/floe/c/cpuacct.stat", "user 15\nsystem 5\n" },
        { "memory/floe/c/memory.usage_in_bytes", "2236416\n" },
        { "memory/floe/c/memory.limit_in_bytes", "67108864\n" },
        { "pids/floe/c/pids.current", "3\n" },
        { "blkio/floe/c/blkio.io_service_bytes_recursive", "Total 0\n" },
        { "blkio/floe/c/blkio.throttle.io_service_bytes_recursive",
          "8:0 Read 4096\n8:0 Write 8192\n8:0 Sync 12288\n8:0 Total 12288\n8:16 Read 1\n8:16 Write "
          "0\nTotal 12289\n" },
    };
    static const char *const names[] = { "cpu,cpuacct", "memory", "pids", "blkio", NULL };
    SCRATCH(directory);

    write_files(directory, files, G_N_ELEMENTS(files));
    CgroupStats stats = read_stats(directory, names);
    assert_stats(&stats, &(CgroupStats){ 207563218, 50000000, 2236416, 67108864, 3, 4097, 8192 });
}

static void test_v1_without_a_limit(void)
{
    static const File files[] = {
        { "memory/floe/c/memory.limit_in_bytes", "9223372036854771712\n" },
        { "memory/floe/c/memory.usage_in_bytes", "1\n" },
    };
    static const char *const names[] = { "memory", NULL };
    SCRATCH(directory);

    write_files(directory, files, G_N_ELEMENTS(files));
    CgroupStats stats = read_stats(directory, names);
    assert_stats(&stats, &(CgroupStats){ 0, 0, 1, UINT64_MAX, 0, 0, 0 });
}

static void test_v2(void)
{
    static const File files[] = {
        { "v2/floe/c/cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnr_periods 0\n" },
        { "v2/floe/c/memory.current", "4096\n" },
        { "v2/floe/c/memory.max", "max\n" },
        { "v2/floe/c/pids.current", "12\n" },
        { "v2/floe/c/io.stat",
          "8:0 rbytes=4096 wbytes=512 rios=1 wios=1 dbytes=0 dios=0\n8:16 rbytes=4 wbytes=0\n" },
    };
    static const char *const names[] = { "v2", NULL };
    SCRATCH(directory);

    write_files(directory, files, G_N_ELEMENTS(files));
    CgroupStats stats = read_stats(directory, names);
    assert_stats(&stats, &(CgroupStats){ 1500000, 500000, 4096, UINT64_MAX, 12, 4100, 512 });
}

/* The same processes are in both: nothing may count twice, wherever the v2 tree is in the table. */
static void test_hybrid(void)
{
    static const File files[] = {
        { "v2/floe/c/cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\n" },
        { "cpuacct/floe/c/cpuacct.usage", "1499999\n" },
        { "cpuacct/floe/c/cpuacct.stat", "user 0\nsystem 0\n" },
        { "memory/floe/c/memory.usage_in_bytes", "4096\n" },
        { "memory/floe/c/memory.limit_in_bytes", "8192\n" },
        { "v2/floe/c/pids.current", "2\n" },
    };
    static const char *const names[] = { "v2", "cpuacct", "memory", NULL };
    SCRATCH(directory);

    write_files(directory, files, G_N_ELEMENTS(files));
    CgroupStats stats = read_stats(directory, names);
    assert_stats(&stats, &(CgroupStats){ 1499999, 0, 4096, 8192, 2, 0, 0 });
}

static void test_no_such_cgroup(void)
{
    static const File files[] = { { "memory/floe/other/memory.usage_in_bytes", "4096\n" } };
    static const char *const names[] = { "memory", "v2", NULL };
    SCRATCH(directory);
    g_autoptr(GPtrArray) mounted = hierarchies(directory, names);
    g_autoptr(GError) error = NULL;
    CgroupStats stats = { 0 };

    write_files(directory, files, G_N_ELEMENTS(files));
    g_assert_false(cgroup_read_stats_in(mounted, "/floe/c", &stats, &error));
    g_assert_true(err_is(error, FLOE_ERROR_NOT_FOUND));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/cgroup-stats/v1", test_v1);
    g_test_add_func("/oci/cgroup-stats/v1-without-a-limit", test_v1_without_a_limit);
    g_test_add_func("/oci/cgroup-stats/v2", test_v2);
    g_test_add_func("/oci/cgroup-stats/hybrid-counts-nothing-twice", test_hybrid);
    g_test_add_func("/oci/cgroup-stats/no-such-cgroup", test_no_such_cgroup);
    return g_test_run();
}
