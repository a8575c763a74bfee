/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/manifest-list.h"

#include "base/clock.h"
#include "base/digest.h"
#include "engine/event.h"
#include "engine/image-remove.h"
#include "engine/image-store.h"
#include "engine/manifest-entries.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/registry-manifest.h"
#include "state/manifest-list.h"

#include <string.h>

bool manifest_list_load(floe_engine *engine, const char *name, ImageRecord **ret_list,
                        char **ret_full_name, GError **error)
{
    g_autoptr(ImageRecord) list = NULL;
    g_autofree char *full_name = NULL;

    if (!image_find_record(engine->db, name, &list, &full_name, error))
        return false;
    if (list->list == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "%s: image is not a manifest list",
                       full_name != NULL ? full_name : name);
    *ret_list = g_steal_pointer(&list);
    if (ret_full_name != NULL)
        *ret_full_name = g_steal_pointer(&full_name);
    return true;
}

/* --- changing --------------------------------------------------------------------------------- */

/* The record says what its document is by digest and size, as that of an image does. */
static bool describe(ImageRecord *list, GError **error)
{
    g_autofree char *text = NULL;
    const char *media_type = NULL;

    g_clear_pointer(&list->manifest_digest, g_free);
    if (!image_index_write(list->list, &text, &list->manifest_digest, &media_type, error))
        return false;
    list->size_bytes = (int64_t)strlen(text);
    return true;
}

static void put_all(ImageRecord *list, const json_t *index)
{
    json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(index, "manifests"), i, entry) {
        const char *digest = json_string_value(json_object_get(entry, "digest"));

        image_index_put(list->list, json_deep_copy(entry), image_index_source(index, digest));
    }
}

/* A change of one list, from reading it to writing it: nothing else changes it meanwhile. */
typedef bool (*Change)(ImageRecord *list, const void *data, GError **error);

static bool change(floe_engine *engine, const char *name, Change make, const void *data,
                   char **ret_id, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    g_autoptr(ImageRecord) list = NULL;

    if (!transaction_begin(engine->db, true, &transaction, error) ||
        !manifest_list_load(engine, name, &list, NULL, error) || !make(list, data, error) ||
        !describe(list, error) || !manifest_list_update(engine->db, list, error) ||
        !transaction_commit(&transaction, error))
        return false;
    if (ret_id != NULL)
        *ret_id = g_strdup(list->id);
    return true;
}

static bool change_put(ImageRecord *list, const void *index, GError **error)
{
    put_all(list, index);
    return true;
}

/* --- create ----------------------------------------------------------------------------------- */

static bool insert(floe_engine *engine, const char *full_name, const json_t *index, char **ret_id,
                   GError **error)
{
    g_autoptr(ImageRecord) list = g_new0(ImageRecord, 1);

    list->id = id_random();
    list->created_unix_ns = clock_unix_ns();
    list->config = json_object();
    list->list = image_index_new();
    list->names = g_strdupv((char *[]){ (char *)full_name, NULL });
    put_all(list, index);
    if (!describe(list, error) || !image_insert(engine->db, list, error))
        return false;
    *ret_id = g_strdup(list->id);
    return true;
}

/* Who has the name; *ret_holder is NULL: nobody. */
static bool find_holder(floe_engine *engine, const char *full_name, ImageRecord **ret_holder,
                        GError **error)
{
    g_autoptr(GError) why = NULL;

    *ret_holder = NULL;
    if (image_find_record(engine->db, full_name, ret_holder, NULL, &why))
        return true;
    if (err_is(why, FLOE_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

static bool in_use(const ImageRecord *holder, const char *full_name, GError **error)
{
    return err_set(error, FLOE_ERROR_EXISTS,
                   "the name '%s' is already in use: it is that of %s %.12s", full_name,
                   holder->list != NULL ? "the list" : "the image", holder->id);
}

bool manifest_list_name(floe_engine *engine, const char *name, char **ret_full_name, GError **error)
{
    g_autoptr(ImageRecord) holder = NULL;
    g_autofree char *full_name = NULL;

    if (!image_name_normalize(name, &full_name, error))
        return false;
    if (strchr(full_name, '@') != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "'%s': a digest is no name to give", name);
    if (!find_holder(engine, full_name, &holder, error))
        return false;
    if (holder != NULL && holder->list == NULL)
        return in_use(holder, full_name, error);
    *ret_full_name = g_steal_pointer(&full_name);
    return true;
}

bool manifest_list_extend(floe_engine *engine, const char *full_name, bool amend,
                          const json_t *index, char **ret_id, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    g_autoptr(ImageRecord) holder = NULL;

    if (!transaction_begin(engine->db, true, &transaction, error) ||
        !find_holder(engine, full_name, &holder, error))
        return false;
    if (holder != NULL && (!amend || holder->list == NULL))
        return in_use(holder, full_name, error);
    if (!(holder != NULL ? change(engine, holder->id, change_put, index, ret_id, error)
                         : insert(engine, full_name, index, ret_id, error)) ||
        !transaction_commit(&transaction, error))
        return false;
    if (holder == NULL)
        event_note_image(engine, FLOE_EVENT_TAG, *ret_id, full_name);
    return true;
}

static bool create(floe_engine *engine, const char *name, bool amend, const char *const *images,
                   const floe_manifest_add_options *options, char **ret_id, GError **error)
{
    g_autoptr(JsonValue) index = image_index_new();
    g_autofree char *full_name = NULL;

    if (!manifest_list_name(engine, name, &full_name, error))
        return false;
    for (; images != NULL && *images != NULL; images++) {
        if (!manifest_entries_find(engine, *images, options, index, error))
            return false;
    }
    return manifest_list_extend(engine, full_name, amend, index, ret_id, error);
}

/* --- one image of a list ---------------------------------------------------------------------- */

static bool add(floe_engine *engine, const char *name, const char *image,
                const floe_manifest_add_options *options, char **ret_id, GError **error)
{
    g_autoptr(JsonValue) index = image_index_new();
    g_autoptr(ImageRecord) list = NULL;

    /* First, so that nothing is asked of a registry for what cannot be. */
    return manifest_list_load(engine, name, &list, NULL, error) &&
           manifest_entries_find(engine, image, options, index, error) &&
           change(engine, list->id, change_put, index, ret_id, error);
}

/* "sha256:HEX" is a manifest's digest, which is what a list knows; else an image here is meant. */
static bool digest_of(floe_engine *engine, const char *image, char **ret_digest, GError **error)
{
    g_autoptr(ImageRecord) record = NULL;

    if (digest_hex(image) != NULL) {
        *ret_digest = g_strdup(image);
        return true;
    }
    if (!image_find_record(engine->db, image, &record, NULL, error))
        return false;
    *ret_digest = g_strdup(record->manifest_digest);
    return true;
}

static bool not_in(const ImageRecord *list, const char *digest, GError **error)
{
    return err_set(error, FLOE_ERROR_NOT_FOUND,
                   "no instance matching digest \"%s\" found in manifest list %s", digest,
                   list->names[0] != NULL ? list->names[0] : list->id);
}

typedef struct Annotation {
    const char *digest;
    IndexPlatform said;
} Annotation;

static bool change_annotate(ImageRecord *list, const void *data, GError **error)
{
    const Annotation *annotation = data;
    json_t *entry = image_index_find(list->list, annotation->digest);

    if (entry == NULL)
        return not_in(list, annotation->digest, error);
    return image_index_entry_set(entry, &annotation->said, error);
}

static bool annotate(floe_engine *engine, const char *name, const char *image,
                     const floe_manifest_entry *entry, char **ret_id, GError **error)
{
    Annotation annotation = { NULL };
    g_autofree char *digest = NULL;

    if (!manifest_entry_read(entry, &annotation.said, error) ||
        !digest_of(engine, image, &digest, error))
        return false;
    annotation.digest = digest;
    return change(engine, name, change_annotate, &annotation, ret_id, error);
}

static bool change_remove(ImageRecord *list, const void *digest, GError **error)
{
    return image_index_remove(list->list, digest) || not_in(list, digest, error);
}

static bool remove_entry(floe_engine *engine, const char *name, const char *image, char **ret_id,
                         GError **error)
{
    g_autofree char *digest = NULL;

    return digest_of(engine, image, &digest, error) &&
           change(engine, name, change_remove, digest, ret_id, error);
}

/* --- looking ---------------------------------------------------------------------------------- */

/* Whatever it is there: of an image that is no list its manifest. */
static bool inspect_remote(const char *name, const floe_registry_options *registry, char **ret_text,
                           GError **error)
{
    g_auto(RegistryManifest) there = REGISTRY_MANIFEST_NONE;

    if (!registry_manifest_read(name, registry, &there, error))
        return false;
    *ret_text = json_to_text(there.manifest.document);
    return true;
}

static bool is_of_this_host(const char *full_name)
{
    return full_name == NULL || g_str_has_prefix(full_name, "localhost/");
}

static bool inspect(floe_engine *engine, const char *name, const floe_registry_options *registry,
                    char **ret_text, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    g_autoptr(GError) why = NULL;
    g_autofree char *full_name = NULL;
    g_autofree char *digest = NULL;
    const char *media_type = NULL;

    if (g_str_has_prefix(name, "docker://"))
        return inspect_remote(name + strlen("docker://"), registry, ret_text, error);
    if (!image_find_record(engine->db, name, &image, &full_name, &why)) {
        if (err_is(why, FLOE_ERROR_NOT_FOUND))
            return inspect_remote(name, registry, ret_text, error);
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    if (image->list != NULL)
        return image_index_write(image->list, ret_text, &digest, &media_type, error);
    return is_of_this_host(full_name)
               ? err_set(error, FLOE_ERROR_INVALID, "%s: image is not a manifest list",
                         full_name != NULL ? full_name : name)
               : inspect_remote(full_name, registry, ret_text, error);
}

static bool exists(floe_engine *engine, const char *name, bool *ret_exists, GError **error)
{
    g_autoptr(ImageRecord) list = NULL;
    g_autoptr(GError) why = NULL;

    *ret_exists = manifest_list_load(engine, name, &list, NULL, &why);
    if (*ret_exists || err_is(why, FLOE_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

/* --- the border ------------------------------------------------------------------------------- */

bool floe_manifest_create(floe_engine *engine, const char *name, bool amend,
                          const char *const *images, const floe_manifest_add_options *options,
                          char **ret_id, floe_error **error)
{
    floe_manifest_add_options known = FLOE_MANIFEST_ADD_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;
    g_autofree char *id = NULL;
    bool ok = public_given(&err, GIVEN(engine), GIVEN(name), NULL) &&
              public_options(options, &known, sizeof(known), &err) &&
              create(engine, name, amend, images, &known, &id, &err);

    if (ok && ret_id != NULL)
        *ret_id = g_steal_pointer(&id);
    return public_result(ok, &err, error);
}

bool floe_manifest_add(floe_engine *engine, const char *list, const char *image,
                       const floe_manifest_add_options *options, char **ret_id, floe_error **error)
{
    floe_manifest_add_options known = FLOE_MANIFEST_ADD_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(list), GIVEN(image), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             add(engine, list, image, &known, ret_id, &err),
                         &err, error);
}

bool floe_manifest_annotate(floe_engine *engine, const char *list, const char *image,
                            const floe_manifest_entry *entry, char **ret_id, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(list), GIVEN(image), NULL) &&
                             annotate(engine, list, image, entry, ret_id, &err),
                         &err, error);
}

bool floe_manifest_remove(floe_engine *engine, const char *list, const char *image, char **ret_id,
                          floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(list), GIVEN(image), NULL) &&
                             remove_entry(engine, list, image, ret_id, &err),
                         &err, error);
}

bool floe_manifest_inspect(floe_engine *engine, const char *name,
                           const floe_registry_options *registry, char **ret_json,
                           floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), GIVEN(ret_json), NULL) &&
                             inspect(engine, name, registry, ret_json, &err),
                         &err, error);
}

bool floe_manifest_exists(floe_engine *engine, const char *name, bool *ret_exists,
                          floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), GIVEN(ret_exists), NULL) &&
                             exists(engine, name, ret_exists, &err),
                         &err, error);
}

bool floe_manifest_delete(floe_engine *engine, const char *name, char ***ret_untagged,
                          char **ret_deleted, floe_error **error)
{
    static const floe_image_remove_options force = { sizeof(force), true };
    g_autoptr(ImageRecord) list = NULL;
    g_autoptr(GError) err = NULL;

    if (!public_given(&err, GIVEN(engine), GIVEN(name), NULL) ||
        !manifest_list_load(engine, name, &list, NULL, &err))
        return public_result(false, &err, error);
    return floe_image_remove(engine, list->id, &force, ret_untagged, ret_deleted, error);
}
