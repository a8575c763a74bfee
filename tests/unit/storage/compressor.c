/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/compressor.h"

#include "base/fd.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Bytes that compress to about half, and tell where they come from. */
static void pattern_fill(char *buffer, size_t size, size_t offset)
{
    for (size_t i = 0; i < size; i++) {
        guint32 number = (guint32)((offset + i) / 2) * 2654435761U;

        buffer[i] = (offset + i) % 2 == 0 ? (char)(number >> 24) : 'x';
    }
}

/* `size` bytes in pieces that never fit the buffers, through a compressor into memory. */
static int compress_pattern(Compression compression, size_t size)
{
    int fd = memfd_create("packed", MFD_CLOEXEC);
    g_autoptr(Compressor) compressor = NULL;
    g_autoptr(GError) error = NULL;
    size_t capacity = 0, used = 0;
    char *buffer = NULL;

    g_assert_true(compressor_new(fd, compression, &compressor, &error));
    for (size_t done = 0; done < size; done += used) {
        g_assert_true(compressor_exchange(compressor, used, &buffer, &capacity, &error));
        used = MIN(capacity - capacity / 7, size - done);
        pattern_fill(buffer, used, done);
    }
    g_assert_true(compressor_exchange(compressor, used, &buffer, &capacity, &error));
    g_assert_true(compressor_finish(compressor, &error));
    g_assert_no_error(error);
    g_assert_cmpint(compressor_written(compressor), ==, lseek(fd, 0, SEEK_END));
    g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
    return fd;
}

static void assert_comes_back(Compression compression, size_t size)
{
    autofd int fd = compress_pattern(compression, size);
    g_autoptr(Decompressor) decompressor = decompressor_new(fd, NULL, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *wanted = NULL;
    const void *data;
    size_t length = 1, done = 0;

    while (decompressor_next(decompressor, &data, &length, &error) && length > 0) {
        wanted = g_realloc(wanted, length);
        pattern_fill(wanted, length, done);
        g_assert_cmpint(memcmp(wanted, data, length), ==, 0);
        done += length;
    }
    g_assert_no_error(error);
    g_assert_cmpuint(done, ==, size);
    g_assert_cmpint(decompressor_compression(decompressor), ==, compression);
}

static void test_what_goes_in_comes_back_in_order(void)
{
    static const Compression all[] = { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };
    static const size_t sizes[] = { 1, 1000, 1024 * 1024, 37 * 1024 * 1024 + 11 };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        for (size_t j = 0; j < G_N_ELEMENTS(sizes); j++)
            assert_comes_back(all[i], sizes[j]);
    }
}

static void test_it_becomes_smaller(void)
{
    autofd int zstd = compress_pattern(COMPRESSION_ZSTD, 8 << 20);
    autofd int gzip = compress_pattern(COMPRESSION_GZIP, 8 << 20);

    g_assert_cmpint(lseek(zstd, 0, SEEK_END), <, 6 << 20);
    g_assert_cmpint(lseek(gzip, 0, SEEK_END), <, 6 << 20);
}

/* With chunks in all of its threads. */
static void test_it_can_be_left_half_way(void)
{
    autofd int fd = memfd_create("packed", MFD_CLOEXEC);

    for (int i = 0; i < 20; i++) {
        g_autoptr(Compressor) compressor = NULL;
        size_t capacity = 0;
        char *buffer = NULL;

        g_assert_true(compressor_new(fd, COMPRESSION_ZSTD, &compressor, NULL));
        g_assert_true(compressor_exchange(compressor, 0, &buffer, &capacity, NULL));
        for (int j = 0; j < i % 4; j++) {
            pattern_fill(buffer, capacity, 0);
            g_assert_true(compressor_exchange(compressor, capacity, &buffer, &capacity, NULL));
        }
    }
}

static void test_a_full_device_is_an_error(void)
{
    static const Compression all[] = { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        autofd int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
        g_autoptr(Compressor) compressor = NULL;
        g_autoptr(GError) error = NULL;
        size_t capacity = 0;
        char *buffer = NULL;

        g_assert_true(compressor_new(fd, all[i], &compressor, NULL));
        g_assert_true(compressor_exchange(compressor, 0, &buffer, &capacity, NULL));
        memset(buffer, 'x', 100);
        g_assert_false(compressor_exchange(compressor, 100, &buffer, &capacity, &error) &&
                       compressor_finish(compressor, &error));
        g_assert_nonnull(strstr(error->message, "No space left"));
    }
}

static void test_names_are_read_in_any_case(void)
{
    Compression compression;
    g_autoptr(GError) error = NULL;

    g_assert_true(compression_from_text("ZStd", &compression, NULL));
    g_assert_cmpint(compression, ==, COMPRESSION_ZSTD);
    g_assert_true(compression_from_text("none", &compression, NULL));
    g_assert_cmpint(compression, ==, COMPRESSION_NONE);
    g_assert_false(compression_from_text("lz4", &compression, &error));
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
}

#define ADD(name, function) g_test_add_func("/storage/compressor/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("what-goes-in-comes-back-in-order", test_what_goes_in_comes_back_in_order);
    ADD("it-becomes-smaller", test_it_becomes_smaller);
    ADD("it-can-be-left-half-way", test_it_can_be_left_half_way);
    ADD("a-full-device-is-an-error", test_a_full_device_is_an_error);
    ADD("names-are-read-in-any-case", test_names_are_read_in_any_case);
    return g_test_run();
}
