/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON documents of an image in an OCI layout: configuration and manifest.
 * opencontainers/image-spec 1.0.
 */
#pragma once

#include "base/json.h"

#define MEDIA_TYPE_CONFIG   "application/vnd.oci.image.config.v1+json"
#define MEDIA_TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_TYPE_INDEX    "application/vnd.oci.image.index.v1+json"
#define MEDIA_TYPE_LAYER \
    "application/vnd.oci.image.layer.v1.tar" /* plain; else with +gzip, +zstd */
#define ANNOTATION_REF_NAME "org.opencontainers.image.ref.name"

/* Go's name for this machine, which is what images are sorted by: "amd64". Static. */
const char *image_host_architecture(void);

/*
 * The configuration of an image of one layer, for this host's architecture. Takes over `config`,
 * what containers get (see image-changes.h). comment: UTF-8, or NULL.
 */
json_t *image_config_new(json_t *config, const char *diff_id_hex, int64_t created_unix_ns,
                         const char *comment);

/* {mediaType, digest, size}, for a blob of this hex digest. */
json_t *image_descriptor_new(const char *media_type, const char *hex, int64_t size);

/* The same as Go's programs write it, of a digest "sha256:HEX". */
json_t *image_descriptor_sized(const char *media_type, int64_t size, const char *digest);

/* A layer's descriptor in OCI's words, new: docker's form has other media types for the same. */
json_t *image_descriptor_oci(const json_t *descriptor);

/* Of one layer. Takes over both descriptors. */
json_t *image_manifest_new(json_t *config_descriptor, json_t *layer_descriptor);
