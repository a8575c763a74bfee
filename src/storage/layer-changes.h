/* SPDX-License-Identifier: Apache-2.0 */
/* What one layer of an overlay changes of the layers below it. */
#pragma once

#include "base/error.h"

#include <sys/stat.h>

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

/*
 * Compare a layer's directory with those below it (lowest first; none: all is added), and list the
 * changes in the order of their paths: GPtrArray of LayerChange *. A directory in which nothing but
 * entries below it changed is "changed" where its own time, mode or owner did; one that was removed
 * and made again is "changed", and what it held before and holds no more is "deleted".
 */
bool layer_changes(const char *layer_dir, const char *const *lower_dirs, GPtrArray **ret_changes,
                   GError **error);

/* overlayfs's marks: the entry hides what the layers below have under its name, or in it. */
bool layer_is_whiteout(const struct stat *st);
bool layer_is_opaque(int directory_fd);

/* Does something of a layer, on the way to the path or there, hide it in the layers below? */
bool layer_hides(int layer_fd, const char *path);
