/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database as its users see it: opening and making it, transactions, facts.
 *
 * A new database is made aside and renamed, so under its name it is complete or not there, whoever
 * opens it at the same time and whenever the maker dies. WAL mode is a property of the file: it is
 * set then and never again.
 */
#include "state/database.h"

#include "base/fd.h"
#include "base/log.h"
#include "state/query.h"
#include "state/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

/* --- opening ---------------------------------------------------------------------------------- */

/* A database file and those that SQLite keeps beside it. */
static void remove_files(const char *path)
{
    static const char *const suffixes[] = { "", "-journal", "-wal", "-shm" };

    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *name = g_strconcat(path, suffixes[i], NULL);
        unlink(name);
    }
}

/*
 * Nobody sees the file before it is complete: no journal is needed, and one fsync at the end is
 * enough.
 */
static bool fill(const char *path, GError **error)
{
    g_autoptr(Database) db = NULL;

    return connection_open(path, &db, error) &&
           connection_exec(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", error) &&
           schema_upgrade(db, schema_migrations, error) &&
           connection_exec(db, "PRAGMA journal_mode = WAL", error);
}

static bool make_aside(const char *path, GError **error)
{
    autofd int fd = -1;

    remove_files(path);
    /*
     * Configurations hold the containers' environment: secrets. SQLite gives the WAL the same mode.
     */
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(error, "create '%s'", path);
    if (!fill(path, error)) {
        remove_files(path);
        return false;
    }
    if (fsync(fd) < 0)
        return err_set_errno(error, "fsync '%s'", path);
    return true;
}

/*
 * Make the database, unless another process was faster. The lock on its directory leaves nothing
 * behind.
 */
static bool database_create(const char *path, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path);
    g_autofree char *aside = g_strconcat(path, ".new", NULL);
    autofd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(error, "open '%s'", directory);
    while (flock(fd, LOCK_EX) < 0) {
        if (errno != EINTR)
            return err_set_errno(error, "lock '%s'", directory);
    }
    if (access(path, F_OK) == 0)
        return true;
    if (!make_aside(aside, error))
        return false;
    /* The WAL of a database that somebody deleted would be taken for the new one's. */
    remove_files(path);
    if (rename(aside, path) < 0)
        return err_set_errno(error, "rename '%s' to '%s'", aside, path);
    if (fsync(fd) < 0)
        return err_set_errno(error, "fsync '%s'", directory);
    return true;
}

static bool open_or_create(const char *path, Database **ret_db, bool *ret_is_new, GError **error)
{
    g_autoptr(GError) missing = NULL;

    *ret_is_new = false;
    if (connection_open(path, ret_db, &missing))
        return true;
    if (!err_is(missing, FLOE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&missing));
        return false;
    }
    *ret_is_new = true;
    return database_create(path, error) && connection_open(path, ret_db, error);
}

/*
 * Pages in the WAL above which a commit moves them into the database. A process that is alone reads
 * the whole WAL when it opens it (1.3 us a page), so this is a price of every start; a checkpoint
 * costs two fsyncs. SQLite's own 1000 weighs the first too lightly for processes that live as short
 * as floe's.
 */
#define CHECKPOINT_PAGES 250

/* https://www.sqlite.org/walformat.html; some pages more, for the transaction that comes above it */
#define WAL_PAGE_SIZE (24 + 4096)
#define WAL_RESERVE   ((CHECKPOINT_PAGES + 64) * WAL_PAGE_SIZE)

/*
 * Keep room for an empty WAL to grow: on a full disk containers can be removed then, which makes room.
 * Where that cannot be had it goes without.
 */
static void reserve_wal(const char *database_path)
{
    g_autofree char *path = g_strconcat(database_path, "-wal", NULL);
    autofd int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, WAL_RESERVE) < 0)
        log_debug("no room is kept in '%s': %s", path, g_strerror(errno));
}

/*
 * SQLite's own automatic checkpoint leaves the WAL as long as it was, for the next process to read.
 * This one empties it, if nobody is in the way; if somebody is, it does what it can and a later
 * commit does the rest.
 */
static int checkpoint_long_wal(void *data, sqlite3 *handle, const char *name, int n_pages)
{
    const Database *db = data;

    if (n_pages >= CHECKPOINT_PAGES) {
        sqlite3_busy_timeout(handle, 0);
        if (sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) ==
            SQLITE_OK)
            reserve_wal(db->path);
        sqlite3_busy_timeout(handle, BUSY_TIMEOUT_MS);
    }
    return SQLITE_OK;
}

bool database_open(const char *path, Database **ret_db, GError **error)
{
    g_autoptr(Database) db = NULL;
    int version = 0;
    bool is_new = false;

    if (!open_or_create(path, &db, &is_new, error) || !schema_version(db, &version, error))
        return false;
    if (version <= 0)
        return err_set(error, FLOE_ERROR_SCHEMA, "'%s' is empty or another program's database",
                       path);
    if (!schema_upgrade(db, schema_migrations, error))
        return false;
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    /* The last one to close would copy the WAL and sync twice. */
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_wal_hook(db->handle, checkpoint_long_wal, db);
    if (is_new)
        reserve_wal(path);

    *ret_db = g_steal_pointer(&db);
    return true;
}

void database_close(Database *db)
{
    connection_close(db);
}

/* --- transactions ----------------------------------------------------------------------------- */

bool transaction_begin(Database *db, bool durable, Transaction *ret_transaction, GError **error)
{
    Synchronous wanted = durable ? SYNCHRONOUS_FULL : SYNCHRONOUS_NORMAL;

    if (db->depth == 0) {
        if (!connection_set_synchronous(db, wanted, error) ||
            !connection_exec(db, "BEGIN IMMEDIATE", error))
            return false;
        db->is_doomed = false;
    } else if (wanted > db->synchronous) {
        return err_set(error, FLOE_ERROR_INTERNAL,
                       "a durable transaction inside one that is not durable");
    }
    db->depth++;
    ret_transaction->db = db;
    return true;
}

static void roll_back(Database *db)
{
    /*
     * SQLite has done it itself after some errors, a full disk for one; then there is nothing to
     * roll back.
     */
    if (!sqlite3_get_autocommit(db->handle))
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool transaction_commit(Transaction *transaction, GError **error)
{
    Database *db = transaction->db;

    g_assert(db != NULL && db->depth > 0);
    transaction->db = NULL;
    if (--db->depth > 0)
        return true;
    if (db->is_doomed || sqlite3_get_autocommit(db->handle)) {
        roll_back(db);
        return err_set(error, FLOE_ERROR_INTERNAL,
                       "database '%s': a part of the transaction was rolled back", db->path);
    }
    if (!connection_exec(db, "COMMIT", error)) {
        roll_back(db);
        return false;
    }
    return true;
}

void transaction_clear(Transaction *transaction)
{
    Database *db = transaction->db;

    if (db == NULL)
        return;
    transaction->db = NULL;
    if (--db->depth > 0)
        db->is_doomed = true;
    else
        roll_back(db);
}

/* --- facts ------------------------------------------------------------------------------------ */

bool database_get_fact(Database *db, const char *key, char **ret_value, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, "SELECT value FROM fact WHERE key = ?", &query, error))
        return false;
    query_bind_text(&query, key);
    if (!query_next(&query, &has_row, error))
        return false;
    *ret_value = has_row ? g_strdup(query_text(&query, 0)) : NULL;
    return true;
}

bool database_set_fact(Database *db, const char *key, const char *value, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "INSERT INTO fact (key, value) VALUES (?, ?)"
                       " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                       &query, error))
        return false;
    query_bind_text(&query, key);
    query_bind_text(&query, value);
    return query_run(&query, error);
}
