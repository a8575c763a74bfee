/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tar-reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <unistd.h>

#define TRAILER_MAX ((size_t)64 * 1024 * 1024) /* tar writes a few KiB of zeros */

struct TarReader {
    Decompressor *input;
    UnpackedTap on_unpacked;
    void *user_data;
    GError *input_error;
    struct archive *tar; /* NULL: nothing was read yet */
    locale_t locale;
};

TarReader *tar_reader_new(Decompressor *input, UnpackedTap on_unpacked, void *user_data)
{
    TarReader *reader = g_new0(TarReader, 1);

    reader->input = input;
    reader->on_unpacked = on_unpacked;
    reader->user_data = user_data;
    /*
     * File names are bytes. libarchive converts pax names from UTF-8 to the locale's charset,
     * normalizing them on the way (NFC); where that is impossible it hands out the bytes. In the C
     * locale it is, for all names that conversion could change.
     */
    reader->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return reader;
}

void tar_reader_free(TarReader *reader)
{
    if (reader == NULL)
        return;
    if (reader->tar != NULL)
        archive_read_free(reader->tar);
    decompressor_free(reader->input);
    g_clear_error(&reader->input_error);
    freelocale(reader->locale);
    g_free(reader);
}

Compression tar_reader_compression(const TarReader *reader)
{
    return decompressor_compression(reader->input);
}

/* --- the stream ------------------------------------------------------------------------------- */

static bool input_next(TarReader *reader, const void **ret_data, size_t *ret_length, GError **error)
{
    if (!decompressor_next(reader->input, ret_data, ret_length, error))
        return false;
    return *ret_length == 0 || reader->on_unpacked == NULL ||
           reader->on_unpacked(*ret_data, *ret_length, reader->user_data, error);
}

/* libarchive's read callback. */
static la_ssize_t on_read(struct archive *tar, void *data, const void **ret_buffer)
{
    TarReader *reader = data;
    size_t length = 0;

    if (reader->input_error != NULL ||
        !input_next(reader, ret_buffer, &length, &reader->input_error)) {
        archive_set_error(tar, EIO, "the input failed");
        return ARCHIVE_FATAL;
    }
    return (la_ssize_t)length;
}

/* What stopped libarchive: the input's own error, or what it says about the tar. */
static bool tar_failed(TarReader *reader, GError **error)
{
    if (reader->input_error != NULL) {
        g_propagate_error(error, g_steal_pointer(&reader->input_error));
        return false;
    }
    if (archive_format(reader->tar) == 0)
        return err_set(error, FLOE_ERROR_INVALID, "not a tar archive");

    const char *text = archive_error_string(reader->tar);

    if (text == NULL)
        text = "it cannot be read";
    return err_set(error, FLOE_ERROR_INVALID, "bad tar archive: %c%s", g_ascii_tolower(text[0]),
                   text + 1);
}

static bool tar_open(TarReader *reader, GError **error)
{
    reader->tar = archive_read_new();
    if (reader->tar == NULL || archive_read_support_format_tar(reader->tar) != ARCHIVE_OK)
        return err_set(error, FLOE_ERROR_INTERNAL, "libarchive does not start");
    if (archive_read_open(reader->tar, reader, NULL, on_read, NULL) != ARCHIVE_OK)
        return tar_failed(reader, error);
    return true;
}

bool tar_reader_finish(TarReader *reader, GError **error)
{
    const void *data;
    size_t length = 0, total = 0;

    do {
        if (!input_next(reader, &data, &length, error))
            return false;
        total += length;
        if (total > TRAILER_MAX)
            return err_set(error, FLOE_ERROR_INVALID, "it goes on far behind its end");
    } while (length > 0);
    return true;
}

/* --- entries ---------------------------------------------------------------------------------- */

static bool owner_check(la_int64_t id, GError **error)
{
    /* The highest number means "leave it as it is" to chown(). */
    return (id >= 0 && id < UINT32_MAX) ||
           err_set(error, FLOE_ERROR_INVALID, "owner %lld is out of range", (long long)id);
}

bool tar_entry_check(struct archive_entry *header, GError **error)
{
    const char *name = archive_entry_pathname(header);

    if (name == NULL || *name == '\0')
        return err_set(error, FLOE_ERROR_INVALID, "it has no name");
    if (archive_entry_size(header) < 0)
        return err_set(error, FLOE_ERROR_INVALID, "its size is negative");
    return owner_check(archive_entry_uid(header), error) &&
           owner_check(archive_entry_gid(header), error);
}

static bool next(TarReader *reader, struct archive_entry **ret_header, GError **error)
{
    int status;

    if (reader->tar == NULL && !tar_open(reader, error))
        return false;
    status = archive_read_next_header(reader->tar, ret_header);
    /* ARCHIVE_WARN: among harmless things, a name that is not ASCII (see tar_reader_new()). */
    if (status < ARCHIVE_WARN)
        return tar_failed(reader, error);
    if (status == ARCHIVE_EOF) {
        *ret_header = NULL;
        return true;
    }
    /* libarchive converts a name when it is first asked for, and keeps it. */
    archive_entry_pathname(*ret_header);
    archive_entry_hardlink(*ret_header);
    archive_entry_symlink(*ret_header);
    return true;
}

bool tar_reader_next(TarReader *reader, struct archive_entry **ret_header, GError **error)
{
    locale_t before = uselocale(reader->locale);
    bool ok = next(reader, ret_header, error);

    uselocale(before);
    return ok;
}

/* --- contents --------------------------------------------------------------------------------- */

/* *ret_length 0: the content is at its end. */
static bool next_block(TarReader *reader, const void **ret_data, size_t *ret_length,
                       int64_t *ret_offset, GError **error)
{
    locale_t before = uselocale(reader->locale);
    int status;

    do {
        *ret_length = 0;
        status = archive_read_data_block(reader->tar, ret_data, ret_length, ret_offset);
    } while (status >= ARCHIVE_WARN && status != ARCHIVE_EOF && *ret_length == 0);
    uselocale(before);
    if (status == ARCHIVE_EOF)
        *ret_length = 0;
    return status >= ARCHIVE_WARN || tar_failed(reader, error);
}

static bool too_long(int64_t limit, GError **error)
{
    return err_set(error, FLOE_ERROR_INVALID, "it is longer than %" G_GINT64_FORMAT " bytes", limit);
}

bool tar_reader_text(TarReader *reader, size_t limit, char **ret_data, size_t *ret_length,
                     GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const void *data;
    size_t length;
    int64_t offset;

    for (;;) {
        if (!next_block(reader, &data, &length, &offset, error))
            return false;
        if (length == 0)
            break;
        if (offset < 0 || (uint64_t)offset + length > limit)
            return too_long((int64_t)limit, error);
        /* What a sparse file leaves out is zeros. */
        while (text->len < (size_t)offset)
            g_string_append_c(text, '\0');
        g_string_append_len(text, data, (gssize)length);
    }
    *ret_length = text->len;
    *ret_data = g_string_free(g_steal_pointer(&text), FALSE);
    return true;
}

bool tar_reader_slice(TarReader *reader, uint64_t offset, size_t length, char **ret_data,
                      GError **error)
{
    g_autofree char *slice = g_malloc0(length + 1);
    uint64_t slice_end = offset + length, end;
    const void *data;
    size_t size;
    int64_t at = 0;

    do {
        if (!next_block(reader, &data, &size, &at, error))
            return false;
        end = (uint64_t)at + size;

        uint64_t from = MAX((uint64_t)at, offset), to = MIN(end, slice_end);

        if (size > 0 && from < to)
            memcpy(slice + (from - offset), (const char *)data + (from - (uint64_t)at), to - from);
    } while (size > 0 && end < slice_end);
    *ret_data = g_steal_pointer(&slice);
    return true;
}

static bool write_at(int fd, const char *data, size_t length, int64_t offset, GError **error)
{
    while (length > 0) {
        ssize_t written = TEMP_FAILURE_RETRY(pwrite(fd, data, length, offset));

        if (written < 0)
            return err_set_errno(error, "write it");
        data += written;
        length -= (size_t)written;
        offset += written;
    }
    return true;
}

bool tar_reader_write(TarReader *reader, int fd, int64_t size, int64_t limit, int64_t *ret_written,
                      GError **error)
{
    const void *data;
    size_t length;
    int64_t offset, end = 0, total = 0;

    for (;;) {
        if (!next_block(reader, &data, &length, &offset, error))
            return false;
        if (length == 0)
            break;
        total += (int64_t)length;
        if (limit >= 0 && total > limit)
            return too_long(limit, error);
        if (!write_at(fd, data, length, offset, error))
            return false;
        end = offset + (int64_t)length;
    }
    if (end < size && ftruncate(fd, size) < 0)
        return err_set_errno(error, "extend it to %" G_GINT64_FORMAT " bytes", size);
    *ret_written = total;
    return true;
}
