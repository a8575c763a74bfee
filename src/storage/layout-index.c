/* SPDX-License-Identifier: Apache-2.0 */
/* index.json is small: it is read and written as a whole. Entries keep their order. */
#include "storage/layout-index.h"

#include "base/digest.h"
#include "storage/image-documents.h"

#include <string.h>

#define INDEX_MAX    ((size_t)16 * 1024 * 1024)
#define MANIFEST_MAX ((size_t)4 * 1024 * 1024)

/* An image index may name others; the layouts that skopeo writes are one or two deep. */
#define DEPTH_MAX 4

bool layout_index_lock(const char *images_dir, Lock *ret_lock, GError **error)
{
    g_autofree char *path = g_build_filename(images_dir, "lock", NULL);

    return lock_acquire(path, ret_lock, error);
}

bool layout_index_read(const char *images_dir, json_t **ret_index, GError **error)
{
    g_autofree char *path = g_build_filename(images_dir, "index.json", NULL);
    g_autoptr(JsonValue) index = NULL;
    g_autoptr(GError) why = NULL;
    json_t *manifests = NULL;

    if (!json_read_file(path, INDEX_MAX, &index, &why)) {
        if (!err_is(why, FLOE_ERROR_NOT_FOUND)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return false;
        }
        index = json_pack("{s:i, s:s, s:[]}", "schemaVersion", 2, "mediaType", MEDIA_TYPE_INDEX,
                          "manifests");
    }
    if (!json_get_array(index, "manifests", &manifests, error))
        return err_prefix(error, "'%s'", path);
    if (manifests == NULL)
        json_object_set_new(index, "manifests", json_array());
    *ret_index = g_steal_pointer(&index);
    return true;
}

bool layout_index_write(const char *images_dir, const json_t *index, GError **error)
{
    g_autofree char *path = g_build_filename(images_dir, "index.json", NULL);
    g_autofree char *text = json_to_text(index);

    return file_write_durable(path, text, strlen(text), 0644, error);
}

static const char *entry_digest(const json_t *entry)
{
    const char *digest = json_string_value(json_object_get(entry, "digest"));

    return digest != NULL ? digest : "";
}

static const char *entry_name(const json_t *entry)
{
    return json_string_value(
        json_object_get(json_object_get(entry, "annotations"), ANNOTATION_REF_NAME));
}

/* Is there another entry for the manifest of this one? */
static bool has_twin(const json_t *manifests, const json_t *entry)
{
    json_t *other;
    size_t i;

    json_array_foreach(manifests, i, other) {
        if (other != entry && g_str_equal(entry_digest(other), entry_digest(entry)))
            return true;
    }
    return false;
}

/* The manifest that has the name loses it, and stays in the index. */
static void name_release(json_t *manifests, const char *name)
{
    for (size_t i = json_array_size(manifests); i-- > 0;) {
        json_t *entry = json_array_get(manifests, i);

        if (g_strcmp0(entry_name(entry), name) != 0)
            continue;
        if (has_twin(manifests, entry))
            json_array_remove(manifests, i);
        else
            json_object_del(json_object_get(entry, "annotations"), ANNOTATION_REF_NAME);
    }
}

static void nameless_remove(json_t *manifests, const char *digest)
{
    for (size_t i = json_array_size(manifests); i-- > 0;) {
        const json_t *entry = json_array_get(manifests, i);

        if (entry_name(entry) == NULL && g_str_equal(entry_digest(entry), digest))
            json_array_remove(manifests, i);
    }
}

void layout_index_add(json_t *index, json_t *descriptor, const char *name)
{
    json_t *manifests = json_object_get(index, "manifests");

    if (name != NULL) {
        name_release(manifests, name);
        json_object_set_new(descriptor, "annotations",
                            json_pack("{s:s}", ANNOTATION_REF_NAME, name));
    }
    nameless_remove(manifests, entry_digest(descriptor));
    json_array_append_new(manifests, descriptor);
}

void layout_index_remove(json_t *index, const char *digest)
{
    json_t *manifests = json_object_get(index, "manifests");

    for (size_t i = json_array_size(manifests); i-- > 0;) {
        if (g_str_equal(entry_digest(json_array_get(manifests, i)), digest))
            json_array_remove(manifests, i);
    }
}

bool layout_index_keep(json_t *index, GHashTable *digests)
{
    json_t *manifests = json_object_get(index, "manifests");
    size_t before = json_array_size(manifests);

    for (size_t i = before; i-- > 0;) {
        if (!g_hash_table_contains(digests, entry_digest(json_array_get(manifests, i))))
            json_array_remove(manifests, i);
    }
    return json_array_size(manifests) != before;
}

static void collect(GHashTable *digests, const json_t *descriptor)
{
    if (*entry_digest(descriptor) != '\0')
        g_hash_table_add(digests, g_strdup(entry_digest(descriptor)));
}

static bool collect_manifest(const char *images_dir, const char *digest, int depth,
                             GHashTable *digests, GError **error);

static bool collect_manifests(const char *images_dir, const json_t *index, int depth,
                              GHashTable *digests, GError **error)
{
    json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(index, "manifests"), i, entry) {
        collect(digests, entry);
        if (!collect_manifest(images_dir, entry_digest(entry), depth, digests, error))
            return false;
    }
    return true;
}

/* Add what a manifest, or an index of manifests, refers to. */
static bool collect_manifest(const char *images_dir, const char *digest, int depth,
                             GHashTable *digests, GError **error)
{
    const char *hex = g_str_has_prefix(digest, "sha256:") ? digest + strlen("sha256:") : "";
    g_autofree char *path = g_build_filename(images_dir, "blobs", "sha256", hex, NULL);
    g_autoptr(JsonValue) manifest = NULL;
    g_autoptr(GError) why = NULL;
    json_t *layer;
    size_t i;

    if (!id_is_valid(hex) || depth >= DEPTH_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "'%s/index.json': bad manifest '%s'", images_dir,
                       digest);
    if (!json_read_file(path, MANIFEST_MAX, &manifest, &why)) {
        if (err_is(why, FLOE_ERROR_NOT_FOUND)) /* what it referred to is lost already */
            return true;
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    collect(digests, json_object_get(manifest, "config"));
    json_array_foreach(json_object_get(manifest, "layers"), i, layer) {
        collect(digests, layer);
    }
    return collect_manifests(images_dir, manifest, depth + 1, digests, error);
}

bool layout_index_blobs(const char *images_dir, const json_t *index, GHashTable **ret_digests,
                        GError **error)
{
    g_autoptr(GHashTable) digests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    if (!collect_manifests(images_dir, index, 0, digests, error))
        return false;
    *ret_digests = g_steal_pointer(&digests);
    return true;
}
