/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container has changed of its image's files, for a checkpoint archive: the entries that it
 * added or changed, as a tar, and the names that it deleted. Both are judged by the container's own
 * layers; no path is ever looked up on the host.
 */
#pragma once

#include "storage/layer-changes.h"
#include "storage/tar-writer.h"

typedef struct RootDiff {
    int upper_fd;
    GPtrArray *changes; /* LayerChange *: what is carried */
    char **deleted;     /* absolute paths */
} RootDiff;

#define ROOT_DIFF_NONE \
    { \
        .upper_fd = -1 \
    }

/* `hidden`: paths that are not the container's, left out with what is mounted on them; or NULL. */
bool root_diff_make(const Layer *layer, const char *const *hidden, RootDiff *ret_diff,
                    GError **error);
void root_diff_clear(RootDiff *diff);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RootDiff, root_diff_clear)

/*
 * Add the entries, with paths relative to the root, each directory before what is in it; first the
 * root itself, whose mode CRIU compares and engines choose differently: as "/", for podman takes a
 * "./" for no entry (github.com/containers/storage, pkg/archive/archive.go, Unpack). Owner, mode,
 * times, xattrs, hard links, devices, FIFOs and holes are kept; sockets are left out. What vanishes
 * meanwhile is left out. A TarFill of a RootDiff.
 */
bool root_diff_fill(TarWriter *writer, void *diff, GError **error);
