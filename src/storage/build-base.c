/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/build-base.h"

#include "base/digest.h"
#include "base/path.h"
#include "storage/layout-files.h"
#include "storage/staged-image.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define LINK_LENGTH 26 /* of the short names in l/, which keep mount options short */

typedef struct BaseWriter {
    const Layout *layout;
    const char *directory;
    json_t *images, *layers;
    GHashTable *known; /* chain ids that are in `layers` */
} BaseWriter;

static void base_writer_clear(BaseWriter *writer)
{
    json_decref(writer->images);
    json_decref(writer->layers);
    g_hash_table_unref(writer->known);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BaseWriter, base_writer_clear)

/* --- layers ----------------------------------------------------------------------------------- */

/* The name in l/: any, as long as it is the layer's alone. */
static char *short_link(const char *chain_id)
{
    return g_ascii_strup(chain_id, LINK_LENGTH);
}

static bool make_link(const char *target, const char *path, GError **error)
{
    return symlink(target, path) == 0 || errno == EEXIST || err_set_errno(error, "link '%s'", path);
}

static bool write_text(const char *directory, const char *name, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    return path_exists(path) || file_write_atomic(path, text, strlen(text), 0600, error);
}

/* "l/TOP:l/BELOW": the layers below, topmost first. */
static char *lower_text(const char *const *layers, size_t index)
{
    GString *text = g_string_new(NULL);

    while (index-- > 0) {
        g_autofree char *name = short_link(layers[index]);

        g_string_append_printf(text, "%sl/%s", text->len > 0 ? ":" : "", name);
    }
    return g_string_free(text, FALSE);
}

static bool write_layer(const BaseWriter *writer, const char *const *layers, size_t index,
                        GError **error)
{
    g_autofree char *path = g_build_filename(writer->directory, "overlay", layers[index], NULL);
    g_autofree char *of_store = layout_layer_dir(writer->layout, layers[index]);
    g_autofree char *diff = g_build_filename(of_store, "diff", NULL);
    g_autofree char *diff_link = g_build_filename(path, "diff", NULL);
    g_autofree char *name = short_link(layers[index]);
    g_autofree char *link_path = g_build_filename(writer->directory, "overlay", "l", name, NULL);
    g_autofree char *link_target = g_build_filename("..", layers[index], "diff", NULL);
    g_autofree char *lower = lower_text(layers, index);

    return dir_make(path, 0700, error) && make_link(diff, diff_link, error) &&
           make_link(link_target, link_path, error) && write_text(path, "link", name, error) &&
           (index == 0 || write_text(path, "lower", lower, error));
}

static bool add_layer(BaseWriter *writer, const char *const *layers, size_t index,
                      const char *diff_id, const json_t *blob, const char *created, GError **error)
{
    json_t *record;

    if (!g_hash_table_add(writer->known, g_strdup(layers[index])))
        return true;
    record = json_pack("{s:s, s:s, s:O, s:O, s:s, s:O}", "id", layers[index], "created", created,
                       "compressed-diff-digest", json_object_get(blob, "digest"), "compressed-size",
                       json_object_get(blob, "size"), "diff-digest", diff_id, "diff-size",
                       json_object_get(blob, "size"));
    if (record == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "the descriptor of layer %s is damaged",
                       layers[index]);
    if (index > 0)
        json_object_set_new(record, "parent", json_string(layers[index - 1]));
    json_array_append_new(writer->layers, record);
    return write_layer(writer, layers, index, error);
}

/* --- images ----------------------------------------------------------------------------------- */

static bool read_document(const Layout *layout, const char *digest, char **ret_text, GError **error)
{
    autofd int fd = -1;
    size_t length = 0;

    return layout_open_blob(layout, digest, &fd, error) &&
           fd_read_all(fd, IMAGE_CONFIG_MAX, ret_text, &length, error);
}

/* Under its key, which becomes a file's name ("manifest" as it is). */
static bool add_big_data(const char *directory, json_t *record, const char *key, const char *text,
                         GError **error)
{
    g_autofree char *encoded = g_base64_encode((const guchar *)key, strlen(key));
    g_autofree char *name = g_str_equal(key, "manifest") ? g_strdup(key)
                                                         : g_strconcat("=", encoded, NULL);
    g_autofree char *hex = sha256_hex(text, strlen(text));
    g_autofree char *digest = g_strconcat("sha256:", hex, NULL);

    json_array_append_new(json_object_get(record, "big-data-names"), json_string(key));
    json_object_set_new(json_object_get(record, "big-data-sizes"), key,
                        json_integer((json_int_t)strlen(text)));
    json_object_set_new(json_object_get(record, "big-data-digests"), key, json_string(digest));
    return write_text(directory, name, text, error);
}

static bool add_image(BaseWriter *writer, const BaseImage *image, const char *created,
                      const char *manifest, const char *config, GError **error)
{
    g_autofree char *path = g_build_filename(writer->directory, "overlay-images", image->id, NULL);
    g_autofree char *manifest_key = g_strconcat("manifest-", image->manifest_digest, NULL);
    g_autofree char *config_key = g_strconcat("sha256:", image->id, NULL);
    guint n_layers = g_strv_length((char **)image->layers);
    json_t *record = json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:[], s:{}, s:{}}", "id", image->id,
                               "digest", image->manifest_digest, "names",
                               json_from_strv(image->names), "layer", image->layers[n_layers - 1],
                               "metadata", "{}", "created", created, "big-data-names",
                               "big-data-sizes", "big-data-digests");

    json_array_append_new(writer->images, record);
    return dir_make(path, 0700, error) && add_big_data(path, record, config_key, config, error) &&
           add_big_data(path, record, manifest_key, manifest, error) &&
           add_big_data(path, record, "manifest", manifest, error);
}

static bool write_image(BaseWriter *writer, const BaseImage *image, GError **error)
{
    g_auto(ImageManifest) manifest = { 0 };
    g_autoptr(JsonValue) config = NULL;
    g_autofree char *manifest_text = NULL;
    g_autofree char *config_text = NULL;
    g_auto(GStrv) diff_ids = NULL;
    const char *created = NULL;
    json_t *rootfs = NULL;

    if (!layout_read_manifest(writer->layout, image->manifest_digest, &manifest, error) ||
        !read_document(writer->layout, image->manifest_digest, &manifest_text, error) ||
        !read_document(writer->layout, manifest.config, &config_text, error) ||
        !json_parse(config_text, strlen(config_text), "image configuration", &config, error) ||
        !json_get_string(config, "created", &created, error) ||
        !json_get_object(config, "rootfs", &rootfs, error) ||
        !json_get_strv(rootfs, "diff_ids", &diff_ids, error))
        return false;
    if (created == NULL)
        created = "0001-01-01T00:00:00Z";
    for (size_t i = 0; image->layers[i] != NULL; i++) {
        const json_t *blob = json_array_get(json_object_get(manifest.document, "layers"), i);

        if (!add_layer(writer, image->layers, i, diff_ids[i], blob, created, error))
            return false;
    }
    return add_image(writer, image, created, manifest_text, config_text, error);
}

/* --- the whole -------------------------------------------------------------------------------- */

/* The list, and the lock beside it that buildah wants to open. */
static bool write_list(const char *directory, const char *kind, const json_t *list, GError **error)
{
    g_autofree char *folder = g_strconcat("overlay-", kind, NULL);
    g_autofree char *path = g_build_filename(directory, folder, NULL);
    g_autofree char *lock = g_strconcat(kind, ".lock", NULL);
    g_autofree char *name = g_strconcat(kind, ".json", NULL);
    g_autofree char *file = g_build_filename(path, name, NULL);
    g_autofree char *text = json_to_text(list);

    return dir_make(path, 0700, error) && write_text(path, lock, "", error) &&
           file_write_atomic(file, text, strlen(text), 0600, error);
}

bool build_base_write(const Layout *layout, const char *directory, const GPtrArray *images,
                      GError **error)
{
    g_auto(BaseWriter) writer = {
        .layout = layout,
        .directory = directory,
        .images = json_array(),
        .layers = json_array(),
        .known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
    };
    g_autofree char *links = g_build_filename(directory, "overlay", "l", NULL);

    if (!dir_make(links, 0700, error))
        return false;
    for (guint i = 0; i < images->len; i++) {
        const BaseImage *image = images->pdata[i];

        if (image->layers[0] != NULL && !write_image(&writer, image, error))
            return err_prefix(error, "image %.12s", image->id);
    }
    return write_list(directory, "layers", writer.layers, error) &&
           write_list(directory, "images", writer.images, error);
}
