/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a registry: its manifest is asked for first, and says whether anything has to come at all;
 * what the store has of the blobs is linked into a staging, skopeo brings the rest.
 */
#include "engine/image-pull.h"

#include "base/digest.h"
#include "base/log.h"
#include "engine/event.h"
#include "engine/image-choice.h"
#include "engine/image-source.h"
#include "engine/image-store.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/registry-access.h"
#include "engine/short-names.h"
#include "engine/user-time.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_S       G_GINT64_CONSTANT(1000000000)
#define NS_PER_US      1000
#define MOST_DOUBLINGS 6

void pulled_image_clear(PulledImage *image)
{
    g_clear_pointer(&image->id, g_free);
    g_clear_pointer(&image->full_name, g_free);
}

/* --- one image of one registry ---------------------------------------------------------------- */

typedef struct Pull {
    floe_engine *engine;
    const floe_pull_options *options;
    SkopeoAccess access;
    const char *full_name;
    char *repository;
    ImageManifest manifest; /* of the platform */
    GPtrArray *digests;     /* the names by digest that the image gets */
} Pull;

static void pull_clear(Pull *pull)
{
    registry_access_clear(&pull->access);
    g_free(pull->repository);
    image_manifest_clear(&pull->manifest);
    g_ptr_array_unref(pull->digests);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pull, pull_clear)

static char *source_of(const Pull *pull, const char *digest)
{
    return g_strconcat("docker://", pull->repository, "@", digest, NULL);
}

static bool fetch_manifest(Pull *pull, const char *source, GError **error)
{
    g_autofree char *text = NULL;
    size_t length = 0;

    if (!skopeo_manifest(source, &pull->access, &text, &length, error))
        return false;
    image_manifest_clear(&pull->manifest);
    pull->manifest = (ImageManifest){ 0 };
    if (!image_manifest_parse(text, length, &pull->manifest, error))
        return false;
    g_ptr_array_add(pull->digests, g_strconcat(pull->repository, "@", pull->manifest.digest, NULL));
    return true;
}

/* Of a list, the manifest of the platform. */
static bool find_manifest(Pull *pull, GError **error)
{
    const floe_pull_options *options = pull->options;
    const ImagePlatform platform = { options->os, options->architecture, options->variant };
    g_autofree char *source = g_strconcat("docker://", pull->full_name, NULL);
    g_autofree char *of_platform = NULL;
    const char *digest = NULL;

    if (!fetch_manifest(pull, source, error))
        return false;
    if (pull->manifest.is_list) {
        if (!image_manifest_choose(&pull->manifest, &platform, &digest, error))
            return false;
        of_platform = source_of(pull, digest);
        if (!fetch_manifest(pull, of_platform, error))
            return false;
    }
    return !pull->manifest.is_list ||
           err_set(error, FLOE_ERROR_INVALID, "a list of images names another list");
}

static bool copy_image(const Pull *pull, char **names, char **digests, char **ret_id, GError **error)
{
    g_auto(Staging) staging = STAGING_NONE;
    g_autofree char *source = source_of(pull, pull->manifest.digest);
    g_autofree char *destination = NULL;
    SkopeoCopy copy = SKOPEO_COPY_INIT;
    const Layout *layout = NULL;

    if (!engine_layout(pull->engine, &layout, error) || !staging_open(layout, &staging, error) ||
        !staging_link_known(&staging, &pull->manifest, error))
        return false;
    staging.progress_fd = pull->options->progress_fd;
    destination = g_strconcat("oci:", staging.path, NULL);
    copy.source = source;
    copy.destination = destination;
    copy.access = pull->access;
    copy.format = pull->manifest.is_docker ? "v2s2" : "oci";
    copy.keep_digests = true;
    copy.progress_fd = pull->options->progress_fd;
    return skopeo_copy(&copy, error) &&
           image_store_add(pull->engine, &staging, pull->manifest.digest, names, digests, ret_id,
                           error);
}

static bool pull_image(Pull *pull, char **ret_id, GError **error)
{
    bool is_tagged = strchr(pull->full_name, '@') == NULL;
    char *names[] = { is_tagged ? (char *)pull->full_name : NULL, NULL };
    char **digests;

    if (pull->options->progress_fd >= 0)
        dprintf(pull->options->progress_fd, "Trying to pull %s...\n", pull->full_name);
    if (!find_manifest(pull, error))
        return false;
    g_ptr_array_add(pull->digests, NULL);
    digests = (char **)pull->digests->pdata;
    if (!image_store_reuse(pull->engine, pull->manifest.digest, names, digests, ret_id, error))
        return false;
    return *ret_id != NULL || copy_image(pull, names, digests, ret_id, error);
}

static bool pull_once(floe_engine *engine, const char *full_name, const floe_pull_options *options,
                      char **ret_id, GError **error)
{
    g_auto(Pull) pull = {
        .engine = engine,
        .options = options,
        .access = SKOPEO_ACCESS_INIT,
        .full_name = full_name,
        .repository = image_name_repository(full_name),
        .digests = g_ptr_array_new_with_free_func(g_free),
    };
    floe_registry_options registry;

    return registry_options_read(options->registry, &registry, error) &&
           registry_access(&registry, full_name, &pull.access, error) &&
           pull_image(&pull, ret_id, error);
}

/* What a registry does wrong it may do right the next time. */
static bool may_succeed_later(const GError *error)
{
    return err_is(error, FLOE_ERROR_NETWORK) || err_is(error, FLOE_ERROR_IO) ||
           err_is(error, FLOE_ERROR_INVALID);
}

/* Before the attempt of this number, from 1 on. */
static void wait_to_retry(const char *full_name, int attempt, int64_t delay_ns, const GError *why)
{
    int64_t wait_ns = delay_ns >= 0 ? delay_ns : NS_PER_S << MIN(attempt - 1, MOST_DOUBLINGS);

    log_warn("pull '%s': trying again in %.1f s: %s", full_name, (double)wait_ns / (double)NS_PER_S,
             why->message);
    g_usleep((gulong)(wait_ns / NS_PER_US));
}

static bool pull_full_name(floe_engine *engine, const char *full_name,
                           const floe_pull_options *options, PulledImage *ret_image, GError **error)
{
    int64_t delay_ns = -1;

    if (options->retry_delay != NULL && !user_duration_parse(options->retry_delay, &delay_ns, error))
        return err_prefix(error, "--retry-delay");
    for (int attempt = 0;; attempt++) {
        g_autoptr(GError) err = NULL;

        if (pull_once(engine, full_name, options, &ret_image->id, &err))
            break;
        if (attempt >= options->retry || !may_succeed_later(err)) {
            g_propagate_error(error, g_steal_pointer(&err));
            return err_prefix(error, "pull '%s'", full_name);
        }
        wait_to_retry(full_name, attempt + 1, delay_ns, err);
    }
    ret_image->full_name = g_strdup(full_name);
    event_note_image(engine, FLOE_EVENT_PULL, ret_image->id, full_name);
    return true;
}

/* --- what a name may stand for ---------------------------------------------------------------- */

/* One error of several: the code of the last, the texts of all. */
static void join_errors(GError **all, GError *taken)
{
    if (*all != NULL)
        g_prefix_error(&taken, "%s; ", (*all)->message);
    g_clear_error(all);
    *all = taken;
}

/* One that the user chooses is what the short name stands for from now on, if it is there. */
static bool pull_chosen(floe_engine *engine, const char *name, char **full_names,
                        const floe_pull_options *options, PulledImage *ret_image, GError **error)
{
    int chosen = options->choose((const char *const *)full_names, options->choose_data);

    if (chosen < 0 || (guint)chosen >= g_strv_length(full_names))
        return err_set(error, FLOE_ERROR_INVALID, "%s: no registry was chosen", name);
    if (!pull_full_name(engine, full_names[chosen], options, ret_image, error))
        return false;
    short_name_remember(name, full_names[chosen]);
    return true;
}

static bool pull_name(floe_engine *engine, const char *name, const floe_pull_options *options,
                      PulledImage *ret_image, GError **error)
{
    g_auto(GStrv) full_names = NULL;
    g_autoptr(GError) all = NULL;
    bool is_choice = false;

    if (id_is_valid(name))
        return err_set(error, FLOE_ERROR_NOT_FOUND, "%s: image not known", name);
    if (!short_name_resolve(name, &full_names, options->choose != NULL ? &is_choice : NULL, error))
        return false;
    if (is_choice)
        return pull_chosen(engine, name, full_names, options, ret_image, error);
    for (size_t i = 0; full_names[i] != NULL; i++) {
        GError *why = NULL;

        if (pull_full_name(engine, full_names[i], options, ret_image, &why))
            return true;
        join_errors(&all, why);
    }
    g_propagate_error(error, g_steal_pointer(&all));
    return false;
}

/* --- the policy ------------------------------------------------------------------------------- */

static bool is_of_platform(const ImageRecord *image, const floe_pull_options *options)
{
    const char *os = json_string_value(json_object_get(image->config, "os"));
    const char *architecture = json_string_value(json_object_get(image->config, "architecture"));

    return (options->os == NULL || g_strcmp0(os, options->os) == 0) &&
           (options->architecture == NULL || g_strcmp0(architecture, options->architecture) == 0);
}

/* What is known here of a name. */
typedef struct Here {
    PulledImage image; /* id NULL: it is not here */
    bool is_list;
    char *place; /* of a list the image that is to be pulled, "HOST/PATH@DIGEST"; NULL: none */
} Here;

static void here_clear(Here *here)
{
    pulled_image_clear(&here->image);
    g_free(here->place);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Here, here_clear)

/* The list's name leads to its image later, too, if it is the one for this host. */
static bool find_member(floe_engine *engine, const ImageRecord *list, char *taken_name,
                        const floe_pull_options *options, Here *here, GError **error)
{
    const ImagePlatform platform = { options->os, options->architecture, options->variant };
    bool is_host = platform.os == NULL && platform.architecture == NULL && platform.variant == NULL;
    g_autoptr(ImageRecord) image = NULL;
    g_autofree char *name = taken_name;

    here->is_list = true;
    if (!image_choose_member(engine, list, &platform, &image, &here->place, error))
        return err_prefix(error, "list %s", name != NULL ? name : list->id);
    if (image == NULL)
        return err_set(error, FLOE_ERROR_NOT_FOUND, "%s is not here", here->place);
    here->image.id = g_strdup(image->id);
    here->image.full_name = is_host ? g_steal_pointer(&name) : NULL;
    return true;
}

/* NOT_FOUND: here->image is not set. */
static bool find_here(floe_engine *engine, const char *name, const floe_pull_options *options,
                      Here *here, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    g_autofree char *full_name = NULL;

    if (!image_find_record(engine->db, name, &image, &full_name, error))
        return false;
    if (image->list != NULL)
        return find_member(engine, image, g_steal_pointer(&full_name), options, here, error);
    if (!is_of_platform(image, options))
        return err_set(error, FLOE_ERROR_NOT_FOUND, "%s: the image here is of another platform",
                       name);
    here->image.id = g_strdup(image->id);
    here->image.full_name = g_steal_pointer(&full_name);
    return true;
}

static bool ensure_name(floe_engine *engine, const char *name, const floe_pull_options *options,
                        PulledImage *ret_image, GError **error)
{
    g_auto(Here) here = { 0 };
    g_autoptr(GError) not_here = NULL;
    g_autoptr(GError) not_there = NULL;
    floe_pull_policy policy = options->policy;
    bool is_here = find_here(engine, name, options, &here, &not_here);

    if (here.place != NULL && policy != FLOE_PULL_NEVER)
        return pull_full_name(engine, here.place, options, ret_image, error);
    if (!is_here &&
        (policy == FLOE_PULL_NEVER || here.is_list || !err_is(not_here, FLOE_ERROR_NOT_FOUND))) {
        g_propagate_error(error, g_steal_pointer(&not_here));
        return false;
    }
    if (!is_here || policy == FLOE_PULL_ALWAYS || policy == FLOE_PULL_NEWER) {
        if (pull_name(engine, name, options, ret_image, &not_there))
            return true;
        if (!is_here || policy == FLOE_PULL_ALWAYS) {
            g_propagate_error(error, g_steal_pointer(&not_there));
            return false;
        }
        log_info("the image %s here is used: %s", name, not_there->message);
    }
    *ret_image = here.image;
    here.image = (PulledImage){ 0 };
    return true;
}

bool image_ensure(floe_engine *engine, const char *name, const floe_pull_options *options,
                  PulledImage *ret_image, GError **error)
{
    static const floe_pull_options by_default = FLOE_PULL_OPTIONS_INIT;
    const floe_pull_options *wanted = options != NULL ? options : &by_default;

    if (g_str_has_prefix(name, "docker://"))
        return ensure_name(engine, name + strlen("docker://"), wanted, ret_image, error);
    if (image_source_is(name))
        return image_source_pull(engine, name, wanted, ret_image, error);
    return ensure_name(engine, name, wanted, ret_image, error);
}

/* --- the border ------------------------------------------------------------------------------- */

bool floe_image_pull(floe_engine *engine, const char *name, const floe_pull_options *options,
                     char **ret_id, char **ret_name, floe_error **error)
{
    floe_pull_options known = FLOE_PULL_OPTIONS_INIT;
    g_auto(PulledImage) image = { 0 };
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(engine), GIVEN(name), NULL) &&
              public_options(options, &known, sizeof(known), &err) &&
              image_ensure(engine, name, &known, &image, &err);

    if (ok && ret_id != NULL)
        *ret_id = g_steal_pointer(&image.id);
    if (ok && ret_name != NULL)
        *ret_name = g_steal_pointer(&image.full_name);
    return public_result(ok, &err, error);
}
