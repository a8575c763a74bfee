/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifests of images, in OCI's form and docker's: opencontainers/image-spec 1.0, manifest.md and
 * image-index.md; distribution, docs/spec/manifest-v2-2.md. The text is untrusted.
 */
#pragma once

#include "base/json.h"

#define MEDIA_TYPE_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_TYPE_DOCKER_LIST     "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_TYPE_DOCKER_CONFIG   "application/vnd.docker.container.image.v1+json"
#define MEDIA_TYPE_DOCKER_LAYER    "application/vnd.docker.image.rootfs.diff.tar" /* else +.gzip */

#define MANIFEST_SIZE_MAX ((size_t)4 * 1024 * 1024)
#define MANIFEST_LAYERS_MAX \
    500 /* as many as overlayfs takes (Documentation/filesystems/overlayfs) */

typedef struct ImageManifest {
    json_t *document;
    char *digest; /* "sha256:HEX" of the text */
    char *media_type;
    bool is_list;        /* of manifests for several platforms: only platforms are told then */
    bool is_docker;      /* docker's form */
    const char *config;  /* digest; in `document`, as are: */
    const char **layers; /* digests, lowest first, NULL-terminated; the array is ours */
    json_t *annotations; /* NULL: none */
} ImageManifest;

void image_manifest_clear(ImageManifest *manifest);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImageManifest, image_manifest_clear)

/* INVALID names what is wrong. All digests in it have the form "sha256:HEX" then. */
bool image_manifest_parse(const char *text, size_t length, ImageManifest *ret_manifest,
                          GError **error);

/* A platform, as Go names it; what is NULL is this host's, or any variant. */
typedef struct ImagePlatform {
    const char *os, *architecture, *variant;
} ImagePlatform;

/* The digest of the platform's manifest, of those that a list has. NOT_FOUND names the platform. */
bool image_manifest_choose(const ImageManifest *list, const ImagePlatform *platform,
                           const char **ret_digest, GError **error);

/* "sha256:HEX" -> HEX, in the same text; NULL: it has another form. */
const char *digest_hex(const char *digest);
