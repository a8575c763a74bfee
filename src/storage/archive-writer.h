/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tar, compressed as it is written. It needs a few MiB a processor, whatever goes through it, and no
 * disk but for its result.
 */
#pragma once

#include "storage/compressor.h"
#include "storage/tar-writer.h"

typedef struct ArchiveWriter ArchiveWriter;

/* So much has gone in, and so much has come out. Called about once a MiB. */
typedef void (*ArchiveProgress)(int64_t in_bytes, int64_t out_bytes, void *data);

/* fd stays the caller's; progress may be NULL. IO. */
bool archive_writer_new(int fd, Compression compression, ArchiveProgress progress,
                        void *progress_data, ArchiveWriter **ret_writer, GError **error);
void archive_writer_free(ArchiveWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveWriter, archive_writer_free)

/* Where entries are added; the archive's own. */
TarWriter *archive_writer_tar(ArchiveWriter *writer);

/* An entry that no file of the host stands behind: root's, of now. mode: with the type. */
TreeEntry archive_writer_entry(const char *name, mode_t mode);

/* A file that only root may read, in the archive or in a tar inside it. */
bool archive_writer_add_text(TarWriter *tar, const char *name, const char *text, GError **error);

/* The end of the archive, without which it is truncated; it is written as a whole then. */
bool archive_writer_finish(ArchiveWriter *writer, GError **error);

/* Its size so far. */
int64_t archive_writer_size(const ArchiveWriter *writer);
