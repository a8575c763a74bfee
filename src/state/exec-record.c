/* SPDX-License-Identifier: Apache-2.0 */
/* Exec sessions in the database: found by id and by container, the rest is one JSON text. */
#include "state/exec-record.h"

#include "state/container-record.h"
#include "state/query.h"

#define SESSION(member, kind) JSON_FIELD(ExecRecord, member, kind)

static const JsonField session_fields[] = {
    SESSION(command, STRV), SESSION(user, STRING), SESSION(privileged, BOOL),
    SESSION(tty, BOOL),     SESSION(pid, INT),     SESSION(conmon_pid, INT),
};
static const JsonStruct session_type = { sizeof(ExecRecord), session_fields,
                                         G_N_ELEMENTS(session_fields) };

void exec_record_free(ExecRecord *record)
{
    if (record == NULL)
        return;
    g_free(record->id);
    g_free(record->container_id);
    json_struct_clear(&session_type, record);
    g_free(record);
}

bool exec_insert(Database *db, const ExecRecord *record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    if (!query_prepare(db, "INSERT INTO exec_session (id, container_id, session) VALUES (?, ?, ?)",
                       &query, error))
        return false;
    query_bind_text(&query, record->id);
    query_bind_text(&query, record->container_id);
    query_bind_struct(&query, &session_type, record);
    if (!query_try(&query, &conflict, error))
        return false;
    if (conflict == CONFLICT_UNIQUE)
        return err_set(error, FLOE_ERROR_EXISTS, "the exec session ID \"%s\" is already in use",
                       record->id);
    return conflict == CONFLICT_NONE || container_not_found(record->container_id, error);
}

bool exec_save(Database *db, const ExecRecord *record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "UPDATE exec_session SET session = ? WHERE id = ?", &query, error))
        return false;
    query_bind_struct(&query, &session_type, record);
    query_bind_text(&query, record->id);
    if (!query_run(&query, error))
        return false;
    if (query_n_changed(&query) == 0)
        return err_set(error, FLOE_ERROR_NOT_FOUND,
                       "no exec session with ID %s found: no such exec session", record->id);
    return true;
}

bool exec_delete(Database *db, const char *id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "DELETE FROM exec_session WHERE id = ?", &query, error))
        return false;
    query_bind_text(&query, id);
    return query_run(&query, error);
}

static bool add_record(const Query *query, void *records, GError **error)
{
    g_autoptr(ExecRecord) record = g_new0(ExecRecord, 1);

    if (!query_struct(query, 2, &session_type, record, error))
        return err_prefix(error, "exec session '%s'", query_text(query, 0));
    record->id = g_strdup(query_text(query, 0));
    record->container_id = g_strdup(query_text(query, 1));
    g_ptr_array_add(records, g_steal_pointer(&record));
    return true;
}

bool exec_list(Database *db, const char *container_id, GPtrArray **ret_records, GError **error)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)exec_record_free);
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "SELECT id, container_id, session FROM exec_session WHERE container_id = ?"
                       " ORDER BY number",
                       &query, error))
        return false;
    query_bind_text(&query, container_id);
    if (!query_each(&query, add_record, records, error))
        return false;
    *ret_records = g_steal_pointer(&records);
    return true;
}
