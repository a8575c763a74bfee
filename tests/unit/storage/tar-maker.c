/* SPDX-License-Identifier: Apache-2.0 */
#include "tar-maker.h"

#include "base/fd.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEADER_SIZE     512
#define CHECKSUM_OFFSET 148
#define CHECKSUM_SIZE   8

struct TarMaker {
    struct archive *archive;
    GByteArray *bytes;
};

static la_ssize_t on_write(struct archive *archive, void *data, const void *buffer, size_t length)
{
    TarMaker *maker = data;

    g_byte_array_append(maker->bytes, buffer, (guint)length);
    return (la_ssize_t)length;
}

TarMaker *tar_maker_new(const char *filter)
{
    TarMaker *maker = g_new0(TarMaker, 1);

    maker->bytes = g_byte_array_new();
    maker->archive = archive_write_new();
    archive_write_set_bytes_in_last_block(maker->archive, 1); /* no padding */
    g_assert_cmpint(archive_write_set_format_pax(maker->archive), ==, ARCHIVE_OK);
    if (g_str_equal(filter, "gzip"))
        g_assert_cmpint(archive_write_add_filter_gzip(maker->archive), ==, ARCHIVE_OK);
    if (g_str_equal(filter, "zstd"))
        g_assert_cmpint(archive_write_add_filter_zstd(maker->archive), ==, ARCHIVE_OK);
    g_assert_cmpint(archive_write_open(maker->archive, maker, NULL, on_write, NULL), ==, ARCHIVE_OK);
    return maker;
}

struct archive_entry *tar_entry(const char *name, mode_t mode)
{
    struct archive_entry *entry = archive_entry_new();

    archive_entry_set_pathname(entry, name);
    archive_entry_set_mode(entry, mode);
    archive_entry_set_uid(entry, geteuid());
    archive_entry_set_gid(entry, getegid());
    archive_entry_set_mtime(entry, 1000000000, 123456789);
    return entry;
}

void tar_put(TarMaker *maker, struct archive_entry *entry, const void *content, size_t length)
{
    archive_entry_set_size(entry, (la_int64_t)length);
    g_assert_cmpint(archive_write_header(maker->archive, entry), >=, ARCHIVE_WARN);
    if (length > 0)
        g_assert_cmpint(archive_write_data(maker->archive, content, length), ==, (int)length);
    archive_entry_free(entry);
}

void tar_file(TarMaker *maker, const char *name, const char *content)
{
    tar_put(maker, tar_entry(name, S_IFREG | 0644), content, strlen(content));
}

void tar_directory(TarMaker *maker, const char *name, mode_t mode)
{
    tar_put(maker, tar_entry(name, S_IFDIR | mode), NULL, 0);
}

void tar_symlink(TarMaker *maker, const char *name, const char *target)
{
    struct archive_entry *entry = tar_entry(name, S_IFLNK | 0777);

    archive_entry_set_symlink(entry, target);
    tar_put(maker, entry, NULL, 0);
}

void tar_hardlink(TarMaker *maker, const char *name, const char *target)
{
    struct archive_entry *entry = tar_entry(name, S_IFREG | 0644);

    archive_entry_set_hardlink(entry, target);
    tar_put(maker, entry, NULL, 0);
}

GByteArray *tar_finish(TarMaker *maker)
{
    GByteArray *bytes = maker->bytes;

    g_assert_cmpint(archive_write_close(maker->archive), ==, ARCHIVE_OK);
    archive_write_free(maker->archive);
    g_free(maker);
    return bytes;
}

void tar_header_sign(guint8 *header)
{
    char text[CHECKSUM_SIZE];
    unsigned int sum = 0;

    memset(header + CHECKSUM_OFFSET, ' ', CHECKSUM_SIZE);
    for (size_t i = 0; i < HEADER_SIZE; i++)
        sum += header[i];
    g_snprintf(text, sizeof(text), "%06o", sum);
    memcpy(header + CHECKSUM_OFFSET, text, sizeof(text) - 1);
}

int bytes_open(const void *data, size_t length)
{
    int fd = memfd_create("test", MFD_CLOEXEC);

    g_assert_cmpint(fd, >=, 0);
    g_assert_true(fd_write_all(fd, data, length, NULL));
    g_assert_cmpint((int)lseek(fd, 0, SEEK_SET), ==, 0);
    return fd;
}
