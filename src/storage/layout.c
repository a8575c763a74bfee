/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directories of the image store and what is removed from them. Everything that is not yet
 * whole has a temporary name with the pid of its maker; layout-import.c makes them.
 */
#include "storage/layout.h"

#include "base/digest.h"
#include "base/path.h"
#include "base/process.h"
#include "base/tree.h"
#include "storage/layout-files.h"
#include "storage/layout-index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEMPORARY_PREFIX "tmp-"
#define RANDOM_DIGITS    12

bool layout_open(const char *root, Layout *ret_layout, GError **error)
{
    g_auto(Layout) layout = {
        .images_dir = g_build_filename(root, "images", NULL),
        .layers_dir = g_build_filename(root, "layers", NULL),
    };
    g_autofree char *blobs_dir = layout_blobs_dir(&layout);
    g_autofree char *marker = g_build_filename(layout.images_dir, "oci-layout", NULL);

    /* The marker is made last: with it, all is there. */
    if (!path_exists(marker)) {
        if (!dir_make(layout.layers_dir, 0700, error) || !dir_make(blobs_dir, 0700, error) ||
            !file_write_atomic(marker, OCI_LAYOUT, strlen(OCI_LAYOUT), 0644, error))
            return false;
    }
    *ret_layout = layout;
    layout = (Layout){ 0 };
    return true;
}

void layout_clear(Layout *layout)
{
    g_clear_pointer(&layout->images_dir, g_free);
    g_clear_pointer(&layout->layers_dir, g_free);
}

char *layout_blobs_dir(const Layout *layout)
{
    return g_build_filename(layout->images_dir, "blobs", "sha256", NULL);
}

char *layout_layer_dir(const Layout *layout, const char *chain_id)
{
    return g_build_filename(layout->layers_dir, chain_id, NULL);
}

char *layout_lower_dirs(const Layout *layout, char *const *layers, guint n_layers)
{
    GString *text = g_string_new(NULL);

    for (guint i = n_layers; i > 0; i--) {
        g_autofree char *directory = layout_layer_dir(layout, layers[i - 1]);

        g_string_append_printf(text, "%s%s/diff", text->len > 0 ? ":" : "", directory);
    }
    return g_string_free(text, FALSE);
}

char *layout_temporary_path(const char *directory)
{
    g_autofree char *random = id_random();

    return g_strdup_printf("%s/" TEMPORARY_PREFIX "%d-%.*s", directory, (int)getpid(),
                           RANDOM_DIGITS, random);
}

bool layout_is_temporary(const char *name)
{
    return g_str_has_prefix(name, TEMPORARY_PREFIX);
}

/* --- looking ---------------------------------------------------------------------------------- */

bool layout_open_blob(const Layout *layout, const char *digest, int *ret_fd, GError **error)
{
    const char *hex = digest_hex(digest);
    g_autofree char *blobs_dir = layout_blobs_dir(layout);
    g_autofree char *path = g_build_filename(blobs_dir, hex != NULL ? hex : "", NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(error, "open blob '%s'", path);
    *ret_fd = fd;
    return true;
}

bool layout_read_manifest(const Layout *layout, const char *digest, ImageManifest *ret_manifest,
                          GError **error)
{
    g_auto(ImageManifest) manifest = { 0 };
    g_autofree char *text = NULL;
    autofd int fd = -1;
    size_t length = 0;

    if (!layout_open_blob(layout, digest, &fd, error) ||
        !fd_read_all(fd, MANIFEST_SIZE_MAX, &text, &length, error) ||
        !image_manifest_parse(text, length, &manifest, error))
        return false;
    if (!g_str_equal(manifest.digest, digest))
        return err_set(error, FLOE_ERROR_INVALID, "the manifest %s in the store is damaged", digest);
    *ret_manifest = manifest;
    manifest = (ImageManifest){ 0 };
    return true;
}

/* --- removing --------------------------------------------------------------------------------- */

/* Is it the temporary name of a process that is no more? */
static bool is_abandoned(const char *name)
{
    int pid;

    return sscanf(name, TEMPORARY_PREFIX "%d-", &pid) == 1 && pid > 0 && process_has_ended(pid);
}

static bool remove_abandoned(const char *directory, GError **error)
{
    g_autoptr(GDir) entries = g_dir_open(directory, 0, NULL);
    const char *name;

    if (entries == NULL)
        return err_set(error, FLOE_ERROR_IO, "cannot list '%s'", directory);
    while ((name = g_dir_read_name(entries)) != NULL) {
        g_autofree char *path = g_build_filename(directory, name, NULL);

        if (is_abandoned(name) && !tree_remove(path, error))
            return false;
    }
    return true;
}

bool layout_sweep_blobs(const Layout *layout, const json_t *index, GError **error)
{
    g_autoptr(GHashTable) needed = NULL;
    g_autofree char *blobs_dir = layout_blobs_dir(layout);
    const char *name;

    if (!layout_index_blobs(layout->images_dir, index, &needed, error))
        return false;

    g_autoptr(GDir) entries = g_dir_open(blobs_dir, 0, NULL);

    if (entries == NULL)
        return err_set(error, FLOE_ERROR_IO, "cannot list '%s'", blobs_dir);
    while ((name = g_dir_read_name(entries)) != NULL) {
        g_autofree char *digest = g_strconcat("sha256:", name, NULL);
        g_autofree char *path = g_build_filename(blobs_dir, name, NULL);

        if (!g_hash_table_contains(needed, digest) && unlink(path) < 0 && errno != ENOENT)
            return err_set_errno(error, "remove '%s'", path);
    }
    return true;
}

bool layout_remove_image(const Layout *layout, const char *manifest_digest, GError **error)
{
    g_auto(Lock) lock = LOCK_NONE;
    g_autoptr(JsonValue) index = NULL;

    if (!layout_index_lock(layout->images_dir, &lock, error) ||
        !layout_index_read(layout->images_dir, &index, error))
        return false;
    layout_index_remove(index, manifest_digest);
    return layout_index_write(layout->images_dir, index, error) &&
           layout_sweep_blobs(layout, index, error);
}

bool layout_remove_layer(const Layout *layout, const char *chain_id, GError **error)
{
    g_autofree char *path = layout_layer_dir(layout, chain_id);
    g_autofree char *aside = layout_temporary_path(layout->layers_dir);

    if (!id_is_valid(chain_id))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not a layer's id", chain_id);

    /* Half a layer must not have a whole one's name. */
    if (rename(path, aside) < 0)
        return errno == ENOENT || err_set_errno(error, "rename '%s' to '%s'", path, aside);
    return tree_remove(aside, error);
}

static bool remove_unknown_layers(const Layout *layout, GHashTable *layers, GError **error)
{
    g_autoptr(GDir) entries = g_dir_open(layout->layers_dir, 0, NULL);
    const char *name;

    if (entries == NULL)
        return err_set(error, FLOE_ERROR_IO, "cannot list '%s'", layout->layers_dir);
    while ((name = g_dir_read_name(entries)) != NULL) {
        if (id_is_valid(name) && !g_hash_table_contains(layers, name) &&
            !layout_remove_layer(layout, name, error))
            return false;
    }
    return true;
}

bool layout_clean(const Layout *layout, GHashTable *manifests, GHashTable *layers, GError **error)
{
    g_auto(Lock) lock = LOCK_NONE;
    g_autoptr(JsonValue) index = NULL;

    if (!layout_index_lock(layout->images_dir, &lock, error) ||
        !remove_abandoned(layout->images_dir, error) ||
        !remove_abandoned(layout->layers_dir, error) ||
        !remove_unknown_layers(layout, layers, error) ||
        !layout_index_read(layout->images_dir, &index, error))
        return false;
    if (layout_index_keep(index, manifests) && !layout_index_write(layout->images_dir, index, error))
        return false;
    return layout_sweep_blobs(layout, index, error);
}
