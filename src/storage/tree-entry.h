/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an entry of a tree is, wherever it comes from: its path, owner, mode, times and xattrs; and
 * putting all that on the file that was made for it.
 */
#pragma once

#include "base/error.h"

#include <sys/stat.h>
#include <time.h>

#define TREE_XATTRS_MAX 256 /* of one entry; more are refused */

typedef struct TreeXattr {
    const char *name;
    const void *value;
    size_t size;
} TreeXattr;

/* Whose things are to be that were somebody else's. */
typedef struct TreeOwner {
    uid_t uid;
    gid_t gid;
} TreeOwner;

typedef struct TreeEntry {
    const char *path; /* clean; "" is the root directory itself */
    mode_t mode;      /* type and permissions */
    uid_t uid;
    gid_t gid;
    struct timespec mtime;
    dev_t device;       /* of a device */
    const char *target; /* of a symbolic link */
    const TreeXattr *xattrs;
    size_t n_xattrs;
} TreeEntry;

/*
 * A path without ".", "..", double slashes and slashes at its ends. INVALID when its ".." climb
 * above where it begins, or when it is longer than any system call takes.
 */
bool tree_path_clean(const char *path, char **ret_clean, GError **error);

/*
 * An entry's path for an error: it may be of any length and hold anything, control characters too.
 */
char *tree_path_label(const char *path);

/* Is it an xattr that moves with a file from host to host? Others are left out. */
bool tree_xattr_is_kept(const char *name);

/*
 * Give an entry another owner (NULL: it keeps its own). As coreutils' cp has it, a program does not
 * become one of another user's rights: a file whose owner or group changes loses the bit that lends
 * them.
 */
void tree_owner_apply(const TreeOwner *owner, TreeEntry *entry);

/*
 * Owner, mode and xattrs of an open file, and its time, which whatever is written later changes. What
 * the file system or this process cannot have of the xattrs is left out, with a word in the log.
 */
bool tree_entry_dress_but_time(int fd, const TreeEntry *entry, GError **error);
bool tree_entry_dress(int fd, const TreeEntry *entry, GError **error);

/* The same for what cannot be opened. The name has just been made, and nobody else is in the tree. */
bool tree_entry_dress_at(int parent_fd, const char *leaf, const TreeEntry *entry, GError **error);

bool file_set_time(int fd, const struct timespec *mtime, GError **error);
