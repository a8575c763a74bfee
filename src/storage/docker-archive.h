/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docker's archives of images, unpacked in a staging: manifest.json says [{"Config", "RepoTags",
 * "Layers"}], the names of files that are next to it (moby/image/spec/v1.2.md). They have no manifest
 * in a registry's sense; the one that they get here is containers/image's, byte by byte, so that
 * podman and skopeo give an image of such an archive the same digest.
 */
#pragma once

#include "storage/staging.h"

/* The images, as manifest.json has them; *ret_images NULL: it is no archive of docker's. */
bool docker_archive_images(const Staging *archive, json_t **ret_images, GError **error);

/*
 * Make one of them an image of the staging: its files become blobs, without being copied.
 * ret_digest: of its manifest, the caller's. INVALID, NOT_FOUND name the file.
 */
bool docker_archive_take(const Staging *archive, const json_t *image, char **ret_digest,
                         GError **error);

/* An image to be written; all of it is the caller's. */
typedef struct DockerArchiveImage {
    const Staging *staging;
    const ImageManifest *manifest;
    char *const *diff_ids;    /* of the configuration, lowest first, NULL-terminated */
    const char *const *names; /* NULL-terminated */
} DockerArchiveImage;

/* Write an archive of images, each of which is there once. NOT_FOUND, INVALID, IO name what failed. */
bool docker_archive_write(const DockerArchiveImage *images, size_t n_images, int fd, GError **error);
