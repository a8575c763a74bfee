/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/root-diff.h"

#include "base/fd.h"
#include "base/path.h"
#include "storage/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The ones to carry stay in `changes`, the others go; the names of those that are deleted are kept. */
static void changes_sort_out(GPtrArray *changes, const char *const *hidden, GPtrArray *carried,
                             GPtrArray *deleted)
{
    for (guint i = 0; i < changes->len; i++) {
        LayerChange *change = changes->pdata[i];

        if (hidden != NULL && g_strv_contains(hidden, change->path))
            g_free(change);
        else if (change->kind != LAYER_DELETED)
            g_ptr_array_add(carried, change);
        else {
            g_ptr_array_add(deleted, g_strdup(change->path));
            g_free(change);
        }
    }
    g_ptr_array_set_free_func(changes, NULL);
}

bool root_diff_make(const Layer *layer, const char *const *hidden, RootDiff *ret_diff,
                    GError **error)
{
    autofd int upper_fd = -1;
    g_autoptr(GPtrArray) changes = NULL;
    GPtrArray *kept, *deleted;

    if (!root_open(layer->dir, &upper_fd, error) || !layer_changes(layer, &changes, error))
        return false;
    kept = g_ptr_array_new_with_free_func(g_free);
    deleted = g_ptr_array_new();
    changes_sort_out(changes, hidden, kept, deleted);
    g_ptr_array_add(deleted, NULL);
    *ret_diff = (RootDiff){
        .upper_fd = g_steal_fd(&upper_fd),
        .changes = kept,
        .deleted = (char **)g_ptr_array_free(deleted, FALSE),
    };
    return true;
}

void root_diff_clear(RootDiff *diff)
{
    fd_cleanup(&diff->upper_fd);
    g_clear_pointer(&diff->changes, g_ptr_array_unref);
    g_clear_pointer(&diff->deleted, g_strfreev);
}

static bool entry_add(Packer *packer, int upper_fd, const char *path, GError **error)
{
    autofd int place = tree_open_below(upper_fd, path, O_PATH | O_NOFOLLOW);
    TreeNode node = { .path = path, .place = place };
    g_autofree char *name = NULL;

    if (place < 0 && (errno == ENOENT || errno == EXDEV))
        return true;
    if (place < 0 || fstat(place, &node.stat) < 0)
        return err_set_errno(error, "open it");
    name = g_strconcat(path, S_ISDIR(node.stat.st_mode) ? "/" : "", NULL);
    return pack_node(packer, &node, name, error);
}

static bool change_add(Packer *packer, int upper_fd, const char *path, GError **error)
{
    if (entry_add(packer, upper_fd, path + 1, error))
        return true;

    g_autofree char *label = tree_path_label(path);

    err_recode(error, FLOE_ERROR_IO);
    return err_prefix(error, "entry '%s'", label);
}

bool root_diff_fill(TarWriter *writer, void *data, GError **error)
{
    const RootDiff *diff = data;
    g_auto(Packer) packer = { .writer = writer, .linked = tree_links_new() };

    writer->fills_up = true;
    if (!change_add(&packer, diff->upper_fd, "/", error))
        return false;
    for (guint i = 0; i < diff->changes->len; i++) {
        const LayerChange *change = diff->changes->pdata[i];

        if (!change_add(&packer, diff->upper_fd, change->path, error))
            return false;
    }
    return true;
}
