/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layout's index.json: which manifests it has, and by what names. Whoever changes it, or adds or
 * removes blobs, holds the lock of the layout (layout_index_lock()) from reading it to writing it.
 */
#pragma once

#include "base/json.h"
#include "base/lock.h"

bool layout_index_lock(const char *images_dir, Lock *ret_lock, GError **error);

/* An empty index where there is none. */
bool layout_index_read(const char *images_dir, json_t **ret_index, GError **error);
bool layout_index_write(const char *images_dir, const json_t *index, GError **error);

/*
 * Add a manifest's descriptor (taken over) under a name; NULL: under none. Another manifest that
 * has the name loses it and stays in the index. A manifest is there once for each of its names, or
 * once without.
 */
void layout_index_add(json_t *index, json_t *descriptor, const char *name);

/* Remove all entries of the manifest "sha256:HEX". */
void layout_index_remove(json_t *index, const char *digest);

/* Remove all entries whose manifest is not in the set of digests. False: there was none. */
bool layout_index_keep(json_t *index, GHashTable *digests);

/*
 * The digests ("sha256:HEX") of all blobs that the index needs: manifests, configurations, layers.
 * A set of strings.
 */
bool layout_index_blobs(const char *images_dir, const json_t *index, GHashTable **ret_digests,
                        GError **error);
