/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/container.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What a container uses, at one moment. What only grows is counted since its start; a share of the
 * processor is the difference of two readings. Of one that does not run all but the time is 0.
 */
typedef struct floe_stats {
    size_t size;
    int64_t time_unix_ns;            /* of the reading */
    int64_t started_unix_ns;         /* of the container */
    uint64_t cpu_ns;                 /* on all processors */
    uint64_t cpu_system_ns;          /* of these in the kernel */
    uint64_t memory_bytes;           /* now, page cache included */
    uint64_t memory_limit_bytes;     /* its own, or the host's memory if that is less */
    uint64_t network_received_bytes; /* by all interfaces but lo; 0 in the host's network */
    uint64_t network_sent_bytes;
    uint64_t block_read_bytes;
    uint64_t block_written_bytes;
    uint64_t n_pids; /* processes and threads now */
} floe_stats;

#define FLOE_STATS_INIT \
    { \
        .size = sizeof(floe_stats) \
    }

/**
 * Read what the container uses now. It takes no lock and does not wait.
 *
 * From the kernel's control groups, v1 or v2, and the network namespace of its first process; what
 * this host does not count is 0.
 * @ret_stats  begin with FLOE_STATS_INIT.
 * Errors: REMOVED, UNSUPPORTED (it has no control group), IO.
 */
FLOE_API bool floe_container_stats(floe_container *container, floe_stats *ret_stats,
                                   floe_error **error);

#ifdef __cplusplus
}
#endif
