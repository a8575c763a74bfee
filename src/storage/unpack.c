/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tar becomes a tree: tar-reader reads the entries, tree-writer makes them, this file translates
 * between them.
 */
#include "storage/unpack.h"

#include "base/fd.h"
#include "storage/tar-reader.h"
#include "storage/tree-writer.h"

#include <archive_entry.h>
#include <string.h>

/* Names of deleted files in a layer (image-spec, layer.md, "Whiteouts"). */
#define WHITEOUT_PREFIX      ".wh."
#define WHITEOUT_OPAQUE      ".wh..wh..opq"
#define WHITEOUT_META_PREFIX ".wh..wh." /* aufs's own files */

typedef struct Unpacker {
    const UnpackOptions *options;
    TarReader *tar;
    TreeWriter writer;
    UnpackResult result;
} Unpacker;

static void unpacker_clear(Unpacker *unpacker)
{
    tar_reader_free(unpacker->tar);
    tree_writer_clear(&unpacker->writer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Unpacker, unpacker_clear)

/* --- one entry -------------------------------------------------------------------------------- */

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

static bool file_unpack(Unpacker *unpacker, struct archive_entry *header, const TreeEntry *entry,
                        GError **error)
{
    int64_t written = 0;
    autofd int fd = -1;

    if (!tree_add_file(&unpacker->writer, entry, &fd, error) ||
        !tar_reader_write(unpacker->tar, fd, archive_entry_size(header), -1, &written, error))
        return false;
    unpacker->result.size_bytes += written;
    return tree_finish_file(entry, &fd, error);
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

    tree_owner_apply(unpacker->options->owner, &entry);
    if (link != NULL)
        return hardlink_unpack(unpacker, link, path, error);
    if (!xattrs_read(header, xattrs, &entry.n_xattrs, error))
        return false;

    switch (archive_entry_filetype(header)) {
    case AE_IFREG: return file_unpack(unpacker, header, &entry, error);
    case AE_IFDIR:
        unpacker->result.has_top |= *path == '\0';
        return tree_add_directory(&unpacker->writer, &entry, error);
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

    if (!tar_entry_check(header, error) ||
        !tree_path_clean(archive_entry_pathname(header), &path, error))
        return false;
    if (unpacker->options->whiteouts && !whiteout_unpack(unpacker, path, &is_whiteout, error))
        return false;
    return is_whiteout || object_unpack(unpacker, header, path, error);
}

static bool entries_unpack(Unpacker *unpacker, GError **error)
{
    struct archive_entry *header;

    for (;;) {
        if (!tar_reader_next(unpacker->tar, &header, error))
            return false;
        if (header == NULL)
            return true;
        if (!entry_unpack(unpacker, header, error)) {
            g_autofree char *label = tree_path_label(archive_entry_pathname(header));
            return err_prefix(error, "entry '%s'", label);
        }
        unpacker->result.n_entries++;
    }
}

bool unpack_tar(int fd, int directory_fd, const UnpackOptions *options, UnpackResult *ret_result,
                GError **error)
{
    g_auto(Unpacker) unpacker = { .options = options };

    unpacker.tar = tar_reader_new(decompressor_new(fd, options->on_packed, options->user_data),
                                  options->on_unpacked, options->user_data);
    tree_writer_init(&unpacker.writer, directory_fd);
    unpacker.writer.notes = options->notes;
    /* What stands behind the end of the tar counts in the digests. */
    if (!entries_unpack(&unpacker, error) || !tar_reader_finish(unpacker.tar, error) ||
        !tree_writer_finish(&unpacker.writer, error))
        return false;
    unpacker.result.compression = tar_reader_compression(unpacker.tar);
    *ret_result = unpacker.result;
    return true;
}
