/* SPDX-License-Identifier: Apache-2.0 */
/* CRIU's statistics of a dump and of a restore: times in microseconds, counts of memory pages. */
#pragma once

#include "base/protobuf.h"

typedef struct CriuDumpStats {
    uint64_t freezing_us, frozen_us, memdump_us, memwrite_us, pages_scanned, pages_written;
} CriuDumpStats;

typedef struct CriuRestoreStats {
    uint64_t pages_compared, pages_skipped_cow, forking_us, restore_us, pages_restored;
} CriuRestoreStats;

/* The files stats-dump and stats-restore. INVALID, NOT_FOUND. */
bool criu_read_dump_stats(const char *path, CriuDumpStats *ret_stats, GError **error);
bool criu_read_restore_stats(const char *path, CriuRestoreStats *ret_stats, GError **error);

/* The content of a stats-dump; its name is for errors. INVALID. */
bool criu_parse_dump_stats(const char *name, ProtobufBytes data, CriuDumpStats *ret_stats,
                           GError **error);
