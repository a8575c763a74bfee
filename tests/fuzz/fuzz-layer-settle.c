/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers on top of each other, and what settling the topmost one changes. A line is an entry: d
 * (directory), f (file), l (link to the next word), w (whiteout), o (opaque), and its path; "-" begins
 * the next layer.
 */
#include "base/path.h"
#include "base/tree.h"
#include "fuzz.h"
#include "storage/layer-settle.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAYERS_MAX 4
#define LINES_MAX  64

typedef struct Layer {
    char *path;
    int fd;
    TreeWriter writer;
    TreeNotes *notes;
} Layer;

static Layer *layer_new(guint number)
{
    g_autofree char *name = g_strdup_printf("layer%u", number);
    Layer *layer = g_new0(Layer, 1);

    layer->path = g_build_filename(fuzz_directory(), name, NULL);
    layer->fd = -1;
    layer->notes = tree_notes_new();
    g_assert_true(dir_make(layer->path, 0755, NULL));
    g_assert_true(root_open(layer->path, &layer->fd, NULL));
    tree_writer_init(&layer->writer, layer->fd);
    layer->writer.notes = layer->notes;
    return layer;
}

static void layer_free(gpointer data)
{
    Layer *layer = data;

    tree_writer_clear(&layer->writer);
    tree_notes_free(layer->notes);
    fd_cleanup(&layer->fd);
    g_assert_true(tree_remove(layer->path, NULL));
    g_free(layer->path);
    g_free(layer);
}

/* --- making them ------------------------------------------------------------------------------ */

/* Each has a mode and a time that tell it from others. An entry that cannot be is left out. */
static void add_entry(Layer *layer, const char *line, guint number)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 3);
    guint n_words = g_strv_length(words);
    g_autofree char *path = NULL;
    TreeEntry entry = { .uid = geteuid(), .gid = getegid(), .mtime.tv_sec = 1000 + number };
    int fd = -1;

    if (n_words < 2 || !tree_path_clean(words[1], &path, NULL))
        return;
    entry.path = path;
    entry.mode = 0700 | (number & 077);
    switch (words[0][0]) {
    case 'd':
        entry.mode |= S_IFDIR;
        tree_add_directory(&layer->writer, &entry, NULL);
        break;
    case 'f':
        entry.mode |= S_IFREG;
        if (tree_add_file(&layer->writer, &entry, &fd, NULL))
            g_assert_true(tree_finish_file(&entry, &fd, NULL));
        break;
    case 'l':
        entry.mode |= S_IFLNK;
        entry.target = n_words > 2 && *words[2] != '\0' ? words[2] : "/";
        tree_add_symlink(&layer->writer, &entry, NULL);
        break;
    case 'w': tree_add_whiteout(&layer->writer, path, NULL); break;
    case 'o': tree_set_opaque(&layer->writer, path, NULL); break;
    default: break;
    }
}

static GPtrArray *make_layers(char **lines)
{
    GPtrArray *layers = g_ptr_array_new_with_free_func(layer_free);
    Layer *layer = layer_new(0);

    g_ptr_array_add(layers, layer);
    for (guint i = 0; lines[i] != NULL && i < LINES_MAX; i++) {
        if (lines[i][0] != '-') {
            add_entry(layer, lines[i], i);
        } else if (layers->len < LAYERS_MAX) {
            tree_writer_finish(&layer->writer, NULL);
            layer = layer_new(layers->len);
            g_ptr_array_add(layers, layer);
        }
    }
    tree_writer_finish(&layer->writer, NULL);
    return layers;
}

/* --- looking at them -------------------------------------------------------------------------- */

static GHashTable *seen; /* path -> what is there */

static int see(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    g_hash_table_insert(seen, g_strdup(path),
                        g_strdup_printf("%o %u %u %ld", st->st_mode, st->st_uid, st->st_gid,
                                        S_ISLNK(st->st_mode) ? 0 : (long)st->st_mtim.tv_sec));
    return 0;
}

static GHashTable *look_at_all(void)
{
    GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    seen = found;
    g_assert_cmpint(nftw(fuzz_directory(), see, 16, FTW_PHYS), ==, 0);
    return found;
}

/* Whose place in the layer the tar has left open. */
static bool is_open(const Layer *top, const char *path, bool is_gone)
{
    size_t length = strlen(top->path);
    const char *inside = path + length;

    if (strncmp(path, top->path, length) != 0 || (*inside != '/' && *inside != '\0'))
        return false;
    inside += *inside == '/';
    return g_hash_table_contains(is_gone ? top->notes->whiteouts : top->notes->implied, inside);
}

static void check_changes(const Layer *top, GHashTable *before, GHashTable *after)
{
    GHashTableIter iter;
    gpointer path, was;

    g_hash_table_iter_init(&iter, before);
    while (g_hash_table_iter_next(&iter, &path, &was)) {
        const char *is = g_hash_table_lookup(after, path);

        if (g_strcmp0(was, is) != 0 && !is_open(top, path, is == NULL)) {
            fprintf(stderr, "'%s' was '%s' and is '%s'\n", (char *)path, (char *)was, is);
            abort();
        }
    }
    if (g_hash_table_size(after) > g_hash_table_size(before))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GPtrArray) layers = make_layers(lines);
    const Layer *top = g_ptr_array_index(layers, layers->len - 1);
    char *lowers[LAYERS_MAX] = { NULL };

    for (guint i = 0; i + 1 < layers->len; i++)
        lowers[i] = ((const Layer *)g_ptr_array_index(layers, layers->len - 2 - i))->path;

    g_autoptr(GHashTable) before = look_at_all();
    g_autoptr(GError) error = NULL;

    if (layer_settle(top->notes, top->path, lowers, &error) != (error == NULL))
        abort();

    /* Once more changes nothing. */
    g_autoptr(GHashTable) after = look_at_all();

    check_changes(top, before, after);
    if (error == NULL && layer_settle(top->notes, top->path, lowers, NULL)) {
        g_autoptr(GHashTable) again = look_at_all();

        check_changes(top, after, again);
        if (g_hash_table_size(again) != g_hash_table_size(after))
            abort();
    }
    return 0;
}
