/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs with --format print: JSON, or a template executed on objects. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* "json" itself, and its spelling as a template. */
bool output_is_json(const char *format);

/* Print JSON for people, with a newline at the end. */
void output_json(const json_t *json);

/*
 * Execute the template on each object of the list, each on a line of its own, tabs making columns.
 * With the prefix "table " blanks make columns too, and headers (key: column name) become the first
 * line unless NULL.
 */
bool output_template(const char *format, const json_t *list, json_t *headers, GError **error);
