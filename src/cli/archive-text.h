/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint archive, as floe_checkpoint_inspect() tells of it, for people. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct ArchiveSections {
    bool processes, files, sockets, mounts, statistics;
} ArchiveSections;

/* The container, and these sections of it. now_unix: by which "3 minutes ago" is reckoned. */
void archive_print(const json_t *archive, const ArchiveSections *sections, int64_t now_unix,
                   FILE *out);
