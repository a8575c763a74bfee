/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is written aside: it has its name when it is whole, and not before. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct NewFile {
    int fd;      /* to write to; -1: none */
    char *path;  /* where it is to be, links followed */
    char *aside; /* where it is now; NULL: nowhere, or (a device, a pipe) already in its place */
    bool is_in_place;
} NewFile;

#define NEW_FILE_NONE \
    { \
        .fd = -1 \
    }

bool new_file_open(const char *path, NewFile *ret_file, GError **error);

/* Give it its name, in the place of what has it. */
bool new_file_keep(NewFile *file, GError **error);

/* A new file with an id, never over another's; `what` names it in the error. */
bool new_file_write_id(const char *path, const char *id, const char *what, GError **error);

/* Removes what was not kept. */
void new_file_clear(NewFile *file);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(NewFile, new_file_clear)
