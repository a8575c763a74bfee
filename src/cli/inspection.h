/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a verb `inspect` with several names prints: an array of what was found, and then an error for
 * each name that was not, as podman does.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef struct Inspection {
    json_t *found;
    GPtrArray *failures; /* texts, printed last */
    int status;
} Inspection;

/* found: an array to begin with, taken over. */
void inspection_init(Inspection *inspection, json_t *taken_found);
void inspection_clear(Inspection *inspection);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Inspection, inspection_clear)

/* Text that libfloe gave; it is freed. */
void inspection_add(Inspection *inspection, char *taken_text);
void inspection_fail(Inspection *inspection, const char *format, ...) G_GNUC_PRINTF(2, 3);

/*
 * Returns the exit status. view: what templates see of an object, a new one; NULL: the object as it
 * is.
 */
int inspection_print(const Inspection *inspection, const char *format,
                     json_t *(*view)(const json_t *object));
