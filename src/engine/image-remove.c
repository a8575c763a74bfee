/* SPDX-License-Identifier: Apache-2.0 */
/* Images go: one by its name, or all that nobody needs. */
#include "engine/image-remove.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/container-remove.h"
#include "engine/container.h"
#include "engine/event.h"
#include "engine/image-mount.h"
#include "engine/image-store.h"
#include "engine/labels.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/user-time.h"
#include "state/manifest-list.h"

#include <floe/image.h>

#include <string.h>

/* Does another name keep the image when this one goes? `full_name` NULL: it was named by its id. */
static bool has_other_name(const ImageRecord *image, const char *full_name)
{
    return full_name != NULL && g_strv_length(image->names) > 1;
}

/* By force the containers of an image go first. It takes its time: imports do not wait for it. */
static bool remove_users(floe_engine *engine, const char *name, GError **error)
{
    static const floe_remove_options options = { sizeof(options), true, FLOE_STOP_TIMEOUT_DEFAULT };
    g_autoptr(ImageRecord) image = NULL;
    g_autofree char *full_name = NULL;
    g_auto(GStrv) users = NULL;

    if (!image_find_record(engine->db, name, &image, &full_name, error))
        return false;
    if (has_other_name(image, full_name))
        return true;
    if (!container_list_by_image(engine->db, image->id, &users, error))
        return false;
    for (size_t i = 0; users != NULL && users[i] != NULL; i++) {
        g_autoptr(floe_container) ctr = NULL;

        if (!container_open(engine, users[i], &ctr, error) ||
            !container_remove(ctr, &options, error))
            return false;
    }
    return true;
}

static bool refuse_users(floe_engine *engine, const ImageRecord *image, GError **error)
{
    g_auto(GStrv) ids = NULL;
    g_autofree char *list = NULL;

    if (!container_list_by_image(engine->db, image->id, &ids, error))
        return false;
    if (ids == NULL || ids[0] == NULL)
        return true;
    list = g_strjoinv(", ", ids);
    return err_set(error, FLOE_ERROR_IN_USE, "image %.12s is in use by containers: %s", image->id,
                   list);
}

/* The lists that could no more be pushed without it; NULL: none. */
static bool find_holders(floe_engine *engine, const ImageRecord *image, char **ret_lists,
                         GError **error)
{
    g_auto(GStrv) lists = NULL;

    if (!manifest_list_holders(engine->db, image->manifest_digest, &lists, error))
        return false;
    *ret_lists = lists != NULL && lists[0] != NULL ? g_strjoinv(", ", lists) : NULL;
    return true;
}

static bool refuse_lists(floe_engine *engine, const ImageRecord *image, GError **error)
{
    g_autofree char *lists = NULL;

    return find_holders(engine, image, &lists, error) &&
           (lists == NULL ||
            err_set(error, FLOE_ERROR_IN_USE, "image %.12s is in use by manifest lists: %s",
                    image->id, lists));
}

static bool delete_image(floe_engine *engine, const ImageRecord *image, bool force, GError **error)
{
    g_auto(GStrv) orphans = NULL;
    const Layout *layout = NULL;

    if (!engine_layout(engine, &layout, error) || !refuse_users(engine, image, error) ||
        (!force && !refuse_lists(engine, image, error)) ||
        !image_mount_release(engine, image->id, force, error) ||
        !image_delete(engine->db, image->id, &orphans, error) ||
        !layout_remove_image(layout, image->manifest_digest, error))
        return false;
    for (size_t i = 0; orphans != NULL && orphans[i] != NULL; i++) {
        if (!layout_remove_layer(layout, orphans[i], error))
            return false;
    }
    return true;
}

static bool image_remove(floe_engine *engine, const char *name,
                         const floe_image_remove_options *options, char ***ret_untagged,
                         char **ret_deleted, GError **error)
{
    g_auto(Lock) lock = LOCK_NONE;
    g_autoptr(ImageRecord) image = NULL;
    g_autofree char *full_name = NULL;
    g_autofree char *lists = NULL;

    if ((options->force && !remove_users(engine, name, error)) ||
        !image_store_lock(engine, &lock, error) ||
        !image_find_record(engine->db, name, &image, &full_name, error))
        return false;
    if (full_name != NULL && strchr(full_name, '@') != NULL)
        g_clear_pointer(&full_name, g_free); /* a digest names the image, not one of its names */
    if (full_name == NULL && g_strv_length(image->names) > 1 && !options->force)
        return err_set(error, FLOE_ERROR_IN_USE,
                       "image %.12s has several names: name the one to take off, or use --force",
                       image->id);
    if (!find_holders(engine, image, &lists, error))
        return false;
    if (has_other_name(image, full_name) ||
        (lists != NULL && full_name != NULL && !options->force)) {
        const char *untagged[] = { full_name, NULL };

        if (!image_remove_name(engine->db, image->id, full_name, error))
            return false;
        event_note_image(engine, FLOE_EVENT_UNTAG, image->id, full_name);
        *ret_untagged = g_strdupv((char **)untagged);
        *ret_deleted = NULL;
        return true;
    }
    if (!delete_image(engine, image, options->force, error))
        return false;
    for (char **gone = image->names; *gone != NULL; gone++)
        event_note_image(engine, FLOE_EVENT_UNTAG, image->id, *gone);
    event_note_image(engine, FLOE_EVENT_REMOVE, image->id, image->names[0]);
    *ret_untagged = g_strdupv(image->names);
    *ret_deleted = g_strdup(image->id);
    return true;
}

void image_forget_pulled(floe_engine *engine, const char *name)
{
    static const floe_image_remove_options options = FLOE_IMAGE_REMOVE_OPTIONS_INIT;
    g_auto(GStrv) untagged = NULL;
    g_autofree char *deleted = NULL;
    g_autoptr(GError) err = NULL;

    if (name != NULL && !image_remove(engine, name, &options, &untagged, &deleted, &err) &&
        !err_is(err, FLOE_ERROR_IN_USE))
        log_ignored(g_steal_pointer(&err), "cannot remove image '%s', which was pulled in vain",
                    name);
}

/* --- prune ------------------------------------------------------------------------------------ */

typedef struct Prune {
    floe_engine *engine;
    const floe_image_prune_options *options;
    int64_t until_unix_ns; /* 0: whenever they were made */
    GPtrArray *gone;       /* ids */
} Prune;

static bool read_filters(Prune *prune, GError **error)
{
    const char *const *filter = prune->options->filters;

    for (; filter != NULL && *filter != NULL; filter++) {
        if (g_str_has_prefix(*filter, "until=")) {
            if (!user_time_parse(*filter + strlen("until="), clock_unix_ns(), &prune->until_unix_ns,
                                 error))
                return false;
        } else if (!g_str_has_prefix(*filter, "label=") && !g_str_has_prefix(*filter, "label!=")) {
            return err_set(error, FLOE_ERROR_INVALID,
                           "invalid filter '%s': label, label! and until are known", *filter);
        }
    }
    return true;
}

static bool matches(const Prune *prune, const ImageRecord *image)
{
    const json_t *labels = json_object_get(json_object_get(image->config, "config"), "Labels");
    const char *const *filter = prune->options->filters;

    if (!prune->options->all && image->names[0] != NULL)
        return false;
    if (prune->until_unix_ns != 0 && image->created_unix_ns >= prune->until_unix_ns)
        return false;
    for (; filter != NULL && *filter != NULL; filter++) {
        if ((g_str_has_prefix(*filter, "label=") &&
             !labels_match(labels, *filter + strlen("label="))) ||
            (g_str_has_prefix(*filter, "label!=") &&
             labels_match(labels, *filter + strlen("label!="))))
            return false;
    }
    return true;
}

static void note_gone(floe_engine *engine, const ImageRecord *image)
{
    for (char **name = image->names; *name != NULL; name++)
        event_note_image(engine, FLOE_EVENT_UNTAG, image->id, *name);
    event_note_image(engine, FLOE_EVENT_REMOVE, image->id, image->names[0]);
}

static bool prune_images(Prune *prune, const GPtrArray *images, bool lists, GError **error)
{
    for (guint i = 0; i < images->len; i++) {
        const ImageRecord *image = g_ptr_array_index(images, i);
        g_autoptr(GError) why = NULL;

        if ((image->list != NULL) != lists || !matches(prune, image))
            continue;
        if (delete_image(prune->engine, image, false, &why)) {
            note_gone(prune->engine, image);
            g_ptr_array_add(prune->gone, g_strdup(image->id));
        } else if (!err_is(why, FLOE_ERROR_IN_USE)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return false;
        }
    }
    return true;
}

/* What only a list needs that goes can go, too. */
static bool image_prune(Prune *prune, GError **error)
{
    g_autoptr(GPtrArray) images = NULL;
    g_auto(Lock) lock = LOCK_NONE;

    if (!read_filters(prune, error) || !image_store_lock(prune->engine, &lock, error) ||
        !image_list(prune->engine->db, &images, error) ||
        !prune_images(prune, images, true, error) || !prune_images(prune, images, false, error))
        return false;
    g_ptr_array_add(prune->gone, NULL);
    return true;
}

bool images_remove_all(floe_engine *engine, GError **error)
{
    g_autoptr(GPtrArray) images = NULL;
    g_auto(Lock) lock = LOCK_NONE;

    if (!image_store_lock(engine, &lock, error) || !image_list(engine->db, &images, error))
        return false;
    for (guint i = 0; i < images->len; i++) {
        if (!delete_image(engine, g_ptr_array_index(images, i), true, error))
            return false;
    }
    return true;
}

/* --- the border ------------------------------------------------------------------------------- */

bool floe_image_remove(floe_engine *engine, const char *name,
                       const floe_image_remove_options *options, char ***ret_untagged,
                       char **ret_deleted, floe_error **error)
{
    floe_image_remove_options known = FLOE_IMAGE_REMOVE_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;
    g_auto(GStrv) untagged = NULL;
    g_autofree char *deleted = NULL;
    bool ok = public_given(&err, GIVEN(engine), GIVEN(name), NULL) &&
              public_options(options, &known, sizeof(known), &err) &&
              image_remove(engine, name, &known, &untagged, &deleted, &err);

    if (ok && ret_untagged != NULL)
        *ret_untagged = g_steal_pointer(&untagged);
    if (ok && ret_deleted != NULL)
        *ret_deleted = g_steal_pointer(&deleted);
    return public_result(ok, &err, error);
}

bool floe_image_prune(floe_engine *engine, const floe_image_prune_options *options, char ***ret_ids,
                      floe_error **error)
{
    floe_image_prune_options known = FLOE_IMAGE_PRUNE_OPTIONS_INIT;
    g_autoptr(GPtrArray) gone = g_ptr_array_new_with_free_func(g_free);
    Prune prune = { .engine = engine, .options = &known, .gone = gone };
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(engine), NULL) &&
              public_options(options, &known, sizeof(known), &err) && image_prune(&prune, &err);

    if (ok && ret_ids != NULL)
        *ret_ids = g_strdupv((char **)gone->pdata);
    return public_result(ok, &err, error);
}
