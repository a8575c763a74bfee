/* SPDX-License-Identifier: Apache-2.0 */
#include "state/volume-record.h"

#include "state/query.h"

#include <string.h>

#define VOLUME(member, kind) JSON_FIELD(VolumeRecord, member, kind)

static const JsonField volume_fields[] = {
    VOLUME(created_unix_ns, INT64), VOLUME(labels, VALUE),     VOLUME(options, VALUE),
    VOLUME(is_anonymous, BOOL),     VOLUME(needs_owner, BOOL), VOLUME(needs_content, BOOL),
    VOLUME(removing, BOOL),         VOLUME(mount_count, INT),  VOLUME(mounted_by, STRV),
};
static const JsonStruct volume_type = { sizeof(VolumeRecord), volume_fields,
                                        G_N_ELEMENTS(volume_fields) };

VolumeRecord *volume_record_new(void)
{
    return g_new0(VolumeRecord, 1);
}

void volume_record_free(VolumeRecord *record)
{
    if (record == NULL)
        return;
    g_free(record->name);
    json_struct_clear(&volume_type, record);
    g_free(record);
}

bool volume_not_found(const char *name, GError **error)
{
    return err_set(error, FLOE_ERROR_NOT_FOUND, "no volume with name \"%s\" found: no such volume",
                   name);
}

bool volume_insert(Database *db, const VolumeRecord *record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    if (!query_prepare(db, "INSERT INTO volume (name, volume) VALUES (?, ?)", &query, error))
        return false;
    query_bind_text(&query, record->name);
    query_bind_struct(&query, &volume_type, record);
    if (!query_try(&query, &conflict, error))
        return false;
    return conflict == CONFLICT_NONE ||
           err_set(error, FLOE_ERROR_EXISTS,
                   "volume with name %s already exists: volume already exists", record->name);
}

bool volume_save(Database *db, const VolumeRecord *record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "UPDATE volume SET volume = ? WHERE name = ?", &query, error))
        return false;
    query_bind_struct(&query, &volume_type, record);
    query_bind_text(&query, record->name);
    if (!query_run(&query, error))
        return false;
    return query_n_changed(&query) > 0 || volume_not_found(record->name, error);
}

/* --- finding and listing ---------------------------------------------------------------------- */

/* Columns of every query that reads records: name, volume. */
static bool read_record(const Query *query, VolumeRecord **ret_record, GError **error)
{
    g_autoptr(VolumeRecord) record = volume_record_new();

    if (!query_struct(query, 1, &volume_type, record, error))
        return err_prefix(error, "volume '%s'", query_text(query, 0));
    record->name = g_strdup(query_text(query, 0));
    *ret_record = g_steal_pointer(&record);
    return true;
}

bool volume_find(Database *db, const char *name, VolumeRecord **ret_record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, "SELECT name, volume FROM volume WHERE name = ?", &query, error))
        return false;
    query_bind_text(&query, name);
    if (!query_next(&query, &has_row, error))
        return false;
    *ret_record = NULL;
    return !has_row || read_record(&query, ret_record, error);
}

/*
 * Names are ASCII: what begins with `prefix` stands from it up to, and without, its text with a byte
 * behind them all at the end.
 */
static bool prepare_lookup(Database *db, const char *name, Query *ret_query, GError **error)
{
    g_autofree char *end = g_strconcat(name, "\x7f", NULL);

    if (!query_prepare(db,
                       "SELECT name, volume FROM volume WHERE name >= ?1 AND name < ?2"
                       " ORDER BY name LIMIT 2",
                       ret_query, error))
        return false;
    query_bind_text(ret_query, name);
    query_bind_text(ret_query, end);
    return true;
}

bool volume_lookup(Database *db, const char *name, VolumeRecord **ret_record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    g_autoptr(VolumeRecord) record = NULL;
    bool has_row = false;

    if (!prepare_lookup(db, name, &query, error) || !query_next(&query, &has_row, error))
        return false;
    if (!has_row || *name == '\0')
        return volume_not_found(name, error);
    /* The whole name stands before all that only begin with it. */
    if (!read_record(&query, &record, error))
        return false;
    if (strcmp(record->name, name) != 0 && !query_next(&query, &has_row, error))
        return false;
    if (strcmp(record->name, name) != 0 && has_row)
        return err_set(error, FLOE_ERROR_AMBIGUOUS,
                       "more than one result for volume name \"%s\": volume name is ambiguous",
                       name);
    *ret_record = g_steal_pointer(&record);
    return true;
}

static bool add_record(const Query *query, void *records, GError **error)
{
    VolumeRecord *record = NULL;

    if (!read_record(query, &record, error))
        return false;
    g_ptr_array_add(records, record);
    return true;
}

bool volume_list(Database *db, GPtrArray **ret_records, GError **error)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(
        (GDestroyNotify)volume_record_free);
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "SELECT name, volume FROM volume ORDER BY name", &query, error) ||
        !query_each(&query, add_record, records, error))
        return false;
    *ret_records = g_steal_pointer(&records);
    return true;
}

bool volume_list_users(Database *db, const char *name, char ***ret_ids, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "SELECT container.id FROM container_volume"
                       " JOIN container ON container.id = container_id"
                       " WHERE volume_name = ? ORDER BY container.number",
                       &query, error))
        return false;
    query_bind_text(&query, name);
    return query_collect(&query, ret_ids, error);
}

/* --- removal ---------------------------------------------------------------------------------- */

bool volume_refuse_users(Database *db, const char *name, GError **error)
{
    g_auto(GStrv) users = NULL;

    if (!volume_list_users(db, name, &users, error))
        return false;
    if (users[0] == NULL)
        return true;

    g_autofree char *list = g_strjoinv(", ", users);

    return err_set(error, FLOE_ERROR_IN_USE,
                   "volume %s is being used by the following container(s): %s: volume is being used",
                   name, list);
}

bool volume_delete(Database *db, const char *name, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    if (!query_prepare(db, "DELETE FROM volume WHERE name = ?", &query, error))
        return false;
    query_bind_text(&query, name);
    if (!query_try(&query, &conflict, error))
        return false;
    return conflict == CONFLICT_NONE || volume_refuse_users(db, name, error);
}
