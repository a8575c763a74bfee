/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tar read entry by entry from a stream that may be compressed. libarchive reads the headers of
 * all dialects (ustar, pax, GNU; sparse files); what is here keeps watch over what they claim.
 */
#pragma once

#include "storage/decompressor.h"

#include <stdint.h>

struct archive_entry;

typedef struct TarReader TarReader;

/* It gets the whole tar, as it passes, to its end; failing stops the reading. */
typedef bool (*UnpackedTap)(const void *data, size_t length, void *user_data, GError **error);

/* Takes the input over. on_unpacked: NULL if nobody wants the bytes. */
TarReader *tar_reader_new(Decompressor *input, UnpackedTap on_unpacked, void *user_data);
void tar_reader_free(TarReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TarReader, tar_reader_free)

/*
 * The next entry, whatever was read of the one before; NULL at the end. Borrowed, until the next
 * call. INVALID: no tar, truncated, damaged.
 */
bool tar_reader_next(TarReader *reader, struct archive_entry **ret_header, GError **error);

/* Has it a name, a size and owners that are possible? INVALID. */
bool tar_entry_check(struct archive_entry *header, GError **error);

/* The content of the entry, at most `limit` bytes of it (more: INVALID). NUL-terminated. */
bool tar_reader_text(TarReader *reader, size_t limit, char **ret_data, size_t *ret_length,
                     GError **error);

/*
 * A piece of the content of the entry, the rest of which is passed over. What it has not got is
 * zeros. NUL-terminated.
 */
bool tar_reader_slice(TarReader *reader, uint64_t offset, size_t length, char **ret_data,
                      GError **error);

/*
 * Write the content of the entry, whose size is `size`, into an empty file. Only what the tar holds
 * is written, so the holes of a sparse file stay holes. More than `limit` bytes is INVALID; -1: any
 * number. *ret_written: how many it were.
 */
bool tar_reader_write(TarReader *reader, int fd, int64_t size, int64_t limit, int64_t *ret_written,
                      GError **error);

/* Take what stands behind the end of the tar: it counts in digests, and may be damaged. */
bool tar_reader_finish(TarReader *reader, GError **error);

/* Known after the first entry. */
Compression tar_reader_compression(const TarReader *reader);
