/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/decompressor.h"

#include "base/fd.h"
#include "tar-maker.h"

#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* storage alone owns libzstd, and its tests too */
#include <zstd.h>

#define TEXT_SIZE ((size_t)3 * 1024 * 1024)

/* Text that compresses, but not to nothing. */
static GByteArray *text_make(void)
{
    GByteArray *text = g_byte_array_new();

    for (guint32 i = 0; text->len < TEXT_SIZE; i++) {
        guint32 number = i * 2654435761U;
        g_byte_array_append(text, (const guint8 *)&number, 3);
        g_byte_array_append(text, (const guint8 *)"floe", 4);
    }
    return text;
}

static GByteArray *gzip_bytes(const GByteArray *plain)
{
    z_stream stream = { 0 };
    GByteArray *packed = g_byte_array_new();

    g_assert_cmpint(deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), ==,
                    Z_OK);
    g_byte_array_set_size(packed, (guint)deflateBound(&stream, plain->len));
    stream.next_in = plain->data;
    stream.avail_in = plain->len;
    stream.next_out = packed->data;
    stream.avail_out = packed->len;
    g_assert_cmpint(deflate(&stream, Z_FINISH), ==, Z_STREAM_END);
    g_byte_array_set_size(packed, (guint)stream.total_out);
    deflateEnd(&stream);
    return packed;
}

static GByteArray *zstd_bytes(const GByteArray *plain)
{
    GByteArray *packed = g_byte_array_new();

    g_byte_array_set_size(packed, (guint)ZSTD_compressBound(plain->len));

    size_t length = ZSTD_compress(packed->data, packed->len, plain->data, plain->len, 1);

    g_assert_false(ZSTD_isError(length));
    g_byte_array_set_size(packed, (guint)length);
    return packed;
}

static bool count_packed(Compression compression, const void *data, size_t length, void *user_data,
                         GError **error)
{
    *(size_t *)user_data += length;
    return true;
}

/* Decompress all; NULL and an error where that fails. All packed bytes must have been seen. */
static GByteArray *decompress(const GByteArray *packed, Compression expected, GError **error)
{
    autofd int fd = bytes_open(packed->data, packed->len);
    size_t n_packed = 0, length = 0;
    g_autoptr(Decompressor) decompressor = decompressor_new(fd, count_packed, &n_packed);
    g_autoptr(GByteArray) plain = g_byte_array_new();
    const void *data;

    do {
        if (!decompressor_next(decompressor, &data, &length, error))
            return NULL;
        if (length > 0)
            g_byte_array_append(plain, data, (guint)length);
    } while (length > 0);
    g_assert_cmpuint(n_packed, ==, packed->len);
    g_assert_cmpint(decompressor_compression(decompressor), ==, expected);
    return g_steal_pointer(&plain);
}

static void assert_comes_back(const GByteArray *packed, Compression compression,
                              const GByteArray *plain)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) back = decompress(packed, compression, &error);

    g_assert_no_error(error);
    g_assert_cmpmem(back->data, back->len, plain->data, plain->len);
}

static void assert_refused(const GByteArray *packed, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) back = decompress(packed, COMPRESSION_NONE, &error);

    g_assert_null(back);
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    g_assert_nonnull(strstr(error->message, text));
}

static void test_all_formats_come_back(void)
{
    g_autoptr(GByteArray) text = text_make();
    g_autoptr(GByteArray) gzip = gzip_bytes(text);
    g_autoptr(GByteArray) zstd = zstd_bytes(text);

    assert_comes_back(text, COMPRESSION_NONE, text);
    assert_comes_back(gzip, COMPRESSION_GZIP, text);
    assert_comes_back(zstd, COMPRESSION_ZSTD, text);
}

/* The bytes twice in a row. */
static GByteArray *doubled(const GByteArray *bytes)
{
    GByteArray *twice = g_byte_array_new();

    g_byte_array_append(twice, bytes->data, bytes->len);
    g_byte_array_append(twice, bytes->data, bytes->len);
    return twice;
}

static void test_several_frames_are_one_stream(void)
{
    g_autoptr(GByteArray) text = text_make();
    g_autoptr(GByteArray) gzip = gzip_bytes(text);
    g_autoptr(GByteArray) zstd = zstd_bytes(text);
    g_autoptr(GByteArray) two_texts = doubled(text);
    g_autoptr(GByteArray) two_gzips = doubled(gzip);
    g_autoptr(GByteArray) two_zstds = doubled(zstd);

    assert_comes_back(two_gzips, COMPRESSION_GZIP, two_texts);
    assert_comes_back(two_zstds, COMPRESSION_ZSTD, two_texts);
}

static void test_what_stands_behind_the_last_frame_means_nothing(void)
{
    g_autoptr(GByteArray) text = text_make();
    g_autoptr(GByteArray) gzip = gzip_bytes(text);

    for (int i = 0; i < 100000; i++)
        g_byte_array_append(gzip, (const guint8 *)"\0garbage", 8);
    assert_comes_back(gzip, COMPRESSION_GZIP, text);
}

static void test_a_truncated_stream_is_told(void)
{
    g_autoptr(GByteArray) text = text_make();
    g_autoptr(GByteArray) gzip = gzip_bytes(text);
    g_autoptr(GByteArray) zstd = zstd_bytes(text);

    for (guint cut = 1; cut < 12; cut++) {
        g_byte_array_set_size(gzip, gzip->len - cut);
        g_byte_array_set_size(zstd, zstd->len - cut);
        assert_refused(gzip, "truncated gzip data");
        assert_refused(zstd, "truncated zstd data");
    }
    g_byte_array_set_size(gzip, 3);
    assert_refused(gzip, "truncated gzip data");
}

static void test_a_wrong_checksum_is_damage(void)
{
    g_autoptr(GByteArray) text = text_make();
    g_autoptr(GByteArray) gzip = gzip_bytes(text);

    gzip->data[gzip->len - 6] ^= 0x10; /* CRC, then size: 4 bytes each */
    assert_refused(gzip, "damaged gzip data");
}

static void test_other_formats_are_named(void)
{
    static guint8 xz[] = "\xfd\x37zXZ\0....", bzip2[] = "BZh91AY", nothing[] = "";

    assert_refused(&(GByteArray){ xz, sizeof(xz) }, "xz data");
    assert_refused(&(GByteArray){ bzip2, sizeof(bzip2) }, "bzip2 data");
    assert_refused(&(GByteArray){ nothing, 0 }, "empty");
}

static bool refuse_packed(Compression compression, const void *data, size_t length, void *user_data,
                          GError **error)
{
    return err_set(error, FLOE_ERROR_IO, "no room");
}

static void test_an_error_of_the_tap_stops_the_stream(void)
{
    autofd int fd = bytes_open("text", 4);
    g_autoptr(Decompressor) decompressor = decompressor_new(fd, refuse_packed, NULL);
    g_autoptr(GError) error = NULL;
    const void *data;
    size_t length;

    g_assert_false(decompressor_next(decompressor, &data, &length, &error));
    g_assert_cmpstr(error->message, ==, "no room");
}

/* A pipe's other end, which hands out a byte at a time. */
static gpointer write_slowly(gpointer data)
{
    int *ends = data;

    for (const char *c = "\x1f\x8b\x08"; *c != '\0'; c++) {
        g_assert_cmpint((int)write(ends[1], c, 1), ==, 1);
        g_usleep(1000);
    }
    close(ends[1]);
    return NULL;
}

static void test_a_slow_pipe_does_not_hide_the_format(void)
{
    int ends[2];
    const void *data;
    size_t length;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(pipe(ends), ==, 0);

    GThread *thread = g_thread_new("writer", write_slowly, ends);
    g_autoptr(Decompressor) decompressor = decompressor_new(ends[0], NULL, NULL);

    g_assert_false(decompressor_next(decompressor, &data, &length, &error));
    g_assert_cmpstr(error->message, ==, "truncated gzip data");
    g_thread_join(thread);
    close(ends[0]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/storage/decompressor/all-formats-come-back", test_all_formats_come_back);
    g_test_add_func("/storage/decompressor/several-frames-are-one-stream",
                    test_several_frames_are_one_stream);
    g_test_add_func("/storage/decompressor/what-stands-behind-the-last-frame-means-nothing",
                    test_what_stands_behind_the_last_frame_means_nothing);
    g_test_add_func("/storage/decompressor/a-truncated-stream-is-told",
                    test_a_truncated_stream_is_told);
    g_test_add_func("/storage/decompressor/a-wrong-checksum-is-damage",
                    test_a_wrong_checksum_is_damage);
    g_test_add_func("/storage/decompressor/other-formats-are-named", test_other_formats_are_named);
    g_test_add_func("/storage/decompressor/an-error-of-the-tap-stops-the-stream",
                    test_an_error_of_the_tap_stops_the_stream);
    g_test_add_func("/storage/decompressor/a-slow-pipe-does-not-hide-the-format",
                    test_a_slow_pipe_does_not_hide_the_format);
    return g_test_run();
}
