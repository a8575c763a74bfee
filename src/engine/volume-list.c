/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of volumes, and the removal of those that nobody uses. */
#include "base/clock.h"
#include "engine/event.h"
#include "engine/public-error.h"
#include "engine/volume-filter.h"
#include "engine/volume-options.h"
#include "engine/volume.h"

#include <floe/volume.h>

static json_t *object_or_empty(json_t *object)
{
    return object != NULL ? json_deep_copy(object) : json_object();
}

/* podman tells uid and gid of "o" under names of their own, too. */
static void add_owner(json_t *object, const VolumeRecord *record)
{
    TreeOwner owner = { 0, 0 };
    bool is_given = false;

    if (!volume_options_owner(record->options, &owner, &is_given, NULL) || !is_given)
        return;
    json_object_set_new(object, "UID", json_integer(owner.uid));
    json_object_set_new(object, "GID", json_integer(owner.gid));
}

static json_t *describe(floe_engine *engine, const VolumeRecord *record)
{
    g_autofree char *path = volume_path(engine, record->name);
    g_autofree char *created = time_to_rfc3339(record->created_unix_ns);
    size_t n_holders = record->mounted_by != NULL ? g_strv_length(record->mounted_by) : 0;
    json_t *object = json_object();

    json_object_set_new(object, "Name", json_from_string(record->name));
    json_object_set_new(object, "Driver", json_string("local"));
    json_object_set_new(object, "Mountpoint", json_from_string(path));
    json_object_set_new(object, "CreatedAt", json_from_string(created));
    json_object_set_new(object, "Labels", object_or_empty(record->labels));
    json_object_set_new(object, "Scope", json_string("local"));
    json_object_set_new(object, "Options", object_or_empty(record->options));
    add_owner(object, record);
    if (record->is_anonymous)
        json_object_set_new(object, "Anonymous", json_true());
    json_object_set_new(object, "MountCount",
                        json_integer(record->mount_count + (json_int_t)n_holders));
    if (record->needs_content)
        json_object_set_new(object, "NeedsCopyUp", json_true());
    if (record->needs_owner)
        json_object_set_new(object, "NeedsChown", json_true());
    return object;
}

static bool is_wanted(floe_engine *engine, const ObjectFilter *filter, const VolumeRecord *record,
                      bool *ret_wanted, GError **error)
{
    g_auto(GStrv) users = NULL;

    *ret_wanted = false;
    if (record->removing)
        return true;
    if (object_filter_has_use(filter) && !volume_list_users(engine->db, record->name, &users, error))
        return false;
    *ret_wanted = volume_filter_matches(filter, record, users != NULL && users[0] != NULL);
    return true;
}

static bool list_volumes(floe_engine *engine, const char *const *filters, char **ret_json,
                         GError **error)
{
    g_autoptr(ObjectFilter) filter = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(JsonValue) list = json_array();

    if (!volume_filter_new(filters, false, &filter, error) ||
        !volume_list(engine->db, &records, error))
        return false;
    for (guint i = 0; i < records->len; i++) {
        const VolumeRecord *record = g_ptr_array_index(records, i);
        bool wanted = false;

        if (!is_wanted(engine, filter, record, &wanted, error))
            return false;
        if (wanted)
            json_array_append_new(list, describe(engine, record));
    }
    *ret_json = json_to_text(list);
    return true;
}

static bool inspect_volume(floe_engine *engine, const char *name, char **ret_json, GError **error)
{
    g_autoptr(VolumeRecord) record = NULL;
    g_autoptr(JsonValue) object = NULL;

    if (!volume_lookup(engine->db, name, &record, error))
        return false;
    if (record->removing)
        return volume_not_found(name, error);
    object = describe(engine, record);
    *ret_json = json_to_text(object);
    return true;
}

/* --- prune ------------------------------------------------------------------------------------ */

/* Whose removal a killed floe did not finish; one that another floe is at is waited for. */
static bool finish_begun(floe_engine *engine, const char *name, GError **error)
{
    g_autoptr(VolumeRecord) record = NULL;
    g_auto(Lock) lock = LOCK_NONE;

    return volume_lock(engine, name, &lock, error) && volume_settle(engine, name, &record, error);
}

/* One that is used meanwhile stays, and one that goes meanwhile is gone. */
static bool prune_one(floe_engine *engine, const VolumeRecord *record, GStrvBuilder *names,
                      GError **error)
{
    g_autoptr(GError) err = NULL;

    if (record->removing)
        return finish_begun(engine, record->name, error);
    if (volume_remove(engine, record->name, &err)) {
        event_note_volume(engine, FLOE_EVENT_PRUNE, record->name);
        g_strv_builder_add(names, record->name);
        return true;
    }
    if (err_is(err, FLOE_ERROR_IN_USE) || err_is(err, FLOE_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

static bool prune_volumes(floe_engine *engine, const char *const *filters, char ***ret_names,
                          GError **error)
{
    g_autoptr(ObjectFilter) filter = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();

    if (!volume_filter_new(filters, true, &filter, error) ||
        !volume_list(engine->db, &records, error))
        return false;
    for (guint i = 0; i < records->len; i++) {
        const VolumeRecord *record = g_ptr_array_index(records, i);

        if ((record->removing || volume_filter_matches(filter, record, false)) &&
            !prune_one(engine, record, names, error))
            return false;
    }
    *ret_names = g_strv_builder_end(names);
    return true;
}

/* --- the border ------------------------------------------------------------------------------- */

bool floe_volume_list(floe_engine *engine, const char *const *filters, char **ret_json,
                      floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(ret_json), NULL) &&
                             list_volumes(engine, filters, ret_json, &err),
                         &err, error);
}

bool floe_volume_inspect(floe_engine *engine, const char *name, char **ret_json, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), GIVEN(ret_json), NULL) &&
                             inspect_volume(engine, name, ret_json, &err),
                         &err, error);
}

bool floe_volume_prune(floe_engine *engine, const char *const *filters, char ***ret_names,
                       floe_error **error)
{
    g_auto(GStrv) names = NULL;
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(engine), NULL) &&
              prune_volumes(engine, filters, &names, &err);

    if (ok && ret_names != NULL)
        *ret_names = g_steal_pointer(&names);
    return public_result(ok, &err, error);
}
