/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a list of images names: {"manifests": [ENTRY...], "sources": {DIGEST: "HOST/PATH"}}. An entry
 * is a descriptor with a platform, as opencontainers/image-spec 1.0, image-index.md, and
 * distribution, docs/spec/manifest-v2-2.md, have it; sources has the repositories of those that are
 * to be had from a registry. Pure documents: whether an image is here is not asked.
 */
#pragma once

#include "base/json.h"
#include "storage/image-manifest.h"

/* What is to be said of an image; NULL: as it is. */
typedef struct IndexPlatform {
    const char *os, *architecture, *variant, *os_version;
    const char *const *os_features, *const *features;
    const char *const *annotations; /* "KEY=VALUE" */
} IndexPlatform;

/* An empty one. */
json_t *image_index_new(void);

/* A new entry for the manifest of an image whose configuration is known; NULL says no platform. */
json_t *image_index_entry_new(const char *media_type, int64_t size, const char *digest,
                              const json_t *config);

/* A new entry like one of another list, which is untrusted: what is no entry's is left out. INVALID. */
bool image_index_entry_copy(const json_t *entry, json_t **ret_entry, GError **error);

/* INVALID: an annotation without "=". */
bool image_index_entry_set(json_t *entry, const IndexPlatform *platform, GError **error);

/* The entry of a digest, borrowed; NULL: none. */
json_t *image_index_find(const json_t *index, const char *digest);

/* Take over an entry, which goes to the end. One of the same digest goes. source: NULL: none. */
void image_index_put(json_t *index, json_t *entry, const char *source);

/* False: it is not there. */
bool image_index_remove(json_t *index, const char *digest);

/* The repository, borrowed; NULL: none. */
const char *image_index_source(const json_t *index, const char *digest);

/*
 * The document that a registry gets, with its digest and media type: docker's form, which has no
 * annotations, if all images have it, else OCI's. INVALID: it would be longer than others read.
 */
bool image_index_write(const json_t *index, char **ret_text, char **ret_digest,
                       const char **ret_media_type, GError **error);
