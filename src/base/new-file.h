/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that is written from front to back and has its name when it is whole, not before. Until then
 * it has none at all (O_TMPFILE), where the file system can do that: then it goes by itself, however
 * this process ends.
 */
#pragma once

#include "base/fd.h"

typedef struct NewFile {
    int fd;      /* to write to; -1: none */
    char *path;  /* where it is to be, links followed */
    char *aside; /* the name it has, or has for a moment, before that; in the same directory */
    bool has_aside;
    bool is_in_place; /* a device or a pipe, which keeps what it is */
} NewFile;

#define NEW_FILE_NONE \
    { \
        .fd = -1 \
    }

/* `mode` as for open(2). `mark` makes the aside name one of its own among those of one path. */
bool new_file_open(const char *path, mode_t mode, const char *mark, NewFile *ret_file,
                   GError **error);

/* Give it its name, in the place of what has it; with `durable`, on disk before it returns. */
bool new_file_keep(NewFile *file, bool durable, GError **error);

/* Removes what was not kept. */
void new_file_clear(NewFile *file);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(NewFile, new_file_clear)
