/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A descriptor read as a stream of plain bytes, whether it is compressed (gzip, zstd) or not.
 * Checksums inside the compressed data are verified, and an end that comes too early is told from a
 * true one.
 */
#pragma once

#include "base/error.h"

typedef enum Compression {
    COMPRESSION_NONE,
    COMPRESSION_GZIP,
    COMPRESSION_ZSTD,
} Compression;

/* "none", "gzip", "zstd". */
const char *compression_to_text(Compression compression);

/*
 * Is called with the bytes read from the descriptor as they pass; failing stops the stream with its
 * error.
 */
typedef bool (*PackedTap)(Compression compression, const void *data, size_t length, void *user_data,
                          GError **error);

typedef struct Decompressor Decompressor;

/* fd stays the caller's. on_packed: NULL if nobody wants the bytes. */
Decompressor *decompressor_new(int fd, PackedTap on_packed, void *user_data);
void decompressor_free(Decompressor *decompressor);

/* Where the first descriptor ends, read on from this one: a stream whose start was kept aside. */
void decompressor_continue(Decompressor *decompressor, int fd);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Decompressor, decompressor_free)

/*
 * The next bytes, valid until the next call; length 0 is the end, and then all of fd has been read,
 * with whatever stands behind the compressed data. INVALID: empty, truncated or damaged, or
 * compressed in another way.
 */
bool decompressor_next(Decompressor *decompressor, const void **ret_data, size_t *ret_length,
                       GError **error);

/* Known after the first decompressor_next(). */
Compression decompressor_compression(const Decompressor *decompressor);
