/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer-view.h"

#include "base/path.h"
#include "storage/layer-changes.h"
#include "storage/tree-walk.h"

#include <dirent.h>
#include <fcntl.h>
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

GHashTable *layer_view_names(const LayerView *view, const char *path)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < view->fds->len; i++) {
        int layer_fd = g_array_index(view->fds, int, i);
        int fd = tree_open_below(layer_fd, path, O_RDONLY | O_DIRECTORY);
        DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
        const struct dirent *found;

        while (dir != NULL && (found = readdir(dir)) != NULL)
            g_hash_table_add(names, g_strdup(found->d_name));
        if (dir != NULL)
            closedir(dir);
        if (layer_hides(layer_fd, path))
            break;
    }
    g_hash_table_remove(names, ".");
    g_hash_table_remove(names, "..");
    return names;
}
