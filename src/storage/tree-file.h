/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of a tree that somebody uses: it takes the place of what has its name when it is whole, and
 * not before. Until then it has no name at all where the file system can do that.
 */
#pragma once

#include "storage/tree-writer.h"

typedef struct TreeFile {
    int fd;     /* to write to; -1: none */
    int dir;    /* of the writer, until its next entry */
    char *name; /* of the file */
    char *aside;
    bool has_aside;
} TreeFile;

#define TREE_FILE_NONE ((TreeFile){ .fd = -1, .dir = -1 })

bool tree_file_open(TreeWriter *writer, const TreeEntry *entry, TreeFile *ret_file, GError **error);

/* Give it owner, mode, times and its name. A directory does not give way. */
bool tree_file_keep(TreeFile *file, const TreeEntry *entry, GError **error);

/* Removes what was not kept. */
void tree_file_clear(TreeFile *file);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TreeFile, tree_file_clear)
