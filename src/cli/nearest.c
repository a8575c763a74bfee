/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/nearest.h"

#include <string.h>

/* Nobody mistypes a longer word into one of ours; a bound keeps the matrix small. */
#define LONGEST 40

unsigned edit_distance(const char *a, const char *b)
{
    size_t length_a = strlen(a), length_b = strlen(b);
    unsigned rows[3][LONGEST + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];

    if (length_a > LONGEST || length_b > LONGEST)
        return G_MAXUINT;

    for (size_t j = 0; j <= length_b; j++)
        above[j] = (unsigned)j;
    for (size_t i = 1; i <= length_a; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= length_b; j++) {
            unsigned changed = above[j - 1] + (a[i - 1] != b[j - 1]);

            row[j] = MIN(changed, MIN(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = MIN(row[j], before[j - 2] + 1);
        }

        unsigned *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[length_b];
}

void nearest_offer(Nearest *nearest, const char *candidate)
{
    size_t length = strlen(nearest->word);
    unsigned allowed = length <= 3 ? 1 : length <= 6 ? 2 : 3;
    unsigned distance = edit_distance(nearest->word, candidate);

    /* An unfinished word is as good a hint as a mistyped one: "check" for "checkpoint". */
    if (length >= 3 && strncmp(candidate, nearest->word, length) == 0)
        distance = 1;
    if (distance <= allowed && distance < nearest->distance) {
        nearest->found = candidate;
        nearest->distance = distance;
    }
}
