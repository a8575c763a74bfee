/* SPDX-License-Identifier: Apache-2.0 */
/* The tar is written straight into the compressor's chunks. */
#include "storage/archive-writer.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct ArchiveWriter {
    TarWriter tar;
    Compressor *compressor;
    ArchiveProgress progress;
    void *progress_data;
};

static bool chunk_exchange(TarWriter *tar, void *data, GError **error)
{
    ArchiveWriter *writer = data;
    size_t used = tar->used;

    tar->used = 0;
    if (!compressor_exchange(writer->compressor, used, &tar->buffer, &tar->size, error))
        return false;
    if (writer->progress != NULL)
        writer->progress(tar->position, archive_writer_size(writer), writer->progress_data);
    return true;
}

bool archive_writer_new(int fd, Compression compression, ArchiveProgress progress,
                        void *progress_data, ArchiveWriter **ret_writer, GError **error)
{
    g_autoptr(ArchiveWriter) writer = g_new0(ArchiveWriter, 1);

    writer->progress = progress;
    writer->progress_data = progress_data;
    tar_writer_init_sink(&writer->tar, chunk_exchange, writer);
    if (!compressor_new(fd, compression, &writer->compressor, error))
        return false;
    *ret_writer = g_steal_pointer(&writer);
    return true;
}

void archive_writer_free(ArchiveWriter *writer)
{
    if (writer == NULL)
        return;
    tar_writer_clear(&writer->tar);
    compressor_free(writer->compressor);
    g_free(writer);
}

TarWriter *archive_writer_tar(ArchiveWriter *writer)
{
    return &writer->tar;
}

TreeEntry archive_writer_entry(const char *name, mode_t mode)
{
    TreeEntry entry = { .path = name, .mode = mode };

    entry.mtime.tv_sec = time(NULL);
    return entry;
}

bool archive_writer_add_text(TarWriter *tar, const char *name, const char *text, GError **error)
{
    TreeEntry entry = archive_writer_entry(name, S_IFREG | 0600);

    return tar_add_bytes(tar, &entry, text, strlen(text), error);
}

bool archive_writer_finish(ArchiveWriter *writer, GError **error)
{
    return tar_writer_finish(&writer->tar, error) && compressor_finish(writer->compressor, error);
}

int64_t archive_writer_size(const ArchiveWriter *writer)
{
    return compressor_written(writer->compressor);
}
