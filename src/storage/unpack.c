/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tar becomes a tree: libarchive reads the headers of all dialects (ustar, pax, GNU; sparse
 * files), tree-writer makes the entries, this file translates between them and keeps watch over
 * what an archive claims.
 */
#include "storage/unpack.h"

#include "base/fd.h"
#include "storage/tree-writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

/* Names of deleted files in a layer (image-spec, layer.md, "Whiteouts"). */
#define WHITEOUT_PREFIX      ".wh."
#define WHITEOUT_OPAQUE      ".wh..wh..opq"
#define WHITEOUT_META_PREFIX ".wh..wh." /* aufs's own files */

typedef struct Unpacker {
    const UnpackOptions *options;
    Decompressor *input;
    GError *input_error;
    struct archive *tar;
    TreeWriter writer;
    UnpackResult result;
} Unpacker;

static void unpacker_clear(Unpacker *unpacker)
{
    if (unpacker->tar != NULL)
        archive_read_free(unpacker->tar);
    decompressor_free(unpacker->input);
    g_clear_error(&unpacker->input_error);
    tree_writer_clear(&unpacker->writer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Unpacker, unpacker_clear)

/* --- the stream ------------------------------------------------------------------------------- */

static bool input_next(Unpacker *unpacker, const void **ret_data, size_t *ret_length, GError **error)
{
    const UnpackOptions *options = unpacker->options;

    if (!decompressor_next(unpacker->input, ret_data, ret_length, error))
        return false;
    return *ret_length == 0 || options->on_unpacked == NULL ||
           options->on_unpacked(*ret_data, *ret_length, options->user_data, error);
}

/* libarchive's read callback. */
static la_ssize_t on_read(struct archive *tar, void *data, const void **ret_buffer)
{
    Unpacker *unpacker = data;
    size_t length = 0;

    if (unpacker->input_error != NULL ||
        !input_next(unpacker, ret_buffer, &length, &unpacker->input_error)) {
        archive_set_error(tar, EIO, "the input failed");
        return ARCHIVE_FATAL;
    }
    return (la_ssize_t)length;
}

/* What stopped libarchive: the input's own error, or what it says about the tar. */
static bool tar_failed(Unpacker *unpacker, GError **error)
{
    if (unpacker->input_error != NULL) {
        g_propagate_error(error, g_steal_pointer(&unpacker->input_error));
        return false;
    }
    if (archive_format(unpacker->tar) == 0)
        return err_set(error, FLOE_ERROR_INVALID, "not a tar archive");

    const char *text = archive_error_string(unpacker->tar);

    if (text == NULL)
        text = "it cannot be read";
    return err_set(error, FLOE_ERROR_INVALID, "bad tar archive: %c%s", g_ascii_tolower(text[0]),
                   text + 1);
}

static bool tar_open(Unpacker *unpacker, GError **error)
{
    unpacker->tar = archive_read_new();
    if (unpacker->tar == NULL || archive_read_support_format_tar(unpacker->tar) != ARCHIVE_OK)
        return err_set(error, FLOE_ERROR_INTERNAL, "libarchive does not start");
    if (archive_read_open(unpacker->tar, unpacker, NULL, on_read, NULL) != ARCHIVE_OK)
        return tar_failed(unpacker, error);
    return true;
}

/* --- one entry -------------------------------------------------------------------------------- */

static bool owner_check(la_int64_t id, GError **error)
{
    /* The highest number means "leave it as it is" to chown(). */
    return (id >= 0 && id < UINT32_MAX) ||
           err_set(error, FLOE_ERROR_INVALID, "owner %lld is out of range", (long long)id);
}

static bool entry_check(struct archive_entry *header, GError **error)
{
    const char *name = archive_entry_pathname(header);

    if (name == NULL || *name == '\0')
        return err_set(error, FLOE_ERROR_INVALID, "it has no name");
    if (archive_entry_size(header) < 0)
        return err_set(error, FLOE_ERROR_INVALID, "its size is negative");
    return owner_check(archive_entry_uid(header), error) &&
           owner_check(archive_entry_gid(header), error);
}

/* The xattrs of an entry; their names and values stay the header's. */
static bool xattrs_read(struct archive_entry *header, TreeXattr *xattrs, size_t *ret_n_xattrs,
                        GError **error)
{
    int count = archive_entry_xattr_reset(header);

    if (count > TREE_XATTRS_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "it has more than %d xattrs", TREE_XATTRS_MAX);
    for (int i = 0; i < count; i++)
        archive_entry_xattr_next(header, &xattrs[i].name, &xattrs[i].value, &xattrs[i].size);
    *ret_n_xattrs = (size_t)count;
    return true;
}

static struct timespec entry_mtime(struct archive_entry *header)
{
    long nanoseconds = archive_entry_mtime_nsec(header);

    return (struct timespec){
        .tv_sec = archive_entry_mtime(header),
        .tv_nsec = nanoseconds >= 0 && nanoseconds < 1000000000 ? nanoseconds : 0,
    };
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

/* Only what the archive holds is written, so the holes of a sparse file stay holes. */
static bool content_write(Unpacker *unpacker, int fd, int64_t size, GError **error)
{
    const void *data;
    size_t length;
    la_int64_t offset;
    int64_t end = 0;
    int status;

    while ((status = archive_read_data_block(unpacker->tar, &data, &length, &offset)) >=
           ARCHIVE_WARN) {
        if (status == ARCHIVE_EOF)
            break;
        if (!write_at(fd, data, length, offset, error))
            return false;
        end = offset + (int64_t)length;
        unpacker->result.size_bytes += (int64_t)length;
    }
    if (status != ARCHIVE_EOF)
        return tar_failed(unpacker, error);
    if (end < size && ftruncate(fd, size) < 0)
        return err_set_errno(error, "extend it to %lld bytes", (long long)size);
    return true;
}

static bool file_unpack(Unpacker *unpacker, struct archive_entry *header, const TreeEntry *entry,
                        GError **error)
{
    autofd int fd = -1;

    return tree_add_file(&unpacker->writer, entry, &fd, error) &&
           content_write(unpacker, fd, archive_entry_size(header), error) &&
           tree_finish_file(entry, &fd, error);
}

static bool hardlink_unpack(Unpacker *unpacker, const char *target, const char *path, GError **error)
{
    g_autofree char *clean = NULL;

    if (!tree_path_clean(target, &clean, error)) {
        g_autofree char *label = tree_path_label(target);
        return err_prefix(error, "hard link to '%s'", label);
    }
    return tree_add_hardlink(&unpacker->writer, path, clean, error);
}

static bool object_unpack(Unpacker *unpacker, struct archive_entry *header, const char *path,
                          GError **error)
{
    const char *link = archive_entry_hardlink(header);
    TreeXattr xattrs[TREE_XATTRS_MAX];
    TreeEntry entry = {
        .path = path,
        .mode = archive_entry_mode(header),
        .uid = (uid_t)archive_entry_uid(header),
        .gid = (gid_t)archive_entry_gid(header),
        .mtime = entry_mtime(header),
        .xattrs = xattrs,
    };

    if (unpacker->options->owner != NULL) {
        entry.uid = unpacker->options->owner->uid;
        entry.gid = unpacker->options->owner->gid;
    }
    if (link != NULL)
        return hardlink_unpack(unpacker, link, path, error);
    if (!xattrs_read(header, xattrs, &entry.n_xattrs, error))
        return false;

    switch (archive_entry_filetype(header)) {
    case AE_IFREG: return file_unpack(unpacker, header, &entry, error);
    case AE_IFDIR: return tree_add_directory(&unpacker->writer, &entry, error);
    case AE_IFLNK:
        entry.target = archive_entry_symlink(header);
        if (entry.target == NULL)
            return err_set(error, FLOE_ERROR_INVALID, "it is a symbolic link to nothing");
        return tree_add_symlink(&unpacker->writer, &entry, error);
    case AE_IFCHR:
    case AE_IFBLK:
        entry.device = archive_entry_rdev(header);
        return tree_add_node(&unpacker->writer, &entry, error);
    case AE_IFIFO: return tree_add_node(&unpacker->writer, &entry, error);
    default: return err_set(error, FLOE_ERROR_INVALID, "it is of an unknown type");
    }
}

/* --- whiteouts -------------------------------------------------------------------------------- */

/* Does a name in the path begin with the prefix? */
static bool path_has_name_with(const char *path, const char *prefix)
{
    for (const char *name = path; name != NULL; name = strchr(name, '/')) {
        name += *name == '/';
        if (g_str_has_prefix(name, prefix))
            return true;
    }
    return false;
}

/*
 * ret_is_whiteout: the entry says what lower layers lose, or is aufs's; it is no object itself, and
 * has been dealt with.
 */
static bool whiteout_unpack(Unpacker *unpacker, const char *path, bool *ret_is_whiteout,
                            GError **error)
{
    const char *slash = strrchr(path, '/');
    const char *leaf = slash != NULL ? slash + 1 : path;
    g_autofree char *parent = g_strndup(path, slash != NULL ? (gsize)(slash - path) : 0);

    *ret_is_whiteout = true;
    if (g_str_equal(leaf, WHITEOUT_OPAQUE))
        return tree_set_opaque(&unpacker->writer, parent, error);
    if (path_has_name_with(path, WHITEOUT_META_PREFIX))
        return true;
    *ret_is_whiteout = g_str_has_prefix(leaf, WHITEOUT_PREFIX);
    if (!*ret_is_whiteout)
        return true;

    const char *hidden = leaf + strlen(WHITEOUT_PREFIX);
    g_autofree char *hidden_path = g_strconcat(parent, *parent != '\0' ? "/" : "", hidden, NULL);

    if (*hidden == '\0' || g_str_equal(hidden, ".") || g_str_equal(hidden, ".."))
        return err_set(error, FLOE_ERROR_INVALID, "it is a whiteout of no name");
    return tree_add_whiteout(&unpacker->writer, hidden_path, error);
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool entry_unpack(Unpacker *unpacker, struct archive_entry *header, GError **error)
{
    g_autofree char *path = NULL;
    bool is_whiteout = false;

    if (!entry_check(header, error) ||
        !tree_path_clean(archive_entry_pathname(header), &path, error))
        return false;
    if (unpacker->options->whiteouts && !whiteout_unpack(unpacker, path, &is_whiteout, error))
        return false;
    return is_whiteout || object_unpack(unpacker, header, path, error);
}

static bool entries_unpack(Unpacker *unpacker, GError **error)
{
    struct archive_entry *header;
    int status;

    /* ARCHIVE_WARN: among harmless things, a name that is not ASCII (see unpack_tar()). */
    while ((status = archive_read_next_header(unpacker->tar, &header)) >= ARCHIVE_WARN) {
        if (status == ARCHIVE_EOF)
            return true;
        if (!entry_unpack(unpacker, header, error)) {
            g_autofree char *label = tree_path_label(archive_entry_pathname(header));
            return err_prefix(error, "entry '%s'", label);
        }
        unpacker->result.n_entries++;
    }
    return tar_failed(unpacker, error);
}

/* Take what stands behind the end of the tar: it counts in the digests. */
static bool input_finish(Unpacker *unpacker, GError **error)
{
    const void *data;
    size_t length = 0;

    do {
        if (!input_next(unpacker, &data, &length, error))
            return false;
    } while (length > 0);
    return true;
}

static bool unpack_all(Unpacker *unpacker, GError **error)
{
    if (!tar_open(unpacker, error) || !entries_unpack(unpacker, error) ||
        !input_finish(unpacker, error))
        return false;
    unpacker->result.compression = decompressor_compression(unpacker->input);
    return tree_writer_finish(&unpacker->writer, error);
}

bool unpack_tar(int fd, int directory_fd, const UnpackOptions *options, UnpackResult *ret_result,
                GError **error)
{
    g_auto(Unpacker) unpacker = { .options = options };

    unpacker.input = decompressor_new(fd, options->on_packed, options->user_data);
    tree_writer_init(&unpacker.writer, directory_fd);

    /*
     * File names are bytes. libarchive converts pax names from UTF-8 to the locale's charset,
     * normalizing them on the way (NFC); where that is impossible it hands out the bytes. In the C
     * locale it is, for all names that conversion could change.
     */
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = uselocale(c_locale);
    bool done = unpack_all(&unpacker, error);

    uselocale(before);
    freelocale(c_locale);
    if (done)
        *ret_result = unpacker.result;
    return done;
}
