/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that a template can call. */
#pragma once

#include "cli/go-value.h"

typedef struct GoFunction {
    const char *name;
    unsigned min_args, max_args;
    /* Returns a new reference, NULL for "no value"; on a failure sets the error. */
    json_t *(*call)(const GoValue *args, unsigned count, GError **error);
} GoFunction;

/*
 * NULL: there is none of that name. "and" and "or" are not here: they do not evaluate all of their
 * arguments.
 */
const GoFunction *go_function_find(const char *name);

/* The name most like it, for a hint; NULL: none is. */
const char *go_function_nearest(const char *name);
