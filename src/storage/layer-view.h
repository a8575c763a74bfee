/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a stack of layers shows, without mounting it: overlayfs's marks are read as the kernel reads
 * them.
 */
#pragma once

#include "storage/tree-walk.h"

typedef struct LayerView {
    GArray *fds; /* of the layers' directories, topmost first; NULL: not open */
} LayerView;

/* Directories of layers, lowest first; none: nothing is there. */
bool layer_view_open(const char *const *dirs, LayerView *ret_view, GError **error);
void layer_view_clear(LayerView *view);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LayerView, layer_view_clear)

/* What is at a path, which is relative ("": the root). False: nothing. */
bool layer_view_stat(const LayerView *view, const char *path, struct stat *ret_stat);

/* The names in a directory, and some of what is there no more: see layer_view_stat(). */
GHashTable *layer_view_names(const LayerView *view, const char *path);

/*
 * Visit all that the layers show, a directory before what is in it; first the root. What is mounted in
 * them is left out, and they do not change meanwhile.
 */
bool layer_view_walk(const LayerView *view, TreeVisit visit, void *data, GError **error);
