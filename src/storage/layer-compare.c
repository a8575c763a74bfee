/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer-compare.h"

#include "storage/layer-view.h"

#include <string.h>

typedef struct Comparison {
    LayerView now, before;
    const char *const *hidden; /* NULL: nothing */
    GHashTable *kinds;         /* LayerChangeKind by path; both without a "/" in front */
    GQueue directories;        /* paths whose entries are still to be looked at */
} Comparison;

static void comparison_clear(Comparison *comparison)
{
    layer_view_clear(&comparison->now);
    layer_view_clear(&comparison->before);
    g_clear_pointer(&comparison->kinds, g_hash_table_unref);
    g_queue_clear_full(&comparison->directories, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Comparison, comparison_clear)

/* The time of a directory changes with what is in it, which is told itself. */
static bool is_same(const struct stat *now, const struct stat *before)
{
    if (now->st_mode != before->st_mode || now->st_uid != before->st_uid ||
        now->st_gid != before->st_gid || now->st_rdev != before->st_rdev)
        return false;
    return S_ISDIR(now->st_mode) ||
           (now->st_size == before->st_size && now->st_mtim.tv_sec == before->st_mtim.tv_sec &&
            now->st_mtim.tv_nsec == before->st_mtim.tv_nsec);
}

static void note(Comparison *comparison, const char *path, LayerChangeKind kind)
{
    g_hash_table_insert(comparison->kinds, g_strdup(path), GINT_TO_POINTER(kind));
}

static bool is_hidden(const Comparison *comparison, const char *path)
{
    for (const char *const *hidden = comparison->hidden; hidden != NULL && *hidden != NULL;
         hidden++) {
        if (g_str_equal(*hidden + strlen("/"), path))
            return true;
    }
    return false;
}

static void compare_entry(Comparison *comparison, const char *path)
{
    struct stat now, before;
    bool is_there = layer_view_stat(&comparison->now, path, &now);
    bool was_there = layer_view_stat(&comparison->before, path, &before);

    if (is_there && S_ISDIR(now.st_mode))
        g_queue_push_tail(&comparison->directories, g_strdup(path));
    if (is_hidden(comparison, path))
        return;
    if (is_there && !was_there)
        note(comparison, path, LAYER_ADDED);
    else if (was_there && !is_there)
        note(comparison, path, LAYER_DELETED);
    else if (is_there && !is_same(&now, &before))
        note(comparison, path, LAYER_CHANGED);
}

static void compare_directory(Comparison *comparison, const char *directory)
{
    g_autoptr(GHashTable) names = layer_view_names(&comparison->now, directory);
    g_autoptr(GHashTable) names_before = layer_view_names(&comparison->before, directory);
    GHashTableIter iter;
    gpointer name;

    g_hash_table_iter_init(&iter, names_before);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        g_hash_table_iter_steal(&iter);
        g_hash_table_add(names, name);
    }
    g_hash_table_iter_init(&iter, names);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        g_autofree char *path = *directory != '\0' ? g_strconcat(directory, "/", name, NULL)
                                                   : g_strdup(name);

        compare_entry(comparison, path);
    }
}

/* The directories above a change have changed, but those that are told by now, and theirs. */
static void note_parents(Comparison *comparison, const char *changed)
{
    g_autofree char *path = g_strdup(changed);

    for (char *slash = strrchr(path, '/'); slash != NULL; slash = strrchr(path, '/')) {
        *slash = '\0';
        if (g_hash_table_contains(comparison->kinds, path))
            return;
        note(comparison, path, LAYER_CHANGED);
    }
}

static GPtrArray *changes_in_order(Comparison *comparison)
{
    GPtrArray *changes = g_ptr_array_new_with_free_func(g_free);
    g_autofree gpointer *paths = g_hash_table_get_keys_as_array(comparison->kinds, NULL);
    GHashTableIter iter;
    gpointer path, kind;

    for (gpointer *changed = paths; *changed != NULL; changed++)
        note_parents(comparison, *changed);
    g_hash_table_iter_init(&iter, comparison->kinds);
    while (g_hash_table_iter_next(&iter, &path, &kind))
        g_ptr_array_add(changes, layer_change_new(GPOINTER_TO_INT(kind), "", path));
    g_ptr_array_sort(changes, layer_change_order);
    return changes;
}

bool layer_compare(const char *const *now, const char *const *before, const char *const *hidden,
                   GPtrArray **ret_changes, GError **error)
{
    g_auto(Comparison) comparison = {
        .hidden = hidden,
        .kinds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .directories = G_QUEUE_INIT,
    };

    if (!layer_view_open(now, &comparison.now, error) ||
        !layer_view_open(before, &comparison.before, error))
        return false;
    g_queue_push_tail(&comparison.directories, g_strdup(""));
    while (!g_queue_is_empty(&comparison.directories)) {
        g_autofree char *directory = g_queue_pop_head(&comparison.directories);

        compare_directory(&comparison, directory);
    }
    *ret_changes = changes_in_order(&comparison);
    return true;
}
