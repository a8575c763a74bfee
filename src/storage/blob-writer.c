/* SPDX-License-Identifier: Apache-2.0 */
/* Compression and hashing run in other threads, the file is written by the caller's. */
#include "storage/blob-writer.h"

#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "storage/stream-hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <zstd.h>

/*
 * Fast: the blob is there for push and save, which can compress again; what runs is the unpacked
 * layer.
 */
#define COMPRESSION_LEVEL 1
#define WORKERS_MAX       4

struct BlobWriter {
    char *path; /* NULL: it has its final name */
    int fd;
    StreamHash *hash;
    char *hex;
    int64_t size;
    ZSTD_CCtx *zstd; /* NULL: stored as it comes */
    char *output;
    size_t output_size;
};

static bool start_zstd(BlobWriter *writer, GError **error)
{
    writer->zstd = ZSTD_createCCtx();
    if (writer->zstd == NULL)
        return err_set(error, FLOE_ERROR_INTERNAL, "libzstd does not start");
    writer->output_size = ZSTD_CStreamOutSize();
    writer->output = g_malloc(writer->output_size);
    ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_compressionLevel, COMPRESSION_LEVEL);
    ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_checksumFlag, 1);

    /* Fails in a library without threads, which then compresses in this one. */
    ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_nbWorkers,
                           (int)MIN(g_get_num_processors(), WORKERS_MAX));
    return true;
}

bool blob_writer_new(const char *path, bool compress, BlobWriter **ret_writer, GError **error)
{
    g_autoptr(BlobWriter) writer = g_new0(BlobWriter, 1);

    writer->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (writer->fd < 0)
        return err_set_errno(error, "create '%s'", path);
    writer->path = g_strdup(path);
    if (!stream_hash_new(&writer->hash, error) || (compress && !start_zstd(writer, error)))
        return false;
    *ret_writer = g_steal_pointer(&writer);
    return true;
}

void blob_writer_free(BlobWriter *writer)
{
    if (writer == NULL)
        return;
    fd_cleanup(&writer->fd);
    if (writer->path != NULL && unlink(writer->path) < 0)
        log_warn("cannot remove '%s', ignoring: %s", writer->path, g_strerror(errno));
    stream_hash_free(writer->hash);
    ZSTD_freeCCtx(writer->zstd);
    g_free(writer->output);
    g_free(writer->hex);
    g_free(writer->path);
    g_free(writer);
}

static bool store(BlobWriter *writer, const void *data, size_t length, GError **error)
{
    stream_hash_update(writer->hash, data, length);
    writer->size += (int64_t)length;
    return fd_write_all(writer->fd, data, length, error) || err_prefix(error, "'%s'", writer->path);
}

/* Give zstd all of the data, and with ZSTD_e_end make it hand out all that it holds. */
static bool compress(BlobWriter *writer, const void *data, size_t length, ZSTD_EndDirective mode,
                     GError **error)
{
    ZSTD_inBuffer in = { data, length, 0 };
    size_t left = 1;

    while (mode == ZSTD_e_end ? left > 0 : in.pos < in.size) {
        ZSTD_outBuffer out = { writer->output, writer->output_size, 0 };

        left = ZSTD_compressStream2(writer->zstd, &out, &in, mode);
        if (ZSTD_isError(left))
            return err_set(error, FLOE_ERROR_INTERNAL, "zstd: %s", ZSTD_getErrorName(left));
        if (!store(writer, out.dst, out.pos, error))
            return false;
    }
    return true;
}

bool blob_writer_write(BlobWriter *writer, const void *data, size_t length, GError **error)
{
    if (writer->zstd != NULL)
        return compress(writer, data, length, ZSTD_e_continue, error);
    return store(writer, data, length, error);
}

bool blob_writer_finish(BlobWriter *writer, const char **ret_hex, int64_t *ret_size, GError **error)
{
    if (writer->zstd != NULL && !compress(writer, NULL, 0, ZSTD_e_end, error))
        return false;
    if (!fd_close(&writer->fd, writer->path, error))
        return false;
    writer->hex = stream_hash_finish(writer->hash);
    *ret_hex = writer->hex;
    *ret_size = writer->size;
    return true;
}

bool blob_writer_place(BlobWriter *writer, const char *directory, GError **error)
{
    g_autofree char *final = g_build_filename(directory, writer->hex, NULL);

    if (path_exists(final))
        return true; /* ours is removed with the writer */
    if (rename(writer->path, final) < 0)
        return err_set_errno(error, "rename '%s' to '%s'", writer->path, final);
    g_clear_pointer(&writer->path, g_free);
    return true;
}
