/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a row by what a user calls it, for the files of this folder: containers and pods. */
#pragma once

#include "state/query.h"

/*
 * By full name, full id, or unique prefix of an id, in this order. `sql` is a literal with three
 * parameters, the name and the bounds of the id, and gives id and "is it the name?", the name first.
 * *ret_id NULL: there is none. AMBIGUOUS, in podman's words for a `noun`.
 */
bool name_lookup(Database *db, const char *sql, const char *noun, const char *name_or_id,
                 char **ret_id, GError **error);

/* The statement for a table. */
#define NAME_LOOKUP_SQL(table) \
    "SELECT id, name = ?1 AS is_name FROM " table \
    " WHERE name = ?1 OR (id >= ?2 AND id < ?3) ORDER BY is_name DESC, id LIMIT 2"
