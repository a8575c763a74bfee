/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images: import, list, inspect. The bytes are storage's, the names the database's; here
 * they are kept in step.
 */
#include "base/clock.h"
#include "engine/download.h"
#include "engine/event.h"
#include "engine/image-choice.h"
#include "engine/image-store.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "state/manifest-list.h"

#include <floe/image.h>

#include <string.h>

static bool image_import(floe_engine *engine, int fd, const floe_import_options *options,
                         char **ret_id, GError **error)
{
    g_auto(Lock) lock = LOCK_NONE;
    g_auto(ImportedImage) imported = { 0 };
    g_autofree char *name = NULL;
    const Layout *layout = NULL;
    char *names[2] = { NULL, NULL };

    if (options->reference != NULL && !image_name_normalize(options->reference, &name, error))
        return false;
    if (!engine_layout(engine, &layout, error) || !image_store_lock(engine, &lock, error) ||
        !image_store_clean(engine, layout, error))
        return false;
    const ImportRequest request = {
        .reference = name,
        .changes = options->changes,
        .message = options->message,
        .platform = { options->os, options->architecture, options->variant },
    };
    if (!layout_import_tar(layout, fd, &request, &imported, error))
        return false;
    names[0] = name;
    if (!image_store_record(engine, &imported, names, NULL, error))
        return false;
    event_note_image(engine, FLOE_EVENT_IMPORT, imported.id, name);
    if (name != NULL)
        event_note_image(engine, FLOE_EVENT_TAG, imported.id, name);
    if (ret_id != NULL)
        *ret_id = g_steal_pointer(&imported.id);
    return true;
}

/* --- look ----------------------------------------------------------------------------------- */

static json_t *string_array(char **strings)
{
    return json_from_strv((const char *const *)strings);
}

/* "localhost/redis:latest" -> "localhost/redis@sha256:...", and what registries called it. */
static json_t *repository_digests(const ImageRecord *image)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    json_t *digests = json_array();

    for (size_t i = 0; image->names[i] != NULL; i++) {
        g_autofree char *repository = image_name_repository(image->names[i]);

        g_ptr_array_add(names, g_strconcat(repository, "@", image->manifest_digest, NULL));
    }
    for (size_t i = 0; image->digests[i] != NULL; i++)
        g_ptr_array_add(names, g_strdup(image->digests[i]));
    for (guint i = 0; i < names->len; i++) {
        if (g_hash_table_add(seen, names->pdata[i]))
            json_array_append_new(digests, json_from_string(names->pdata[i]));
    }
    return digests;
}

static json_t *image_config_labels(const ImageRecord *image)
{
    json_t *labels = json_object_get(json_object_get(image->config, "config"), "Labels");

    return labels != NULL ? json_incref(labels) : json_null();
}

/* Has it neither a name nor a list that names it? */
static bool is_dangling(floe_engine *engine, const ImageRecord *image, bool *ret_dangling,
                        GError **error)
{
    g_auto(GStrv) lists = NULL;

    *ret_dangling = image->names[0] == NULL;
    if (!*ret_dangling)
        return true;
    if (!manifest_list_holders(engine->db, image->manifest_digest, &lists, error))
        return false;
    *ret_dangling = lists == NULL || lists[0] == NULL;
    return true;
}

/* The keys of `podman images --format json`. */
static json_t *image_row(const ImageRecord *image, size_t n_containers, bool is_dangling)
{
    g_autofree char *created_at = time_to_rfc3339(image->created_unix_ns);
    json_t *row = json_object();

    json_object_set_new(row, "Id", json_from_string(image->id));
    json_object_set_new(row, "ParentId", json_string(""));
    json_object_set_new(row, "RepoTags", string_array(image->names));
    json_object_set_new(row, "RepoDigests", repository_digests(image));
    json_object_set_new(row, "Size", json_integer(image->size_bytes));
    json_object_set_new(row, "SharedSize", json_integer(0));
    json_object_set_new(row, "VirtualSize", json_integer(image->size_bytes));
    json_object_set_new(row, "Labels", image_config_labels(image));
    json_object_set_new(row, "Containers", json_integer((json_int_t)n_containers));
    json_object_set_new(row, "Names", string_array(image->names));
    json_object_set_new(row, "Digest", json_from_string(image->manifest_digest));
    json_object_set_new(row, "History", string_array(image->names));
    json_object_set_new(row, "Created",
                        json_integer(image->created_unix_ns / G_USEC_PER_SEC / 1000));
    json_object_set_new(row, "CreatedAt", json_from_string(created_at));
    if (is_dangling)
        json_object_set_new(row, "Dangling", json_true());
    if (image->list != NULL)
        json_object_set_new(row, "IsManifestList", json_true());
    return row;
}

static bool image_list_json(floe_engine *engine, char **ret_json, GError **error)
{
    g_autoptr(GPtrArray) images = NULL;
    g_autoptr(JsonValue) rows = json_array();

    if (!image_list(engine->db, &images, error))
        return false;
    for (guint i = 0; i < images->len; i++) {
        const ImageRecord *image = g_ptr_array_index(images, i);
        g_auto(GStrv) containers = NULL;
        bool dangling = false;

        if (!container_list_by_image(engine->db, image->id, &containers, error) ||
            !is_dangling(engine, image, &dangling, error))
            return false;
        json_array_append_new(rows, image_row(image, g_strv_length(containers), dangling));
    }
    *ret_json = json_to_text(rows);
    return true;
}

static json_t *root_fs(const ImageRecord *image)
{
    json_t *root_fs = json_object();
    json_t *diff_ids = json_object_get(json_object_get(image->config, "rootfs"), "diff_ids");

    json_object_set_new(root_fs, "Type", json_string("layers"));
    json_object_set(root_fs, "Layers", diff_ids);
    return root_fs;
}

/* The topmost layer over the others. */
static json_t *graph_driver(const Layout *layout, const ImageRecord *image)
{
    guint n_layers = g_strv_length(image->layers);
    json_t *object = json_object();
    json_t *data = json_object();

    if (n_layers > 0) {
        g_autofree char *upper = layout_lower_dirs(layout, &image->layers[n_layers - 1], 1);

        json_object_set_new(data, "UpperDir", json_from_string(upper));
    }
    if (n_layers > 1) {
        g_autofree char *lower = layout_lower_dirs(layout, image->layers, n_layers - 1);

        json_object_set_new(data, "LowerDir", json_from_string(lower));
    }
    json_object_set_new(object, "Name", json_string("overlay"));
    json_object_set_new(object, "Data", data);
    return object;
}

/* A value of the OCI configuration under podman's name for it. */
static void take(json_t *document, const char *key, const json_t *object, const char *from)
{
    json_t *value = json_object_get(object, from);

    json_object_set_new(document, key, value != NULL ? json_incref(value) : json_string(""));
}

/* What only the manifest has; of an image whose manifest cannot be read: nothing. */
static void take_manifest(const Layout *layout, const ImageRecord *image, json_t *document)
{
    g_auto(ImageManifest) manifest = { 0 };
    bool is_read = layout_read_manifest(layout, image->manifest_digest, &manifest, NULL);

    json_object_set_new(document, "ManifestType", json_string(is_read ? manifest.media_type : ""));
    json_object_set_new(document, "Annotations",
                        manifest.annotations != NULL ? json_incref(manifest.annotations)
                                                     : json_object());
}

/* The keys of `podman image inspect`. */
static bool image_inspect(floe_engine *engine, const char *name, char **ret_json, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    g_autoptr(JsonValue) document = json_object();
    g_autofree char *created = NULL;
    const Layout *layout = NULL;
    json_t *config;
    json_t *history;

    if (!image_choose(engine, name, &image, NULL, error) || !engine_layout(engine, &layout, error))
        return false;
    created = time_to_rfc3339(image->created_unix_ns);
    config = json_object_get(image->config, "config");
    history = json_object_get(image->config, "history");
    json_object_set_new(document, "Id", json_from_string(image->id));
    json_object_set_new(document, "Digest", json_from_string(image->manifest_digest));
    json_object_set_new(document, "RepoTags", string_array(image->names));
    json_object_set_new(document, "RepoDigests", repository_digests(image));
    json_object_set_new(document, "Parent", json_string(""));
    take(document, "Comment", json_array_get(history, 0), "comment");
    json_object_set_new(document, "Created", json_from_string(created));
    json_object_set_new(document, "Config", config != NULL ? json_incref(config) : json_object());
    take(document, "Version", image->config, "docker_version");
    take(document, "Author", image->config, "author");
    take(document, "Architecture", image->config, "architecture");
    take(document, "Os", image->config, "os");
    json_object_set_new(document, "Size", json_integer(image->size_bytes));
    json_object_set_new(document, "VirtualSize", json_integer(image->size_bytes));
    json_object_set_new(document, "GraphDriver", graph_driver(layout, image));
    json_object_set_new(document, "RootFS", root_fs(image));
    json_object_set_new(document, "Labels", image_config_labels(image));
    take(document, "User", config, "User");
    json_object_set_new(document, "History", history != NULL ? json_incref(history) : json_array());
    json_object_set_new(document, "NamesHistory", string_array(image->names));
    take_manifest(layout, image, document);
    *ret_json = json_to_text(document);
    return true;
}

/* Why curl failed says more than that what came of it is no tar. */
static bool image_import_url(floe_engine *engine, const floe_import_options *options, char **ret_id,
                             GError **error)
{
    g_auto(Download) download = DOWNLOAD_NONE;
    g_autoptr(GError) why = NULL;
    bool ok;

    if (!download_start(options->url, &download, error))
        return false;
    ok = image_import(engine, download.fd, options, ret_id, &why);
    if (ok || !download_end(&download, error))
        return ok;
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

/* --- the border ----------------------------------------------------------------------------- */

bool floe_image_import(floe_engine *engine, int fd, const floe_import_options *options,
                       char **ret_id, floe_error **error)
{
    floe_import_options known = FLOE_IMPORT_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             (known.url != NULL ? image_import_url(engine, &known, ret_id, &err)
                                                : image_import(engine, fd, &known, ret_id, &err)),
                         &err, error);
}

bool floe_image_list(floe_engine *engine, char **ret_json, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(ret_json), NULL) &&
                             image_list_json(engine, ret_json, &err),
                         &err, error);
}

bool floe_image_inspect(floe_engine *engine, const char *name, char **ret_json, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), GIVEN(ret_json), NULL) &&
                             image_inspect(engine, name, ret_json, &err),
                         &err, error);
}
