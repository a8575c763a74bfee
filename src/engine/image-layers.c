/* SPDX-License-Identifier: Apache-2.0 */
/* What an image is made of: its history, and its layers with the images that they are the top of. */
#include "engine/image-choice.h"
#include "engine/image-store.h"
#include "engine/public-error.h"

#include <floe/image.h>

/* --- history ---------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

/* A step of the history; *layer goes on by one where it made a layer. */
static bool add_step(floe_engine *engine, const ImageRecord *image, const json_t *step,
                     size_t *layer, json_t *steps, GError **error)
{
    const Layout *layout = NULL;
    int64_t size = 0;
    bool is_empty = json_is_true(json_object_get(step, "empty_layer"));

    if (!engine_layout(engine, &layout, error))
        return false;
    if (!is_empty && image->layers[*layer] != NULL) {
        if (!layout_layer_size(layout, image->layers[*layer], &size, error))
            return false;
        (*layer)++;
    }
    json_array_insert_new(steps, 0,
                          json_pack("{s:s, s:s, s:s, s:I, s:s}", "id", "<missing>", "created",
                                    text_of(step, "created"), "CreatedBy",
                                    text_of(step, "created_by"), "size", (json_int_t)size,
                                    "comment", text_of(step, "comment")));
    return true;
}

static bool image_history(floe_engine *engine, const char *name, char **ret_json, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    g_autoptr(JsonValue) steps = json_array();
    json_t *step;
    size_t i, layer = 0;

    if (!image_choose(engine, name, &image, NULL, error))
        return false;
    json_array_foreach(json_object_get(image->config, "history"), i, step) {
        if (!add_step(engine, image, step, &layer, steps, error))
            return false;
    }
    if (json_array_size(steps) > 0)
        json_object_set_new(json_array_get(steps, 0), "id", json_string(image->id));
    *ret_json = json_to_text(steps);
    return true;
}

/* --- layers ----------------------------------------------------------------------------------- */

/* The names of the images that have it as their top layer. */
static json_t *top_of(const GPtrArray *images, const char *chain_id)
{
    json_t *names = json_array();

    for (guint i = 0; i < images->len; i++) {
        const ImageRecord *image = g_ptr_array_index(images, i);
        guint n_layers = g_strv_length(image->layers);

        if (n_layers == 0 || !g_str_equal(image->layers[n_layers - 1], chain_id))
            continue;
        for (size_t k = 0; image->names[k] != NULL; k++)
            json_array_append_new(names, json_from_string(image->names[k]));
    }
    return names;
}

static bool layer_row(const Layout *layout, const GPtrArray *images, const char *chain_id,
                      json_t *rows, json_t **ret_row, GError **error)
{
    int64_t size = 0;

    if (!layout_layer_size(layout, chain_id, &size, error))
        return false;
    *ret_row = json_pack("{s:s, s:I, s:o}", "Id", chain_id, "Size", (json_int_t)size, "TopLayerOf",
                         top_of(images, chain_id));
    json_array_append_new(rows, *ret_row);
    return true;
}

static json_t *row_of(const json_t *rows, const char *chain_id)
{
    json_t *row;
    size_t i;

    json_array_foreach((json_t *)rows, i, row) {
        if (g_str_equal(json_string_value(json_object_get(row, "Id")), chain_id))
            return row;
    }
    return NULL;
}

/* A chain id stands for all layers below as well: who has it has them. */
static bool add_above(const Layout *layout, const GPtrArray *images, const ImageRecord *other,
                      guint n_layers, json_t *top, GError **error)
{
    json_t *below = top;

    for (char **chain_id = other->layers + n_layers; *chain_id != NULL; chain_id++) {
        json_t *above = json_object_get(below, "Above");
        json_t *row;

        if (above == NULL) {
            above = json_array();
            json_object_set_new(below, "Above", above);
        }
        row = row_of(above, *chain_id);
        if (row == NULL && !layer_row(layout, images, *chain_id, above, &row, error))
            return false;
        below = row;
    }
    return true;
}

static bool add_all_above(const Layout *layout, const GPtrArray *images, const ImageRecord *image,
                          json_t *top, GError **error)
{
    guint n_layers = g_strv_length(image->layers);

    for (guint i = 0; n_layers > 0 && i < images->len; i++) {
        const ImageRecord *other = g_ptr_array_index(images, i);

        if (g_strv_length(other->layers) > n_layers &&
            g_str_equal(other->layers[n_layers - 1], image->layers[n_layers - 1]) &&
            !add_above(layout, images, other, n_layers, top, error))
            return false;
    }
    return true;
}

static bool image_tree(floe_engine *engine, const char *name, char **ret_json, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    g_autoptr(GPtrArray) images = NULL;
    g_autoptr(JsonValue) layers = json_array();
    g_autoptr(JsonValue) tree = NULL;
    const Layout *layout = NULL;
    json_t *row = NULL;

    if (!image_choose(engine, name, &image, NULL, error) ||
        !image_list(engine->db, &images, error) || !engine_layout(engine, &layout, error))
        return false;
    for (size_t i = 0; image->layers[i] != NULL; i++) {
        if (!layer_row(layout, images, image->layers[i], layers, &row, error))
            return false;
    }
    if (!add_all_above(layout, images, image, row, error))
        return false;
    tree = json_pack("{s:s, s:o, s:I, s:O}", "Id", image->id, "Tags",
                     json_from_strv((const char *const *)image->names), "Size",
                     (json_int_t)image->size_bytes, "Layers", layers);
    *ret_json = json_to_text(tree);
    return true;
}

/* --- the border ------------------------------------------------------------------------------- */

bool floe_image_history(floe_engine *engine, const char *name, char **ret_json, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), GIVEN(ret_json), NULL) &&
                             image_history(engine, name, ret_json, &err),
                         &err, error);
}

bool floe_image_tree(floe_engine *engine, const char *name, char **ret_json, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), GIVEN(ret_json), NULL) &&
                             image_tree(engine, name, ret_json, &err),
                         &err, error);
}
