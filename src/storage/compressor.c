/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring of chunks. The caller's thread fills the one at the head and writes out those at the tail, in
 * their order; threads compress what lies between. libzstd's own threads would do for zstd, but not
 * for gzip, and would copy each byte once more.
 *
 * A checkpoint is mostly memory, and is mostly read once: speed counts for more than size. zstd's
 * level 1 compresses memory to much the same size as its default and takes half the time; what is
 * random already it passes by. See bench/.
 */
#include "storage/compressor.h"

#include "base/fd.h"

#include <signal.h>
#include <zlib.h>
#include <zstd.h>

#define CHUNK_SIZE   ((size_t)1024 * 1024)
#define THREADS_MAX  8 /* 36 MiB of chunks; more than one disk takes */
#define ZSTD_LEVEL   1
#define GZIP_LEVEL   1
#define GZIP_HEADER  (MAX_WBITS + 16) /* zlib.h: deflateInit2() */
#define GZIP_MEMORY  8
#define GZIP_TRAILER 32 /* more than header and trailer of a member */

typedef enum ChunkState {
    CHUNK_FREE,   /* or being filled */
    CHUNK_FILLED, /* for any thread to take */
    CHUNK_TAKEN,
    CHUNK_DONE,
    CHUNK_FAILED,
} ChunkState;

typedef struct Chunk {
    ChunkState state;
    char *input, *output;
    size_t input_size, output_size; /* of what is in them */
} Chunk;

struct Compressor {
    int fd;
    Compression compression;
    int64_t written;
    size_t output_limit;

    GMutex mutex; /* guards the states and all below */
    GCond filled, done;
    bool is_ending;
    guint head;    /* the chunk that the caller has */
    guint tail;    /* the oldest that is not written */
    guint to_take; /* the oldest that no thread has taken */

    guint n_chunks, n_threads;
    Chunk *chunks;
    GThread *threads[THREADS_MAX];
};

bool compression_from_text(const char *text, Compression *ret_compression, GError **error)
{
    static const Compression all[] = { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        if (g_ascii_strcasecmp(text, compression_to_text(all[i])) == 0) {
            *ret_compression = all[i];
            return true;
        }
    }
    return err_set(error, FLOE_ERROR_INVALID,
                   "unknown compression '%s': it is one of zstd, gzip, none", text);
}

/* --- the threads ------------------------------------------------------------------------------ */

static bool chunk_zstd(ZSTD_CCtx *context, Chunk *chunk, size_t limit)
{
    size_t size = ZSTD_compress2(context, chunk->output, limit, chunk->input, chunk->input_size);

    chunk->output_size = size;
    return !ZSTD_isError(size);
}

static bool chunk_gzip(z_stream *stream, Chunk *chunk, size_t limit)
{
    stream->next_in = (Bytef *)chunk->input;
    stream->avail_in = (uInt)chunk->input_size;
    stream->next_out = (Bytef *)chunk->output;
    stream->avail_out = (uInt)limit;
    if (deflateReset(stream) != Z_OK || deflate(stream, Z_FINISH) != Z_STREAM_END)
        return false;
    chunk->output_size = limit - stream->avail_out;
    return true;
}

/* The next chunk to compress; NULL: there will be no more. */
static Chunk *chunk_take(Compressor *c)
{
    Chunk *chunk = NULL;

    g_mutex_lock(&c->mutex);
    while (!c->is_ending && c->chunks[c->to_take].state != CHUNK_FILLED)
        g_cond_wait(&c->filled, &c->mutex);
    if (!c->is_ending) {
        chunk = &c->chunks[c->to_take];
        chunk->state = CHUNK_TAKEN;
        c->to_take = (c->to_take + 1) % c->n_chunks;
    }
    g_mutex_unlock(&c->mutex);
    return chunk;
}

static void chunk_end(Compressor *c, Chunk *chunk, bool ok)
{
    g_mutex_lock(&c->mutex);
    chunk->state = ok ? CHUNK_DONE : CHUNK_FAILED;
    g_cond_signal(&c->done);
    g_mutex_unlock(&c->mutex);
}

static void *compress_zstd(void *data)
{
    Compressor *c = data;
    ZSTD_CCtx *context = ZSTD_createCCtx();
    bool ok = context != NULL &&
              !ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, ZSTD_LEVEL)) &&
              !ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1));
    Chunk *chunk;

    while ((chunk = chunk_take(c)) != NULL)
        chunk_end(c, chunk, ok && chunk_zstd(context, chunk, c->output_limit));
    ZSTD_freeCCtx(context);
    return NULL;
}

static void *compress_gzip(void *data)
{
    Compressor *c = data;
    z_stream stream = { 0 };
    bool ok = deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_HEADER, GZIP_MEMORY,
                           Z_DEFAULT_STRATEGY) == Z_OK;
    Chunk *chunk;

    while ((chunk = chunk_take(c)) != NULL)
        chunk_end(c, chunk, ok && chunk_gzip(&stream, chunk, c->output_limit));
    deflateEnd(&stream);
    return NULL;
}

/* --- the caller's side ------------------------------------------------------------------------ */

/* As many as there can be, one at least. Signals are for the program that uses the library. */
static bool threads_start(Compressor *c, guint n_threads, GError **error)
{
    GThreadFunc work = c->compression == COMPRESSION_ZSTD ? compress_zstd : compress_gzip;
    g_autoptr(GError) err = NULL;
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (guint i = 0; i < n_threads && err == NULL; i++) {
        c->threads[i] = g_thread_try_new("compress", work, c, &err);
        c->n_threads += c->threads[i] != NULL;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return c->n_threads > 0 || n_threads == 0 ||
           err_set(error, FLOE_ERROR_IO, "start a thread that compresses: %s", err->message);
}

/* Memory that is never written to costs nothing: a small stream needs one chunk of them. */
static void chunks_make(Compressor *c, guint n_threads)
{
    bool is_packed = n_threads > 0;

    c->n_chunks = is_packed ? 2 * n_threads + 2 : 1;
    c->output_limit = MAX(ZSTD_compressBound(CHUNK_SIZE), compressBound(CHUNK_SIZE) + GZIP_TRAILER);
    c->chunks = g_new0(Chunk, c->n_chunks);
    for (guint i = 0; i < c->n_chunks; i++) {
        c->chunks[i].input = g_malloc(CHUNK_SIZE);
        c->chunks[i].output = is_packed ? g_malloc(c->output_limit) : NULL;
    }
}

bool compressor_new(int fd, Compression compression, Compressor **ret_compressor, GError **error)
{
    guint n_threads = MIN(g_get_num_processors(), THREADS_MAX);
    g_autoptr(Compressor) c = g_new0(Compressor, 1);

    c->fd = fd;
    c->compression = compression;
    g_mutex_init(&c->mutex);
    g_cond_init(&c->filled);
    g_cond_init(&c->done);
    if (compression == COMPRESSION_NONE)
        n_threads = 0;
    chunks_make(c, n_threads);
    if (!threads_start(c, n_threads, error))
        return false;
    *ret_compressor = g_steal_pointer(&c);
    return true;
}

void compressor_free(Compressor *c)
{
    if (c == NULL)
        return;
    g_mutex_lock(&c->mutex);
    c->is_ending = true;
    g_cond_broadcast(&c->filled);
    g_mutex_unlock(&c->mutex);
    for (guint i = 0; i < c->n_threads; i++)
        g_thread_join(c->threads[i]);
    for (guint i = 0; i < c->n_chunks; i++) {
        g_free(c->chunks[i].input);
        g_free(c->chunks[i].output);
    }
    g_free(c->chunks);
    g_cond_clear(&c->filled);
    g_cond_clear(&c->done);
    g_mutex_clear(&c->mutex);
    g_free(c);
}

static bool bytes_write(Compressor *c, const char *data, size_t length, GError **error)
{
    c->written += (int64_t)length;
    return fd_write_all(c->fd, data, length, error);
}

/* The state of the chunk at the tail, once it is more than filled. */
static ChunkState tail_wait(Compressor *c, bool may_wait)
{
    Chunk *chunk = &c->chunks[c->tail];
    ChunkState state;

    g_mutex_lock(&c->mutex);
    while (may_wait && (chunk->state == CHUNK_FILLED || chunk->state == CHUNK_TAKEN))
        g_cond_wait(&c->done, &c->mutex);
    state = chunk->state;
    g_mutex_unlock(&c->mutex);
    return state;
}

/* Write out the chunk at the tail. Without waiting for it *ret_written tells whether it was ready. */
static bool tail_write(Compressor *c, bool may_wait, bool *ret_written, GError **error)
{
    Chunk *chunk = &c->chunks[c->tail];
    ChunkState state = tail_wait(c, may_wait);

    *ret_written = false;
    if (state == CHUNK_FAILED)
        return err_set(error, FLOE_ERROR_IO, "cannot compress with %s",
                       compression_to_text(c->compression));
    if (state != CHUNK_DONE)
        return true;
    if (!bytes_write(c, chunk->output, chunk->output_size, error))
        return false;
    g_mutex_lock(&c->mutex);
    chunk->state = CHUNK_FREE;
    g_mutex_unlock(&c->mutex);
    c->tail = (c->tail + 1) % c->n_chunks;
    *ret_written = true;
    return true;
}

/* Hand the chunk at the head to the threads; the next one is written out first if it has to be. */
static bool head_advance(Compressor *c, size_t used, GError **error)
{
    bool was_written = true;

    g_mutex_lock(&c->mutex);
    c->chunks[c->head].input_size = used;
    c->chunks[c->head].state = CHUNK_FILLED;
    c->head = (c->head + 1) % c->n_chunks;
    g_cond_signal(&c->filled);
    g_mutex_unlock(&c->mutex);
    while (was_written) {
        if (!tail_write(c, c->tail == c->head, &was_written, error))
            return false;
    }
    return true;
}

bool compressor_exchange(Compressor *c, size_t used, char **ret_buffer, size_t *ret_size,
                         GError **error)
{
    if (used > 0 && !(c->n_threads > 0 ? head_advance(c, used, error)
                                       : bytes_write(c, c->chunks[0].input, used, error)))
        return false;
    *ret_buffer = c->chunks[c->head].input;
    *ret_size = CHUNK_SIZE;
    return true;
}

bool compressor_finish(Compressor *c, GError **error)
{
    bool was_written = true;

    while (c->tail != c->head && was_written) {
        if (!tail_write(c, true, &was_written, error))
            return false;
    }
    return true;
}

int64_t compressor_written(const Compressor *compressor)
{
    return compressor->written;
}
