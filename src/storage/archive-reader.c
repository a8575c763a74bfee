/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floe's own archives begin with the two documents; podman's have a few entries before them, so
 * they are read again from their start. A pipe cannot be: what was read of it is kept until the
 * documents are known.
 */
#include "storage/archive-reader.h"

#include "base/fd.h"
#include "storage/tar-reader.h"
#include "storage/tree-writer.h"

#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARENT_NAME   "checkpoint/parent"
#define PARENT_TARGET "../pre-checkpoint"
#define SPOOL_MAX     ((size_t)1024 * 1024 * 1024)
#define ENTRIES_MAX   (256 * 1024) /* CRIU writes some tens of files for each process */

struct ArchiveReader {
    char *label; /* for errors */
    int fd;
    off_t start;  /* in fd; -1: it is a pipe */
    int spool_fd; /* the start of a pipe; -1: not kept */
    bool spools;
    size_t spooled;
    TarReader *tar;
    GHashTable *seen; /* names of files */
    unsigned n_entries;
    int64_t left; /* bytes that may still be handed out; -1: any number */

    struct archive_entry *header; /* of `entry` */
    char *name;
    ArchiveEntry entry;
};

void archive_documents_clear(ArchiveDocuments *documents)
{
    g_clear_pointer(&documents->config, g_free);
    g_clear_pointer(&documents->spec, g_free);
}

/* --- the stream ------------------------------------------------------------------------------- */

static bool keep_packed(Compression compression G_GNUC_UNUSED, const void *data, size_t length,
                        void *user_data, GError **error)
{
    ArchiveReader *reader = user_data;

    if (!reader->spools)
        return true;
    reader->spooled += length;
    if (reader->spooled > SPOOL_MAX)
        return err_set(error, FLOE_ERROR_INVALID,
                       "there is no " ARCHIVE_CONFIG " and " ARCHIVE_SPEC " in the first GiB of it; "
                       "an archive where they come later can be read from a file");
    return fd_write_all(reader->spool_fd, data, length, error);
}

static void begin(ArchiveReader *reader)
{
    int fd = reader->spool_fd >= 0 && !reader->spools ? reader->spool_fd : reader->fd;
    Decompressor *input = decompressor_new(fd, reader->spools ? keep_packed : NULL, reader);

    if (fd != reader->fd)
        decompressor_continue(input, reader->fd);
    g_clear_pointer(&reader->tar, tar_reader_free);
    reader->tar = tar_reader_new(input, NULL, NULL);
    g_hash_table_remove_all(reader->seen);
    reader->n_entries = 0;
}

/* Takes fd over. */
static bool reader_new(int fd, const char *label, const char *spool_dir, ArchiveReader **ret_reader,
                       GError **error)
{
    g_autoptr(ArchiveReader) reader = g_new0(ArchiveReader, 1);

    reader->fd = fd;
    reader->spool_fd = -1;
    reader->left = -1;
    reader->label = g_strdup(label);
    reader->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    reader->start = lseek(fd, 0, SEEK_CUR);
    if (reader->start < 0) {
        if (!fd_open_nameless(spool_dir, &reader->spool_fd, error))
            return err_prefix(error, "keep the start of %s", label);
        reader->spools = true;
    }
    begin(reader);
    *ret_reader = g_steal_pointer(&reader);
    return true;
}

bool archive_reader_open_fd(int fd, const char *label, const char *spool_dir,
                            ArchiveReader **ret_reader, GError **error)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    if (copy < 0)
        return err_set_errno(error, "open %s", label);
    return reader_new(copy, label, spool_dir, ret_reader, error);
}

bool archive_reader_open(const char *path, const char *spool_dir, ArchiveReader **ret_reader,
                         GError **error)
{
    g_autofree char *label = g_strdup_printf("archive '%s'", path);
    int fd;

    if (g_str_equal(path, "-"))
        return archive_reader_open_fd(STDIN_FILENO, "standard input", spool_dir, ret_reader, error);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_set_errno(error, "open %s", label);
    return reader_new(fd, label, spool_dir, ret_reader, error);
}

void archive_reader_once(ArchiveReader *reader)
{
    reader->spools = false;
}

void archive_reader_free(ArchiveReader *reader)
{
    if (reader == NULL)
        return;
    tar_reader_free(reader->tar);
    fd_cleanup(&reader->fd);
    fd_cleanup(&reader->spool_fd);
    g_hash_table_unref(reader->seen);
    g_free(reader->label);
    g_free(reader->name);
    g_free(reader);
}

/* From the first entry on again. */
static bool rewind_to_start(ArchiveReader *reader, GError **error)
{
    int fd = reader->spool_fd >= 0 ? reader->spool_fd : reader->fd;

    reader->spools = false;
    if (lseek(fd, reader->spool_fd >= 0 ? 0 : reader->start, SEEK_SET) < 0)
        return err_set_errno(error, "read again");
    begin(reader);
    return true;
}

/* --- entries ---------------------------------------------------------------------------------- */

/* "./" before and "/" after a name are tar's ways to write it; all else would be a trick. */
static bool name_read(const char *text, char **ret_name, GError **error)
{
    const char *start = g_str_has_prefix(text, "./") ? text + 2 : text;
    size_t length = strlen(start);

    while (length > 0 && start[length - 1] == '/')
        length--;

    g_autofree char *given = g_strndup(start, length);
    g_autofree char *clean = NULL;

    if (!tree_path_clean(given, &clean, error))
        return false;
    if (!g_str_equal(clean, given) && !g_str_equal(given, "."))
        return err_set(error, FLOE_ERROR_INVALID, "it is not a plain relative path");
    *ret_name = g_steal_pointer(&clean);
    return true;
}

static bool kind_read(struct archive_entry *header, const char *name, ArchiveEntryKind *ret_kind,
                      GError **error)
{
    if (archive_entry_hardlink(header) != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "it is a hard link");
    switch (archive_entry_filetype(header)) {
    case AE_IFREG: *ret_kind = ARCHIVE_ENTRY_FILE; return true;
    case AE_IFDIR: *ret_kind = ARCHIVE_ENTRY_DIRECTORY; return true;
    case AE_IFLNK:
        *ret_kind = ARCHIVE_ENTRY_PARENT;
        return (g_str_equal(name, PARENT_NAME) &&
                g_strcmp0(archive_entry_symlink(header), PARENT_TARGET) == 0) ||
               err_set(error, FLOE_ERROR_INVALID, "it is a symbolic link");
    default: return err_set(error, FLOE_ERROR_INVALID, "it is neither a file nor a directory");
    }
}

static bool entry_read(ArchiveReader *reader, GError **error)
{
    ArchiveEntry *entry = &reader->entry;

    g_clear_pointer(&reader->name, g_free);
    if (!tar_entry_check(reader->header, error) ||
        !name_read(archive_entry_pathname(reader->header), &reader->name, error) ||
        !kind_read(reader->header, reader->name, &entry->kind, error))
        return false;
    entry->name = reader->name;
    entry->size = archive_entry_size(reader->header);
    entry->mtime_unix = archive_entry_mtime(reader->header);
    if (++reader->n_entries > ENTRIES_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "there are more than %d entries", ENTRIES_MAX);
    if (entry->kind == ARCHIVE_ENTRY_DIRECTORY)
        return true;
    return g_hash_table_add(reader->seen, g_strdup(entry->name)) ||
           err_set(error, FLOE_ERROR_INVALID, "it is there twice");
}

/* Errors are named by their entry, as those of reading it are. */
static bool entry_failed(ArchiveReader *reader, GError **error)
{
    g_autofree char *label = tree_path_label(archive_entry_pathname(reader->header));

    return err_prefix(error, "%s: entry '%s'", reader->label, label);
}

static bool any_next(ArchiveReader *reader, const ArchiveEntry **ret_entry, GError **error)
{
    *ret_entry = NULL;
    if (!tar_reader_next(reader->tar, &reader->header, error) ||
        (reader->header == NULL && !tar_reader_finish(reader->tar, error)))
        return err_prefix(error, "%s", reader->label);
    if (reader->header == NULL)
        return true;
    if (!entry_read(reader, error))
        return entry_failed(reader, error);
    *ret_entry = &reader->entry;
    return true;
}

static bool is_document(const ArchiveEntry *entry)
{
    return g_str_equal(entry->name, ARCHIVE_CONFIG) || g_str_equal(entry->name, ARCHIVE_SPEC);
}

bool archive_reader_next(ArchiveReader *reader, const ArchiveEntry **ret_entry, GError **error)
{
    do {
        if (!any_next(reader, ret_entry, error))
            return false;
    } while (*ret_entry != NULL && is_document(*ret_entry));
    return true;
}

/* --- contents --------------------------------------------------------------------------------- */

void archive_reader_limit(ArchiveReader *reader, int64_t bytes)
{
    reader->left = bytes;
}

static bool too_much(ArchiveReader *reader, GError **error)
{
    err_set(error, FLOE_ERROR_IO,
            "it needs %" G_GINT64_FORMAT " bytes, and there is room for no more than "
            "%" G_GINT64_FORMAT,
            reader->entry.size, reader->left);
    return entry_failed(reader, error);
}

static bool text_read(ArchiveReader *reader, size_t limit, char **ret_data, size_t *ret_length,
                      GError **error)
{
    return (reader->entry.kind == ARCHIVE_ENTRY_FILE
                ? tar_reader_text(reader->tar, limit, ret_data, ret_length, error)
                : err_set(error, FLOE_ERROR_INVALID, "it is not a file")) ||
           entry_failed(reader, error);
}

bool archive_reader_text(ArchiveReader *reader, size_t limit, char **ret_data, size_t *ret_length,
                         GError **error)
{
    if (!text_read(reader, limit, ret_data, ret_length, error))
        return false;
    if (reader->left >= 0)
        reader->left -= MIN((int64_t)*ret_length, reader->left);
    return true;
}

bool archive_reader_slice(ArchiveReader *reader, uint64_t offset, size_t length, char **ret_data,
                          GError **error)
{
    return tar_reader_slice(reader->tar, offset, length, ret_data, error) ||
           entry_failed(reader, error);
}

bool archive_reader_write(ArchiveReader *reader, int fd, GError **error)
{
    int64_t written = 0;

    if (reader->left >= 0 && !archive_entry_sparse_count(reader->header) &&
        reader->entry.size > reader->left)
        return too_much(reader, error);
    if (!tar_reader_write(reader->tar, fd, reader->entry.size, reader->left, &written, error))
        return entry_failed(reader, error);
    if (reader->left >= 0)
        reader->left -= written;
    return true;
}

/* --- the documents ---------------------------------------------------------------------------- */

static bool no_document(ArchiveReader *reader, const char *missing, GError **error)
{
    if (g_hash_table_contains(reader->seen, ARCHIVE_POD))
        return err_set(error, FLOE_ERROR_INVALID,
                       "%s is the archive of a pod, which `floe pod restore` reads", reader->label);
    return err_set(error, FLOE_ERROR_INVALID, "%s is no checkpoint archive: it has no %s",
                   reader->label, missing);
}

static bool documents_read(ArchiveReader *reader, ArchiveDocuments *documents,
                           bool *ret_has_skipped, GError **error)
{
    while (documents->config == NULL || documents->spec == NULL) {
        const ArchiveEntry *entry;

        if (!any_next(reader, &entry, error))
            return false;
        if (entry == NULL)
            return no_document(reader, documents->config == NULL ? ARCHIVE_CONFIG : ARCHIVE_SPEC,
                               error);
        if (!is_document(entry)) {
            *ret_has_skipped = true;
            continue;
        }

        bool is_config = g_str_equal(entry->name, ARCHIVE_CONFIG);

        if (!text_read(reader, ARCHIVE_DOCUMENT_LIMIT,
                       is_config ? &documents->config : &documents->spec,
                       is_config ? &documents->config_length : &documents->spec_length, error))
            return false;
    }
    return true;
}

bool archive_reader_documents(ArchiveReader *reader, ArchiveDocuments *ret_documents, GError **error)
{
    g_auto(ArchiveDocuments) documents = { 0 };
    bool has_skipped = false;

    if (!documents_read(reader, &documents, &has_skipped, error))
        return false;
    if (has_skipped && !rewind_to_start(reader, error))
        return err_prefix(error, "%s", reader->label);
    reader->spools = false;
    *ret_documents = documents;
    documents = (ArchiveDocuments){ 0 };
    return true;
}

Compression archive_reader_compression(const ArchiveReader *reader)
{
    return tar_reader_compression(reader->tar);
}

const char *archive_reader_label(const ArchiveReader *reader)
{
    return reader->label;
}
