/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processes of a cgroup use, as the kernel counts it: v1, v2, or v1 beside a v2 tree
 * (Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst).
 */
#pragma once

#include "base/error.h"

#include <stdint.h>

/* A controller that this host does not have counts nothing. */
typedef struct CgroupStats {
    uint64_t cpu_ns;             /* since the cgroup was made, user and system */
    uint64_t cpu_system_ns;      /* of these in the kernel */
    uint64_t memory_bytes;       /* now, page cache included */
    uint64_t memory_limit_bytes; /* UINT64_MAX: none */
    uint64_t n_pids;             /* processes and threads now */
    uint64_t block_read_bytes;
    uint64_t block_written_bytes;
} CgroupStats;

/* NOT_FOUND: there is no such cgroup. */
bool cgroup_read_stats(const char *cgroup_path, CgroupStats *ret_stats, GError **error);

/* The same in the hierarchies given (cgroup_hierarchies_load()). */
bool cgroup_read_stats_in(const GPtrArray *hierarchies, const char *cgroup_path,
                          CgroupStats *ret_stats, GError **error);
