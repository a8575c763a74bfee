/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/image-source.h"

#include "base/fd.h"
#include "base/json.h"
#include "engine/event.h"
#include "engine/image-load.h"
#include "engine/image-store.h"
#include "storage/image-documents.h"
#include "storage/skopeo.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static const char *const archives[] = { "docker-archive:", "oci-archive:" };
static const char *const places[] = { "oci:", "dir:", "containers-storage:" };

static bool has_prefix_of(const char *text, const char *const *prefixes, size_t n_prefixes)
{
    for (size_t i = 0; i < n_prefixes; i++) {
        if (g_str_has_prefix(text, prefixes[i]))
            return true;
    }
    return false;
}

bool image_source_is(const char *name)
{
    return has_prefix_of(name, archives, G_N_ELEMENTS(archives)) ||
           has_prefix_of(name, places, G_N_ELEMENTS(places));
}

/* --- archives --------------------------------------------------------------------------------- */

/* "FILE[:NAME]": the file's name ends at the first colon, as skopeo has it. */
static bool pull_archive(floe_engine *engine, const char *place, const floe_pull_options *options,
                         PulledImage *ret_image, GError **error)
{
    g_autofree char *path = g_strndup(place, strcspn(place, ":"));
    const char *reference = place[strlen(path)] == ':' ? place + strlen(path) + 1 : NULL;
    g_autofree char *wanted = image_load_name(reference);
    g_autoptr(GPtrArray) images = NULL;
    autofd int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(error, "open '%s'", path);
    if (reference != NULL && wanted == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not an image's name", reference);
    if (!image_load_archive(engine, fd, wanted, options, &images, error))
        return err_prefix(error, "'%s'", path);

    PulledImage *first = g_ptr_array_index(images, 0);

    *ret_image = *first;
    *first = (PulledImage){ 0 };
    return true;
}

/* --- places that skopeo knows ----------------------------------------------------------------- */

/* What index.json calls the only image of a layout. */
static char *name_in_layout(const char *path)
{
    g_autofree char *file = g_build_filename(path, "index.json", NULL);
    g_autoptr(JsonValue) index = NULL;
    const json_t *manifests;

    if (!json_read_file(file, MANIFEST_SIZE_MAX, &index, NULL))
        return NULL;
    manifests = json_object_get(index, "manifests");
    return json_array_size(manifests) != 1
               ? NULL
               : image_load_name(json_string_value(
                     json_object_get(json_object_get(json_array_get(manifests, 0), "annotations"),
                                     ANNOTATION_REF_NAME)));
}

/* What an image is called here that comes from there; NULL: nothing. */
static char *name_of(const char *source)
{
    const char *place = strchr(source, ':') + 1;
    g_autofree char *path = g_strndup(place, strcspn(place, ":"));
    const char *reference = place[strlen(path)] == ':' ? place + strlen(path) + 1 : NULL;

    if (g_str_has_prefix(source, "containers-storage:")) {
        const char *end = *place == '[' ? strchr(place, ']') : NULL;

        return image_load_name(end != NULL ? end + 1 : place);
    }
    if (g_str_has_prefix(source, "oci:"))
        return reference != NULL ? image_load_name(reference) : name_in_layout(path);

    g_autofree char *local = g_strconcat("localhost/", path + strspn(path, "/"), NULL);

    return image_load_name(local);
}

static bool pull_place(floe_engine *engine, const char *source, const floe_pull_options *options,
                       PulledImage *ret_image, GError **error)
{
    g_auto(Staging) staging = STAGING_NONE;
    g_auto(ImageManifest) manifest = { 0 };
    g_autofree char *name = name_of(source);
    g_autofree char *text = NULL;
    g_autofree char *destination = NULL;
    g_autofree char *digest = NULL;
    SkopeoCopy copy = SKOPEO_COPY_INIT;
    const Layout *layout = NULL;
    size_t length = 0;

    if (!skopeo_manifest(source, &copy.access, &text, &length, error) ||
        !image_manifest_parse(text, length, &manifest, error) ||
        !engine_layout(engine, &layout, error) || !staging_open(layout, &staging, error) ||
        (!manifest.is_list && !staging_link_known(&staging, &manifest, error)))
        return false;
    staging.progress_fd = options->progress_fd;
    destination = g_strconcat("oci:", staging.path, NULL);
    copy.source = source;
    copy.destination = destination;
    copy.format = manifest.is_docker ? "v2s2" : "oci";
    copy.os = options->os;
    copy.architecture = options->architecture;
    copy.variant = options->variant;
    copy.progress_fd = options->progress_fd;
    if (!skopeo_copy(&copy, error) || !staging_only_manifest(&staging, &digest, error) ||
        !image_store_add(engine, &staging, digest, (char *[]){ name, NULL }, NULL, &ret_image->id,
                         error))
        return false;
    ret_image->full_name = g_steal_pointer(&name);
    event_note_image(engine, FLOE_EVENT_PULL, ret_image->id, ret_image->full_name);
    return true;
}

bool image_source_pull(floe_engine *engine, const char *source, const floe_pull_options *options,
                       PulledImage *ret_image, GError **error)
{
    bool ok = has_prefix_of(source, archives, G_N_ELEMENTS(archives))
                  ? pull_archive(engine, strchr(source, ':') + 1, options, ret_image, error)
                  : pull_place(engine, source, options, ret_image, error);

    return ok || err_prefix(error, "pull '%s'", source);
}
