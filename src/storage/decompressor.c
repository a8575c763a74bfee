/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compressed streams are a row of frames (gzip calls them members), each of which may be the last.
 * This is done with zlib and libzstd themselves: libarchive's own filter does not verify a gzip's
 * checksum.
 */
#include "storage/decompressor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define INPUT_SIZE  ((size_t)256 * 1024)
#define OUTPUT_SIZE ((size_t)256 * 1024)
#define MAGIC_SIZE  6

struct Decompressor {
    int fd;
    int next_fd; /* where to read on at its end; -1: nowhere */
    PackedTap on_packed;
    void *user_data;

    Compression compression;
    bool is_started;
    bool at_end;   /* fd has no more */
    bool in_frame; /* a frame has begun, and its end has not come */

    unsigned char *input, *output;
    size_t position, available; /* in input */
    z_stream gzip;
    ZSTD_DCtx *zstd;
};

/* How other formats begin, so that the error can name them. */
static const struct {
    const char *magic, *name;
} foreign_formats[] = {
    { "\xfd\x37zXZ", "xz" }, { "BZh", "bzip2" },         { "\x04\x22\x4d\x18", "lz4" },
    { "LZIP", "lzip" },      { "\x1f\x9d", "compress" }, { "PK\x03\x04", "zip" },
};

const char *compression_to_text(Compression compression)
{
    static const char *const texts[] = {
        [COMPRESSION_NONE] = "none",
        [COMPRESSION_GZIP] = "gzip",
        [COMPRESSION_ZSTD] = "zstd",
    };

    return texts[compression];
}

Decompressor *decompressor_new(int fd, PackedTap on_packed, void *user_data)
{
    Decompressor *d = g_new0(Decompressor, 1);

    d->fd = fd;
    d->next_fd = -1;
    d->on_packed = on_packed;
    d->user_data = user_data;
    d->input = g_malloc(INPUT_SIZE);
    return d;
}

void decompressor_continue(Decompressor *d, int fd)
{
    d->next_fd = fd;
}

void decompressor_free(Decompressor *d)
{
    if (d == NULL)
        return;
    if (d->compression == COMPRESSION_GZIP)
        inflateEnd(&d->gzip);
    ZSTD_freeDCtx(d->zstd);
    g_free(d->input);
    g_free(d->output);
    g_free(d);
}

Compression decompressor_compression(const Decompressor *d)
{
    return d->compression;
}

static bool tap(const Decompressor *d, const void *data, size_t length, GError **error)
{
    return length == 0 || d->on_packed == NULL ||
           d->on_packed(d->compression, data, length, d->user_data, error);
}

/* Have at least `wanted` bytes of input, or all that are left. */
static bool input_fill(Decompressor *d, size_t wanted, GError **error)
{
    if (d->available >= wanted || d->at_end)
        return true;
    memmove(d->input, d->input + d->position, d->available);
    d->position = 0;

    while (d->available < wanted && !d->at_end) {
        unsigned char *end = d->input + d->available;
        ssize_t got = TEMP_FAILURE_RETRY(read(d->fd, end, INPUT_SIZE - d->available));

        if (got < 0)
            return err_set_errno(error, "read the archive");
        if (got == 0 && d->next_fd >= 0) {
            d->fd = d->next_fd;
            d->next_fd = -1;
            continue;
        }
        d->at_end = got == 0;
        d->available += (size_t)got;
        if (d->is_started && !tap(d, end, (size_t)got, error))
            return false;
    }
    return true;
}

static void input_consume(Decompressor *d, size_t length)
{
    d->position += length;
    d->available -= length;
}

/* Read to the end: bytes behind the last frame mean nothing, but belong to what was packed. */
static bool input_drain(Decompressor *d, GError **error)
{
    while (d->available > 0 || !d->at_end) {
        input_consume(d, d->available);
        if (!input_fill(d, 1, error))
            return false;
    }
    return true;
}

static bool input_begins_with(const Decompressor *d, const void *magic, size_t length)
{
    return d->available >= length && memcmp(d->input + d->position, magic, length) == 0;
}

/* A zstd frame, or one that decoders skip: 0x184D2A50 to 0x184D2A5F (RFC 8878, 3.1.2). */
static bool is_zstd_frame(const Decompressor *d)
{
    return input_begins_with(d, "\x28\xb5\x2f\xfd", 4) ||
           (d->available >= 4 && d->input[d->position] >> 4 == 5 &&
            memcmp(d->input + d->position + 1, "\x2a\x4d\x18", 3) == 0);
}

static bool is_gzip_member(const Decompressor *d)
{
    return input_begins_with(d, "\x1f\x8b", 2);
}

static bool refuse_foreign(const Decompressor *d, GError **error)
{
    if (d->available == 0)
        return err_set(error, FLOE_ERROR_INVALID, "the input is empty");

    for (size_t i = 0; i < G_N_ELEMENTS(foreign_formats); i++) {
        const char *magic = foreign_formats[i].magic;

        if (input_begins_with(d, magic, strlen(magic)))
            return err_set(
                error, FLOE_ERROR_INVALID,
                "not a tar archive but %s data: give it plain or compressed with gzip or zstd",
                foreign_formats[i].name);
    }
    return true;
}

/* Look at the first bytes, and make ready for what they promise. */
static bool start(Decompressor *d, GError **error)
{
    if (!input_fill(d, MAGIC_SIZE, error) || !refuse_foreign(d, error))
        return false;

    if (is_gzip_member(d)) {
        if (inflateInit2(&d->gzip, 16 + MAX_WBITS) != Z_OK) /* 16: with a gzip header */
            return err_set(error, FLOE_ERROR_INTERNAL, "zlib does not start");
        d->compression = COMPRESSION_GZIP;
    } else if (is_zstd_frame(d)) {
        d->zstd = ZSTD_createDCtx();
        if (d->zstd == NULL)
            return err_set(error, FLOE_ERROR_INTERNAL, "libzstd does not start");
        d->compression = COMPRESSION_ZSTD;
    }
    if (d->compression != COMPRESSION_NONE)
        d->output = g_malloc(OUTPUT_SIZE);

    d->is_started = true;
    return tap(d, d->input, d->available, error);
}

static bool next_plain(Decompressor *d, const void **ret_data, size_t *ret_length, GError **error)
{
    if (!input_fill(d, 1, error))
        return false;
    *ret_data = d->input + d->position;
    *ret_length = d->available;
    input_consume(d, d->available);
    return true;
}

/* One call of zlib. *ret_made is how much of the output it filled. */
static bool gzip_step(Decompressor *d, size_t *ret_made, GError **error)
{
    d->gzip.next_in = d->input + d->position;
    d->gzip.avail_in = (uInt)d->available;
    d->gzip.next_out = d->output;
    d->gzip.avail_out = OUTPUT_SIZE;

    int result = inflate(&d->gzip, Z_NO_FLUSH);

    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return err_set(error, FLOE_ERROR_INVALID, "damaged gzip data: %s",
                       d->gzip.msg != NULL ? d->gzip.msg : "it cannot be decompressed");
    input_consume(d, d->available - d->gzip.avail_in);
    *ret_made = OUTPUT_SIZE - d->gzip.avail_out;
    d->in_frame = result != Z_STREAM_END;
    if (result == Z_STREAM_END)
        inflateReset(&d->gzip);
    return true;
}

static bool zstd_step(Decompressor *d, size_t *ret_made, GError **error)
{
    ZSTD_inBuffer in = { d->input + d->position, d->available, 0 };
    ZSTD_outBuffer out = { d->output, OUTPUT_SIZE, 0 };
    size_t result = ZSTD_decompressStream(d->zstd, &out, &in);

    if (ZSTD_isError(result))
        return err_set(error, FLOE_ERROR_INVALID, "damaged zstd data: %s",
                       ZSTD_getErrorName(result));
    input_consume(d, in.pos);
    *ret_made = out.pos;
    d->in_frame = result != 0;
    return true;
}

static bool next_unpacked(Decompressor *d, const void **ret_data, size_t *ret_length, GError **error)
{
    bool is_gzip = d->compression == COMPRESSION_GZIP;
    size_t made = 0;

    while (made == 0) {
        if (!input_fill(d, d->in_frame ? 1 : MAGIC_SIZE, error))
            return false;
        if (!d->in_frame && !(is_gzip ? is_gzip_member(d) : is_zstd_frame(d))) {
            *ret_length = 0;
            return input_drain(d, error);
        }

        bool is_exhausted = d->available == 0;

        if (!(is_gzip ? gzip_step(d, &made, error) : zstd_step(d, &made, error)))
            return false;
        if (made == 0 && d->in_frame && is_exhausted)
            return err_set(error, FLOE_ERROR_INVALID, "truncated %s data",
                           compression_to_text(d->compression));
    }
    *ret_data = d->output;
    *ret_length = made;
    return true;
}

bool decompressor_next(Decompressor *d, const void **ret_data, size_t *ret_length, GError **error)
{
    if (!d->is_started && !start(d, error))
        return false;
    if (d->compression == COMPRESSION_NONE)
        return next_plain(d, ret_data, ret_length, error);
    return next_unpacked(d, ret_data, ret_length, error);
}
