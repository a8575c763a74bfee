/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A statistics file: two magic numbers and a length, each 32 bits little-endian, and a protobuf
 * message (CRIU criu/include/magic.h, images/stats.proto): field 1 holds the statistics of a dump,
 * field 2 those of a restore, each a message of integers. So much of protobuf's encoding is read
 * here, strictly.
 */
#include "oci/criu-stats.h"

#include "base/fd.h"

#include <stddef.h>
#include <string.h>

#define STATS_MAX     ((size_t)64 * 1024)
#define IMG_MAGIC     0x55105940U
#define STATS_MAGIC   0x57093306U
#define HEADER_SIZE   12
#define FIELD_DUMP    1
#define FIELD_RESTORE 2

/* --- protobuf --------------------------------------------------------------------------------- */

typedef struct Bytes {
    const uint8_t *at;
    size_t length;
} Bytes;

typedef enum WireType {
    WIRE_VARINT = 0,
    WIRE_64_BITS = 1,
    WIRE_BYTES = 2,
    WIRE_32_BITS = 5,
} WireType;

typedef struct Field {
    uint64_t number;
    WireType type;
    uint64_t integer; /* WIRE_VARINT */
    Bytes bytes;      /* WIRE_BYTES */
} Field;

/* Seven bits per byte, the lowest first; the top bit says that another byte follows. */
static bool take_varint(Bytes *bytes, uint64_t *ret_value)
{
    uint64_t value = 0;

    for (unsigned int shift = 0; shift < 64 && bytes->length > 0; shift += 7) {
        uint8_t byte = *bytes->at;

        bytes->at++;
        bytes->length--;
        if (shift == 63 && byte > 1)
            return false;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

static bool take_bytes(Bytes *bytes, uint64_t length, Bytes *ret_taken)
{
    if (length > bytes->length)
        return false;
    *ret_taken = (Bytes){ bytes->at, (size_t)length };
    bytes->at += length;
    bytes->length -= (size_t)length;
    return true;
}

static bool take_field(Bytes *bytes, Field *ret_field)
{
    uint64_t tag = 0, length = 0;
    Field field = { 0 };

    if (!take_varint(bytes, &tag))
        return false;
    field.number = tag >> 3;
    field.type = (WireType)(tag & 7);
    *ret_field = field;
    switch (field.type) {
    case WIRE_VARINT: return take_varint(bytes, &ret_field->integer);
    case WIRE_64_BITS: return take_bytes(bytes, 8, &ret_field->bytes);
    case WIRE_BYTES:
        return take_varint(bytes, &length) && take_bytes(bytes, length, &ret_field->bytes);
    case WIRE_32_BITS: return take_bytes(bytes, 4, &ret_field->bytes);
    }
    return false;
}

/* --- the file --------------------------------------------------------------------------------- */

/* Which integer of the message goes where in the struct. */
typedef struct Slot {
    uint64_t number;
    size_t offset;
} Slot;

static bool read_header(Bytes *file, const char *path, GError **error)
{
    uint32_t header[3];

    if (file->length < HEADER_SIZE)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is too short", path);
    memcpy(header, file->at, HEADER_SIZE);
    file->at += HEADER_SIZE;
    file->length -= HEADER_SIZE;
    if (GUINT32_FROM_LE(header[0]) != IMG_MAGIC || GUINT32_FROM_LE(header[1]) != STATS_MAGIC)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not a statistics file of CRIU", path);
    if (GUINT32_FROM_LE(header[2]) != file->length)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not as long as it says", path);
    return true;
}

static bool read_message(Bytes message, const Slot *slots, size_t n_slots, void *data)
{
    while (message.length > 0) {
        Field field;

        if (!take_field(&message, &field))
            return false;
        for (size_t i = 0; i < n_slots; i++) {
            if (field.number == slots[i].number && field.type == WIRE_VARINT)
                memcpy((char *)data + slots[i].offset, &field.integer, sizeof(field.integer));
        }
    }
    return true;
}

/* Find the message that is the field `number` of the file's. */
static bool find_message(Bytes entry, uint64_t number, Bytes *ret_message)
{
    bool found = false;

    while (entry.length > 0) {
        Field field;

        if (!take_field(&entry, &field))
            return false;
        if (field.number == number && field.type == WIRE_BYTES) {
            *ret_message = field.bytes;
            found = true;
        }
    }
    return found;
}

static bool read_stats(const char *path, uint64_t number, const Slot *slots, size_t n_slots,
                       void *data, GError **error)
{
    g_autofree char *text = NULL;
    size_t length = 0;
    Bytes message;

    if (!file_read(path, STATS_MAX, &text, &length, error))
        return false;

    Bytes file = { (const uint8_t *)text, length };

    if (!read_header(&file, path, error))
        return false;
    if (!find_message(file, number, &message) || !read_message(message, slots, n_slots, data))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' holds broken or other statistics", path);
    return true;
}

bool criu_read_dump_stats(const char *path, CriuDumpStats *ret_stats, GError **error)
{
    static const Slot slots[] = {
        { 1, offsetof(CriuDumpStats, freezing_us) },
        { 2, offsetof(CriuDumpStats, frozen_us) },
        { 3, offsetof(CriuDumpStats, memdump_us) },
        { 4, offsetof(CriuDumpStats, memwrite_us) },
        { 5, offsetof(CriuDumpStats, pages_scanned) },
        { 7, offsetof(CriuDumpStats, pages_written) },
    };
    CriuDumpStats stats = { 0 };

    if (!read_stats(path, FIELD_DUMP, slots, G_N_ELEMENTS(slots), &stats, error))
        return false;
    *ret_stats = stats;
    return true;
}

bool criu_read_restore_stats(const char *path, CriuRestoreStats *ret_stats, GError **error)
{
    static const Slot slots[] = {
        { 1, offsetof(CriuRestoreStats, pages_compared) },
        { 2, offsetof(CriuRestoreStats, pages_skipped_cow) },
        { 3, offsetof(CriuRestoreStats, forking_us) },
        { 4, offsetof(CriuRestoreStats, restore_us) },
        { 5, offsetof(CriuRestoreStats, pages_restored) },
    };
    CriuRestoreStats stats = { 0 };

    if (!read_stats(path, FIELD_RESTORE, slots, G_N_ELEMENTS(slots), &stats, error))
        return false;
    *ret_stats = stats;
    return true;
}
