/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer-view.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/text-order.h"
#include "storage/layer-changes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

bool layer_view_open(const char *const *dirs, LayerView *ret_view, GError **error)
{
    g_auto(LayerView) view = { g_array_new(FALSE, FALSE, sizeof(int)) };

    for (size_t i = g_strv_length((char **)dirs); i-- > 0;) {
        int fd = -1;

        if (!root_open(dirs[i], &fd, error))
            return false;
        g_array_append_val(view.fds, fd);
    }
    *ret_view = view;
    view.fds = NULL;
    return true;
}

void layer_view_clear(LayerView *view)
{
    for (guint i = 0; view->fds != NULL && i < view->fds->len; i++)
        close(g_array_index(view->fds, int, i));
    g_clear_pointer(&view->fds, g_array_unref);
}

bool layer_view_stat(const LayerView *view, const char *path, struct stat *ret_stat)
{
    for (guint i = 0; i < view->fds->len; i++) {
        int layer_fd = g_array_index(view->fds, int, i);
        autofd int fd = tree_open_below(layer_fd, path, O_PATH | O_NOFOLLOW);

        if (fd >= 0)
            return fstat(fd, ret_stat) == 0 && !layer_is_whiteout(ret_stat);
        if (layer_hides(layer_fd, path))
            return false;
    }
    return false;
}

/* The descriptor stays as it is. */
static bool names_add(int directory_fd, GHashTable *names, GError **error)
{
    int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *found;

    if (dir == NULL)
        return err_set_errno(error, "open it");
    errno = 0;
    while ((found = readdir(dir)) != NULL)
        g_hash_table_add(names, g_strdup(found->d_name));

    bool is_read = errno == 0 || err_set_errno(error, "read it");

    closedir(dir);
    g_hash_table_remove(names, ".");
    g_hash_table_remove(names, "..");
    return is_read;
}

GHashTable *layer_view_names(const LayerView *view, const char *path)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < view->fds->len; i++) {
        int layer_fd = g_array_index(view->fds, int, i);
        autofd int fd = tree_open_below(layer_fd, path, O_RDONLY | O_DIRECTORY);

        if (fd >= 0)
            names_add(fd, names, NULL);
        if (layer_hides(layer_fd, path))
            break;
    }
    return names;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* A directory of which several layers have a part. */
typedef struct Shared {
    char *path;
    GArray *layers; /* indexes into the view's, topmost first */
} Shared;

static void shared_free(Shared *shared)
{
    g_free(shared->path);
    g_array_unref(shared->layers);
    g_free(shared);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Shared, shared_free)

typedef struct ViewWalk {
    const LayerView *view;
    TreeVisit visit;
    void *data;
    GQueue directories; /* Shared *: still to be looked into */
} ViewWalk;

static void view_walk_clear(ViewWalk *walk)
{
    g_queue_clear_full(&walk->directories, (GDestroyNotify)shared_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ViewWalk, view_walk_clear)

/* The directory in each of the layers that have a part of it. */
static bool parts_open(const ViewWalk *walk, const Shared *shared, LayerView *ret_parts,
                       GError **error)
{
    g_auto(LayerView) parts = { g_array_new(FALSE, FALSE, sizeof(int)) };

    for (guint i = 0; i < shared->layers->len; i++) {
        guint layer = g_array_index(shared->layers, guint, i);
        int fd = tree_open_below(g_array_index(walk->view->fds, int, layer), shared->path,
                                 O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

        if (fd < 0)
            return err_set_errno(error, "open '%s' of a layer", shared->path);
        g_array_append_val(parts.fds, fd);
    }
    *ret_parts = parts;
    parts.fds = NULL;
    return true;
}

/* Which layers have a part of a directory: down to the one that hides those below it. */
static bool parts_find(const GArray *fds, const GArray *layers, guint first, const char *name,
                       GArray *ret_layers)
{
    for (guint i = first; i < fds->len; i++) {
        autofd int fd = tree_open_below(g_array_index(fds, int, i), name, O_PATH | O_NOFOLLOW);
        struct stat st;

        if (fd < 0)
            continue;
        if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
            break;
        g_array_append_val(ret_layers, g_array_index(layers, guint, i));
        if (layer_is_opaque(fd))
            break;
    }
    return ret_layers->len > 0;
}

static void directory_note(ViewWalk *walk, const Shared *above, const GArray *fds, guint first,
                           const char *name, const char *path)
{
    g_autoptr(Shared) shared = g_new0(Shared, 1);

    shared->path = g_strdup(path);
    shared->layers = g_array_new(FALSE, FALSE, sizeof(guint));
    if (parts_find(fds, above->layers, first, name, shared->layers))
        g_queue_push_tail(&walk->directories, g_steal_pointer(&shared));
}

/* The topmost layer that has the name says what it is. */
static bool name_visit(ViewWalk *walk, const Shared *above, const GArray *fds, const char *name,
                       GError **error)
{
    g_autofree char *path = *above->path != '\0' ? g_strconcat(above->path, "/", name, NULL)
                                                 : g_strdup(name);

    for (guint i = 0; i < fds->len; i++) {
        autofd int place = tree_open_below(g_array_index(fds, int, i), name, O_PATH | O_NOFOLLOW);
        TreeNode node = { .path = path, .place = place };

        if (place < 0 && (errno == ENOENT || errno == EXDEV))
            continue;
        if (place < 0 || fstat(place, &node.stat) < 0)
            return err_set_errno(error, "open it");
        if (layer_is_whiteout(&node.stat))
            return true;
        if (S_ISDIR(node.stat.st_mode))
            directory_note(walk, above, fds, i, name, path);
        return walk->visit(&node, walk->data, error);
    }
    return true;
}

static bool directory_visit(ViewWalk *walk, const Shared *shared, GError **error)
{
    g_auto(LayerView) parts = { 0 };
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree gpointer *list = NULL;
    guint count = 0;

    if (!parts_open(walk, shared, &parts, error))
        return false;
    for (guint i = 0; i < parts.fds->len; i++) {
        if (!names_add(g_array_index(parts.fds, int, i), names, error))
            return err_prefix(error, "directory '%s'", shared->path);
    }
    list = g_hash_table_get_keys_as_array(names, &count);
    qsort(list, count, sizeof(*list), text_order);
    for (guint i = 0; i < count; i++) {
        if (!name_visit(walk, shared, parts.fds, list[i], error)) {
            g_autofree char *label = tree_path_label(list[i]);

            return err_prefix(error, "entry '%s' of '/%s'", label, shared->path);
        }
    }
    return true;
}

static bool root_visit(ViewWalk *walk, GError **error)
{
    g_autoptr(Shared) root = g_new0(Shared, 1);
    TreeNode node = { .path = "", .place = -1 };

    root->path = g_strdup("");
    root->layers = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < walk->view->fds->len; i++) {
        int fd = g_array_index(walk->view->fds, int, i);

        g_array_append_val(root->layers, i);
        if (layer_is_opaque(fd))
            break;
    }
    if (root->layers->len == 0)
        return true;
    node.place = g_array_index(walk->view->fds, int, 0);
    if (fstat(node.place, &node.stat) < 0)
        return err_set_errno(error, "look at the root directory");
    g_queue_push_tail(&walk->directories, g_steal_pointer(&root));
    return walk->visit(&node, walk->data, error);
}

bool layer_view_walk(const LayerView *view, TreeVisit visit, void *data, GError **error)
{
    g_auto(ViewWalk) walk = {
        .view = view,
        .visit = visit,
        .data = data,
        .directories = G_QUEUE_INIT,
    };

    if (!root_visit(&walk, error))
        return false;
    while (!g_queue_is_empty(&walk.directories)) {
        g_autoptr(Shared) shared = g_queue_pop_head(&walk.directories);

        if (!directory_visit(&walk, shared, error))
            return false;
    }
    return true;
}
