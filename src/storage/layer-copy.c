/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer-copy.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/text-order.h"
#include "base/tree.h"
#include "storage/layer-changes.h"
#include "storage/layer-settle.h"
#include "storage/layer-view.h"
#include "storage/tree-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASIDE_SUFFIX ".new"
#define MARK_SUFFIX  ".copied"

/* --- making one ------------------------------------------------------------------------------- */

static bool fill(const char *const *lower_dirs, const char *dir, GError **error)
{
    g_auto(LayerView) view = { 0 };
    TreeCopy copy = { .from = -1, .to_dir = -1, .name = "", .layers = &view };
    autofd int to_dir = -1;
    guint n_dirs = g_strv_length((char **)lower_dirs);

    if (!layer_view_open(lower_dirs, &view, error) || !root_open(dir, &to_dir, error))
        return false;
    copy.to_dir = to_dir;
    return tree_copy(&copy, error) &&
           (n_dirs == 0 || layer_root_inherit(lower_dirs[n_dirs - 1], dir, error));
}

static bool sync_all(const char *path, GError **error)
{
    autofd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return (fd >= 0 && syncfs(fd) == 0) || err_set_errno(error, "sync '%s'", path);
}

/* An empty file: when it was made is when it was last touched. */
static bool mark_make(const char *path, GError **error)
{
    autofd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    return fd >= 0 || err_set_errno(error, "make '%s'", path);
}

bool layer_copy_make(const char *const *lower_dirs, const char *dir, bool is_volatile,
                     GError **error)
{
    g_autofree char *aside = g_strconcat(dir, ASIDE_SUFFIX, NULL);
    g_autofree char *mark = g_strconcat(dir, MARK_SUFFIX, NULL);

    if (!tree_remove(aside, error) || !tree_remove(mark, error) || !dir_make(aside, 0755, error))
        return false;
    /* The mark comes last: its time is that of the whole copy. */
    if (fill(lower_dirs, aside, error) && mark_make(mark, error) &&
        (is_volatile || sync_all(aside, error))) {
        if (rename(aside, dir) == 0)
            return true;
        err_set_errno(error, "rename '%s'", aside);
    }
    tree_remove(aside, NULL);
    tree_remove(mark, NULL);
    return err_prefix(error, "copy the image's files to '%s'", dir);
}

/* --- what has changed ------------------------------------------------------------------------- */

typedef struct CopyWalk {
    int dir_fd;
    GHashTable *before;     /* path: struct stat, of what the layers show and was not met yet */
    GHashTable *untouched;  /* paths of directories that are as before, and were not visited */
    struct timespec copied; /* when; 0: it is not known */
    TreeVisit visit;
    void *data;
} CopyWalk;

static void copy_walk_clear(CopyWalk *walk)
{
    fd_cleanup(&walk->dir_fd);
    g_hash_table_unref(walk->before);
    g_hash_table_unref(walk->untouched);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CopyWalk, copy_walk_clear)

static bool is_later(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec > b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

/* Of one that was itself copied elsewhere, as all the files beside it, the moment tells nothing. */
static struct timespec copied_when(const char *dir)
{
    g_autofree char *mark = g_strconcat(dir, MARK_SUFFIX, NULL);
    struct stat st;

    if (lstat(mark, &st) < 0 || is_later(&st.st_ctim, &st.st_mtim))
        return (struct timespec){ 0 };
    return st.st_ctim;
}

static bool before_note(const TreeNode *node, void *data, GError **error)
{
    CopyWalk *walk = data;

    (void)error;
    g_hash_table_insert(walk->before, g_strdup(node->path),
                        g_memdup2(&node->stat, sizeof(node->stat)));
    return true;
}

static bool is_same(const CopyWalk *walk, const struct stat *now, const struct stat *before)
{
    if (now->st_mode != before->st_mode || now->st_uid != before->st_uid ||
        now->st_gid != before->st_gid || now->st_rdev != before->st_rdev ||
        now->st_mtim.tv_sec != before->st_mtim.tv_sec ||
        now->st_mtim.tv_nsec != before->st_mtim.tv_nsec)
        return false;
    if (S_ISDIR(now->st_mode))
        return true;
    return now->st_size == before->st_size &&
           (walk->copied.tv_sec == 0 || !is_later(&now->st_ctim, &walk->copied));
}

/* The directories on the way to a change, from the top; most were visited with the one before. */
static bool parents_visit(CopyWalk *walk, const char *path, GError **error)
{
    const char *slash = strrchr(path, '/');
    g_autofree char *parent = g_strndup(path, slash != NULL ? (gsize)(slash - path) : 0);
    TreeNode node = { .path = parent, .place = -1 };

    if (*path == '\0' || !g_hash_table_contains(walk->untouched, parent))
        return true;
    if (!parents_visit(walk, parent, error))
        return false;
    g_hash_table_remove(walk->untouched, parent);

    autofd int place = tree_open_below(walk->dir_fd, parent, O_PATH | O_NOFOLLOW);

    node.place = place;
    if (place < 0 || fstat(place, &node.stat) < 0)
        return errno == ENOENT || err_set_errno(error, "open '/%s'", parent);
    return walk->visit(&node, walk->data, error);
}

static bool node_compare(const TreeNode *node, void *data, GError **error)
{
    CopyWalk *walk = data;
    const struct stat *before = g_hash_table_lookup(walk->before, node->path);
    bool is_changed = before == NULL || !is_same(walk, &node->stat, before);

    /* overlayfs has no such device; in a copy it says that nothing is there. */
    if (layer_is_whiteout(&node->stat))
        return true;
    g_hash_table_remove(walk->before, node->path);
    if (!is_changed && S_ISDIR(node->stat.st_mode))
        g_hash_table_add(walk->untouched, g_strdup(node->path));
    return !is_changed ||
           (parents_visit(walk, node->path, error) && walk->visit(node, walk->data, error));
}

static bool whiteout_visit(CopyWalk *walk, const char *path, GError **error)
{
    const struct stat *before = g_hash_table_lookup(walk->before, path);
    const char *slash = strrchr(path, '/');
    g_autofree char *parent = g_strndup(path, slash != NULL ? (gsize)(slash - path) : 0);
    TreeNode node = { .path = path, .place = -1 };
    autofd int above = -1;

    /* It is gone with the directory that it was in, which may be something else by now. */
    if (g_hash_table_contains(walk->before, parent))
        return true;
    above = tree_open_below(walk->dir_fd, parent, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (above < 0)
        return true;
    node.stat = *before;
    node.stat.st_mode = S_IFCHR;
    node.stat.st_rdev = 0;
    return parents_visit(walk, path, error) && walk->visit(&node, walk->data, error);
}

static bool whiteouts_visit(CopyWalk *walk, GError **error)
{
    guint count = 0;
    g_autofree gpointer *paths = g_hash_table_get_keys_as_array(walk->before, &count);

    qsort(paths, count, sizeof(*paths), text_order);
    for (guint i = 0; i < count; i++) {
        if (!whiteout_visit(walk, paths[i], error))
            return false;
    }
    return true;
}

bool layer_copy_walk(const char *dir, const char *const *lower_dirs, TreeVisit visit, void *data,
                     GError **error)
{
    g_auto(LayerView) view = { 0 };
    g_auto(CopyWalk) walk = {
        .dir_fd = -1,
        .before = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .untouched = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .copied = copied_when(dir),
        .visit = visit,
        .data = data,
    };

    return layer_view_open(lower_dirs, &view, error) && root_open(dir, &walk.dir_fd, error) &&
           layer_view_walk(&view, before_note, &walk, error) &&
           tree_walk(walk.dir_fd, TREE_LIVE, node_compare, &walk, error) &&
           whiteouts_visit(&walk, error);
}
