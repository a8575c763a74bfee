/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An archive is unpacked into a staging in one pass, from a pipe as from a file: its files are the
 * blobs that the store wants anyway.
 */
#include "engine/image-load.h"

#include "engine/event.h"
#include "engine/image-source.h"
#include "engine/image-store.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "storage/docker-archive.h"
#include "storage/image-documents.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGES_MAX 1000 /* of one archive */

typedef struct Load {
    floe_engine *engine;
    const floe_pull_options *options;
    const char *wanted; /* full name; NULL: all */
    GPtrArray *loaded;
} Load;

static void free_pulled(gpointer data)
{
    pulled_image_clear(data);
    g_free(data);
}

char *image_load_name(const char *text)
{
    char *name = NULL;

    return text != NULL && image_name_normalize(text, &name, NULL) ? name : NULL;
}

/* A name in an archive may have no host, and is docker's then: "redis:7" of docker save. */
static char **names_of(const json_t *tags)
{
    GPtrArray *names = g_ptr_array_new();
    json_t *tag;
    size_t i;

    json_array_foreach(tags, i, tag) {
        char *name = image_load_name(json_string_value(tag));

        if (name != NULL)
            g_ptr_array_add(names, name);
    }
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

static bool is_wanted(const Load *load, char **names)
{
    return load->wanted == NULL || g_strv_contains((const char *const *)names, load->wanted);
}

static void note_loaded(Load *load, char *taken_id, char **names)
{
    PulledImage *image = g_new0(PulledImage, 1);

    image->id = taken_id;
    image->full_name = g_strdup(names[0]);
    g_ptr_array_add(load->loaded, image);
    event_note_image(load->engine, FLOE_EVENT_LOAD, image->id, image->full_name);
}

/* --- docker's --------------------------------------------------------------------------------- */

static bool load_docker_image(Load *load, const Staging *staging, const json_t *entry, char **names,
                              GError **error)
{
    g_autofree char *digest = NULL;
    char *id = NULL;

    if (!docker_archive_take(staging, entry, &digest, error) ||
        !image_store_add(load->engine, staging, digest, names, NULL, &id, error))
        return false;
    note_loaded(load, id, names);
    return true;
}

static bool load_docker(Load *load, const Staging *staging, const json_t *images, GError **error)
{
    json_t *entry;
    size_t i;

    json_array_foreach(images, i, entry) {
        g_auto(GStrv) names = names_of(json_object_get(entry, "RepoTags"));

        if (is_wanted(load, names) && !load_docker_image(load, staging, entry, names, error))
            return false;
    }
    return true;
}

/* --- OCI's ------------------------------------------------------------------------------------ */

/* The manifest itself, or that of a list for the platform. */
static bool find_manifest(const Load *load, const Staging *staging, const char *digest,
                          char **ret_digest, GError **error)
{
    const floe_pull_options *options = load->options;
    const ImagePlatform platform = { options->os, options->architecture, options->variant };
    g_auto(ImageManifest) manifest = { 0 };
    const char *chosen = digest;

    if (!staging_read_manifest(staging, digest, &manifest, error) ||
        (manifest.is_list && !image_manifest_choose(&manifest, &platform, &chosen, error)))
        return false;
    *ret_digest = g_strdup(chosen);
    return true;
}

static bool load_oci_image(Load *load, const Staging *staging, const json_t *entry, GError **error)
{
    const char *reference = json_string_value(
        json_object_get(json_object_get(entry, "annotations"), ANNOTATION_REF_NAME));
    const char *digest = json_string_value(json_object_get(entry, "digest"));
    char *name = image_load_name(reference);
    g_auto(GStrv) names = g_strdupv((char *[]){ name, NULL });
    g_autofree char *of_platform = NULL;
    char *id = NULL;

    g_free(name);
    if (!is_wanted(load, names))
        return true;
    if (!find_manifest(load, staging, digest != NULL ? digest : "", &of_platform, error) ||
        !image_store_add(load->engine, staging, of_platform, names, NULL, &id, error))
        return false;
    note_loaded(load, id, names);
    return true;
}

static bool load_oci(Load *load, const Staging *staging, const json_t *images, GError **error)
{
    json_t *entry;
    size_t i;

    json_array_foreach(images, i, entry) {
        if (!load_oci_image(load, staging, entry, error))
            return false;
    }
    return true;
}

/* --- either ----------------------------------------------------------------------------------- */

/* What is in it; docker's newer archives are both, and have their names in docker's document. */
static bool find_images(const Staging *staging, bool *ret_is_docker, json_t **ret_images,
                        GError **error)
{
    g_autoptr(GError) why = NULL;

    if (!docker_archive_images(staging, ret_images, error))
        return false;
    *ret_is_docker = *ret_images != NULL;
    if (*ret_is_docker || staging_read_index(staging, ret_images, &why))
        return true;
    if (err_is(why, FLOE_ERROR_NOT_FOUND))
        return err_set(error, FLOE_ERROR_INVALID,
                       "no archive of images: it has neither manifest.json nor index.json");
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

static bool load_images(Load *load, const Staging *staging, GError **error)
{
    g_autoptr(JsonValue) images = NULL;
    bool is_docker = false;

    if (!find_images(staging, &is_docker, &images, error))
        return false;
    if (json_array_size(images) > IMAGES_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "more than %d images", IMAGES_MAX);
    if (!(is_docker ? load_docker : load_oci)(load, staging, images, error))
        return false;
    if (load->loaded->len > 0)
        return true;
    if (load->wanted != NULL)
        return err_set(error, FLOE_ERROR_NOT_FOUND, "the archive has no image '%s'", load->wanted);
    return err_set(error, FLOE_ERROR_INVALID, "the archive has no image");
}

bool image_load_archive(floe_engine *engine, int fd, const char *wanted,
                        const floe_pull_options *options, GPtrArray **ret_images, GError **error)
{
    g_autoptr(GPtrArray) loaded = g_ptr_array_new_with_free_func(free_pulled);
    Load load = { .engine = engine, .options = options, .wanted = wanted, .loaded = loaded };
    g_auto(Staging) staging = STAGING_NONE;
    const Layout *layout = NULL;

    if (!engine_layout(engine, &layout, error) || !staging_open(layout, &staging, error))
        return false;
    staging.progress_fd = options->progress_fd;
    if (!staging_unpack(&staging, fd, error) || !load_images(&load, &staging, error))
        return false;
    *ret_images = g_steal_pointer(&loaded);
    return true;
}

/* --- the border ------------------------------------------------------------------------------- */

/* A directory is an OCI layout, or what skopeo calls a dir. */
static bool load_directory(floe_engine *engine, int fd, const floe_pull_options *options,
                           GPtrArray **ret_images, GError **error)
{
    bool is_layout = faccessat(fd, "index.json", F_OK, 0) == 0;
    g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autofree char *path = g_file_read_link(link, NULL);
    g_autofree char *source = g_strconcat(is_layout ? "oci:" : "dir:", path, NULL);
    g_autoptr(GPtrArray) images = g_ptr_array_new_with_free_func(free_pulled);
    PulledImage *image = g_new0(PulledImage, 1);

    g_ptr_array_add(images, image);
    if (!is_layout && faccessat(fd, "manifest.json", F_OK, 0) < 0)
        return err_set(error, FLOE_ERROR_INVALID,
                       "the directory has no image: neither index.json nor manifest.json is there");
    if (!image_source_pull(engine, source, options, image, error))
        return false;
    *ret_images = g_steal_pointer(&images);
    return true;
}

static char **names_of_loaded(const GPtrArray *images)
{
    GPtrArray *names = g_ptr_array_new();

    for (guint i = 0; i < images->len; i++) {
        const PulledImage *image = g_ptr_array_index(images, i);

        g_ptr_array_add(names, image->full_name != NULL ? g_strdup(image->full_name)
                                                        : g_strconcat("sha256:", image->id, NULL));
    }
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

bool floe_image_load(floe_engine *engine, int fd, const floe_pull_options *options,
                     char ***ret_names, floe_error **error)
{
    floe_pull_options known = FLOE_PULL_OPTIONS_INIT;
    g_autoptr(GPtrArray) images = NULL;
    g_autoptr(GError) err = NULL;
    struct stat st;
    bool ok = public_given(&err, GIVEN(engine), NULL) &&
              public_options(options, &known, sizeof(known), &err);

    if (ok && fstat(fd, &st) < 0)
        ok = err_set_errno(&err, "look at the archive");
    ok = ok && (S_ISDIR(st.st_mode) ? load_directory(engine, fd, &known, &images, &err)
                                    : image_load_archive(engine, fd, NULL, &known, &images, &err));
    if (ok && ret_names != NULL)
        *ret_names = names_of_loaded(images);
    return public_result(ok, &err, error);
}
