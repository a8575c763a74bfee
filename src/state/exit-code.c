/* SPDX-License-Identifier: Apache-2.0 */
#include "state/exit-code.h"

#include "base/clock.h"
#include "state/query.h"

#define KEPT_NS (INT64_C(300) * 1000 * 1000 * 1000)

static bool drop_old(Database *db, int64_t now_unix_ns, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "DELETE FROM exit_code WHERE saved_unix_ns < ?"
                       " AND container_id NOT IN (SELECT id FROM container)",
                       &query, error))
        return false;
    query_bind_int64(&query, now_unix_ns - KEPT_NS);
    return query_run(&query, error);
}

static bool put(Database *db, const char *id, int exit_code, int64_t now_unix_ns, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "INSERT OR REPLACE INTO exit_code (container_id, exit_code, saved_unix_ns)"
                       " VALUES (?, ?, ?)",
                       &query, error))
        return false;
    query_bind_text(&query, id);
    query_bind_int64(&query, exit_code);
    query_bind_int64(&query, now_unix_ns);
    return query_run(&query, error);
}

bool exit_code_save(Database *db, const char *id, int exit_code, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    int64_t now_unix_ns = clock_unix_ns();

    return transaction_begin(db, false, &transaction, error) && drop_old(db, now_unix_ns, error) &&
           put(db, id, exit_code, now_unix_ns, error) && transaction_commit(&transaction, error);
}

bool exit_code_load(Database *db, const char *id, int *ret_exit_code, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, "SELECT exit_code FROM exit_code WHERE container_id = ?", &query, error))
        return false;
    query_bind_text(&query, id);
    if (!query_next(&query, &has_row, error))
        return false;
    if (!has_row)
        return err_set(error, FLOE_ERROR_NOT_FOUND,
                       "no exit code for container with ID %s: no such exit code", id);
    *ret_exit_code = (int)query_int64(&query, 0);
    return true;
}
