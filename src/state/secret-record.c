/* SPDX-License-Identifier: Apache-2.0 */
#include "state/secret-record.h"

#include "state/name-lookup.h"
#include "state/query.h"

#define SECRET(member, kind) JSON_FIELD(SecretRecord, member, kind)

static const JsonField secret_fields[] = {
    SECRET(created_unix_ns, INT64),
    SECRET(updated_unix_ns, INT64),
    SECRET(labels, VALUE),
};
static const JsonStruct secret_type = { sizeof(SecretRecord), secret_fields,
                                        G_N_ELEMENTS(secret_fields) };

SecretRecord *secret_record_new(void)
{
    return g_new0(SecretRecord, 1);
}

void secret_record_free(SecretRecord *record)
{
    if (record == NULL)
        return;
    g_free(record->id);
    g_free(record->name);
    json_struct_clear(&secret_type, record);
    g_free(record);
}

bool secret_not_found(const char *name_or_id, GError **error)
{
    return err_set(error, FLOE_ERROR_NOT_FOUND, "no secret with name or id \"%s\": no such secret",
                   name_or_id);
}

bool secret_insert(Database *db, const SecretRecord *record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    if (!query_prepare(db, "INSERT INTO secret (id, name, secret) VALUES (?, ?, ?)", &query, error))
        return false;
    query_bind_text(&query, record->id);
    query_bind_text(&query, record->name);
    query_bind_struct(&query, &secret_type, record);
    if (!query_try(&query, &conflict, error))
        return false;
    return conflict == CONFLICT_NONE ||
           err_set(error, FLOE_ERROR_EXISTS, "%s: secret name in use", record->name);
}

bool secret_delete(Database *db, const char *id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "DELETE FROM secret WHERE id = ?", &query, error))
        return false;
    query_bind_text(&query, id);
    return query_run(&query, error);
}

/* --- finding and listing ---------------------------------------------------------------------- */

/* Columns of every query that reads records: id, name, secret. */
static bool read_record(const Query *query, SecretRecord **ret_record, GError **error)
{
    g_autoptr(SecretRecord) record = secret_record_new();

    if (!query_struct(query, 2, &secret_type, record, error))
        return err_prefix(error, "secret '%s'", query_text(query, 1));
    record->id = g_strdup(query_text(query, 0));
    record->name = g_strdup(query_text(query, 1));
    *ret_record = g_steal_pointer(&record);
    return true;
}

/* The first row of a statement with one parameter. */
static bool read_first(Database *db, const char *sql, const char *key, SecretRecord **ret_record,
                       GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, sql, &query, error))
        return false;
    query_bind_text(&query, key);
    if (!query_next(&query, &has_row, error))
        return false;
    *ret_record = NULL;
    return !has_row || read_record(&query, ret_record, error);
}

bool secret_find(Database *db, const char *name, SecretRecord **ret_record, GError **error)
{
    return read_first(db, "SELECT id, name, secret FROM secret WHERE name = ?", name, ret_record,
                      error);
}

bool secret_lookup(Database *db, const char *name_or_id, SecretRecord **ret_record, GError **error)
{
    g_autofree char *id = NULL;
    SecretRecord *record = NULL;

    if (!name_lookup(db, NAME_LOOKUP_SQL("secret"), "secret", name_or_id, &id, error) ||
        (id != NULL &&
         !read_first(db, "SELECT id, name, secret FROM secret WHERE id = ?", id, &record, error)))
        return false;
    if (record == NULL)
        return secret_not_found(name_or_id, error);
    *ret_record = record;
    return true;
}

static bool add_record(const Query *query, void *records, GError **error)
{
    SecretRecord *record = NULL;

    if (!read_record(query, &record, error))
        return false;
    g_ptr_array_add(records, record);
    return true;
}

bool secret_list(Database *db, GPtrArray **ret_records, GError **error)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(
        (GDestroyNotify)secret_record_free);
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "SELECT id, name, secret FROM secret ORDER BY name", &query, error) ||
        !query_each(&query, add_record, records, error))
        return false;
    *ret_records = g_steal_pointer(&records);
    return true;
}
