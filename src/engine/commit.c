/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image of a container. Its files are read straight into a staging of the store; the container is
 * locked meanwhile only if it is to stand still.
 */
#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "engine/commit-documents.h"
#include "engine/container-layer.h"
#include "engine/container-mount.h"
#include "engine/diff.h"
#include "engine/event.h"
#include "engine/image-store.h"
#include "engine/operation.h"
#include "engine/pause.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "storage/layer-pack.h"
#include "storage/pack.h"

/* --- the layer -------------------------------------------------------------------------------- */

static bool write_changes(int fd, void *data, GError **error)
{
    const floe_container *ctr = data;
    g_auto(ContainerLayer) own = { 0 };

    return container_layer_init(ctr->engine, ctr->record, &own, error) &&
           layer_pack(container_layer_exists(&own) ? &own.layer : NULL, container_engine_files, fd,
                      error);
}

static bool write_all(int fd, void *data, GError **error)
{
    static const PackOptions options = { .name = "", .mode = TREE_LIVE };
    const int *root_fd = data;

    return pack_tree(*root_fd, &options, fd, NULL, error);
}

static bool pipe_layer(floe_container *ctr, const floe_commit_options *options,
                       const Staging *staging, LayerPipe *ret_layer, GError **error)
{
    g_auto(RootHold) hold = ROOT_HOLD_NONE;

    if (!options->squash)
        return layer_pipe(staging, write_changes, ctr, ret_layer, error);
    return root_hold_acquire(ctr, OPERATION_COMMIT, &hold, error) &&
           layer_pipe(staging, write_all, &hold.fd, ret_layer, error);
}

/* Its root is mounted as long as it runs. */
static bool pipe_running(floe_container *ctr, const floe_commit_options *options,
                         const Staging *staging, LayerPipe *ret_layer, GError **error)
{
    autofd int root_fd = -1;

    if (!options->squash)
        return layer_pipe(staging, write_changes, ctr, ret_layer, error);
    return root_open(ctr->paths.merged, &root_fd, error) &&
           layer_pipe(staging, write_all, &root_fd, ret_layer, error);
}

/* With the lock, so that nobody takes the container for one whose floe was killed. */
static bool pipe_layer_still(floe_container *ctr, const floe_commit_options *options,
                             const Staging *staging, LayerPipe *ret_layer, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    bool ok;

    if (!operation_enter(ctr, OPERATION_COMMIT, &op, error))
        return false;
    if (ctr->record->status.state != FLOE_STATE_RUNNING) {
        operation_leave(&op);
        return pipe_layer(ctr, options, staging, ret_layer, error);
    }
    if (!container_hold_still(ctr, error))
        return false;
    ok = pipe_running(ctr, options, staging, ret_layer, error);
    return container_let_go(ctr, ok ? error : NULL) && ok;
}

/* --- the image -------------------------------------------------------------------------------- */

static bool check_request(const floe_container *ctr, const floe_commit_options *options,
                          GError **error)
{
    const char *rootfs = ctr->record->config.rootfs;
    const char *format = options->format;

    if (rootfs != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "its root is the directory '%s', not an image",
                       rootfs);

    if (format != NULL && !g_str_equal(format, "oci") && !g_str_equal(format, "docker"))
        return err_set(error, FLOE_ERROR_INVALID, "format '%s' is neither oci nor docker", format);
    return true;
}

/*
 * What is to be packed was there until its end: a removal in between would be an image of half of it.
 */
static bool check_is_there(floe_container *ctr, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    return operation_enter(ctr, OPERATION_COMMIT, &op, error);
}

/* What the new layer goes on top of: nothing with --squash, or where there is no image. */
static bool link_parent(CommitDocuments *documents, const Staging *staging,
                        ImageManifest *ret_manifest, GError **error)
{
    if (documents->options->squash || documents->parent->manifest_digest == NULL)
        return true;
    if (!staging_link_image(staging, documents->parent->manifest_digest, ret_manifest, error))
        return false;
    documents->parent_manifest = ret_manifest;
    return true;
}

static bool make_image(floe_container *ctr, const CommitDocuments *documents,
                       const Staging *staging, char **ret_digest, GError **error)
{
    const floe_commit_options *options = documents->options;
    g_auto(LayerPipe) layer = { 0 };

    if (!commit_documents_check(documents, error) ||
        !(options->pause ? pipe_layer_still(ctr, options, staging, &layer, error)
                         : pipe_layer(ctr, options, staging, &layer, error)) ||
        !check_is_there(ctr, error))
        return false;
    return commit_documents_add(documents, &layer, staging, ret_digest, error);
}

static bool container_commit(floe_container *ctr, const floe_commit_options *options, char **ret_id,
                             GError **error)
{
    g_autoptr(ImageRecord) parent = NULL;
    g_auto(ImageManifest) parent_manifest = { 0 };
    g_auto(Staging) staging = STAGING_NONE;
    g_autofree char *name = NULL;
    g_autofree char *digest = NULL;
    g_autofree char *id = NULL;
    const Layout *layout = NULL;
    CommitDocuments documents = {
        .container = &ctr->record->config,
        .options = options,
        .created_unix_ns = clock_unix_ns(),
    };

    if (!check_request(ctr, options, error) ||
        (options->reference != NULL && !image_name_normalize(options->reference, &name, error)) ||
        !check_is_there(ctr, error) ||
        !container_load_image(ctr->engine, &ctr->record->config, &parent, error))
        return false;
    documents.parent = parent;
    if (!engine_layout(ctr->engine, &layout, error) || !staging_open(layout, &staging, error) ||
        !link_parent(&documents, &staging, &parent_manifest, error) ||
        !make_image(ctr, &documents, &staging, &digest, error) ||
        !image_store_add(ctr->engine, &staging, digest, (char *[]){ name, NULL }, NULL, &id, error))
        return err_prefix(error, "commit container \"%s\"", ctr->record->name);
    event_note(ctr, FLOE_EVENT_COMMIT);
    if (ret_id != NULL)
        *ret_id = g_steal_pointer(&id);
    return true;
}

bool floe_container_commit(floe_container *container, const floe_commit_options *options,
                           char **ret_id, floe_error **error)
{
    floe_commit_options known = FLOE_COMMIT_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             container_commit(container, &known, ret_id, &err),
                         &err, error);
}
