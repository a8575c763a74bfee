/* SPDX-License-Identifier: Apache-2.0 */
/* A tree becomes a tar: tree-walk finds the entries, tar-writer writes them. */
#include "storage/pack.h"

#include "base/fd.h"

#include <string.h>

typedef struct Packer {
    const PackOptions *options;
    TarWriter *writer;
    GHashTable *linked;
    int64_t n_entries;
} Packer;

static void packer_clear(Packer *packer)
{
    g_hash_table_unref(packer->linked);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Packer, packer_clear)

/* The name in the tar: a directory's ends with a slash. "" for what is left out. */
static char *name_in_tar(const Packer *packer, const TreeNode *node)
{
    const char *top = packer->options->name;
    bool is_top = *node->path == '\0';

    if (is_top && *top == '\0')
        return g_strdup("");
    return g_strconcat(top, is_top || *top == '\0' ? "" : "/", node->path,
                       S_ISDIR(node->stat.st_mode) ? "/" : "", NULL);
}

static bool file_pack(Packer *packer, const TreeNode *node, const TreeEntry *entry, GError **error)
{
    autofd int fd = -1;

    return tree_node_open(node, &fd, error) && tar_add_file(packer->writer, entry, fd, error);
}

static bool node_pack(const TreeNode *node, void *data, GError **error)
{
    Packer *packer = data;
    g_autofree char *name = name_in_tar(packer, node);
    g_auto(TreeFacts) facts = { 0 };
    const char *first;

    if (S_ISSOCK(node->stat.st_mode) || *name == '\0')
        return true;
    if (*node->path != '\0')
        packer->n_entries++;
    if (!tree_node_facts(node, &facts, error))
        return false;
    facts.entry.path = name;
    first = tree_first_name(packer->linked, node, name);
    if (first != NULL) {
        facts.entry.n_xattrs = 0; /* they are the file's, which has them already */
        return tar_add_hardlink(packer->writer, &facts.entry, first, error);
    }
    if (S_ISREG(node->stat.st_mode))
        return file_pack(packer, node, &facts.entry, error);
    return tar_add(packer->writer, &facts.entry, error);
}

static bool top_pack(Packer *packer, int place, GError **error)
{
    TreeNode top = { .path = "", .place = place };

    if (fstat(place, &top.stat) < 0)
        return err_set_errno(error, "look at it");
    if (S_ISDIR(top.stat.st_mode))
        return tree_walk(place, packer->options->mode, node_pack, packer, error);
    return node_pack(&top, packer, error);
}

bool pack_into(int place, const PackOptions *options, TarWriter *writer, int64_t *ret_n_entries,
               GError **error)
{
    g_auto(Packer) packer = {
        .options = options,
        .writer = writer,
        .linked = tree_links_new(),
    };

    writer->fills_up = options->mode == TREE_LIVE;
    if (!top_pack(&packer, place, error))
        return err_recode(error, FLOE_ERROR_IO); /* what vanished is not NOT_FOUND to the caller */
    if (ret_n_entries != NULL)
        *ret_n_entries = packer.n_entries;
    return true;
}

bool pack_tree(int place, const PackOptions *options, int fd, int64_t *ret_n_entries, GError **error)
{
    g_auto(TarWriter) writer = { 0 };

    tar_writer_init(&writer, fd);
    return pack_into(place, options, &writer, ret_n_entries, error) &&
           tar_writer_finish(&writer, error);
}

bool pack_tar(int directory_fd, int fd, int64_t *ret_n_entries, GError **error)
{
    return pack_tree(directory_fd, &(PackOptions){ ".", TREE_AT_REST }, fd, ret_n_entries, error);
}
