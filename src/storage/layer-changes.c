/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overlayfs's marks: a character device 0:0 hides the name in the layers below ("whiteout"), the xattr
 * trusted.overlay.opaque a directory's content there (kernel Documentation/filesystems/overlayfs.rst).
 */
#include "storage/layer-changes.h"

#include "base/path.h"
#include "base/tree.h"
#include "storage/layer-copy.h"
#include "storage/layer-view.h"
#include "storage/tree-walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

typedef struct Comparison {
    LayerView lower;
    GHashTable *opaque; /* paths of directories that hide what is below */
    GPtrArray *changes;
} Comparison;

static void comparison_clear(Comparison *comparison)
{
    layer_view_clear(&comparison->lower);
    g_hash_table_unref(comparison->opaque);
    g_clear_pointer(&comparison->changes, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Comparison, comparison_clear)

LayerChange *layer_change_new(LayerChangeKind kind, const char *directory, const char *name)
{
    size_t size = strlen(directory) + strlen(name) + 3;
    LayerChange *change = g_malloc(sizeof(LayerChange) + size);

    change->kind = kind;
    g_snprintf(change->path, (gulong)size, "%s%s/%s", *directory != '\0' ? "/" : "", directory,
               name);
    return change;
}

int layer_change_order(gconstpointer a, gconstpointer b)
{
    const LayerChange *const *left = a, *const *right = b;

    return strcmp((*left)->path, (*right)->path);
}

static void add(Comparison *comparison, LayerChangeKind kind, const char *directory,
                const char *name)
{
    g_ptr_array_add(comparison->changes, layer_change_new(kind, directory, name));
}

bool layer_is_whiteout(const struct stat *st)
{
    return S_ISCHR(st->st_mode) && (st->st_rdev == 0 || st->st_rdev == LAYER_WHITEOUT_NESTED);
}

bool layer_is_opaque(int fd)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    char value = 0;

    return (getxattr(path, LAYER_OPAQUE_XATTR, &value, 1) == 1 ||
            getxattr(path, LAYER_OPAQUE_XATTR_NESTED, &value, 1) == 1) &&
           value == 'y';
}

/* --- what hides -------------------------------------------------------------------------------- */

bool layer_hides(int layer_fd, const char *path)
{
    g_autofree char *part = g_strdup(path);

    for (char *end = part + strlen(part); end != NULL; end = strrchr(part, '/')) {
        autofd int fd = -1;
        struct stat st;

        *end = '\0';
        fd = tree_open_below(layer_fd, part, O_PATH | O_NOFOLLOW);
        if (fd >= 0 && fstat(fd, &st) == 0 && (!S_ISDIR(st.st_mode) || layer_is_opaque(fd)))
            return true;
    }
    return layer_is_opaque(layer_fd);
}

/* --- one entry -------------------------------------------------------------------------------- */

/* An opaque directory: what the layers below had in it is gone, unless the layer has it again. */
static void add_hidden(Comparison *comparison, const TreeNode *node)
{
    g_autoptr(GHashTable) names = layer_view_names(&comparison->lower, node->path);
    GHashTableIter iter;
    gpointer name;

    g_hash_table_iter_init(&iter, names);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        g_autofree char *path = g_build_filename(node->path, name, NULL);
        struct stat above, below;

        if ((fstatat(node->place, name, &above, AT_SYMLINK_NOFOLLOW) != 0 ||
             layer_is_whiteout(&above)) &&
            layer_view_stat(&comparison->lower, path, &below))
            add(comparison, LAYER_DELETED, node->path, name);
    }
}

static bool has_opaque_parent(const Comparison *comparison, const char *path)
{
    g_autofree char *part = NULL;

    if (g_hash_table_size(comparison->opaque) == 0)
        return false;
    part = g_strdup(path);
    for (char *slash = strrchr(part, '/'); slash != NULL; slash = strrchr(part, '/')) {
        *slash = '\0';
        if (g_hash_table_contains(comparison->opaque, part))
            return true;
    }
    return g_hash_table_contains(comparison->opaque, "");
}

/* A directory that was copied up for the sake of what is in it is the same as before. */
static bool is_same_directory(const struct stat *above, const struct stat *below)
{
    return S_ISDIR(above->st_mode) && above->st_mode == below->st_mode &&
           above->st_uid == below->st_uid && above->st_gid == below->st_gid &&
           above->st_mtim.tv_sec == below->st_mtim.tv_sec &&
           above->st_mtim.tv_nsec == below->st_mtim.tv_nsec;
}

static bool compare(const TreeNode *node, void *data, GError **error)
{
    Comparison *comparison = data;
    bool is_directory = S_ISDIR(node->stat.st_mode);
    bool is_below_opaque = has_opaque_parent(comparison, node->path);
    bool hides = is_directory && (is_below_opaque || layer_is_opaque(node->place));
    struct stat below;
    bool was_there = layer_view_stat(&comparison->lower, node->path, &below);
    LayerChangeKind kind = was_there ? LAYER_CHANGED : LAYER_ADDED;

    if (layer_is_whiteout(&node->stat))
        kind = LAYER_DELETED;
    if (hides) {
        g_hash_table_add(comparison->opaque, g_strdup(node->path));
        if (was_there)
            add_hidden(comparison, node);
    }
    if (*node->path == '\0' || (kind == LAYER_CHANGED && is_same_directory(&node->stat, &below)))
        return true;
    /* Inside a directory that hides, a mark says nothing: what it had below is listed with it. */
    if (kind == LAYER_DELETED && (!was_there || is_below_opaque))
        return true;

    g_autofree char *directory = g_path_get_dirname(node->path);
    g_autofree char *name = g_path_get_basename(node->path);

    add(comparison, kind, g_str_equal(directory, ".") ? "" : directory, name);
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

bool layer_walk(const Layer *layer, TreeVisit visit, void *data, GError **error)
{
    autofd int fd = -1;

    if (layer->is_copy)
        return layer_copy_walk(layer->dir, layer->lower_dirs, visit, data, error);
    return root_open(layer->dir, &fd, error) && tree_walk(fd, TREE_LIVE, visit, data, error);
}

bool layer_changes(const Layer *layer, GPtrArray **ret_changes, GError **error)
{
    g_auto(Comparison) comparison = {
        .opaque = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .changes = g_ptr_array_new_with_free_func(g_free),
    };

    if (!layer_view_open(layer->lower_dirs, &comparison.lower, error) ||
        !layer_walk(layer, compare, &comparison, error))
        return false;
    g_ptr_array_sort(comparison.changes, layer_change_order);
    *ret_changes = g_steal_pointer(&comparison.changes);
    return true;
}

/* --- its size --------------------------------------------------------------------------------- */

typedef struct Sizing {
    GHashTable *linked;
    int64_t bytes;
} Sizing;

static bool size_add(const TreeNode *node, void *data, GError **error)
{
    Sizing *sizing = data;

    (void)error;
    if (!S_ISDIR(node->stat.st_mode) && !layer_is_whiteout(&node->stat) &&
        tree_first_name(sizing->linked, node, node->path) == NULL)
        sizing->bytes += node->stat.st_size;
    return true;
}

bool layer_size(const Layer *layer, int64_t *ret_bytes, GError **error)
{
    Sizing sizing = { 0 };
    bool ok;

    *ret_bytes = 0;
    if (!path_exists(layer->dir))
        return true;
    if (!layer->is_copy)
        return tree_size(layer->dir, ret_bytes, error);
    sizing.linked = tree_links_new();
    ok = layer_walk(layer, size_add, &sizing, error);
    g_hash_table_unref(sizing.linked);
    *ret_bytes = sizing.bytes;
    return ok;
}
