/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables and their versions. Version n is what the first n migrations make of an empty
 * database; a migration that was released is never edited, a change is a new one at the end.
 */
#pragma once

#include "state/connection.h"

/* SQL texts, NULL-terminated. */
extern const char *const schema_migrations[];

/* 0: nothing was ever made in it. */
bool schema_version(Database *db, int *ret_version, GError **error);

/*
 * Run the migrations that are missing, each in a transaction of its own, whoever else does so at
 * the same time. To be called with foreign keys off: a migration may have to build a table anew.
 * SCHEMA when the database has more than these.
 */
bool schema_upgrade(Database *db, const char *const *migrations, GError **error);
