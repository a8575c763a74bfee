/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of images, one for each platform: OCI's image index, docker's manifest list. A list has names
 * and an id like an image, and floe_image_tag(), floe_image_untag() and floe_image_remove() do with it
 * what they do with an image; wherever else an image is named, a list stands for its image for this
 * host. What is in it is named by the digests of the images' manifests: an image may be here, or in a
 * registry.
 */
#pragma once

#include <floe/image.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a list says of an image. NULL: as the image itself says, or (annotate) as the list does. */
typedef struct floe_manifest_entry {
    size_t size;
    const char *os;
    const char *architecture; /* as Go calls it: "amd64", "arm64" */
    const char *variant;
    const char *os_version;
    const char *const *os_features; /* NULL-terminated, and so are: */
    const char *const *features;
    const char *const *annotations; /* "KEY=VALUE", besides those that are there */
} floe_manifest_entry;

#define FLOE_MANIFEST_ENTRY_INIT \
    { \
        sizeof(floe_manifest_entry), 0, 0, 0, 0, 0, 0, 0 \
    }

typedef struct floe_manifest_add_options {
    size_t size;
    bool all; /* of an image that is itself a list: all that it has, not only this host's */
    const floe_manifest_entry *entry;      /* NULL: FLOE_MANIFEST_ENTRY_INIT; of a list its platform
                                              is also the one that is chosen */
    const floe_registry_options *registry; /* NULL: FLOE_REGISTRY_OPTIONS_INIT */
} floe_manifest_add_options;

#define FLOE_MANIFEST_ADD_OPTIONS_INIT \
    { \
        sizeof(floe_manifest_add_options), false, 0, 0 \
    }

/**
 * Make a list, of images or empty. All of it is done, or nothing.
 *
 * @name     for the list; a short one gets localhost/.
 * @amend    what to do with a list that has the name already: add to it, or (false) fail.
 * @images   NULL-terminated, as floe_manifest_add() takes them; NULL: none.
 * @options  NULL: FLOE_MANIFEST_ADD_OPTIONS_INIT.
 * @ret_id   64 hex digits, which stay whatever the list has; freed with floe_free(); may be NULL.
 * Errors: EXISTS (the name is an image's, or a list's and `amend` is false), INVALID, and those of
 * floe_manifest_add().
 */
FLOE_API bool floe_manifest_create(floe_engine *engine, const char *name, bool amend,
                                   const char *const *images,
                                   const floe_manifest_add_options *options, char **ret_id,
                                   floe_error **error);

/**
 * Add an image to a list. One with the same manifest that is in it is replaced.
 *
 * @image    a name or an id of what is here; else, or after "docker://", of what a registry has: of
 *           that only the manifest comes. Another source that floe_image_pull() knows is pulled.
 * @options  NULL: FLOE_MANIFEST_ADD_OPTIONS_INIT.
 * @ret_id   the list's; freed with floe_free(); may be NULL.
 * Errors: NOT_FOUND, AMBIGUOUS, INVALID (no list; no image; a bad annotation), NETWORK, IO,
 * MISSING_PART.
 */
FLOE_API bool floe_manifest_add(floe_engine *engine, const char *list, const char *image,
                                const floe_manifest_add_options *options, char **ret_id,
                                floe_error **error);

/**
 * Change what a list says of an image.
 *
 * @image   the digest of its manifest, "sha256:HEX", or an image that is here.
 * @entry   NULL: nothing changes.
 * @ret_id  the list's; freed with floe_free(); may be NULL.
 * Errors: NOT_FOUND (the list, or the image is not in it), AMBIGUOUS, INVALID.
 */
FLOE_API bool floe_manifest_annotate(floe_engine *engine, const char *list, const char *image,
                                     const floe_manifest_entry *entry, char **ret_id,
                                     floe_error **error);

/**
 * Take an image, named as for floe_manifest_annotate(), out of a list. The image stays.
 *
 * @ret_id  the list's; freed with floe_free(); may be NULL.
 * Errors: NOT_FOUND (the list, or the image is not in it), AMBIGUOUS, INVALID.
 */
FLOE_API bool floe_manifest_remove(floe_engine *engine, const char *list, const char *image,
                                   char **ret_id, floe_error **error);

/**
 * A list as JSON, in the form in which it is pushed; of a name that is no list here, what a registry
 * has under it.
 *
 * @registry  NULL: FLOE_REGISTRY_OPTIONS_INIT.
 * @ret_json  freed with floe_free().
 * Errors: NOT_FOUND, AMBIGUOUS, INVALID (an image of this host alone), NETWORK, MISSING_PART.
 * Formats: OCI image index 1.0 (opencontainers/image-spec), docker's manifest list v2.
 */
FLOE_API bool floe_manifest_inspect(floe_engine *engine, const char *name,
                                    const floe_registry_options *registry, char **ret_json,
                                    floe_error **error);

/** Is there a list of this name? Errors: AMBIGUOUS, INVALID (it is an image's). */
FLOE_API bool floe_manifest_exists(floe_engine *engine, const char *name, bool *ret_exists,
                                   floe_error **error);

typedef struct floe_manifest_push_options {
    size_t size;
    const floe_registry_options *registry; /* NULL: FLOE_REGISTRY_OPTIONS_INIT; the credentials are
                                              the destination's */
    const char *format; /* of all manifests: "oci", "v2s2" (docker's); NULL: as they are */
    int progress_fd;    /* where skopeo shows how far it is; -1: nowhere */
    bool list_only;     /* without its images, which are there already */
} floe_manifest_push_options;

#define FLOE_MANIFEST_PUSH_OPTIONS_INIT \
    { \
        sizeof(floe_manifest_push_options), 0, 0, -1, false \
    }

/**
 * Copy a list with its images to a registry, or to another place that skopeo(1) knows. What another
 * registry has of them comes by way of this host. floe_image_push() of a list does the same.
 *
 * @destination  a name, or TRANSPORT:PLACE; NULL: the registry that the list's name says.
 * @options      NULL: FLOE_MANIFEST_PUSH_OPTIONS_INIT.
 * @ret_digest   of the list there, "sha256:HEX"; freed with floe_free(); may be NULL.
 * Errors: NOT_FOUND (also an image of the list that is gone), AMBIGUOUS, INVALID (no list; a format;
 * a checkpoint's image in docker's form), NETWORK, IO, MISSING_PART.
 */
FLOE_API bool floe_manifest_push(floe_engine *engine, const char *list, const char *destination,
                                 const floe_manifest_push_options *options, char **ret_digest,
                                 floe_error **error);

/**
 * Remove a list with all its names. Its images stay, those without a name until the next prune.
 *
 * @ret_untagged, @ret_deleted  as of floe_image_remove(); each may be NULL.
 * Errors: NOT_FOUND, AMBIGUOUS, INVALID (no list).
 */
FLOE_API bool floe_manifest_delete(floe_engine *engine, const char *name, char ***ret_untagged,
                                   char **ret_deleted, floe_error **error);

#ifdef __cplusplus
}
#endif
