/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list is laid out in a staging with all of its images, for skopeo to copy: those that are here as
 * links, those of a registry fetched. For docker's form they are made docker's there, as skopeo cannot
 * do that of layers in zstd.
 */
#include "engine/manifest-push.h"

#include "engine/checkpoint-image.h"
#include "engine/event.h"
#include "engine/image-push.h"
#include "engine/manifest-list.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/registry-access.h"
#include "storage/image-index.h"
#include "storage/staging.h"

#include <string.h>

typedef struct Push {
    floe_engine *engine;
    const floe_manifest_push_options *options;
    floe_registry_options registry;
    char *destination;
    Staging staging;
    json_t *index; /* as it is pushed */
    bool is_docker;
} Push;

static void push_clear(Push *push)
{
    g_free(push->destination);
    staging_clear(&push->staging);
    json_decref(push->index);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Push, push_clear)

/* --- its images ------------------------------------------------------------------------------- */

static bool is_same_host(const char *a, const char *b)
{
    size_t length = strcspn(a, "/");

    return strcspn(b, "/") == length && strncmp(a, b, length) == 0;
}

/* The login that the caller gave is for the destination: no other registry gets it. */
static bool source_access(const Push *push, const char *source, SkopeoAccess *ret_access,
                          GError **error)
{
    floe_registry_options registry = push->registry;

    if (!is_same_host(source, push_place(push->destination)))
        registry.credentials = NULL;
    return registry_access(&registry, source, ret_access, error);
}

static bool fetch(const Push *push, const char *repository, const char *digest, bool is_docker,
                  GError **error)
{
    g_auto(SkopeoAccess) access = SKOPEO_ACCESS_INIT;
    g_autofree char *place = g_strconcat(repository, "@", digest, NULL);
    g_autofree char *source = g_strconcat(PUSH_DOCKER, place, NULL);
    g_autofree char *destination = g_strconcat("oci:", push->staging.path, NULL);
    SkopeoCopy copy = SKOPEO_COPY_INIT;

    if (!source_access(push, repository, &access, error))
        return false;
    copy.source = source;
    copy.destination = destination;
    copy.access = access;
    copy.format = is_docker ? "v2s2" : "oci";
    copy.keep_digests = true;
    copy.progress_fd = push->options->progress_fd;
    return skopeo_copy(&copy, error) || err_prefix(error, "'%s'", place);
}

/* Has the store this very manifest? */
static bool is_here(const Push *push, const char *digest, bool *ret_here, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    g_autofree char *id = NULL;

    *ret_here = false;
    if (!image_find_by_manifest(push->engine->db, digest, &id, error) ||
        (id != NULL && !image_load(push->engine->db, id, &image, error)))
        return false;
    *ret_here = image != NULL && g_str_equal(image->manifest_digest, digest);
    return true;
}

static bool bring(const Push *push, const json_t *entry, ImageManifest *ret_manifest, GError **error)
{
    const char *digest = json_string_value(json_object_get(entry, "digest"));
    const char *type = json_string_value(json_object_get(entry, "mediaType"));
    const char *repository = image_index_source(push->index, digest);
    bool here = false;

    if (!is_here(push, digest, &here, error))
        return false;
    if (here)
        return staging_link_image(&push->staging, digest, ret_manifest, error);
    if (repository == NULL)
        return err_set(error, FLOE_ERROR_NOT_FOUND, "its image %s is not here any more", digest);
    return fetch(push, repository, digest, g_strcmp0(type, MEDIA_TYPE_DOCKER_MANIFEST) == 0,
                 error) &&
           staging_read_manifest(&push->staging, digest, ret_manifest, error);
}

/* The entry names the image in docker's form then, and says of it what it said. */
static bool make_docker(const Push *push, const ImageManifest *manifest, json_t *entry,
                        GError **error)
{
    g_auto(ImageManifest) converted = { 0 };
    g_autoptr(JsonValue) descriptor = NULL;

    if (checkpoint_image_is(manifest->annotations))
        return err_set(error, FLOE_ERROR_INVALID,
                       "its image %s holds a checkpoint, which docker's format has no place for",
                       manifest->digest);
    return staging_make_docker(&push->staging, manifest, true, &converted, error) &&
           staging_describe(&push->staging, converted.media_type, converted.digest, &descriptor,
                            error) &&
           json_object_update(entry, descriptor) == 0;
}

static bool bring_all(const Push *push, GError **error)
{
    json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(push->index, "manifests"), i, entry) {
        g_auto(ImageManifest) manifest = { 0 };

        if (!bring(push, entry, &manifest, error) ||
            (push->is_docker && !manifest.is_docker && !make_docker(push, &manifest, entry, error)))
            return false;
    }
    return true;
}

/* --- the list --------------------------------------------------------------------------------- */

static bool write_list(const Push *push, GError **error)
{
    g_auto(ImageManifest) list = { 0 };
    g_autofree char *text = NULL;
    const char *media_type = NULL;
    g_autofree char *digest = NULL;

    if (!image_index_write(push->index, &text, &list.digest, &media_type, error) ||
        !staging_add_document(&push->staging, text, &digest, error))
        return false;
    list.media_type = g_strdup(media_type);
    return staging_write_index(&push->staging, &list, NULL, error);
}

static bool copy_list(const Push *push, char **ret_digest, GError **error)
{
    g_auto(SkopeoAccess) access = SKOPEO_ACCESS_INIT;
    g_autofree char *source = g_strconcat("oci:", push->staging.path, NULL);
    SkopeoCopy copy = SKOPEO_COPY_INIT;

    if (!registry_access(&push->registry, push_place(push->destination), &access, error))
        return false;
    copy.source = source;
    copy.destination = push->destination;
    copy.access = access;
    copy.format = push->options->format;
    copy.multi_arch = push->options->list_only ? "index-only" : "all";
    copy.keep_digests = push->is_docker;
    copy.progress_fd = push->options->progress_fd;
    return skopeo_copy(&copy, error) &&
           (ret_digest == NULL || push_digest_there(&copy, ret_digest, error));
}

static bool push_list(Push *push, const ImageRecord *list, char **ret_digest, GError **error)
{
    const Layout *layout = NULL;

    push->is_docker = g_strcmp0(push->options->format, "v2s2") == 0;
    push->index = json_deep_copy(list->list);
    return engine_layout(push->engine, &layout, error) &&
           staging_open(layout, &push->staging, error) &&
           (push->options->list_only || bring_all(push, error)) && write_list(push, error) &&
           copy_list(push, ret_digest, error);
}

bool manifest_push(floe_engine *engine, const ImageRecord *list, const char *full_name,
                   const char *destination, const floe_manifest_push_options *options,
                   char **ret_digest, GError **error)
{
    g_auto(Push) push = { .engine = engine, .options = options, .staging = STAGING_NONE };

    if (!push_check_format(options->format, error) ||
        !registry_options_read(options->registry, &push.registry, error) ||
        !push_destination(destination, full_name, &push.destination, error))
        return false;
    if (options->list_only && options->format != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "a list without its images goes in the form that they have");
    if (!push_list(&push, list, ret_digest, error))
        return err_prefix(error, "push '%s' to '%s'", full_name != NULL ? full_name : list->id,
                          push.destination);
    event_note_image(engine, FLOE_EVENT_PUSH, list->id, full_name);
    return true;
}

static bool push_named(floe_engine *engine, const char *name, const char *destination,
                       const floe_manifest_push_options *options, char **ret_digest, GError **error)
{
    g_autoptr(ImageRecord) list = NULL;
    g_autofree char *full_name = NULL;

    return manifest_list_load(engine, name, &list, &full_name, error) &&
           manifest_push(engine, list, full_name, destination, options, ret_digest, error);
}

bool floe_manifest_push(floe_engine *engine, const char *list, const char *destination,
                        const floe_manifest_push_options *options, char **ret_digest,
                        floe_error **error)
{
    floe_manifest_push_options known = FLOE_MANIFEST_PUSH_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(list), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             push_named(engine, list, destination, &known, ret_digest, &err),
                         &err, error);
}
