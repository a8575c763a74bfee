/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One container as `ps` shows it: the texts of the columns, made from an object of
 * floe_container_list().
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct RowStyle {
    bool no_trunc;
    int64_t now_unix;
} RowStyle;

typedef struct RowColumn {
    const char *key; /* in templates: {{.RunningFor}} */
    const char *header;
    char *(*text)(const json_t *entry, const RowStyle *style); /* the caller's */
} RowColumn;

/* All columns that have a text of their own; the one with key NULL ends them. */
extern const RowColumn row_columns[];

/* Of row_columns; a programming error if there is none. */
const RowColumn *row_column(const char *key);

/* The object that templates see: the columns, and what else is in the entry. A new reference. */
json_t *row_for_template(const json_t *entry, const RowStyle *style);

/* The same keys with the columns' names, for the first line of a table. */
json_t *row_headers(void);
