/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A blob of an OCI layout while it is being written: a temporary file that gets its name, the
 * digest, at the end.
 */
#pragma once

#include "base/error.h"

typedef struct BlobWriter BlobWriter;

/*
 * path: where it is written aside, removed again unless blob_writer_place() is reached. compress:
 * with zstd, on the way.
 */
bool blob_writer_new(const char *path, bool compress, BlobWriter **ret_writer, GError **error);
void blob_writer_free(BlobWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BlobWriter, blob_writer_free)

bool blob_writer_write(BlobWriter *writer, const void *data, size_t length, GError **error);

/* Write what is still held back, and close the file. The digest (hex) stays the writer's. */
bool blob_writer_finish(BlobWriter *writer, const char **ret_hex, int64_t *ret_size, GError **error);

/* Rename it to <directory>/HEX; one that is there already is kept, it has the same content. */
bool blob_writer_place(BlobWriter *writer, const char *directory, GError **error);
