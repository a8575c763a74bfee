/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/manifest-entries.h"

#include "base/fd.h"
#include "engine/image-choice.h"
#include "engine/image-source.h"
#include "engine/public-struct.h"
#include "engine/registry-manifest.h"

#include <string.h>
#include <sys/stat.h>

#define DOCKER "docker://"

typedef struct Finding {
    floe_engine *engine;
    const floe_manifest_add_options *options;
    IndexPlatform said; /* of the image */
    json_t *index;      /* where it goes */
} Finding;

bool manifest_entry_read(const floe_manifest_entry *given, IndexPlatform *ret_platform,
                         GError **error)
{
    floe_manifest_entry known = FLOE_MANIFEST_ENTRY_INIT;

    if (!public_options(given, &known, sizeof(known), error))
        return false;
    *ret_platform = (IndexPlatform){
        .os = known.os,
        .architecture = known.architecture,
        .variant = known.variant,
        .os_version = known.os_version,
        .os_features = known.os_features,
        .features = known.features,
        .annotations = known.annotations,
    };
    return true;
}

static bool put(Finding *finding, json_t *taken_entry, const char *source, GError **error)
{
    g_autoptr(JsonValue) entry = taken_entry;

    if (!image_index_entry_set(entry, &finding->said, error))
        return false;
    image_index_put(finding->index, g_steal_pointer(&entry), source);
    return true;
}

/* --- lists ------------------------------------------------------------------------------------ */

static bool put_copy(Finding *finding, const json_t *entry, const char *source, GError **error)
{
    json_t *copy = NULL;

    return image_index_entry_copy(entry, &copy, error) && put(finding, copy, source, error);
}

/* source: where all of them are; NULL: as the list itself says. */
static bool put_all(Finding *finding, const json_t *list, const char *source, GError **error)
{
    json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(list, "manifests"), i, entry) {
        const char *digest = json_string_value(json_object_get(entry, "digest"));
        const char *place = source != NULL   ? source
                            : digest != NULL ? image_index_source(list, digest)
                                             : NULL;

        if (!put_copy(finding, entry, place, error))
            return false;
    }
    return true;
}

static bool put_list(Finding *finding, const json_t *list, const char *source, GError **error)
{
    const ImageManifest entries = { .document = (json_t *)list, .is_list = true };
    const IndexPlatform *said = &finding->said;
    const ImagePlatform platform = { said->os, said->architecture, said->variant };
    const char *digest = NULL;

    if (finding->options->all)
        return put_all(finding, list, source, error);
    if (!image_manifest_choose(&entries, &platform, &digest, error))
        return false;
    return put_copy(finding, image_index_find(list, digest),
                    source != NULL ? source : image_index_source(list, digest), error);
}

/* --- what is here ----------------------------------------------------------------------------- */

static bool put_record(Finding *finding, const ImageRecord *image, GError **error)
{
    g_auto(ImageManifest) manifest = { 0 };
    const Layout *layout = NULL;
    autofd int fd = -1;
    struct stat st;

    if (image->list != NULL)
        return put_list(finding, image->list, NULL, error);
    if (!engine_layout(finding->engine, &layout, error) ||
        !layout_read_manifest(layout, image->manifest_digest, &manifest, error) ||
        !layout_open_blob(layout, image->manifest_digest, &fd, error))
        return false;
    if (fstat(fd, &st) < 0)
        return err_set_errno(error, "look at the manifest %s", image->manifest_digest);
    return put(finding,
               image_index_entry_new(manifest.media_type, st.st_size, image->manifest_digest,
                                     image->config),
               NULL, error);
}

/* *ret_is_here is false, and nothing is wrong, where there is none. */
static bool put_local(Finding *finding, const char *name, bool *ret_is_here, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    g_autoptr(GError) why = NULL;

    *ret_is_here = image_find_record(finding->engine->db, name, &image, NULL, &why);
    if (*ret_is_here)
        return put_record(finding, image, error);
    if (err_is(why, FLOE_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

/* An archive, a directory, another engine's store: comes here first. */
static bool put_pulled(Finding *finding, const char *source, GError **error)
{
    floe_pull_options options = FLOE_PULL_OPTIONS_INIT;
    g_auto(PulledImage) pulled = { 0 };
    bool is_here = false;

    options.os = finding->said.os;
    options.architecture = finding->said.architecture;
    options.variant = finding->said.variant;
    return image_source_pull(finding->engine, source, &options, &pulled, error) &&
           put_local(finding, pulled.id, &is_here, error);
}

/* --- what a registry has ---------------------------------------------------------------------- */

/* Of an image that is no list its configuration says the platform. */
static bool put_single(Finding *finding, const RegistryManifest *there, const char *repository,
                       GError **error)
{
    const ImageManifest *manifest = &there->manifest;
    g_autofree char *source = g_strconcat(DOCKER, repository, "@", manifest->digest, NULL);
    g_autoptr(JsonValue) config = NULL;
    g_autofree char *text = NULL;
    size_t length = 0;

    return skopeo_config(source, &there->access, &text, &length, error) &&
           json_parse(text, length, "image configuration", &config, error) &&
           put(finding,
               image_index_entry_new(manifest->media_type, there->size_bytes, manifest->digest,
                                     config),
               repository, error);
}

static bool put_remote(Finding *finding, const char *name, GError **error)
{
    g_auto(RegistryManifest) there = REGISTRY_MANIFEST_NONE;
    g_autofree char *repository = NULL;

    if (!registry_manifest_read(name, finding->options->registry, &there, error))
        return false;
    repository = image_name_repository(there.full_name);
    return there.manifest.is_list ? put_list(finding, there.manifest.document, repository, error)
                                  : put_single(finding, &there, repository, error);
}

/* --- all -------------------------------------------------------------------------------------- */

static bool find(Finding *finding, const char *image, GError **error)
{
    bool is_here = false;

    if (g_str_has_prefix(image, DOCKER))
        return put_remote(finding, image + strlen(DOCKER), error);
    if (image_source_is(image))
        return put_pulled(finding, image, error);
    return put_local(finding, image, &is_here, error) &&
           (is_here || put_remote(finding, image, error));
}

bool manifest_entries_find(floe_engine *engine, const char *image,
                           const floe_manifest_add_options *options, json_t *index, GError **error)
{
    Finding finding = { .engine = engine, .options = options, .index = index };
    const IndexPlatform *said = &finding.said;

    if (!manifest_entry_read(options->entry, &finding.said, error))
        return false;
    if (options->all && (said->os != NULL || said->architecture != NULL || said->variant != NULL))
        return err_set(error, FLOE_ERROR_INVALID,
                       "a platform cannot be said of all the images of a list");
    return find(&finding, image, error) || err_prefix(error, "add '%s'", image);
}
