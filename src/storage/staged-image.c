/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/staged-image.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/path.h"
#include "base/tree.h"
#include "storage/layer-settle.h"
#include "storage/layout-files.h"
#include "storage/layout-index.h"
#include "storage/stream-hash.h"
#include "storage/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORKERS_MAX 4

/* In a layer's directory, beside diff/: how much it holds, so that nobody has to count again. */
#define SIZE_FILE "size"

static void layer_clear(gpointer data)
{
    StagedLayer *layer = data;
    g_autoptr(GError) error = NULL;

    if (layer->aside != NULL && !tree_remove(layer->aside, &error))
        log_ignored(g_steal_pointer(&error), "cannot remove '%s'", layer->aside);
    g_free(layer->aside);
    g_free(layer->diff_hex);
    g_free(layer->chain_id);
    tree_notes_free(layer->notes);
    g_clear_error(&layer->error);
}

void staged_image_clear(StagedImage *image)
{
    if (image->layers != NULL)
        g_array_unref(image->layers);
    image_manifest_clear(&image->manifest);
    json_decref(image->config);
}

static StagedLayer *layer_at(const StagedImage *image, guint i)
{
    return &g_array_index(image->layers, StagedLayer, i);
}

/* --- documents -------------------------------------------------------------------------------- */

/* The keys that a container's creation uses have the types that it takes for granted. */
static bool check_types(const json_t *config, GError **error)
{
    static const char *const lists[] = { "Env", "Cmd", "Entrypoint" };
    static const char *const objects[] = { "Labels", "Volumes", "ExposedPorts" };
    static const char *const texts[] = { "User", "WorkingDir", "StopSignal" };
    json_t *inner = NULL, *history = NULL, *object = NULL;
    const char *text = NULL;

    if (!json_get_object(config, "config", &inner, error) ||
        !json_get_array(config, "history", &history, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_auto(GStrv) words = NULL;

        if (!json_get_strv(inner, lists[i], &words, error))
            return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(objects); i++) {
        if (!json_get_object(inner, objects[i], &object, error))
            return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (!json_get_string(inner, texts[i], &text, error))
            return false;
    }
    return true;
}

char *layer_chain_id(const char *below, const char *diff_hex)
{
    g_autofree char *text = NULL;

    if (below == NULL)
        return g_strdup(diff_hex);
    text = g_strdup_printf("sha256:%s sha256:%s", below, diff_hex);
    return sha256_hex(text, strlen(text));
}

static bool add_layers(StagedImage *image, char **diff_ids, GError **error)
{
    const char **blobs = image->manifest.layers;
    const char *below = NULL;

    if (g_strv_length(diff_ids) != g_strv_length((char **)blobs))
        return err_set(error, FLOE_ERROR_INVALID, "%u diff_ids for %u layers",
                       g_strv_length(diff_ids), g_strv_length((char **)blobs));
    for (size_t i = 0; blobs[i] != NULL; i++) {
        const char *hex = digest_hex(diff_ids[i]);
        StagedLayer layer = { .blob = blobs[i] };

        if (hex == NULL)
            return err_set(error, FLOE_ERROR_INVALID, "diff_ids[%zu] is not a sha256 digest", i);
        layer.diff_hex = g_strdup(hex);
        layer.chain_id = layer_chain_id(below, hex);
        below = layer.chain_id;
        g_array_append_val(image->layers, layer);
    }
    return true;
}

static bool read_config(StagedImage *image, GError **error)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) diff_ids = NULL;
    const char *created = NULL;
    json_t *rootfs = NULL;
    size_t length = 0;

    if (!staging_read_blob(image->staging, image->manifest.config, IMAGE_CONFIG_MAX, &text, &length,
                           error) ||
        !json_parse(text, length, "image configuration", &image->config, error))
        return false;
    if (!json_get_string(image->config, "created", &created, error) ||
        !json_get_object(image->config, "rootfs", &rootfs, error) ||
        !json_get_strv(rootfs, "diff_ids", &diff_ids, error) || !check_types(image->config, error))
        return err_prefix(error, "image configuration");
    if (diff_ids == NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "it is not a container image: its configuration has no rootfs");
    if (created != NULL && !time_from_rfc3339(created, &image->created_unix_ns, NULL))
        image->created_unix_ns = 0;
    return add_layers(image, diff_ids, error) || err_prefix(error, "image configuration");
}

bool staged_image_read(const Staging *staging, const char *manifest_digest, StagedImage *ret_image,
                       GError **error)
{
    g_auto(StagedImage) image = {
        .staging = staging,
        .layers = g_array_new(FALSE, FALSE, sizeof(StagedLayer)),
    };

    g_array_set_clear_func(image.layers, layer_clear);
    if (!staging_read_manifest(staging, manifest_digest, &image.manifest, error))
        return false;
    if (image.manifest.is_list)
        return err_set(error, FLOE_ERROR_INVALID, "the manifest %s is a list", manifest_digest);
    if (!read_config(&image, error))
        return false;
    *ret_image = image;
    image = (StagedImage){ 0 };
    return true;
}

/* --- what is there already --------------------------------------------------------------------- */

static bool has_files(const Layout *layout, const StagedLayer *layer)
{
    g_autofree char *path = layout_layer_dir(layout, layer->chain_id);

    return path_exists(path);
}

static bool has_blob(const Layout *layout, const StagedLayer *layer)
{
    g_autofree char *dir = layout_blobs_dir(layout);
    g_autofree char *path = g_build_filename(dir, digest_hex(layer->blob), NULL);

    return path_exists(path);
}

/* What the store has was verified when it came. A blob that it would get with the image was not. */
static bool is_in_store(const StagedImage *image, const StagedLayer *layer)
{
    const Layout *layout = image->staging->layout;

    return has_blob(layout, layer) && (image->is_packed || has_files(layout, layer));
}

/* --- one layer -------------------------------------------------------------------------------- */

/* Both digests of a blob as it is read; of a plain tar they are the same. */
typedef struct LayerHashes {
    StreamHash *packed, *unpacked;
} LayerHashes;

static void layer_hashes_clear(LayerHashes *hashes)
{
    stream_hash_free(hashes->packed);
    stream_hash_free(hashes->unpacked);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LayerHashes, layer_hashes_clear)

static bool on_packed(Compression compression, const void *data, size_t length, void *user_data,
                      GError **error)
{
    LayerHashes *hashes = user_data;

    if (compression == COMPRESSION_NONE)
        return true;
    if (hashes->packed == NULL && !stream_hash_new(&hashes->packed, error))
        return false;
    stream_hash_update(hashes->packed, data, length);
    return true;
}

static bool on_unpacked(const void *data, size_t length, void *user_data, GError **error)
{
    LayerHashes *hashes = user_data;

    stream_hash_update(hashes->unpacked, data, length);
    return true;
}

static bool check_hash(const char *what, const char *wanted_hex, const char *hex, GError **error)
{
    return g_str_equal(wanted_hex, hex) ||
           err_set(error, FLOE_ERROR_INVALID, "%s has the digest sha256:%s", what, hex);
}

static bool check_hashes(const StagedLayer *layer, LayerHashes *hashes, GError **error)
{
    g_autofree char *unpacked = stream_hash_finish(hashes->unpacked);
    g_autofree char *packed = hashes->packed != NULL ? stream_hash_finish(hashes->packed)
                                                     : g_strdup(unpacked);

    return check_hash("the blob", digest_hex(layer->blob), packed, error) &&
           check_hash("its tar, which should be another,", layer->diff_hex, unpacked, error);
}

/* Only verify what is not unpacked. */
static bool pass_through(int fd, LayerHashes *hashes, GError **error)
{
    g_autoptr(Decompressor) input = decompressor_new(fd, on_packed, hashes);
    const void *data = NULL;
    size_t length = 0;

    do {
        if (!decompressor_next(input, &data, &length, error))
            return false;
        stream_hash_update(hashes->unpacked, data, length);
    } while (length > 0);
    return true;
}

static bool write_size(const StagedLayer *layer, GError **error)
{
    g_autofree char *path = g_build_filename(layer->aside, SIZE_FILE, NULL);
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT "\n", layer->size_bytes);

    return file_write_atomic(path, text, strlen(text), 0600, error);
}

static bool unpack_aside(const Layout *layout, StagedLayer *layer, int fd, LayerHashes *hashes,
                         GError **error)
{
    UnpackOptions options = {
        .whiteouts = true,
        .on_packed = on_packed,
        .on_unpacked = on_unpacked,
        .user_data = hashes,
    };
    g_autofree char *diff_path = NULL;
    UnpackResult result = { 0 };
    autofd int diff_fd = -1;

    layer->aside = layout_temporary_path(layout->layers_dir);
    layer->notes = options.notes = tree_notes_new();
    diff_path = g_build_filename(layer->aside, "diff", NULL);
    if (!dir_make(layer->aside, 0700, error) || !dir_make(diff_path, 0755, error) ||
        !root_open(diff_path, &diff_fd, error) || !unpack_tar(fd, diff_fd, &options, &result, error))
        return false;
    layer->size_bytes = result.size_bytes;
    return write_size(layer, error);
}

/* Read the blob, and have its files where they are wanted and not there yet. */
static bool layer_read(const StagedImage *image, StagedLayer *layer, GError **error)
{
    const Layout *layout = image->staging->layout;
    bool has_them = image->is_packed || has_files(layout, layer);
    g_auto(LayerHashes) hashes = { NULL, NULL };
    autofd int fd = -1;

    if (!staging_open_blob(image->staging, layer->blob, &fd, error) ||
        !stream_hash_new(&hashes.unpacked, error))
        return false;
    layer->is_verified = (has_them ? pass_through(fd, &hashes, error)
                                   : unpack_aside(layout, layer, fd, &hashes, error)) &&
                         check_hashes(layer, &hashes, error);
    return layer->is_verified || err_prefix(error, "layer %s", layer->blob);
}

/* --- all layers ------------------------------------------------------------------------------- */

typedef struct Crew {
    const StagedImage *image;
    gint next;   /* the layer that nobody has begun; atomic */
    gint failed; /* atomic */
    GMutex told; /* holds: */
    int n_done;
} Crew;

static void tell_progress(Crew *crew)
{
    int fd = crew->image->staging->progress_fd;

    if (fd < 0)
        return;
    g_mutex_lock(&crew->told);
    crew->n_done++;
    dprintf(fd, "\rUnpacked layers: %d of %u", crew->n_done, crew->image->layers->len);
    g_mutex_unlock(&crew->told);
}

static gpointer work(gpointer data)
{
    Crew *crew = data;

    for (;;) {
        guint i = (guint)g_atomic_int_add(&crew->next, 1);

        if (i >= crew->image->layers->len || g_atomic_int_get(&crew->failed))
            return NULL;

        StagedLayer *layer = layer_at(crew->image, i);

        if (!is_in_store(crew->image, layer) && !layer_read(crew->image, layer, &layer->error))
            g_atomic_int_set(&crew->failed, 1);
        else
            tell_progress(crew);
    }
}

/* This thread works too: where no other can be started it does all of it. */
static void work_together(Crew *crew)
{
    guint n_workers = MIN(MIN(g_get_num_processors(), WORKERS_MAX), crew->image->layers->len);
    g_autoptr(GPtrArray) threads = g_ptr_array_new();

    for (guint i = 1; i < n_workers; i++) {
        GThread *thread = g_thread_try_new("unpack", work, crew, NULL);

        if (thread != NULL)
            g_ptr_array_add(threads, thread);
    }
    work(crew);
    for (guint i = 0; i < threads->len; i++)
        g_thread_join(threads->pdata[i]);
}

bool staged_image_sync(const StagedImage *image, GError **error)
{
    const char *path = image->staging->layout->layers_dir;
    autofd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return (fd >= 0 && syncfs(fd) == 0) || err_set_errno(error, "sync '%s'", path);
}

bool staged_image_unpack(StagedImage *image, GError **error)
{
    Crew crew = { .image = image };

    g_mutex_init(&crew.told);
    work_together(&crew);
    g_mutex_clear(&crew.told);
    if (crew.n_done > 0)
        dprintf(image->staging->progress_fd, "\n");
    for (guint i = 0; i < image->layers->len; i++) {
        StagedLayer *layer = layer_at(image, i);

        if (layer->error != NULL) {
            g_propagate_error(error, g_steal_pointer(&layer->error));
            return false;
        }
    }
    return staged_image_sync(image, error);
}

/* --- into place ------------------------------------------------------------------------------- */

bool layout_layer_size(const Layout *layout, const char *chain_id, int64_t *ret_bytes,
                       GError **error)
{
    g_autofree char *dir = layout_layer_dir(layout, chain_id);
    g_autofree char *path = g_build_filename(dir, SIZE_FILE, NULL);
    g_autofree char *diff = g_build_filename(dir, "diff", NULL);
    g_autofree char *text = NULL;

    if (!file_read(path, 32, &text, NULL, NULL)) /* made before floe noted it */
        return tree_size(diff, ret_bytes, error);
    *ret_bytes = g_ascii_strtoll(text, NULL, 10);
    return true;
}

/* Those below have their places. */
static bool settle(const StagedImage *image, const StagedLayer *layer, GError **error)
{
    const Layout *layout = image->staging->layout;
    g_autofree char *diff = g_build_filename(layer->aside, "diff", NULL);
    guint n_lowers = (guint)(layer - layer_at(image, 0));
    g_auto(GStrv) lowers = g_new0(char *, n_lowers + 1);

    for (guint i = 0; i < n_lowers; i++) {
        g_autofree char *dir = layout_layer_dir(layout, layer_at(image, n_lowers - 1 - i)->chain_id);

        lowers[i] = g_build_filename(dir, "diff", NULL);
    }
    return layer_settle(layer->notes, diff, lowers, error) ||
           err_prefix(error, "layer %s", layer->blob);
}

static bool layer_place(const StagedImage *image, StagedLayer *layer, GError **error)
{
    const Layout *layout = image->staging->layout;
    g_autofree char *final = layout_layer_dir(layout, layer->chain_id);

    /* What was there when the others were read may have been removed since. */
    if (layer->is_verified ? layer->aside == NULL && !has_files(layout, layer)
                           : !is_in_store(image, layer)) {
        if (!layer_read(image, layer, error))
            return false;
    }
    if (layer->aside == NULL)
        return true;
    if (!settle(image, layer, error))
        return false;
    if (rename(layer->aside, final) == 0)
        g_clear_pointer(&layer->aside, g_free);
    else if (errno != EEXIST && errno != ENOTEMPTY) /* else the same one is there, and ours goes */
        return err_set_errno(error, "rename '%s' to '%s'", layer->aside, final);
    return true;
}

static bool layers_place(const StagedImage *image, ImportedImage *imported, GError **error)
{
    g_autoptr(GPtrArray) chain_ids = g_ptr_array_new();

    for (guint i = 0; i < image->layers->len && !image->is_packed; i++) {
        StagedLayer *layer = layer_at(image, i);
        int64_t size = 0;

        if (!layer_place(image, layer, error) ||
            !layout_layer_size(image->staging->layout, layer->chain_id, &size, error))
            return false;
        imported->size_bytes += size;
        g_ptr_array_add(chain_ids, layer->chain_id);
    }
    g_ptr_array_add(chain_ids, NULL);
    imported->layers = g_strdupv((char **)chain_ids->pdata);
    return true;
}

static bool blobs_place(const StagedImage *image, ImportedImage *imported, GError **error)
{
    const ImageManifest *manifest = &image->manifest;

    for (size_t i = 0; manifest->layers[i] != NULL; i++) {
        autofd int fd = -1;
        struct stat st;

        if (!staging_place_blob(image->staging, manifest->layers[i], error) ||
            !staging_open_blob(image->staging, manifest->layers[i], &fd, error))
            return false;
        if (image->is_packed && fstat(fd, &st) == 0) /* there is nothing else of it */
            imported->size_bytes += st.st_size;
    }
    return staging_place_blob(image->staging, manifest->config, error) &&
           staging_place_blob(image->staging, manifest->digest, error);
}

static bool index_place(const StagedImage *image, const char *reference, GError **error)
{
    const Layout *layout = image->staging->layout;
    g_autoptr(JsonValue) index = NULL;
    json_t *descriptor = NULL;

    if (!layout_index_read(layout->images_dir, &index, error) ||
        !staging_describe(image->staging, image->manifest.media_type, image->manifest.digest,
                          &descriptor, error))
        return false;
    layout_index_add(index, descriptor, reference);
    return layout_index_write(layout->images_dir, index, error);
}

bool staged_image_place(StagedImage *image, const char *reference, ImportedImage *ret_image,
                        GError **error)
{
    g_auto(ImportedImage) imported = { 0 };
    g_auto(Lock) lock = LOCK_NONE;

    if (!layout_index_lock(image->staging->layout->images_dir, &lock, error) ||
        !layers_place(image, &imported, error) || !blobs_place(image, &imported, error) ||
        !index_place(image, reference, error))
        return false;
    imported.id = g_strdup(digest_hex(image->manifest.config));
    imported.manifest_digest = g_strdup(image->manifest.digest);
    imported.created_unix_ns = image->created_unix_ns;
    imported.config = json_incref(image->config);
    *ret_image = imported;
    imported = (ImportedImage){ 0 };
    return true;
}
