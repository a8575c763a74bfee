/* SPDX-License-Identifier: Apache-2.0 */
/* Only the headers are read of what is not one of the two documents, where the file is not compressed. */
#include "storage/image-archive.h"

#include "base/fd.h"
#include "storage/decompressor.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DOCUMENT_MAX ((int64_t)4 * 1024 * 1024)
#define ENTRIES_MAX  100000
#define BLOCK_SIZE   ((size_t)64 * 1024)

typedef struct Looker {
    int fd;
    Decompressor *input; /* NULL: the file is a plain tar */
    GError *input_error;
    struct archive *tar;
    char buffer[BLOCK_SIZE];
    json_t *docker, *oci; /* the documents */
} Looker;

static void looker_clear(Looker *looker)
{
    if (looker->tar != NULL)
        archive_read_free(looker->tar);
    decompressor_free(looker->input);
    g_clear_error(&looker->input_error);
    json_decref(looker->docker);
    json_decref(looker->oci);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Looker, looker_clear)

void image_archive_clear(ImageArchive *archive)
{
    json_decref(archive->images);
}

/* --- libarchive's callbacks ------------------------------------------------------------------- */

static la_ssize_t on_read(struct archive *tar, void *data, const void **ret_buffer)
{
    Looker *looker = data;
    size_t length = 0;

    if (looker->input == NULL) {
        *ret_buffer = looker->buffer;
        return TEMP_FAILURE_RETRY(read(looker->fd, looker->buffer, BLOCK_SIZE));
    }
    if (!decompressor_next(looker->input, ret_buffer, &length, &looker->input_error)) {
        archive_set_error(tar, EIO, "%s", looker->input_error->message);
        return ARCHIVE_FATAL;
    }
    return (la_ssize_t)length;
}

static la_int64_t on_skip(struct archive *tar, void *data, la_int64_t length)
{
    const Looker *looker = data;

    if (looker->input != NULL || lseek(looker->fd, length, SEEK_CUR) < 0)
        return 0;
    return length;
}

/* --- the documents ---------------------------------------------------------------------------- */

static bool tar_failed(Looker *looker, GError **error)
{
    const char *text = archive_error_string(looker->tar);

    return err_set(error, FLOE_ERROR_INVALID, "bad tar archive: %s",
                   text != NULL ? text : "it cannot be read");
}

static bool read_document(Looker *looker, struct archive_entry *header, json_t **ret_document,
                          GError **error)
{
    const char *name = archive_entry_pathname(header);
    int64_t size = archive_entry_size(header);
    g_autofree char *text = NULL;

    if (size < 0 || size > DOCUMENT_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' in the archive is longer than %lld bytes",
                       name, (long long)DOCUMENT_MAX);
    text = g_malloc((size_t)size + 1);
    if (archive_read_data(looker->tar, text, (size_t)size) != size)
        return tar_failed(looker, error);
    json_decref(*ret_document);
    *ret_document = NULL;
    return json_parse(text, (size_t)size, name, ret_document, error);
}

static bool look_at_entry(Looker *looker, struct archive_entry *header, GError **error)
{
    const char *name = archive_entry_pathname(header);

    if (name != NULL && g_str_has_prefix(name, "./"))
        name += strlen("./");
    if (archive_entry_filetype(header) != AE_IFREG || name == NULL)
        return true;
    if (g_str_equal(name, "manifest.json"))
        return read_document(looker, header, &looker->docker, error);
    if (g_str_equal(name, "index.json"))
        return read_document(looker, header, &looker->oci, error);
    return true;
}

static bool look_at_entries(Looker *looker, GError **error)
{
    struct archive_entry *header;
    int status;

    for (int i = 0; (status = archive_read_next_header(looker->tar, &header)) >= ARCHIVE_WARN; i++) {
        if (status == ARCHIVE_EOF || looker->docker != NULL)
            return true;
        if (i == ENTRIES_MAX)
            return err_set(error, FLOE_ERROR_INVALID, "more than %d entries", ENTRIES_MAX);
        if (!look_at_entry(looker, header, error))
            return false;
    }
    return tar_failed(looker, error);
}

static bool open_tar(Looker *looker, GError **error)
{
    char magic[4] = { 0 };
    bool is_packed;

    if (pread(looker->fd, magic, sizeof(magic), 0) < 0)
        return err_set_errno(error, "read it");
    is_packed = memcmp(magic, "\x1f\x8b", 2) == 0 || memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0;
    if (is_packed)
        looker->input = decompressor_new(looker->fd, NULL, NULL);
    looker->tar = archive_read_new();
    if (looker->tar == NULL || archive_read_support_format_tar(looker->tar) != ARCHIVE_OK)
        return err_set(error, FLOE_ERROR_INTERNAL, "libarchive does not start");
    archive_read_set_read_callback(looker->tar, on_read);
    archive_read_set_skip_callback(looker->tar, on_skip);
    archive_read_set_callback_data(looker->tar, looker);
    return archive_read_open1(looker->tar) == ARCHIVE_OK || tar_failed(looker, error);
}

static bool take_images(Looker *looker, ImageArchive *archive, GError **error)
{
    json_t *images = NULL;

    archive->is_docker = looker->docker != NULL;
    archive->is_packed = looker->input != NULL;
    if (archive->is_docker)
        images = looker->docker;
    else if (looker->oci != NULL && !json_get_array(looker->oci, "manifests", &images, error))
        return err_prefix(error, "index.json");
    if (images == NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "no archive of images: it has neither manifest.json nor index.json");
    if (!json_is_array(images))
        return err_set(error, FLOE_ERROR_INVALID, "manifest.json is not an array");
    archive->images = json_incref(images);
    return true;
}

bool image_archive_look(int fd, ImageArchive *ret_archive, GError **error)
{
    g_auto(Looker) looker = { .fd = fd };

    if (lseek(fd, 0, SEEK_SET) < 0)
        return err_set_errno(error, "go to its beginning");
    if (!open_tar(&looker, error) || !look_at_entries(&looker, error) ||
        !take_images(&looker, ret_archive, error))
        return false;
    return lseek(fd, 0, SEEK_SET) == 0 || err_set_errno(error, "go to its beginning");
}

bool image_archive_unpack(int fd, int to, GError **error)
{
    g_autoptr(Decompressor) input = decompressor_new(fd, NULL, NULL);
    const void *data = NULL;
    size_t length = 0;

    do {
        if (!decompressor_next(input, &data, &length, error) ||
            !fd_write_all(to, data, length, error))
            return false;
    } while (length > 0);
    return true;
}
