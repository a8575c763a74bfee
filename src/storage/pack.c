/* SPDX-License-Identifier: Apache-2.0 */
/* A tree becomes a tar: tree-walk finds the entries, tar-writer writes them. */
#include "storage/pack.h"

#include "base/fd.h"

#include <string.h>

typedef struct TreePack {
    Packer packer;
    const PackOptions *options;
    int64_t n_entries;
} TreePack;

static void tree_pack_clear(TreePack *pack)
{
    packer_clear(&pack->packer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TreePack, tree_pack_clear)

void packer_clear(Packer *packer)
{
    g_clear_pointer(&packer->linked, g_hash_table_unref);
}

static bool file_pack(Packer *packer, const TreeNode *node, const TreeEntry *entry, GError **error)
{
    autofd int fd = -1;

    return tree_node_open(node, &fd, error) && tar_add_file(packer->writer, entry, fd, error);
}

bool pack_node(Packer *packer, const TreeNode *node, const char *name, GError **error)
{
    g_auto(TreeFacts) facts = { 0 };
    const char *first;

    if (S_ISSOCK(node->stat.st_mode))
        return true;
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

/* The name in the tar: a directory's ends with a slash. "" for what is left out. */
static char *name_in_tar(const TreePack *pack, const TreeNode *node)
{
    const char *top = pack->options->name;
    bool is_top = *node->path == '\0';

    if (is_top && *top == '\0')
        return g_strdup("");
    return g_strconcat(top, is_top || *top == '\0' ? "" : "/", node->path,
                       S_ISDIR(node->stat.st_mode) ? "/" : "", NULL);
}

static bool node_visit(const TreeNode *node, void *data, GError **error)
{
    TreePack *pack = data;
    g_autofree char *name = name_in_tar(pack, node);

    if (*name == '\0')
        return true;
    if (*node->path != '\0' && !S_ISSOCK(node->stat.st_mode))
        pack->n_entries++;
    return pack_node(&pack->packer, node, name, error);
}

static bool top_pack(TreePack *pack, int place, GError **error)
{
    TreeNode top = { .path = "", .place = place };

    if (fstat(place, &top.stat) < 0)
        return err_set_errno(error, "look at it");
    if (S_ISDIR(top.stat.st_mode))
        return tree_walk(place, pack->options->mode, node_visit, pack, error);
    return node_visit(&top, pack, error);
}

bool pack_into(int place, const PackOptions *options, TarWriter *writer, int64_t *ret_n_entries,
               GError **error)
{
    g_auto(TreePack) pack = {
        .packer = { .writer = writer, .linked = tree_links_new() },
        .options = options,
    };

    writer->fills_up = options->mode == TREE_LIVE;
    if (!top_pack(&pack, place, error))
        return err_recode(error, FLOE_ERROR_IO); /* what vanished is not NOT_FOUND to the caller */
    if (ret_n_entries != NULL)
        *ret_n_entries = pack.n_entries;
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
