/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of one SQL statement, for the files of this folder: prepared from the database's cache,
 * parameters bound in the order of their "?", rows read one after the other. A scope that ends
 * gives the statement back.
 */
#pragma once

#include "base/json.h"
#include "state/connection.h"

typedef struct Query {
    Database *db;
    sqlite3_stmt *statement; /* NULL: none */
    int n_bound;
} Query;

#define QUERY_NONE ((Query){ .db = NULL })

/* `sql` must be a literal: it is the key in the cache. A statement runs once at a time. */
bool query_prepare(Database *db, const char *sql, Query *ret_query, GError **error);
void query_clear(Query *query);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Query, query_clear)

/* The next parameter. NULL, text or JSON, is SQL's NULL. Text is copied. */
void query_bind_text(Query *query, const char *text);
void query_bind_int64(Query *query, int64_t number);
void query_bind_json(Query *query, const json_t *value);
void query_bind_struct(Query *query, const JsonStruct *type, const void *data);

/* Go to the next row; *ret_row is false after the last one. */
bool query_next(Query *query, bool *ret_row, GError **error);

/* `row` is called for each row, until it fails. */
typedef bool (*QueryRow)(const Query *query, void *data, GError **error);
bool query_each(Query *query, QueryRow row, void *data, GError **error);

/* Run a statement that gives no rows. */
bool query_run(Query *query, GError **error);

typedef enum QueryConflict {
    CONFLICT_NONE,
    CONFLICT_UNIQUE,    /* the key is taken */
    CONFLICT_REFERENCE, /* what it refers to is not there, or others refer to it */
} QueryConflict;

/*
 * The same, where a conflict with other rows is an answer and not an error. Nothing is written
 * then.
 */
bool query_try(Query *query, QueryConflict *ret_conflict, GError **error);

/* How many rows the last statement changed. */
int query_n_changed(const Query *query);

/* All texts of the first column, NULL-terminated. */
bool query_collect(Query *query, char ***ret_strings, GError **error);

/* The columns of the row. Text lives until the next step; SQL's NULL is NULL. */
const char *query_text(const Query *query, int column);
int64_t query_int64(const Query *query, int column);

/* JSON text of a column, into a zeroed struct. An error names the database: it is damaged. */
bool query_json(const Query *query, int column, json_t **ret_value, GError **error);
bool query_struct(const Query *query, int column, const JsonStruct *type, void *ret_data,
                  GError **error);
