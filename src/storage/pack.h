/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packing a directory tree into an uncompressed tar, for unpack.h or anybody else to read: owner,
 * mode, times, xattrs, hard links, devices, FIFOs and holes are kept. The tree may be a container's
 * that goes on changing it: no link is followed, and what is opened is a regular file or a
 * directory, always.
 */
#pragma once

#include "storage/tar-writer.h"
#include "storage/tree-walk.h"

typedef struct PackOptions {
    const char *name;  /* of the top in the tar; "": what is in the directory, without itself */
    TreeWalkMode mode; /* TREE_LIVE: what becomes shorter while it is read ends with zeros */
} PackOptions;

/*
 * Write a place (O_PATH, or an open directory) as "name", and all that is below it as "name/...", in
 * the order of their names; of hard links the first is the file. Sockets, and what is mounted below,
 * are left out. fd may be a pipe; what a failure leaves in it is no whole tar. ret_n_entries: without
 * the top itself; may be NULL.
 *
 * IO names the entry that failed, which may be one that vanished or was cut at that moment.
 */
bool pack_tree(int place, const PackOptions *options, int fd, int64_t *ret_n_entries,
               GError **error);

/* The same into a tar that holds more than this. */
bool pack_into(int place, const PackOptions *options, TarWriter *writer, int64_t *ret_n_entries,
               GError **error);

/* Entries one by one, from wherever they are. */
typedef struct Packer {
    TarWriter *writer;
    GHashTable *linked; /* of tree_links_new() */
} Packer;

void packer_clear(Packer *packer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Packer, packer_clear)

/* As `name`, which of a directory ends with a slash; a socket is left out. */
bool pack_node(Packer *packer, const TreeNode *node, const char *name, GError **error);

/* A directory as "./", and all below it as "./name", which nobody changes meanwhile. */
bool pack_tar(int directory_fd, int fd, int64_t *ret_n_entries, GError **error);
