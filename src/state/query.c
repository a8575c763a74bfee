/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running SQL statements. A write outside a transaction commits by itself, safe against the death
 * of the process. SQLite ends a transaction by itself after some errors (a full disk): what follows
 * in it must not be written on its own.
 */
#include "state/query.h"

#include "state/struct-text.h"

bool query_prepare(Database *db, const char *sql, Query *ret_query, GError **error)
{
    sqlite3_stmt *statement = NULL;

    if (!connection_statement(db, sql, &statement, error))
        return false;
    g_assert(!sqlite3_stmt_busy(statement));
    if (db->depth > 0 && sqlite3_get_autocommit(db->handle))
        return err_set(error, FLOE_ERROR_INTERNAL,
                       "database '%s': the transaction has ended by an earlier error", db->path);
    if (db->depth == 0 && !sqlite3_stmt_readonly(statement) &&
        !connection_set_synchronous(db, SYNCHRONOUS_NORMAL, error))
        return false;

    *ret_query = (Query){ .db = db, .statement = statement };
    return true;
}

void query_clear(Query *query)
{
    if (query->statement != NULL) {
        sqlite3_reset(query->statement);
        sqlite3_clear_bindings(query->statement);
    }
    *query = (Query)QUERY_NONE;
}

/*
 * Binding fails for a wrong number of parameters or a text above 1 GB: both are defects of the
 * caller.
 */
static void check_bound(int code)
{
    g_assert(code == SQLITE_OK);
}

void query_bind_text(Query *query, const char *text)
{
    check_bound(sqlite3_bind_text(query->statement, ++query->n_bound, text, -1, SQLITE_TRANSIENT));
}

void query_bind_int64(Query *query, int64_t number)
{
    check_bound(sqlite3_bind_int64(query->statement, ++query->n_bound, number));
}

void query_bind_json(Query *query, const json_t *value)
{
    char *text = value != NULL ? json_to_text(value) : NULL;

    check_bound(sqlite3_bind_text(query->statement, ++query->n_bound, text, -1, g_free));
}

void query_bind_struct(Query *query, const JsonStruct *type, const void *data)
{
    g_autoptr(JsonValue) object = json_from_struct(type, data);

    query_bind_json(query, object);
}

bool query_next(Query *query, bool *ret_row, GError **error)
{
    int code = sqlite3_step(query->statement);

    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return connection_fail(query->db, error);
    *ret_row = code == SQLITE_ROW;
    return true;
}

bool query_each(Query *query, QueryRow row, void *data, GError **error)
{
    bool has_row = false;

    while (true) {
        if (!query_next(query, &has_row, error))
            return false;
        if (!has_row)
            return true;
        if (!row(query, data, error))
            return false;
    }
}

bool query_run(Query *query, GError **error)
{
    bool has_row = false;

    if (!query_next(query, &has_row, error))
        return false;
    g_assert(!has_row);
    return true;
}

bool query_try(Query *query, QueryConflict *ret_conflict, GError **error)
{
    switch (sqlite3_step(query->statement)) {
    case SQLITE_DONE: *ret_conflict = CONFLICT_NONE; return true;
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY: *ret_conflict = CONFLICT_UNIQUE; return true;
    case SQLITE_CONSTRAINT_FOREIGNKEY: *ret_conflict = CONFLICT_REFERENCE; return true;
    default: return connection_fail(query->db, error);
    }
}

int query_n_changed(const Query *query)
{
    return sqlite3_changes(query->db->handle);
}

static bool add_text(const Query *query, void *strings, GError **error)
{
    g_ptr_array_add(strings, g_strdup(query_text(query, 0)));
    return true;
}

bool query_collect(Query *query, char ***ret_strings, GError **error)
{
    g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func(g_free);

    if (!query_each(query, add_text, strings, error))
        return false;
    g_ptr_array_add(strings, NULL);
    *ret_strings = (char **)g_ptr_array_steal(strings, NULL);
    return true;
}

const char *query_text(const Query *query, int column)
{
    return (const char *)sqlite3_column_text(query->statement, column);
}

int64_t query_int64(const Query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

/*
 * What does not read back was not written by floe: no argument of the caller is wrong, the database
 * is.
 */
static bool damaged(const Query *query, int column, GError **error)
{
    err_recode(error, FLOE_ERROR_IO);
    return err_prefix(error, "database '%s' is damaged: column '%s'", query->db->path,
                      sqlite3_column_name(query->statement, column));
}

bool query_json(const Query *query, int column, json_t **ret_value, GError **error)
{
    const char *text = query_text(query, column);

    if (!json_parse(text != NULL ? text : "", (size_t)sqlite3_column_bytes(query->statement, column),
                    "stored value", ret_value, error))
        return damaged(query, column, error);
    return true;
}

bool query_struct(const Query *query, int column, const JsonStruct *type, void *ret_data,
                  GError **error)
{
    const char *text = query_text(query, column);
    g_autoptr(JsonValue) object = NULL;

    if (text != NULL &&
        struct_from_text(type, text, (size_t)sqlite3_column_bytes(query->statement, column),
                         ret_data))
        return true;
    if (!query_json(query, column, &object, error))
        return false;
    if (!json_to_struct(type, object, ret_data, error))
        return damaged(query, column, error);
    return true;
}
