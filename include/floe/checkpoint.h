/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/container.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What CRIU tells of its work: microseconds and pages of memory. */
typedef struct floe_checkpoint_stats {
    size_t size;         /* set by the caller to sizeof(floe_checkpoint_stats) */
    uint64_t runtime_us; /* the OCI runtime's call as a whole */
    uint64_t freezing_us;
    uint64_t frozen_us;
    uint64_t memdump_us;
    uint64_t memwrite_us;
    uint64_t pages_scanned;
    uint64_t pages_written;
} floe_checkpoint_stats;

typedef struct floe_checkpoint_options {
    size_t size;
    bool keep; /* keep the logs and statistics of CRIU */
    bool leave_running;
    bool tcp_established; /* freeze established TCP connections too */
    bool file_locks;      /* and held file locks */
} floe_checkpoint_options;

#define FLOE_CHECKPOINT_OPTIONS_INIT \
    { \
        .size = sizeof(floe_checkpoint_options) \
    }

/**
 * Freeze a running container with all its processes' state into its checkpoint directory.
 *
 * States: running -> exited, marked as checkpointed (running with leave_running). When it fails the
 * container runs on. Memory contents, so secrets, are in the checkpoint: its directory is 0700.
 * @ret_stats  may be NULL.
 * Errors: BAD_STATE, IN_USE (exec sessions are active, or other containers use its namespaces),
 * UNSUPPORTED (its pid or ipc namespace is shared, or its network with tcp_established), CRIU (the
 * text says the reason from CRIU's log, and what to do where that is known), MISSING_PART, RUNTIME,
 * INVALID (a container with --rm).
 */
FLOE_API bool floe_container_checkpoint(floe_container *container,
                                        const floe_checkpoint_options *options,
                                        floe_checkpoint_stats *ret_stats, floe_error **error);

typedef struct floe_restore_stats {
    size_t size; /* set by the caller to sizeof(floe_restore_stats) */
    uint64_t runtime_us;
    uint64_t forking_us;
    uint64_t restore_us;
    uint64_t pages_compared;
    uint64_t pages_skipped_cow;
    uint64_t pages_restored;
} floe_restore_stats;

typedef struct floe_restore_options {
    size_t size;
    bool keep; /* keep the checkpoint, to restore it again */
    bool tcp_established;
    bool file_locks;
} floe_restore_options;

#define FLOE_RESTORE_OPTIONS_INIT \
    { \
        .size = sizeof(floe_restore_options) \
    }

/**
 * Thaw a checkpointed container: its processes go on where they were, with the same address and
 * MAC.
 *
 * States: configured|exited -> running. When it fails the checkpoint stays and can be tried again.
 * @ret_stats  may be NULL.
 * Errors: BAD_STATE, NOT_FOUND (no checkpoint), INVALID (the checkpoint has connections or file
 * locks and the option is missing), CRIU, NETWORK, MISSING_PART.
 */
FLOE_API bool floe_container_restore(floe_container *container, const floe_restore_options *options,
                                     floe_restore_stats *ret_stats, floe_error **error);

#ifdef __cplusplus
}
#endif
