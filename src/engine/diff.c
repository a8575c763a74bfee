/* SPDX-License-Identifier: Apache-2.0 */
/* What a container, or an image's topmost layer, changes of the layers below. */
#include "engine/diff.h"

#include "engine/container-layer.h"
#include "engine/image-choice.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "state/image-record.h"
#include "storage/layer-compare.h"

#include <floe/files.h>

#include <string.h>

/* podman hides the same. */
const char *const container_engine_files[] = {
    "/dev",  "/etc/hostname", "/etc/hosts",  "/etc/mtab",          "/etc/resolv.conf",
    "/proc", "/run",          "/run/notify", "/run/.containerenv", "/run/podman-init",
    "/sys",  "/run/secrets",  NULL,
};

/* The array and its paths in one block. */
static void changes_give(const GPtrArray *changes, const char *const *hidden,
                         floe_change **ret_changes, size_t *ret_count)
{
    size_t size = changes->len * sizeof(floe_change);

    for (guint i = 0; i < changes->len; i++)
        size += strlen(((const LayerChange *)changes->pdata[i])->path) + 1;

    floe_change *given = g_malloc(MAX(size, 1));
    char *text = (char *)(given + changes->len);
    size_t count = 0;

    for (guint i = 0; i < changes->len; i++) {
        const LayerChange *change = changes->pdata[i];

        if (hidden != NULL && g_strv_contains(hidden, change->path))
            continue;
        given[count++] = (floe_change){ (char)change->kind, text };
        text = g_stpcpy(text, change->path) + 1;
    }
    *ret_changes = given;
    *ret_count = count;
}

static bool container_diff(floe_container *ctr, floe_change **ret_changes, size_t *ret_count,
                           GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GPtrArray) changes = NULL;
    g_auto(ContainerLayer) own = { 0 };

    if (!operation_enter(ctr, OPERATION_DIFF, &op, error) ||
        !container_layer_init(ctr->engine, ctr->record, &own, error))
        return false;
    operation_leave(&op);
    if (container_has_bare_root(&ctr->record->config))
        return err_set(error, FLOE_ERROR_INVALID,
                       "container \"%s\" writes to '%s' itself: there is nothing to compare it with",
                       ctr->record->name, ctr->record->config.rootfs);
    if (!container_layer_exists(&own))
        changes = g_ptr_array_new();
    else if (!layer_changes(&own.layer, &changes, error))
        return err_prefix(error, "changes of container \"%s\"", ctr->record->name);
    changes_give(changes, container_engine_files, ret_changes, ret_count);
    return true;
}

static bool image_diff(floe_engine *engine, const char *name, floe_change **ret_changes,
                       size_t *ret_count, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    g_autoptr(GPtrArray) changes = NULL;
    g_auto(GStrv) dirs = NULL;
    const Layout *layout = NULL;

    if (!image_choose(engine, name, &image, NULL, error) || !engine_layout(engine, &layout, error))
        return false;

    size_t n_layers = g_strv_length(image->layers);
    if (n_layers == 0) /* a checkpoint's image, of which nothing is unpacked */
        return err_set(error, FLOE_ERROR_INVALID, "image '%s' has no layers", name);
    g_autofree char *top = g_build_filename(layout->layers_dir, image->layers[n_layers - 1], "diff",
                                            NULL);

    dirs = layer_dirs(layout, image->layers, n_layers - 1);
    const Layer layer = { .dir = top, .lower_dirs = (const char *const *)dirs };

    if (!layer_changes(&layer, &changes, error))
        return err_prefix(error, "changes of image '%s'", name);
    changes_give(changes, NULL, ret_changes, ret_count);
    return true;
}

/* --- two of them ------------------------------------------------------------------------------ */

static bool container_dirs(floe_container *ctr, char ***ret_dirs, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GStrvBuilder) dirs = g_strv_builder_new();
    g_auto(ContainerLayer) own = { 0 };

    if (!operation_enter(ctr, OPERATION_DIFF, &op, error) ||
        !container_layer_init(ctr->engine, ctr->record, &own, error))
        return false;

    bool has_own = container_layer_exists(&own); /* not with a bare root */

    if (!has_own || !own.layer.is_copy)
        g_strv_builder_addv(dirs, (const char **)own.lower_dirs);
    if (has_own)
        g_strv_builder_add(dirs, own.dir);
    *ret_dirs = g_strv_builder_end(dirs);
    return true;
}

static bool image_dirs(floe_engine *engine, const char *name, char ***ret_dirs, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    const Layout *layout = NULL;

    if (!image_choose(engine, name, &image, NULL, error) || !engine_layout(engine, &layout, error))
        return false;
    *ret_dirs = layer_dirs(layout, image->layers, g_strv_length(image->layers));
    return true;
}

static bool end_dirs(floe_engine *engine, const floe_diff_end *end, char ***ret_dirs, GError **error)
{
    if ((end->container == NULL) == (end->image == NULL))
        return err_set(error, FLOE_ERROR_INVALID, "what is compared is a container or an image");
    return end->container != NULL ? container_dirs(end->container, ret_dirs, error)
                                  : image_dirs(engine, end->image, ret_dirs, error);
}

static bool compare(floe_engine *engine, const floe_diff_end *now, const floe_diff_end *before,
                    floe_change **ret_changes, size_t *ret_count, GError **error)
{
    const char *const *hidden = now->container != NULL || before->container != NULL
                                    ? container_engine_files
                                    : NULL;
    g_autoptr(GPtrArray) changes = NULL;
    g_auto(GStrv) dirs = NULL;
    g_auto(GStrv) dirs_before = NULL;

    if (!end_dirs(engine, now, &dirs, error) || !end_dirs(engine, before, &dirs_before, error) ||
        !layer_compare((const char *const *)dirs, (const char *const *)dirs_before, hidden,
                       &changes, error))
        return false;
    changes_give(changes, hidden, ret_changes, ret_count);
    return true;
}

bool floe_diff(floe_engine *engine, const floe_diff_end *now, const floe_diff_end *before,
               floe_change **ret_changes, size_t *ret_count, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(now), GIVEN(before),
                                      GIVEN(ret_changes), GIVEN(ret_count), NULL) &&
                             compare(engine, now, before, ret_changes, ret_count, &err),
                         &err, error);
}

bool floe_container_diff(floe_container *container, floe_change **ret_changes, size_t *ret_count,
                         floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(ret_changes), GIVEN(ret_count),
                                      NULL) &&
                             container_diff(container, ret_changes, ret_count, &err),
                         &err, error);
}

bool floe_image_diff(floe_engine *engine, const char *name, floe_change **ret_changes,
                     size_t *ret_count, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), GIVEN(ret_changes),
                                      GIVEN(ret_count), NULL) &&
                             image_diff(engine, name, ret_changes, ret_count, &err),
                         &err, error);
}
