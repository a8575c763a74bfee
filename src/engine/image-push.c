/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/event.h"
#include "engine/image-view.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/registry-access.h"

#include <string.h>

#define DOCKER "docker://"

static const char *const transports[] = {
    DOCKER,
    "dir:",
    "oci:",
    "oci-archive:",
    "docker-archive:",
    "docker-daemon:",
    "containers-storage:",
};

/* What skopeo calls it. full_name: the image's own, or NULL. */
static char *destination_of(const char *wanted, const char *full_name)
{
    if (wanted == NULL)
        return g_strconcat(DOCKER, full_name, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(transports); i++) {
        if (g_str_has_prefix(wanted, transports[i]))
            return g_strdup(wanted);
    }
    return g_strconcat(DOCKER, wanted, NULL);
}

/* What the registry has now: skopeo may have compressed layers, or changed the manifest's form. */
static bool digest_there(const SkopeoCopy *copy, char **ret_digest, GError **error)
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

static bool check_format(const char *format, GError **error)
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

    if (!check_format(options->format, error) ||
        !registry_options_read(options->registry, &registry, error) ||
        !image_view_open(engine, name, form, &view, error))
        return false;
    if (wanted == NULL && view.full_name == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "an image named by its id needs a destination");
    destination = destination_of(wanted, view.full_name);
    if (!registry_access(&registry,
                         destination + (g_str_has_prefix(destination, DOCKER) ? strlen(DOCKER) : 0),
                         &access, error))
        return false;
    copy.source = view.source;
    copy.destination = destination;
    copy.access = access;
    copy.format = options->format;
    /* Else skopeo may take a layer for the one in zstd that it knows to be there. */
    copy.keep_digests = view.is_converted && !is_archive;
    copy.progress_fd = options->progress_fd;
    if (!skopeo_copy(&copy, error) ||
        (ret_digest != NULL && !digest_there(&copy, ret_digest, error)))
        return err_prefix(error, "push '%s' to '%s'", name, destination);
    event_note_image(engine, FLOE_EVENT_PUSH, view.image->id, view.full_name);
    return true;
}

bool floe_image_push(floe_engine *engine, const char *name, const char *destination,
                     const floe_push_options *options, char **ret_digest, floe_error **error)
{
    floe_push_options known = FLOE_PUSH_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             image_push(engine, name, destination, &known, ret_digest, &err),
                         &err, error);
}
