/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives that hold images: docker's (manifest.json, [{"Config", "RepoTags", "Layers"}];
 * moby/image/spec/v1.2.md) and OCI layouts in a tar (oci-layout, index.json).
 */
#pragma once

#include "base/json.h"

typedef struct ImageArchive {
    bool is_docker;
    bool is_packed; /* with gzip or zstd */
    json_t *images; /* docker: what manifest.json has; OCI: index.json's "manifests". An array. */
} ImageArchive;

void image_archive_clear(ImageArchive *archive);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImageArchive, image_archive_clear)

/*
 * Which kind is it, and what is in it? fd is a regular file, compressed or not, read from its
 * beginning and rewound. INVALID: neither, or damaged.
 */
bool image_archive_look(int fd, ImageArchive *ret_archive, GError **error);

/* Write the plain tar of an archive to another file. */
bool image_archive_unpack(int fd, int to, GError **error);
