/* SPDX-License-Identifier: Apache-2.0 */
/* Guessing what was meant by a word that was mistyped. */
#pragma once

#include <glib.h>

/*
 * How many letters must be put in, left out, changed, or swapped with a neighbour to make a into b.
 */
unsigned edit_distance(const char *a, const char *b);

/* Keeps the candidate nearest to a word: start with NEAREST_INIT, offer each candidate. */
typedef struct Nearest {
    const char *word;
    const char *found; /* NULL: nothing is near enough to be meant */
    unsigned distance;
} Nearest;

#define NEAREST_INIT(text) \
    { \
        (text), NULL, G_MAXUINT \
    }

void nearest_offer(Nearest *nearest, const char *candidate);
