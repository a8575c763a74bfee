/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection to SQLite. Opening costs two system calls and no SQL: what can be set without a
 * statement is (sqlite3_db_config), and `synchronous` waits for the first write, which a listing
 * never makes.
 */
#include "state/connection.h"

#include <errno.h>
#include <unistd.h>

static void finalize(void *statement)
{
    sqlite3_finalize(statement);
}

bool connection_open(const char *path, Database **ret_db, GError **error)
{
    g_autoptr(Database) db = g_new0(Database, 1);
    int code;

    db->path = g_strdup(path);
    db->statements = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, finalize);
    code = sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    g_assert(db->handle != NULL);
    if (code != SQLITE_OK) {
        if ((code & 0xff) == SQLITE_CANTOPEN && sqlite3_system_errno(db->handle) == ENOENT)
            return err_set(error, FLOE_ERROR_NOT_FOUND, "no database at '%s'", path);
        return connection_fail(db, error);
    }
    /* SQLite is content with reading; the WAL cannot even be read without writing beside it. */
    if (sqlite3_db_readonly(db->handle, "main") == 1) {
        errno = EROFS;
        (void)access(path, W_OK); /* may know better */
        return err_set_errno(error, "open database '%s'", path);
    }
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);

    *ret_db = g_steal_pointer(&db);
    return true;
}

void connection_close(Database *db)
{
    if (db == NULL)
        return;
    g_hash_table_unref(db->statements);
    sqlite3_close(db->handle);
    g_free(db->path);
    g_free(db);
}

bool connection_exec(Database *db, const char *sql, GError **error)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ||
           connection_fail(db, error);
}

bool connection_set_synchronous(Database *db, Synchronous synchronous, GError **error)
{
    if (db->synchronous == synchronous)
        return true;
    if (!connection_exec(db,
                         synchronous == SYNCHRONOUS_FULL ? "PRAGMA synchronous = FULL"
                                                         : "PRAGMA synchronous = NORMAL",
                         error))
        return false;
    db->synchronous = synchronous;
    return true;
}

bool connection_statement(Database *db, const char *sql, sqlite3_stmt **ret_statement,
                          GError **error)
{
    sqlite3_stmt *statement = g_hash_table_lookup(db->statements, sql);

    if (statement == NULL) {
        if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
            SQLITE_OK)
            return connection_fail(db, error);
        g_hash_table_insert(db->statements, (char *)sql, statement);
    }
    *ret_statement = statement;
    return true;
}

bool connection_fail(Database *db, GError **error)
{
    const char *text = sqlite3_errmsg(db->handle);
    int system_errno = sqlite3_system_errno(db->handle);

    switch (sqlite3_errcode(db->handle) & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return err_set(error, FLOE_ERROR_TIMEOUT,
                       "database '%s': another process kept it locked for %d s", db->path,
                       BUSY_TIMEOUT_MS / 1000);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return err_set(error, FLOE_ERROR_IO, "database '%s' is damaged: %s", db->path, text);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        if (system_errno != 0)
            return err_set(error, FLOE_ERROR_IO, "database '%s': %s: %s", db->path, text,
                           g_strerror(system_errno));
        return err_set(error, FLOE_ERROR_IO, "database '%s': %s", db->path, text);
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_PERM: return err_set(error, FLOE_ERROR_IO, "database '%s': %s", db->path, text);
    default: return err_set(error, FLOE_ERROR_INTERNAL, "database '%s': %s", db->path, text);
    }
}
