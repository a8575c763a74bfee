/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making the entries of a tree below a directory, from descriptions that nobody vouches for. A path
 * is resolved as a process would that has the directory as its root: links made earlier may lead
 * about inside it (lib -> /usr/lib, then lib/x), never out. The last name of a path is made, or
 * replaced, and never followed.
 */
#pragma once

#include "storage/tree-entry.h"

/* What layers below have a say in: see layer-settle.h. Sets of paths. */
typedef struct TreeNotes {
    GHashTable *implied;   /* directories that no entry described; "" is the root */
    GHashTable *whiteouts; /* some may have been replaced since */
} TreeNotes;

TreeNotes *tree_notes_new(void);
void tree_notes_free(TreeNotes *notes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TreeNotes, tree_notes_free)

typedef struct TreeWriter {
    int root_fd;       /* borrowed */
    char *parent_path; /* the directory of the last entry: the next one is likely in it too */
    int parent_fd;
    GPtrArray *directories; /* whose times are set at the end */
    TreeNotes *notes;       /* borrowed; NULL: nobody wants them */
} TreeWriter;

/* root_fd stays the caller's, and must live as long as the writer. */
void tree_writer_init(TreeWriter *writer, int root_fd);
void tree_writer_clear(TreeWriter *writer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TreeWriter, tree_writer_clear)

/*
 * All of these replace what has the name already, except a directory by a directory, which is kept;
 * a directory that is not empty gives way to nothing else. Missing parents are made with mode 0755.
 */
bool tree_add_directory(TreeWriter *writer, const TreeEntry *entry, GError **error);
bool tree_add_symlink(TreeWriter *writer, const TreeEntry *entry, GError **error);
bool tree_add_node(TreeWriter *writer, const TreeEntry *entry, GError **error); /* device, FIFO */

/* target: a clean path below the root, of anything but a directory. */
bool tree_add_hardlink(TreeWriter *writer, const char *path, const char *target, GError **error);

/*
 * A new, empty file to be written to, and what comes after: owner, mode and times, which writing
 * would change. Closes *fd.
 */
bool tree_add_file(TreeWriter *writer, const TreeEntry *entry, int *ret_fd, GError **error);
bool tree_finish_file(const TreeEntry *entry, int *fd, GError **error);

/* For tree-file.c: the directory of an entry, which stays the writer's. */
bool tree_parent_open(TreeWriter *writer, const char *path, int *ret_fd, GError **error);

/*
 * overlayfs: hide what lower layers have of this name, unless this tree has the name too; an own
 * directory becomes opaque.
 */
bool tree_add_whiteout(TreeWriter *writer, const char *path, GError **error);

/* overlayfs: hide all that lower layers have in this directory. */
bool tree_set_opaque(TreeWriter *writer, const char *path, GError **error);

/* Set the times of the directories, which making their entries has changed. */
bool tree_writer_finish(TreeWriter *writer, GError **error);
