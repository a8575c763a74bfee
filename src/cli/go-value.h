/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a template: JSON with Go's way to print, compare and judge it. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

typedef struct GoValue {
    json_t *json; /* borrowed; NULL: no value */
    bool is_map;  /* a Go map: a missing key is no error */
} GoValue;

#define GO_NO_VALUE \
    { \
        NULL, false \
    }

bool go_value_is_true(GoValue value);             /* not 0, "", null, empty */
void go_value_print(GoValue value, GString *out); /* as Go's %v */

/* -1, 0, 1. False: the two cannot be compared. Numbers of both kinds can. */
bool go_value_order(GoValue a, GoValue b, int *ret_order);

/* The keys in order; free the array, not the keys. */
const char **go_value_sorted_keys(json_t *object, size_t *ret_count);

/*
 * The moment that a text such as "2026-11-22T10:31:43.5Z" says, which stands for Go's time.Time;
 * NULL: it is none.
 */
GDateTime *go_value_time(const json_t *value);
