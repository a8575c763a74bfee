/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/image-index.h"

#include "base/digest.h"
#include "storage/image-documents.h"

#include <string.h>

json_t *image_index_new(void)
{
    return json_pack("{s:[], s:{}}", "manifests", "sources");
}

/* --- entries ---------------------------------------------------------------------------------- */

/* What a configuration and an entry both say of the platform, under the same keys. */
static const char *const platform_texts[] = { "architecture", "os", "os.version", "variant" };
static const char *const platform_lists[] = { "os.features", "features" };

/* Texts and lists of texts only. INVALID names the key. */
static bool copy_platform(const json_t *from, json_t *platform, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(platform_texts); i++) {
        const char *text = NULL;

        if (!json_get_string(from, platform_texts[i], &text, error))
            return false;
        if (text != NULL && *text != '\0')
            json_object_set_new(platform, platform_texts[i], json_string(text));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(platform_lists); i++) {
        g_auto(GStrv) words = NULL;

        if (!json_get_strv(from, platform_lists[i], &words, error))
            return false;
        if (words != NULL && words[0] != NULL)
            json_object_set_new(platform, platform_lists[i],
                                json_from_strv((const char *const *)words));
    }
    return true;
}

json_t *image_index_entry_new(const char *media_type, int64_t size, const char *digest,
                              const json_t *config)
{
    json_t *entry = image_descriptor_sized(media_type, size, digest);
    json_t *platform = json_object();

    /* A key of the wrong type says nothing, and those behind it neither. */
    copy_platform(config, platform, NULL);
    json_object_set_new(entry, "platform", platform);
    return entry;
}

static bool copy_annotations(const json_t *from, json_t *entry, GError **error)
{
    json_t *annotations = NULL, *value;
    const char *key;

    if (!json_get_object(from, "annotations", &annotations, error))
        return false;
    json_object_foreach(annotations, key, value) {
        if (!json_is_string(value))
            return err_set(error, FLOE_ERROR_INVALID, "annotations: '%.100s' is no text", key);
    }
    if (json_object_size(annotations) > 0)
        json_object_set_new(entry, "annotations", json_deep_copy(annotations));
    return true;
}

static bool is_image(const char *media_type)
{
    return g_strcmp0(media_type, MEDIA_TYPE_MANIFEST) == 0 ||
           g_strcmp0(media_type, MEDIA_TYPE_DOCKER_MANIFEST) == 0;
}

bool image_index_entry_copy(const json_t *entry, json_t **ret_entry, GError **error)
{
    g_autoptr(JsonValue) copy = NULL;
    json_t *platform = NULL;
    const char *media_type = NULL, *digest = NULL;
    int64_t size = -1;

    if (!json_is_object(entry))
        return err_set(error, FLOE_ERROR_INVALID, "an entry of the list is no object");
    if (!json_get_string(entry, "mediaType", &media_type, error) ||
        !json_get_string(entry, "digest", &digest, error) ||
        !json_get_number(entry, "size", 0, INT64_MAX, &size, error) ||
        !json_get_object(entry, "platform", &platform, error))
        return false;
    if (!is_image(media_type) || digest_hex(digest) == NULL || size < 0)
        return err_set(error, FLOE_ERROR_INVALID,
                       "an entry of the list does not name an image by a sha256 digest and size");
    copy = image_index_entry_new(media_type, size, digest, NULL);
    if (!copy_platform(platform, json_object_get(copy, "platform"), error) ||
        !copy_annotations(entry, copy, error))
        return false;
    *ret_entry = g_steal_pointer(&copy);
    return true;
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, key, json_from_string(text));
}

static void set_list(json_t *object, const char *key, const char *const *words)
{
    if (words != NULL && *words != NULL)
        json_object_set_new(object, key, json_from_strv(words));
}

static bool set_annotations(json_t *entry, const char *const *annotations, GError **error)
{
    json_t *all = json_object_get(entry, "annotations");

    for (; annotations != NULL && *annotations != NULL; annotations++) {
        const char *end = strchr(*annotations, '=');
        g_autofree char *key = NULL;

        if (end == NULL || end == *annotations)
            return err_set(error, FLOE_ERROR_INVALID, "annotation '%s': no value given, KEY=VALUE",
                           *annotations);
        if (!g_utf8_validate(*annotations, -1, NULL))
            return err_set(error, FLOE_ERROR_INVALID, "an annotation is not UTF-8");
        if (all == NULL) {
            all = json_object();
            json_object_set_new(entry, "annotations", all);
        }
        key = g_strndup(*annotations, (gsize)(end - *annotations));
        json_object_set_new(all, key, json_string(end + 1));
    }
    return true;
}

bool image_index_entry_set(json_t *entry, const IndexPlatform *platform, GError **error)
{
    json_t *object = json_object_get(entry, "platform");

    set_text(object, "os", platform->os);
    set_text(object, "architecture", platform->architecture);
    set_text(object, "variant", platform->variant);
    set_text(object, "os.version", platform->os_version);
    set_list(object, "os.features", platform->os_features);
    set_list(object, "features", platform->features);
    return set_annotations(entry, platform->annotations, error);
}

/* --- the list --------------------------------------------------------------------------------- */

static const char *digest_of(const json_t *entry)
{
    const char *digest = json_string_value(json_object_get(entry, "digest"));

    return digest != NULL ? digest : "";
}

json_t *image_index_find(const json_t *index, const char *digest)
{
    json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(index, "manifests"), i, entry) {
        if (g_str_equal(digest_of(entry), digest))
            return entry;
    }
    return NULL;
}

bool image_index_remove(json_t *index, const char *digest)
{
    json_t *entries = json_object_get(index, "manifests"), *entry;
    size_t i;

    json_object_del(json_object_get(index, "sources"), digest);
    json_array_foreach(entries, i, entry) {
        if (g_str_equal(digest_of(entry), digest)) {
            json_array_remove(entries, i);
            return true;
        }
    }
    return false;
}

void image_index_put(json_t *index, json_t *entry, const char *source)
{
    g_autofree char *digest = g_strdup(digest_of(entry));

    image_index_remove(index, digest);
    json_array_append_new(json_object_get(index, "manifests"), entry);
    if (source != NULL)
        json_object_set_new(json_object_get(index, "sources"), digest, json_from_string(source));
}

const char *image_index_source(const json_t *index, const char *digest)
{
    return json_string_value(json_object_get(json_object_get(index, "sources"), digest));
}

/* podman calls an empty list docker's, too. */
static bool is_all_docker(const json_t *entries)
{
    json_t *entry;
    size_t i;

    json_array_foreach(entries, i, entry) {
        const char *type = json_string_value(json_object_get(entry, "mediaType"));

        if (g_strcmp0(type, MEDIA_TYPE_DOCKER_MANIFEST) != 0)
            return false;
    }
    return true;
}

static json_t *without_annotations(const json_t *entries)
{
    json_t *plain = json_deep_copy(entries);
    json_t *entry;
    size_t i;

    json_array_foreach(plain, i, entry) {
        json_object_del(entry, "annotations");
    }
    return plain;
}

bool image_index_write(const json_t *index, char **ret_text, char **ret_digest,
                       const char **ret_media_type, GError **error)
{
    const json_t *entries = json_object_get(index, "manifests");
    bool is_docker = is_all_docker(entries);
    const char *media_type = is_docker ? MEDIA_TYPE_DOCKER_LIST : MEDIA_TYPE_INDEX;
    json_t *written = is_docker ? without_annotations(entries) : json_deep_copy(entries);
    g_autoptr(JsonValue) document = json_pack("{s:i, s:s, s:o}", "schemaVersion", 2, "mediaType",
                                              media_type, "manifests", written);
    g_autofree char *text = json_to_text(document);
    g_autofree char *hex = NULL;

    if (strlen(text) > MANIFEST_SIZE_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "the list is longer than %zu bytes",
                       MANIFEST_SIZE_MAX);
    hex = sha256_hex(text, strlen(text));
    *ret_digest = g_strconcat("sha256:", hex, NULL);
    *ret_text = g_steal_pointer(&text);
    *ret_media_type = media_type;
    return true;
}
