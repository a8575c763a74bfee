/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one layer changes of the layers below it: of an overlay, or of a container whose root is a
 * copy of what those show (layer-copy.h), which is looked at as if it was the overlay's.
 */
#pragma once

#include "storage/tree-walk.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

typedef enum LayerChangeKind {
    LAYER_CHANGED = 'C',
    LAYER_ADDED = 'A',
    LAYER_DELETED = 'D',
} LayerChangeKind;

typedef struct LayerChange {
    LayerChangeKind kind;
    char path[]; /* absolute; any bytes */
} LayerChange;

/* Of a name in a directory, whose path is relative; "": the root. g_free(). */
LayerChange *layer_change_new(LayerChangeKind kind, const char *directory, const char *name);

/* By path, for an array of pointers to them. */
int layer_change_order(gconstpointer a, gconstpointer b);

typedef struct Layer {
    const char *dir;
    const char *const *lower_dirs; /* lowest first; none: all is added */
    bool is_copy;                  /* the directory has all that those show, too */
} Layer;

/*
 * Visit what is in a layer; of a copy, what is different. A whiteout is a character device 0:0,
 * which in a copy has no place.
 */
bool layer_walk(const Layer *layer, TreeVisit visit, void *data, GError **error);

/* The bytes of its files, each hard link once. Not there yet: 0. */
bool layer_size(const Layer *layer, int64_t *ret_bytes, GError **error);

/*
 * Compare a layer with those below it, and list the changes in the order of their paths: GPtrArray
 * of LayerChange *. A directory in which nothing but entries below it changed is "changed" where
 * its own time, mode or owner did; one that was removed and made again is "changed", and what it
 * held before and holds no more is "deleted".
 */
bool layer_changes(const Layer *layer, GPtrArray **ret_changes, GError **error);

/*
 * overlayfs's marks: the entry hides what the layers below have under its name, or in it. Where the
 * store is itself on an overlay, whose kernel keeps them to itself, these stand for them.
 */
#define LAYER_WHITEOUT_NESTED     makedev(0, 1) /* a number that no driver has; else it is 0:0 */
#define LAYER_OPAQUE_XATTR        "trusted.overlay.opaque"
#define LAYER_OPAQUE_XATTR_NESTED "trusted.floe.opaque"

bool layer_is_whiteout(const struct stat *st);
bool layer_is_opaque(int directory_fd);

/* Does something of a layer, on the way to the path or there, hide it in the layers below? */
bool layer_hides(int layer_fd, const char *path);
