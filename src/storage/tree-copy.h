/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copying files from one tree into another, of which either may be a container's: what is read is met
 * by tree-walk, what is written is made by tree-writer. Modes, times, xattrs, hard links and holes are
 * kept; sockets, and what is mounted below, are left out.
 */
#pragma once

#include "storage/layer-view.h"

typedef struct TreeCopy {
    int from;         /* O_PATH: a directory with all below it, or something else */
    int to_dir;       /* where */
    const char *name; /* what it is called there, one name; "": the content goes into to_dir */
    const TreeOwner *owner; /* of all that is made; NULL: as it was */
    bool overwrite; /* a directory may give way to something else, and the other way round */
    const LayerView *layers; /* what they show, in the place of `from`, into a directory that is empty
                                and nobody else's; NULL: that */
} TreeCopy;

/*
 * A file replaces one of its name; directories become one. INVALID: one is in the way of the other, or
 * a directory goes into itself.
 */
bool tree_copy(const TreeCopy *copy, GError **error);

/*
 * A regular file's content and attributes into one that is there and keeps its inode; into a device or
 * pipe the content only. Closes *fd.
 */
bool tree_copy_into(const TreeNode *from, const TreeOwner *owner, int *fd, GError **error);
