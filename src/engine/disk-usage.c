/* SPDX-License-Identifier: Apache-2.0 */
/* What takes room on disk: `system df`. A layer counts once, whatever the number of its images. */
#include "base/path.h"
#include "base/tree.h"
#include "engine/container-layer.h"
#include "engine/container-state.h"
#include "engine/image-store.h"
#include "engine/public-error.h"
#include "engine/volume.h"

typedef struct LayerUse {
    int64_t size_bytes;
    unsigned n_images;
    bool is_needed; /* by a container */
} LayerUse;

typedef struct DiskUsage {
    floe_engine *engine;
    GPtrArray *images, *containers; /* of ImageRecord *, ContainerRecord * */
    GHashTable *layers;             /* chain id: LayerUse */
    GHashTable *n_containers;       /* image id: how many have it */
} DiskUsage;

static void disk_usage_clear(DiskUsage *usage)
{
    g_clear_pointer(&usage->images, g_ptr_array_unref);
    g_clear_pointer(&usage->containers, g_ptr_array_unref);
    g_hash_table_unref(usage->layers);
    g_hash_table_unref(usage->n_containers);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DiskUsage, disk_usage_clear)

/* --- images ----------------------------------------------------------------------------------- */

static bool note_layers(DiskUsage *usage, const ImageRecord *image, GError **error)
{
    const Layout *layout = NULL;

    if (!engine_layout(usage->engine, &layout, error))
        return false;
    for (size_t i = 0; image->layers[i] != NULL; i++) {
        LayerUse *use = g_hash_table_lookup(usage->layers, image->layers[i]);

        if (use == NULL) {
            use = g_new0(LayerUse, 1);
            g_hash_table_insert(usage->layers, image->layers[i], use);
            if (!layout_layer_size(layout, image->layers[i], &use->size_bytes, error))
                return false;
        }
        use->n_images++;
        use->is_needed |= g_hash_table_contains(usage->n_containers, image->id);
    }
    return true;
}

static json_t *image_row(const DiskUsage *usage, const ImageRecord *image)
{
    json_int_t created_unix_s = image->created_unix_ns / 1000000000;
    json_int_t shared = 0, unique = 0;

    for (size_t i = 0; image->layers[i] != NULL; i++) {
        const LayerUse *use = g_hash_table_lookup(usage->layers, image->layers[i]);

        *(use->n_images > 1 ? &shared : &unique) += use->size_bytes;
    }
    return json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:i}", "Id", image->id, "Names",
                     json_from_strv((const char *const *)image->names), "Created", created_unix_s,
                     "Size", shared + unique, "SharedSize", shared, "UniqueSize", unique,
                     "Containers",
                     GPOINTER_TO_INT(g_hash_table_lookup(usage->n_containers, image->id)));
}

static bool add_images(DiskUsage *usage, json_t *document, GError **error)
{
    json_t *rows = json_array();
    int64_t all = 0, reclaimable = 0;
    GHashTableIter iter;
    gpointer use;

    json_object_set_new(document, "Images", rows);
    for (guint i = 0; i < usage->images->len; i++) {
        if (!note_layers(usage, usage->images->pdata[i], error))
            return false;
    }
    for (guint i = 0; i < usage->images->len; i++)
        json_array_append_new(rows, image_row(usage, usage->images->pdata[i]));
    g_hash_table_iter_init(&iter, usage->layers);
    while (g_hash_table_iter_next(&iter, NULL, &use)) {
        all += ((const LayerUse *)use)->size_bytes;
        reclaimable += ((const LayerUse *)use)->is_needed ? 0 : ((const LayerUse *)use)->size_bytes;
    }
    json_object_set_new(document, "ImagesSize", json_integer(all));
    json_object_set_new(document, "ImagesReclaimable", json_integer(reclaimable));
    return true;
}

/* --- containers, volumes, builds -------------------------------------------------------------- */

/* The bytes below a path, which may not be there. */
static bool size_of(const char *path, int64_t *ret_bytes, GError **error)
{
    *ret_bytes = 0;
    return !path_exists(path) || tree_size(path, ret_bytes, error);
}

static bool add_container(const DiskUsage *usage, const ContainerRecord *record, json_t *rows,
                          GError **error)
{
    g_auto(GStrv) volumes = container_config_volumes(&record->config);
    bool is_up = state_has_process((floe_container_state)record->status.state);
    int64_t bytes = 0;

    if (!container_layer_size(usage->engine, record, &bytes, error))
        return false;
    json_array_append_new(rows, json_pack("{s:s, s:I, s:i, s:b}", "Id", record->id, "Size",
                                          (json_int_t)bytes, "LocalVolumes",
                                          (int)g_strv_length(volumes), "IsUp", is_up));
    return true;
}

static bool add_containers(const DiskUsage *usage, json_t *document, GError **error)
{
    json_t *rows = json_array();

    json_object_set_new(document, "Containers", rows);
    for (guint i = 0; i < usage->containers->len; i++) {
        if (!add_container(usage, usage->containers->pdata[i], rows, error))
            return false;
    }
    return true;
}

static bool add_volumes(const DiskUsage *usage, json_t *document, GError **error)
{
    g_autoptr(GPtrArray) volumes = NULL;
    json_t *rows = json_array();

    json_object_set_new(document, "Volumes", rows);
    if (!volume_list(usage->engine->db, &volumes, error))
        return false;
    for (guint i = 0; i < volumes->len; i++) {
        const VolumeRecord *volume = volumes->pdata[i];
        g_autofree char *path = volume_path(usage->engine, volume->name);
        g_auto(GStrv) users = NULL;
        int64_t bytes = 0;

        if (!volume_list_users(usage->engine->db, volume->name, &users, error) ||
            !size_of(path, &bytes, error))
            return false;
        json_array_append_new(rows, json_pack("{s:s, s:i, s:I}", "Name", volume->name, "Links",
                                              (int)g_strv_length(users), "Size", (json_int_t)bytes));
    }
    return true;
}

static bool add_build_cache(const DiskUsage *usage, json_t *document, GError **error)
{
    g_autofree char *path = g_build_filename(usage->engine->root, "build", "store", NULL);
    int64_t bytes = 0;

    if (!size_of(path, &bytes, error))
        return false;
    json_object_set_new(document, "BuildCache", json_integer(bytes));
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

static void count_containers(DiskUsage *usage)
{
    for (guint i = 0; i < usage->containers->len; i++) {
        const ContainerRecord *record = usage->containers->pdata[i];
        char *id = record->config.image_id;
        int before;

        if (id == NULL)
            continue;
        before = GPOINTER_TO_INT(g_hash_table_lookup(usage->n_containers, id));
        g_hash_table_replace(usage->n_containers, id, GINT_TO_POINTER(before + 1));
    }
}

static bool disk_usage(floe_engine *engine, char **ret_json, GError **error)
{
    g_auto(DiskUsage) usage = {
        .engine = engine,
        .layers = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free),
        .n_containers = g_hash_table_new(g_str_hash, g_str_equal),
    };
    g_autoptr(JsonValue) document = json_object();

    if (!image_list(engine->db, &usage.images, error) ||
        !container_list(engine->db, &usage.containers, error))
        return false;
    count_containers(&usage);
    if (!add_images(&usage, document, error) || !add_containers(&usage, document, error) ||
        !add_volumes(&usage, document, error) || !add_build_cache(&usage, document, error))
        return false;
    *ret_json = json_to_text(document);
    return true;
}

bool floe_engine_disk_usage(floe_engine *engine, char **ret_json, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(ret_json), NULL) &&
                             disk_usage(engine, ret_json, &err),
                         &err, error);
}
