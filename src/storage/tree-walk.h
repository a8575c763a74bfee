/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Going through a tree that may be a container's, and may go on changing: no link is followed and no
 * mount is crossed. An entry is opened once, as a place only (O_PATH), and everything about it is read
 * through that descriptor: a name may be given to something else at any time.
 */
#pragma once

#include "storage/tree-writer.h"

typedef struct TreeNode {
    const char *path; /* clean, below the top; "" is the top itself */
    int place;        /* O_PATH; borrowed */
    struct stat stat;
} TreeNode;

typedef bool (*TreeVisit)(const TreeNode *node, void *data, GError **error);

typedef enum TreeWalkMode {
    TREE_AT_REST, /* what vanishes on the way is an error */
    TREE_LIVE,    /* is left out */
} TreeWalkMode;

/*
 * Visit a directory and all below it, a directory before what is in it, in the order of names. What is
 * mounted below is left out. A tree of any depth takes a bounded number of descriptors. IO, and the
 * errors of `visit`, name the entry.
 */
bool tree_walk(int directory_fd, TreeWalkMode mode, TreeVisit visit, void *data, GError **error);

/*
 * Open what is at a path below a directory (""; the directory itself), on the same mount and by way of
 * no link; with O_PATH | O_NOFOLLOW it may be one. -1 with errno.
 */
int tree_open_below(int dir_fd, const char *path, int flags);

/* What there is to know of an entry, for a TreeWriter or a tar; entry.path is the node's. */
typedef struct TreeFacts {
    TreeEntry entry;
    GPtrArray *owned;
    TreeXattr xattrs[TREE_XATTRS_MAX];
} TreeFacts;

bool tree_node_facts(const TreeNode *node, TreeFacts *ret_facts, GError **error);
void tree_facts_clear(TreeFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TreeFacts, tree_facts_clear)

/*
 * The name under which a file that has several was met first, for a hard link to it; NULL: this is the
 * first, or its only one. `linked` is of tree_links_new() and remembers.
 */
GHashTable *tree_links_new(void);
const char *tree_first_name(GHashTable *linked, const TreeNode *node, const char *name);

/* Open a regular file's content for reading. */
bool tree_node_open(const TreeNode *node, int *ret_fd, GError **error);
