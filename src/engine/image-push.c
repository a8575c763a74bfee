/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/image-push.h"

#include "engine/event.h"
#include "engine/image-view.h"
#include "engine/manifest-push.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/registry-access.h"

#include <string.h>

static const char *const transports[] = {
    PUSH_DOCKER,           "dir:", "oci:", "oci-archive:", "docker-archive:", "docker-daemon:",
    "containers-storage:",
};

bool push_destination(const char *wanted, const char *full_name, char **ret_destination,
                      GError **error)
{
    if (wanted == NULL && full_name == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "an image named by its id needs a destination");
    for (size_t i = 0; wanted != NULL && i < G_N_ELEMENTS(transports); i++) {
        if (g_str_has_prefix(wanted, transports[i])) {
            *ret_destination = g_strdup(wanted);
            return true;
        }
    }
    *ret_destination = g_strconcat(PUSH_DOCKER, wanted != NULL ? wanted : full_name, NULL);
    return true;
}

const char *push_place(const char *destination)
{
    return destination + (g_str_has_prefix(destination, PUSH_DOCKER) ? strlen(PUSH_DOCKER) : 0);
}

bool push_digest_there(const SkopeoCopy *copy, char **ret_digest, GError **error)
{
    g_auto(ImageManifest) manifest = { 0 };
    g_autofree char *text = NULL;
    size_t length = 0;

    if (!skopeo_manifest(copy->destination, &copy->access, &text, &length, error) ||
        !image_manifest_parse(text, length, &manifest, error))
        return false;
    *ret_digest = g_strdup(manifest.digest);
    return true;
}

bool push_check_format(const char *format, GError **error)
{
    return format == NULL || g_str_equal(format, "oci") || g_str_equal(format, "v2s2") ||
           err_set(error, FLOE_ERROR_INVALID, "the format '%s' is neither oci nor v2s2", format);
}

static bool image_push(floe_engine *engine, const char *name, const char *wanted,
                       const floe_push_options *options, char **ret_digest, GError **error)
{
    g_auto(ImageView) view = IMAGE_VIEW_NONE;
    g_auto(SkopeoAccess) access = SKOPEO_ACCESS_INIT;
    g_autofree char *destination = NULL;
    floe_registry_options registry;
    SkopeoCopy copy = SKOPEO_COPY_INIT;
    bool is_v2s2 = g_strcmp0(options->format, "v2s2") == 0;
    bool is_archive = wanted != NULL && g_str_has_prefix(wanted, "docker-");
    ViewForm form = is_archive ? VIEW_DOCKER : is_v2s2 ? VIEW_DOCKER_COMPRESSED : VIEW_AS_IT_IS;

    if (!push_check_format(options->format, error) ||
        !registry_options_read(options->registry, &registry, error) ||
        !image_view_open(engine, name, form, &view, error))
        return false;
    if (!push_destination(wanted, view.full_name, &destination, error) ||
        !registry_access(&registry, push_place(destination), &access, error))
        return false;
    copy.source = view.source;
    copy.destination = destination;
    copy.access = access;
    copy.format = options->format;
    /* Else skopeo may take a layer for the one in zstd that it knows to be there. */
    copy.keep_digests = view.is_converted && !is_archive;
    copy.progress_fd = options->progress_fd;
    if (!skopeo_copy(&copy, error) ||
        (ret_digest != NULL && !push_digest_there(&copy, ret_digest, error)))
        return err_prefix(error, "push '%s' to '%s'", name, destination);
    event_note_image(engine, FLOE_EVENT_PUSH, view.image->id, view.full_name);
    return true;
}

/* Of a list all of it. */
static bool push_named(floe_engine *engine, const char *name, const char *destination,
                       const floe_push_options *options, char **ret_digest, GError **error)
{
    floe_manifest_push_options of_list = FLOE_MANIFEST_PUSH_OPTIONS_INIT;
    g_autoptr(ImageRecord) image = NULL;
    g_autofree char *full_name = NULL;

    if (!image_find_record(engine->db, name, &image, &full_name, error))
        return false;
    if (image->list == NULL)
        return image_push(engine, name, destination, options, ret_digest, error);
    of_list.registry = options->registry;
    of_list.format = options->format;
    of_list.progress_fd = options->progress_fd;
    return manifest_push(engine, image, full_name, destination, &of_list, ret_digest, error);
}

bool floe_image_push(floe_engine *engine, const char *name, const char *destination,
                     const floe_push_options *options, char **ret_digest, floe_error **error)
{
    floe_push_options known = FLOE_PUSH_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             push_named(engine, name, destination, &known, ret_digest, &err),
                         &err, error);
}
