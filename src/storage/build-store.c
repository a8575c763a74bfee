/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/build-store.h"

#include "base/path.h"
#include "storage/staged-image.h"

#include <fcntl.h>
#include <string.h>

#define LIST_MAX ((size_t)64 * 1024 * 1024)

void built_image_free(BuiltImage *image)
{
    g_free(image->id);
    g_strfreev(image->names);
    g_free(image);
}

/* kind: "images", "layers", "containers". */
static char *list_path(const char *directory, const char *kind)
{
    g_autofree char *folder = g_strconcat("overlay-", kind, NULL);
    g_autofree char *name = g_strconcat(kind, ".json", NULL);

    return g_build_filename(directory, folder, name, NULL);
}

/* An empty list where there is none yet. */
static bool read_list(const char *directory, const char *kind, json_t **ret_list, GError **error)
{
    g_autofree char *path = list_path(directory, kind);

    if (!path_exists(path)) {
        *ret_list = json_array();
        return true;
    }
    return json_read_file(path, LIST_MAX, ret_list, error);
}

bool build_store_list(const char *directory, GPtrArray **ret_images, GError **error)
{
    g_autoptr(GPtrArray) images = g_ptr_array_new_with_free_func((GDestroyNotify)built_image_free);
    g_autoptr(JsonValue) list = NULL;
    json_t *row;
    size_t i;

    if (!read_list(directory, "images", &list, error))
        return false;
    json_array_foreach(list, i, row) {
        BuiltImage *image = g_new0(BuiltImage, 1);
        const char *id = NULL;

        g_ptr_array_add(images, image);
        if (!json_get_string(row, "id", &id, error) ||
            !json_get_strv(row, "names", &image->names, error))
            return err_prefix(error, "'%s'", directory);
        image->id = g_strdup(id != NULL ? id : "");
        if (image->names == NULL)
            image->names = g_new0(char *, 1);
    }
    *ret_images = g_steal_pointer(&images);
    return true;
}

static bool read_file(const char *directory, const char *id, const char *name, char **ret_text,
                      GError **error)
{
    g_autofree char *path = g_build_filename(directory, "overlay-images", id, name, NULL);
    size_t length = 0;

    return file_read(path, IMAGE_CONFIG_MAX, ret_text, &length, error);
}

bool build_store_documents(const char *directory, const char *id, char **ret_manifest,
                           char **ret_config, GError **error)
{
    g_autofree char *key = g_strconcat("sha256:", id, NULL);
    g_autofree char *encoded = g_base64_encode((const guchar *)key, strlen(key));
    g_autofree char *name = g_strconcat("=", encoded, NULL);
    g_autofree char *manifest = NULL;

    if (!read_file(directory, id, "manifest", &manifest, error) ||
        !read_file(directory, id, name, ret_config, error))
        return false;
    *ret_manifest = g_steal_pointer(&manifest);
    return true;
}

bool build_store_drop_names(const char *directory, GError **error)
{
    g_autofree char *path = list_path(directory, "images");
    g_autoptr(JsonValue) list = NULL;
    g_autofree char *text = NULL;
    bool has_names = false;
    json_t *row;
    size_t i;

    if (!read_list(directory, "images", &list, error))
        return false;
    json_array_foreach(list, i, row)
        has_names = json_object_del(row, "names") == 0 || has_names;
    text = json_to_text(list);
    return !has_names || file_write_atomic(path, text, strlen(text), 0600, error);
}

bool build_store_has_containers(const char *directory)
{
    g_autoptr(JsonValue) list = NULL;

    /* One that cannot be read is buildah's to judge. */
    return !read_list(directory, "containers", &list, NULL) || json_array_size(list) > 0;
}

/* Add the ids of the layers to the set. */
static bool note_layers(const char *directory, GHashTable *ids, json_t **ret_layers, GError **error)
{
    json_t *row;
    size_t i;

    if (!read_list(directory, "layers", ret_layers, error))
        return false;
    json_array_foreach(*ret_layers, i, row) {
        const char *id = json_string_value(json_object_get(row, "id"));

        if (id != NULL)
            g_hash_table_add(ids, g_strdup(id));
    }
    return true;
}

/* Is what the rows name under the key in the set? */
static bool are_known(GHashTable *ids, const json_t *list, const char *key)
{
    json_t *row;
    size_t i;

    json_array_foreach((json_t *)list, i, row) {
        const char *id = json_string_value(json_object_get(row, key));

        if (id != NULL && *id != '\0' && !g_hash_table_contains(ids, id))
            return false;
    }
    return true;
}

bool build_store_is_whole(const char *directory, const char *base, bool *ret_whole, GError **error)
{
    g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(JsonValue) below = NULL;
    g_autoptr(JsonValue) layers = NULL;
    g_autoptr(JsonValue) images = NULL;

    if (!note_layers(base, ids, &below, error) || !note_layers(directory, ids, &layers, error) ||
        !read_list(directory, "images", &images, error))
        return false;
    *ret_whole = are_known(ids, layers, "parent") && are_known(ids, images, "layer");
    return true;
}
