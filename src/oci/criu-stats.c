/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A statistics file is an image of one entry (CRIU images/stats.proto): field 1 holds the
 * statistics of a dump, field 2 those of a restore, each a message of integers.
 */
#include "oci/criu-stats.h"

#include "base/fd.h"
#include "oci/criu-image.h"

#define STATS_MAX     ((size_t)64 * 1024)
#define FIELD_DUMP    1
#define FIELD_RESTORE 2

static bool parse_stats(const char *name, ProtobufBytes data, uint64_t number,
                        const ProtobufSlot *slots, size_t n_slots, void *stats, GError **error)
{
    const ProtobufSlot slot = { number, PROTOBUF_BYTES, 0 };
    ProtobufBytes entry, message = { 0 };

    if (!criu_image_single(name, CRIU_STATS, data, &entry, error))
        return false;
    return (protobuf_read(entry, &slot, 1, &message) && message.at != NULL &&
            protobuf_read(message, slots, n_slots, stats)) ||
           err_set(error, FLOE_ERROR_INVALID, "'%s' holds broken or other statistics", name);
}

bool criu_parse_dump_stats(const char *name, ProtobufBytes data, CriuDumpStats *ret_stats,
                           GError **error)
{
    static const ProtobufSlot slots[] = {
        PROTOBUF_INTEGER(1, CriuDumpStats, freezing_us),
        PROTOBUF_INTEGER(2, CriuDumpStats, frozen_us),
        PROTOBUF_INTEGER(3, CriuDumpStats, memdump_us),
        PROTOBUF_INTEGER(4, CriuDumpStats, memwrite_us),
        PROTOBUF_INTEGER(5, CriuDumpStats, pages_scanned),
        PROTOBUF_INTEGER(7, CriuDumpStats, pages_written),
    };
    CriuDumpStats stats = { 0 };

    if (!parse_stats(name, data, FIELD_DUMP, slots, G_N_ELEMENTS(slots), &stats, error))
        return false;
    *ret_stats = stats;
    return true;
}

static bool parse_restore_stats(const char *name, ProtobufBytes data, CriuRestoreStats *ret_stats,
                                GError **error)
{
    static const ProtobufSlot slots[] = {
        PROTOBUF_INTEGER(1, CriuRestoreStats, pages_compared),
        PROTOBUF_INTEGER(2, CriuRestoreStats, pages_skipped_cow),
        PROTOBUF_INTEGER(3, CriuRestoreStats, forking_us),
        PROTOBUF_INTEGER(4, CriuRestoreStats, restore_us),
        PROTOBUF_INTEGER(5, CriuRestoreStats, pages_restored),
    };
    CriuRestoreStats stats = { 0 };

    if (!parse_stats(name, data, FIELD_RESTORE, slots, G_N_ELEMENTS(slots), &stats, error))
        return false;
    *ret_stats = stats;
    return true;
}

bool criu_read_dump_stats(const char *path, CriuDumpStats *ret_stats, GError **error)
{
    g_autofree char *text = NULL;
    size_t length = 0;

    return file_read(path, STATS_MAX, &text, &length, error) &&
           criu_parse_dump_stats(path, (ProtobufBytes){ (const uint8_t *)text, length }, ret_stats,
                                 error);
}

bool criu_read_restore_stats(const char *path, CriuRestoreStats *ret_stats, GError **error)
{
    g_autofree char *text = NULL;
    size_t length = 0;

    return file_read(path, STATS_MAX, &text, &length, error) &&
           parse_restore_stats(path, (ProtobufBytes){ (const uint8_t *)text, length }, ret_stats,
                               error);
}
