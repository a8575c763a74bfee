/* SPDX-License-Identifier: Apache-2.0 */
/* CRIU's traces: the reason in its log, and its statistics; and what CRIU on this host can do. */
#pragma once

#include "base/json.h"
#include "oci/runtime.h"

/*
 * Read LOG (dump.log, restore.log) and say in words why CRIU failed, with advice where it is known, e.g. "the container has an
 * established TCP connection (10.88.0.2:6379 <-> 10.88.0.1:51234); use --tcp-established". NULL when the log tells nothing.
 */
char *criu_log_reason(const char *log_path);

typedef struct CriuDumpStats {
    uint64_t freezing_us, frozen_us, memdump_us, memwrite_us, pages_scanned, pages_written;
} CriuDumpStats;

typedef struct CriuRestoreStats {
    uint64_t pages_compared, pages_skipped_cow, forking_us, restore_us, pages_restored;
} CriuRestoreStats;

/* stats-dump and stats-restore: two magics, a length, a protobuf message (CRIU images/stats.proto). INVALID. */
bool criu_read_dump_stats(const char *path, CriuDumpStats *ret_stats, GError **error);
bool criu_read_restore_stats(const char *path, CriuRestoreStats *ret_stats, GError **error);

/* The CRIU that the runtime would find: its path and version as CRIU counts (4.2.1 is 40201). MISSING_PART. */
bool criu_find(const Runtime *runtime, char **ret_path, int *ret_version, GError **error);
