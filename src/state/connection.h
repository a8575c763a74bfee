/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection to SQLite, for the files of this folder only: opening, errors in floe's words, and
 * the cache of prepared statements. What SQL does on it is said through query.h.
 */
#pragma once

#include "state/database.h"

#include <sqlite3.h>

typedef enum Synchronous {
    SYNCHRONOUS_UNSET,  /* as SQLite was built */
    SYNCHRONOUS_NORMAL, /* survives the process */
    SYNCHRONOUS_FULL,   /* survives a power cut */
} Synchronous;

struct Database {
    sqlite3 *handle;
    char *path;
    GHashTable *statements; /* SQL text, the caller's literal -> sqlite3_stmt * */
    Synchronous synchronous;
    unsigned depth; /* of transactions, each inside the other */
    bool is_doomed; /* one inside was rolled back: the outermost cannot commit */
};

#define BUSY_TIMEOUT_MS 30000

/* Open a database file that is there. Nothing is read from it yet. NOT_FOUND. */
bool connection_open(const char *path, Database **ret_db, GError **error);
void connection_close(Database *db);

/* Run SQL that gives no rows and is not worth a place in the cache. */
bool connection_exec(Database *db, const char *sql, GError **error);

/* How safe commits are from here on. Not inside a transaction. */
bool connection_set_synchronous(Database *db, Synchronous synchronous, GError **error);

/*
 * The statement for a text that lives as long as the process, prepared at its first use. Owned by
 * the connection.
 */
bool connection_statement(Database *db, const char *sql, sqlite3_stmt **ret_statement,
                          GError **error);

/* Set the error that SQLite reported last, with the path of the database. Returns false. */
bool connection_fail(Database *db, GError **error);
