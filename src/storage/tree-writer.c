/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every entry is made with an *at() call in the descriptor of its parent directory, which
 * base/path.h resolved inside the root. Replacing an entry forgets the kept parent, since the
 * replaced one may have been part of the way to it.
 */
#include "storage/tree-writer.h"

#include "base/log.h"
#include "base/path.h"
#include "base/tree.h"
#include "storage/layer-changes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

/* A directory of the archive, remembered for tree_writer_finish(). */
typedef struct DirectoryTime {
    struct timespec mtime;
    char path[];
} DirectoryTime;

void tree_writer_init(TreeWriter *writer, int root_fd)
{
    *writer = (TreeWriter){
        .root_fd = root_fd,
        .parent_fd = -1,
        .directories = g_ptr_array_new_with_free_func(g_free),
    };
}

void tree_writer_clear(TreeWriter *writer)
{
    g_clear_pointer(&writer->parent_path, g_free);
    fd_cleanup(&writer->parent_fd);
    g_clear_pointer(&writer->directories, g_ptr_array_unref);
}

/* --- notes ------------------------------------------------------------------------------------ */

TreeNotes *tree_notes_new(void)
{
    TreeNotes *notes = g_new(TreeNotes, 1);

    notes->implied = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    notes->whiteouts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_add(notes->implied, g_strdup(""));
    return notes;
}

void tree_notes_free(TreeNotes *notes)
{
    if (notes == NULL)
        return;
    g_hash_table_unref(notes->implied);
    g_hash_table_unref(notes->whiteouts);
    g_free(notes);
}

/* --- paths ------------------------------------------------------------------------------------ */

/* The last name of a clean path. */
static const char *leaf_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static bool opaque_set(int fd, GError **error)
{
    if (fsetxattr(fd, LAYER_OPAQUE_XATTR, "y", 1, 0) == 0)
        return true;
    return ((errno == EPERM || errno == EOPNOTSUPP) &&
            fsetxattr(fd, LAYER_OPAQUE_XATTR_NESTED, "y", 1, 0) == 0) ||
           err_set_errno(error, "make the directory opaque (xattr " LAYER_OPAQUE_XATTR ")");
}

static int whiteout_make(int parent_fd, const char *leaf)
{
    int result = mknodat(parent_fd, leaf, S_IFCHR, 0);

    return result == 0 || errno != EPERM ? result
                                         : mknodat(parent_fd, leaf, S_IFCHR, LAYER_WHITEOUT_NESTED);
}

/* A directory in the place of a whiteout: what is below stays hidden. */
static bool replace_whiteout(const TreeWriter *writer, const char *path, GError **error)
{
    autofd int fd = -1;

    if (!root_remove(writer->root_fd, path, error) ||
        !root_make_dir(writer->root_fd, path, geteuid(), getegid(), error) ||
        !root_open_file(writer->root_fd, path, O_RDONLY | O_DIRECTORY, 0, &fd, error))
        return false;
    return opaque_set(fd, error);
}

/* One of the directories on the way to an entry, about which the archive has not said anything. */
static bool imply_directory(const TreeWriter *writer, const char *path, GError **error)
{
    g_autoptr(GError) why = NULL;
    autofd int fd = -1;
    struct stat st;

    if (root_open_file(writer->root_fd, path, O_PATH | O_NOFOLLOW, 0, &fd, &why)) {
        if (fstat(fd, &st) == 0 && layer_is_whiteout(&st))
            return replace_whiteout(writer, path, error);
    } else if (err_is(why, FLOE_ERROR_NOT_FOUND) && writer->notes != NULL) {
        g_hash_table_add(writer->notes->implied, g_strdup(path));
    }
    return root_make_dir(writer->root_fd, path, geteuid(), getegid(), error);
}

static bool imply_directories(const TreeWriter *writer, const char *path, GError **error)
{
    for (const char *end = strchr(path, '/'); end != NULL; end = strchr(end + 1, '/')) {
        g_autofree char *parent = g_strndup(path, (gsize)(end - path));

        if (!imply_directory(writer, parent, error))
            return false;
    }
    return imply_directory(writer, path, error);
}

/*
 * Open a directory inside the root; with its ancestors it is made where the archive has not said
 * what it is.
 */
static bool directory_open(const TreeWriter *writer, const char *path, bool make, int *ret_fd,
                           GError **error)
{
    g_autoptr(GError) why = NULL;
    bool is_missing;

    if (root_open_file(writer->root_fd, path, O_PATH | O_DIRECTORY, 0, ret_fd, &why))
        return true;
    is_missing = err_is(why, FLOE_ERROR_NOT_FOUND);
    if (make) {
        g_clear_error(&why);
        if (imply_directories(writer, path, &why) &&
            root_open_file(writer->root_fd, path, O_PATH | O_DIRECTORY, 0, ret_fd, &why))
            return true;
    }

    /* Not a directory, a loop of links, a long name: the archive's fault. */
    if (!make || !is_missing)
        err_recode(&why, FLOE_ERROR_INVALID);
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

/*
 * The directory that holds the path's last name. *ret_fd is borrowed and valid until the next call.
 */
bool tree_parent_open(TreeWriter *writer, const char *path, int *ret_fd, GError **error)
{
    const char *leaf = leaf_of(path);

    if (*leaf == '\0')
        return err_set(error, FLOE_ERROR_INVALID, "the root can only be a directory");
    if (leaf == path) {
        *ret_fd = writer->root_fd;
        return true;
    }

    size_t length = (size_t)(leaf - path) - 1;
    const char *kept = writer->parent_path;

    if (kept == NULL || strncmp(kept, path, length) != 0 || kept[length] != '\0') {
        g_autofree char *parent = g_strndup(path, length);
        autofd int fd = -1;

        if (!directory_open(writer, parent, true, &fd, error))
            return false;
        fd_cleanup(&writer->parent_fd);
        writer->parent_fd = g_steal_fd(&fd);
        g_free(writer->parent_path);
        writer->parent_path = g_steal_pointer(&parent);
    }
    *ret_fd = writer->parent_fd;
    return true;
}

/* Remove what has an entry's name: an archive may hold a name twice, and its last word counts. */
static bool make_way(TreeWriter *writer, int parent_fd, const char *leaf, GError **error)
{
    g_clear_pointer(&writer->parent_path, g_free);

    if (unlinkat(parent_fd, leaf, 0) == 0 || errno == ENOENT)
        return true;
    if (errno == EISDIR && unlinkat(parent_fd, leaf, AT_REMOVEDIR) == 0)
        return true;
    if (errno == ENOTEMPTY)
        return err_set(error, FLOE_ERROR_INVALID, "it would replace a directory that is not empty");
    return err_set_errno(error, "replace it");
}

/*
 * What the kernel says to a name, link or device that the archive made up is the archive's fault.
 */
static bool entry_failed(const char *what, GError **error)
{
    bool is_invalid = errno == ENAMETOOLONG || errno == EINVAL || errno == ENOENT ||
                      errno == ENOTDIR || errno == EILSEQ;

    err_set_errno(error, "%s", what);
    return is_invalid ? err_recode(error, FLOE_ERROR_INVALID) : false;
}

/* --- entries ---------------------------------------------------------------------------------- */

/*
 * Make the directory or keep the one that is there. *ret_was_hidden: a whiteout stood in its place.
 */
static bool directory_make(TreeWriter *writer, int parent_fd, const char *leaf,
                           bool *ret_was_hidden, GError **error)
{
    struct stat st;

    *ret_was_hidden = false;
    if (mkdirat(parent_fd, leaf, 0700) == 0)
        return true;
    if (errno != EEXIST || fstatat(parent_fd, leaf, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return entry_failed("make it", error);
    if (S_ISDIR(st.st_mode))
        return true;
    if (!make_way(writer, parent_fd, leaf, error))
        return false;
    if (mkdirat(parent_fd, leaf, 0700) < 0)
        return entry_failed("make it", error);
    *ret_was_hidden = layer_is_whiteout(&st);
    return true;
}

static void directory_remember(TreeWriter *writer, const TreeEntry *entry)
{
    size_t size = strlen(entry->path) + 1;
    DirectoryTime *directory = g_malloc(sizeof(DirectoryTime) + size);

    directory->mtime = entry->mtime;
    memcpy(directory->path, entry->path, size);
    g_ptr_array_add(writer->directories, directory);
}

bool tree_add_directory(TreeWriter *writer, const TreeEntry *entry, GError **error)
{
    int parent_fd = writer->root_fd;
    const char *leaf = ".";
    bool was_hidden = false;

    if (*entry->path != '\0') {
        leaf = leaf_of(entry->path);
        if (!tree_parent_open(writer, entry->path, &parent_fd, error) ||
            !directory_make(writer, parent_fd, leaf, &was_hidden, error))
            return false;
    }

    autofd int fd = openat(parent_fd, leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(error, "open it");
    directory_remember(writer, entry);
    if (writer->notes != NULL)
        g_hash_table_remove(writer->notes->implied, entry->path);
    return tree_entry_dress_but_time(fd, entry, error) && (!was_hidden || opaque_set(fd, error));
}

bool tree_add_symlink(TreeWriter *writer, const TreeEntry *entry, GError **error)
{
    const char *leaf = leaf_of(entry->path);
    int parent_fd = -1;

    if (!tree_parent_open(writer, entry->path, &parent_fd, error))
        return false;

    int result = symlinkat(entry->target, parent_fd, leaf);

    if (result < 0 && errno == EEXIST) {
        if (!make_way(writer, parent_fd, leaf, error))
            return false;
        result = symlinkat(entry->target, parent_fd, leaf);
    }
    if (result < 0)
        return entry_failed("make the symbolic link", error);
    return tree_entry_dress_at(parent_fd, leaf, entry, error);
}

bool tree_add_node(TreeWriter *writer, const TreeEntry *entry, GError **error)
{
    const char *leaf = leaf_of(entry->path);
    mode_t mode = (entry->mode & S_IFMT) | 0600;
    int parent_fd = -1;

    if (!tree_parent_open(writer, entry->path, &parent_fd, error))
        return false;

    int result = mknodat(parent_fd, leaf, mode, entry->device);

    if (result < 0 && errno == EEXIST) {
        if (!make_way(writer, parent_fd, leaf, error))
            return false;
        result = mknodat(parent_fd, leaf, mode, entry->device);
    }
    if (result < 0 && errno == EPERM)
        return err_set(error, FLOE_ERROR_IO, "it is a device, and only root may make devices");
    if (result < 0)
        return entry_failed("make the device or FIFO", error);
    return tree_entry_dress_at(parent_fd, leaf, entry, error);
}

bool tree_add_file(TreeWriter *writer, const TreeEntry *entry, int *ret_fd, GError **error)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    const char *leaf = leaf_of(entry->path);
    int parent_fd = -1;

    if (!tree_parent_open(writer, entry->path, &parent_fd, error))
        return false;

    autofd int fd = openat(parent_fd, leaf, flags, 0600);

    if (fd < 0 && errno == EEXIST) {
        if (!make_way(writer, parent_fd, leaf, error))
            return false;
        fd = openat(parent_fd, leaf, flags, 0600);
    }
    if (fd < 0)
        return entry_failed("create it", error);
    *ret_fd = g_steal_fd(&fd);
    return true;
}

bool tree_finish_file(const TreeEntry *entry, int *fd, GError **error)
{
    return tree_entry_dress(*fd, entry, error) && fd_close(fd, entry->path, error);
}

/*
 * The directory and the last name of a link's target, which must be there and may be anything but a
 * directory.
 */
static bool hardlink_source(const TreeWriter *writer, const char *target, int *ret_fd,
                            struct stat *ret_stat, GError **error)
{
    const char *leaf = leaf_of(target);
    g_autofree char *parent = g_strndup(target, (gsize)(leaf - target));
    autofd int fd = -1;

    if (!directory_open(writer, *parent != '\0' ? parent : "/", false, &fd, error))
        return err_prefix(error, "hard link to '%s'", target);
    if (*leaf == '\0' || fstatat(fd, leaf, ret_stat, AT_SYMLINK_NOFOLLOW) < 0)
        return err_set(error, FLOE_ERROR_INVALID,
                       "hard link to '%s', which is not in the archive before it", target);
    if (S_ISDIR(ret_stat->st_mode))
        return err_set(error, FLOE_ERROR_INVALID, "hard link to '%s', which is a directory", target);
    *ret_fd = g_steal_fd(&fd);
    return true;
}

bool tree_add_hardlink(TreeWriter *writer, const char *path, const char *target, GError **error)
{
    const char *leaf = leaf_of(path);
    autofd int source_fd = -1;
    struct stat source = { 0 }, st;
    int parent_fd = -1;

    if (!hardlink_source(writer, target, &source_fd, &source, error) ||
        !tree_parent_open(writer, path, &parent_fd, error))
        return false;

    int result = linkat(source_fd, leaf_of(target), parent_fd, leaf, 0);

    if (result < 0 && errno == EEXIST) {
        bool is_same = fstatat(parent_fd, leaf, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                       st.st_dev == source.st_dev && st.st_ino == source.st_ino;

        if (is_same)
            return true;
        if (!make_way(writer, parent_fd, leaf, error))
            return false;
        result = linkat(source_fd, leaf_of(target), parent_fd, leaf, 0);
    }
    return result == 0 || entry_failed("make the hard link", error);
}

/* --- overlayfs -------------------------------------------------------------------------------- */

bool tree_add_whiteout(TreeWriter *writer, const char *path, GError **error)
{
    const char *leaf = leaf_of(path);
    struct stat st;
    int parent_fd = -1;

    if (!tree_parent_open(writer, path, &parent_fd, error))
        return false;
    if (whiteout_make(parent_fd, leaf) == 0) {
        if (writer->notes != NULL)
            g_hash_table_add(writer->notes->whiteouts, g_strdup(path));
        return true;
    }
    if (errno != EEXIST || fstatat(parent_fd, leaf, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return entry_failed("make the whiteout", error);
    return !S_ISDIR(st.st_mode) || tree_set_opaque(writer, path, error);
}

bool tree_set_opaque(TreeWriter *writer, const char *path, GError **error)
{
    autofd int place = -1;

    if (!directory_open(writer, *path != '\0' ? path : "/", true, &place, error))
        return false;

    autofd int fd = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(error, "open it");
    return opaque_set(fd, error);
}

/* --- the end ---------------------------------------------------------------------------------- */

bool tree_writer_finish(TreeWriter *writer, GError **error)
{
    for (guint i = 0; i < writer->directories->len; i++) {
        const DirectoryTime *directory = g_ptr_array_index(writer->directories, i);
        const char *path = *directory->path != '\0' ? directory->path : "/";
        g_autoptr(GError) why = NULL;
        autofd int fd = -1;

        /* A later entry may have put something else in its place. */
        if (!root_open_file(writer->root_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, &fd,
                            &why)) {
            log_debug("its time is left out: %s", why->message);
            continue;
        }
        if (!file_set_time(fd, &directory->mtime, error))
            return err_prefix(error, "directory '%s'", directory->path);
    }
    return true;
}
