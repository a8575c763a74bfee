/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer-pack.h"

#include "storage/pack.h"

#include <string.h>

#define WHITEOUT        ".wh."
#define WHITEOUT_OPAQUE ".wh..wh..opq"

typedef struct LayerPack {
    Packer packer;
    const char *const *hidden;
} LayerPack;

static void layer_pack_clear(LayerPack *pack)
{
    packer_clear(&pack->packer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LayerPack, layer_pack_clear)

/* An empty file that says something of the layers below. The mark's time keeps digests stable. */
static bool add_mark(LayerPack *pack, const TreeNode *node, const char *name, GError **error)
{
    const TreeEntry mark = { .path = name, .mode = S_IFREG | 0600, .mtime = node->stat.st_mtim };

    return tar_add_bytes(pack->packer.writer, &mark, "", 0, error);
}

static bool add_whiteout(LayerPack *pack, const TreeNode *node, const char *base, GError **error)
{
    g_autofree char *name = g_strdup_printf("%.*s" WHITEOUT "%s", (int)(base - node->path),
                                            node->path, base);

    return add_mark(pack, node, name, error);
}

static bool add_directory(LayerPack *pack, const TreeNode *node, GError **error)
{
    /* podman takes a "./" for no entry: containers/storage, pkg/archive/archive.go, Unpack */
    g_autofree char *name = g_strconcat(node->path, "/", NULL);
    g_autofree char *mark = g_strconcat(node->path, *node->path != '\0' ? "/" : "", WHITEOUT_OPAQUE,
                                        NULL);

    return pack_node(&pack->packer, node, name, error) &&
           (!layer_is_opaque(node->place) || add_mark(pack, node, mark, error));
}

static bool is_hidden(const LayerPack *pack, const TreeNode *node)
{
    g_autofree char *path = g_strconcat("/", node->path, NULL);

    return pack->hidden != NULL && g_strv_contains(pack->hidden, path);
}

static bool visit(const TreeNode *node, void *data, GError **error)
{
    LayerPack *pack = data;
    const char *slash = strrchr(node->path, '/');
    const char *base = slash != NULL ? slash + 1 : node->path;

    if (g_str_has_prefix(base, WHITEOUT))
        return err_set(error, FLOE_ERROR_INVALID, "a layer cannot have a file of such a name");
    if (layer_is_whiteout(&node->stat))
        return add_whiteout(pack, node, base, error);
    if (S_ISDIR(node->stat.st_mode))
        return add_directory(pack, node, error);
    return is_hidden(pack, node) || pack_node(&pack->packer, node, node->path, error);
}

bool layer_pack(const Layer *layer, const char *const *hidden, int fd, GError **error)
{
    g_auto(TarWriter) writer = { 0 };
    g_auto(LayerPack) pack = {
        .packer = { .writer = &writer, .linked = tree_links_new() },
        .hidden = hidden,
    };

    tar_writer_init(&writer, fd);
    writer.fills_up = true;
    return (layer == NULL || layer_walk(layer, visit, &pack, error)) &&
           tar_writer_finish(&writer, error);
}
