/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tree-copy.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/tree.h"
#include "storage/tree-file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define COPY_SIZE   ((size_t)1024 * 1024 * 1024)
#define BUFFER_SIZE ((size_t)256 * 1024)

typedef struct Copier {
    const TreeCopy *copy;
    TreeWriter writer;
    GHashTable *linked;
    struct stat top; /* the copy's, to know it again inside what is copied */
} Copier;

static void copier_clear(Copier *copier)
{
    g_hash_table_unref(copier->linked);
    tree_writer_clear(&copier->writer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Copier, copier_clear)

/* --- content ---------------------------------------------------------------------------------- */

/* To the end of what can be read, which for a file of /proc nobody knows before. */
static bool rest_copy(int from, int to, GError **error)
{
    g_autofree char *buffer = g_malloc(BUFFER_SIZE);
    ssize_t got;

    while ((got = TEMP_FAILURE_RETRY(read(from, buffer, BUFFER_SIZE))) > 0) {
        if (!fd_write_all(to, buffer, (size_t)got, error))
            return false;
    }
    return got == 0 || err_set_errno(error, "read it");
}

/* From an offset up to `end`, or to the end of a file that became shorter. */
static bool part_copy(int from, int to, off_t start, off_t end, GError **error)
{
    g_autofree char *buffer = g_malloc(BUFFER_SIZE);
    ssize_t got;

    if (lseek(to, start, SEEK_SET) < 0)
        return err_set_errno(error, "write it");
    for (; start < end; start += got) {
        size_t wanted = MIN(BUFFER_SIZE, (size_t)(end - start));

        got = TEMP_FAILURE_RETRY(pread(from, buffer, wanted, start));
        if (got < 0)
            return err_set_errno(error, "read it");
        if (got == 0)
            break;
        if (!fd_write_all(to, buffer, (size_t)got, error))
            return false;
    }
    return true;
}

/* The same by the kernel, where the two file systems let it. */
static bool extent_copy(int from, int to, off_t start, off_t end, GError **error)
{
    off_t in = start, out = start;

    while (in < end) {
        size_t wanted = MIN(COPY_SIZE, (size_t)(end - in));
        ssize_t got = TEMP_FAILURE_RETRY(copy_file_range(from, &in, to, &out, wanted, 0));

        if (got < 0 && errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS)
            return err_set_errno(error, "copy it");
        if (got <= 0)
            return part_copy(from, to, in, end, error);
    }
    return true;
}

static bool content_copy(const TreeNode *node, int to, GError **error)
{
    autofd int from = -1;
    off_t size = node->stat.st_size;

    if (!tree_node_open(node, &from, error))
        return false;
    if (size == 0)
        return rest_copy(from, to, error);
    for (off_t end = 0; end < size;) {
        off_t start = lseek(from, end, SEEK_DATA);

        if (start < 0 && errno == ENXIO) /* a hole to the end */
            return ftruncate(to, size) == 0 || err_set_errno(error, "extend it");
        end = start >= 0 ? lseek(from, start, SEEK_HOLE) : -1;
        if (end < 0) /* a file system that knows no holes */
            return lseek(from, 0, SEEK_SET) >= 0 ? rest_copy(from, to, error)
                                                 : err_set_errno(error, "read it");
        if (!extent_copy(from, to, start, end, error))
            return false;
    }
    return true;
}

/* What is no regular file is not given the looks of one. */
static bool stream_copy(const TreeNode *node, int *to, GError **error)
{
    autofd int from = -1;

    return tree_node_open(node, &from, error) && rest_copy(from, *to, error) &&
           fd_close(to, node->path, error);
}

bool tree_copy_into(const TreeNode *from, const TreeOwner *owner, int *fd, GError **error)
{
    g_auto(TreeFacts) facts = { 0 };
    struct stat st;

    if (fstat(*fd, &st) < 0)
        return err_set_errno(error, "look at what is there");
    if (!S_ISREG(st.st_mode))
        return stream_copy(from, fd, error);
    if (!tree_node_facts(from, &facts, error))
        return false;
    tree_owner_apply(owner, &facts.entry);
    return content_copy(from, *fd, error) && tree_finish_file(&facts.entry, fd, error);
}

/* --- what is in the way ----------------------------------------------------------------------- */

/* What has the name now; *ret_is_there false: nothing. */
static bool target_look(const Copier *copier, const char *path, bool *ret_is_there,
                        bool *ret_is_directory, GError **error)
{
    g_autoptr(GError) why = NULL;
    autofd int place = -1;
    struct stat st;

    *ret_is_there = root_open_file(copier->writer.root_fd, path, O_PATH | O_NOFOLLOW, 0, &place,
                                   &why);
    if (!*ret_is_there && err_is(why, FLOE_ERROR_NOT_FOUND))
        return true;
    if (!*ret_is_there) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    if (fstat(place, &st) < 0)
        return err_set_errno(error, "look at what is there");
    *ret_is_directory = S_ISDIR(st.st_mode);
    return true;
}

static bool target_remove(const Copier *copier, const char *path, GError **error)
{
    g_autofree char *above = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    autofd int dir = -1;

    if (!root_open_file(copier->writer.root_fd, above, O_PATH | O_DIRECTORY, 0, &dir, error))
        return false;

    g_autofree char *full = g_strdup_printf("/proc/self/fd/%d/%s", dir, name);

    return tree_remove(full, error);
}

static bool make_way(const Copier *copier, const char *path, bool is_directory, GError **error)
{
    bool is_there = false, was_directory = false;

    if (!target_look(copier, path, &is_there, &was_directory, error))
        return false;
    if (!is_there || is_directory == was_directory)
        return true;
    if (copier->copy->overwrite)
        return target_remove(copier, path, error);
    return err_set(error, FLOE_ERROR_INVALID,
                   is_directory ? "a directory cannot replace what is there, unless --overwrite"
                                : "it cannot replace a directory, unless --overwrite");
}

/* --- entries ---------------------------------------------------------------------------------- */

/* The copy of a directory may be inside it, also by way of a mount: it would have no end. */
static bool check_outside(Copier *copier, const TreeNode *node, GError **error)
{
    if (*node->path == '\0' || node->stat.st_dev != copier->top.st_dev ||
        node->stat.st_ino != copier->top.st_ino)
        return true;
    return err_set(error, FLOE_ERROR_INVALID, "a directory cannot be copied into itself");
}

static bool remember_top(Copier *copier, const char *path, GError **error)
{
    autofd int fd = -1;

    if (!root_open_file(copier->writer.root_fd, *path != '\0' ? path : "/", O_PATH | O_NOFOLLOW, 0,
                        &fd, error))
        return false;
    return fstat(fd, &copier->top) == 0 || err_set_errno(error, "look at the copy");
}

/* Where nobody looks yet, nothing need be aside until it is whole. */
static bool new_file_copy(TreeWriter *writer, const TreeNode *node, const TreeEntry *entry,
                          GError **error)
{
    autofd int fd = -1;

    return tree_add_file(writer, entry, &fd, error) && content_copy(node, fd, error) &&
           tree_finish_file(entry, &fd, error);
}

static bool file_copy(TreeWriter *writer, const TreeNode *node, const TreeEntry *entry,
                      GError **error)
{
    g_auto(TreeFile) file = TREE_FILE_NONE;

    return tree_file_open(writer, entry, &file, error) && content_copy(node, file.fd, error) &&
           tree_file_keep(&file, entry, error);
}

static bool object_copy(Copier *copier, const TreeNode *node, TreeEntry *entry, GError **error)
{
    TreeWriter *writer = &copier->writer;

    switch (entry->mode & S_IFMT) {
    case S_IFDIR: return tree_add_directory(writer, entry, error);
    case S_IFLNK: return tree_add_symlink(writer, entry, error);
    case S_IFREG:
        return copier->copy->layers != NULL ? new_file_copy(writer, node, entry, error)
                                            : file_copy(writer, node, entry, error);
    default: return tree_add_node(writer, entry, error);
    }
}

static bool node_copy(const TreeNode *node, void *data, GError **error)
{
    Copier *copier = data;
    const char *top = copier->copy->name;
    bool needs_slash = *top != '\0' && *node->path != '\0';
    g_autofree char *path = g_strconcat(top, needs_slash ? "/" : "", node->path, NULL);
    g_auto(TreeFacts) facts = { 0 };
    const char *first;

    if (S_ISSOCK(node->stat.st_mode))
        return true;
    /* A directory that only lends its content does not lend its looks. */
    if (*path == '\0')
        return remember_top(copier, path, error);
    if (!check_outside(copier, node, error))
        return false;
    if (copier->copy->layers == NULL && !make_way(copier, path, S_ISDIR(node->stat.st_mode), error))
        return false;
    first = tree_first_name(copier->linked, node, path);
    if (first != NULL)
        return tree_add_hardlink(&copier->writer, path, first, error);
    if (!tree_node_facts(node, &facts, error))
        return false;
    facts.entry.path = path;
    tree_owner_apply(copier->copy->owner, &facts.entry);
    return object_copy(copier, node, &facts.entry, error) &&
           (*node->path != '\0' || remember_top(copier, path, error));
}

static bool source_copy(Copier *copier, GError **error)
{
    TreeNode top = { .path = "", .place = copier->copy->from };

    if (fstat(top.place, &top.stat) < 0)
        return err_set_errno(error, "look at it");
    return S_ISDIR(top.stat.st_mode) ? tree_walk(top.place, TREE_LIVE, node_copy, copier, error)
                                     : node_copy(&top, copier, error);
}

bool tree_copy(const TreeCopy *copy, GError **error)
{
    g_auto(Copier) copier = {
        .copy = copy,
        .linked = tree_links_new(),
    };

    tree_writer_init(&copier.writer, copy->to_dir);
    return (copy->layers != NULL ? layer_view_walk(copy->layers, node_copy, &copier, error)
                                 : source_copy(&copier, error)) &&
           tree_writer_finish(&copier.writer, error);
}
