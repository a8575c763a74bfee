/* SPDX-License-Identifier: Apache-2.0 */
/* The border: floe/secret.h. */
#include "base/clock.h"
#include "engine/labels.h"
#include "engine/object-filter.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/secret.h"

#include <floe/secret.h>

#define DRIVER "file"

/* --- create, remove --------------------------------------------------------------------------- */

static bool create(floe_engine *engine, const floe_secret_options *options, char **ret_id,
                   GError **error)
{
    g_autoptr(JsonValue) labels = NULL;
    SecretWish wish = {
        .name = options->name,
        .data = options->data,
        .length = options->length,
        .replace = options->replace,
    };

    if (options->driver != NULL && !g_str_equal(options->driver, DRIVER))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "secret %s: there is no secret driver '%s', only " DRIVER, options->name,
                       options->driver);
    if (!labels_parse("label", NULL, options->labels, &labels, error))
        return false;
    wish.labels = labels;
    return secret_store(engine, &wish, ret_id, error);
}

bool floe_secret_create(floe_engine *engine, const floe_secret_options *options, char **ret_id,
                        floe_error **error)
{
    floe_secret_options known = FLOE_SECRET_OPTIONS_INIT;
    g_autofree char *id = NULL;
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(engine), GIVEN(options), NULL) &&
              public_options(options, &known, sizeof(known), &err) &&
              public_given(&err, "options->name", known.name, "options->data", known.data, NULL) &&
              create(engine, &known, &id, &err);

    if (ok && ret_id != NULL)
        *ret_id = g_steal_pointer(&id);
    return public_result(ok, &err, error);
}

bool floe_secret_remove(floe_engine *engine, const char *name_or_id, char **ret_id,
                        floe_error **error)
{
    g_autofree char *id = NULL;
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(engine), GIVEN(name_or_id), NULL) &&
              secret_remove(engine, name_or_id, &id, &err);

    if (ok && ret_id != NULL)
        *ret_id = g_steal_pointer(&id);
    return public_result(ok, &err, error);
}

/* --- what is known of them -------------------------------------------------------------------- */

static json_t *describe(floe_engine *engine, const SecretRecord *record)
{
    g_autofree char *path = secret_directory(engine);
    g_autofree char *created = time_to_rfc3339(record->created_unix_ns);
    g_autofree char *updated = time_to_rfc3339(record->updated_unix_ns);

    return json_pack("{s:s, s:s, s:s, s:{s:s, s:{s:s, s:{s:o}}, s:O}}", "ID", record->id,
                     "CreatedAt", created, "UpdatedAt", updated, "Spec", "Name", record->name,
                     "Driver", "Name", DRIVER, "Options", "path", json_from_string(path), "Labels",
                     record->labels);
}

static bool add_data(floe_engine *engine, const SecretRecord *record, json_t *object, GError **error)
{
    g_autofree char *text = NULL;
    char *data = NULL;
    size_t length = 0;

    if (!secret_load(engine, record->name, &data, &length, error))
        return false;
    text = g_utf8_make_valid(data, (gssize)length);
    json_object_set_new(object, "SecretData", json_from_string(text));
    secret_wipe(data, length);
    return true;
}

static bool inspect(floe_engine *engine, const char *name_or_id, bool show_data, char **ret_json,
                    GError **error)
{
    g_autoptr(SecretRecord) record = NULL;
    g_autoptr(JsonValue) object = NULL;

    if (!secret_lookup(engine->db, name_or_id, &record, error))
        return false;
    object = describe(engine, record);
    if (show_data && !add_data(engine, record, object, error))
        return false;
    *ret_json = json_to_text(object);
    return true;
}

static bool has_id(const FilterValue *value, const void *object, bool is_used)
{
    return g_regex_match(value->regex, ((const SecretRecord *)object)->id, 0, NULL);
}

static bool has_name(const FilterValue *value, const void *object, bool is_used)
{
    return g_regex_match(value->regex, ((const SecretRecord *)object)->name, 0, NULL);
}

static bool list(floe_engine *engine, const char *const *filters, char **ret_json, GError **error)
{
    static const FilterKey keys[] = {
        { "id", filter_read_regex, has_id, false, false },
        { "name", filter_read_regex, has_name, false, false },
    };
    static const FilterKeys secret_keys = { "secret", keys, G_N_ELEMENTS(keys) };
    g_autoptr(ObjectFilter) filter = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(JsonValue) array = json_array();

    if (!object_filter_new(&secret_keys, filters, false, &filter, error) ||
        !secret_list(engine->db, &records, error))
        return false;
    for (guint i = 0; i < records->len; i++) {
        const SecretRecord *record = g_ptr_array_index(records, i);

        if (object_filter_matches(filter, record, false))
            json_array_append_new(array, describe(engine, record));
    }
    *ret_json = json_to_text(array);
    return true;
}

bool floe_secret_exists(floe_engine *engine, const char *name_or_id, bool *ret_exists,
                        floe_error **error)
{
    g_autoptr(SecretRecord) record = NULL;
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(engine), GIVEN(name_or_id), GIVEN(ret_exists), NULL);

    if (ok && !secret_lookup(engine->db, name_or_id, &record, &err)) {
        ok = err_is(err, FLOE_ERROR_NOT_FOUND);
        if (ok)
            g_clear_error(&err);
    }
    if (ok)
        *ret_exists = record != NULL;
    return public_result(ok, &err, error);
}

bool floe_secret_inspect(floe_engine *engine, const char *name_or_id, bool show_data,
                         char **ret_json, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name_or_id), GIVEN(ret_json),
                                      NULL) &&
                             inspect(engine, name_or_id, show_data, ret_json, &err),
                         &err, error);
}

bool floe_secret_list(floe_engine *engine, const char *const *filters, char **ret_json,
                      floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(ret_json), NULL) &&
                             list(engine, filters, ret_json, &err),
                         &err, error);
}
