/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database of an engine: SQLite in WAL mode, with a schema version that only moves forward.
 * This file owns the connection, transactions and small facts by key; the records have files of
 * their own.
 */
#pragma once

#include "base/error.h"

typedef struct Database Database;

/*
 * Open, create or migrate. SCHEMA when a newer floe made it: the text names both versions. A busy
 * database is waited for (30 s).
 */
bool database_open(const char *path, Database **ret_db, GError **error);
void database_close(Database *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Database, database_close)

/*
 * A write transaction (BEGIN IMMEDIATE). `durable`: on disk when the commit returns
 * (synchronous=FULL), for what must outlive a power cut; otherwise it survives the death of the
 * process only. A transaction inside another joins it.
 */
typedef struct Transaction {
    Database *db; /* NULL: none, or ended */
} Transaction;

#define TRANSACTION_NONE ((Transaction){ .db = NULL })

bool transaction_begin(Database *db, bool durable, Transaction *ret_transaction, GError **error);
bool transaction_commit(Transaction *transaction, GError **error);

/* Rolls back unless committed. */
void transaction_clear(Transaction *transaction);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Transaction, transaction_clear)

/* Facts by key, such as the boot id and the runtime chosen in it. A missing one gives NULL. */
bool database_get_fact(Database *db, const char *key, char **ret_value, GError **error);
bool database_set_fact(Database *db, const char *key, const char *value, GError **error);
