/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OCI layout aside, inside the image store: where an image is put together before it has its
 * place, and where one is laid out for skopeo to take. Blobs that the store has are links in it, so
 * nothing is on disk twice, and nobody's sweeping takes them away meanwhile. What is in it may come
 * from an archive that nobody vouches for.
 */
#pragma once

#include "storage/image-manifest.h"
#include "storage/layout.h"

typedef struct Staging {
    const Layout *layout;
    char *path;
    int fd;          /* of the directory that is read */
    int progress_fd; /* a terminal that is told how far reading and unpacking are; -1: none */
} Staging;

#define STAGING_NONE \
    { \
        .fd = -1, .progress_fd = -1 \
    }

/*
 * layout must live as long. Nobody is told of progress, unless the caller sets progress_fd. A killed
 * floe's is removed by layout_clean().
 */
bool staging_open(const Layout *layout, Staging *ret_staging, GError **error);

/*
 * Unpack an archive in it, compressed or not, from wherever fd is to its end; from here on that is
 * what is read of it, and where blobs are added. INVALID names the entry.
 */
bool staging_unpack(Staging *staging, int fd, GError **error);

/* Removes it. */
void staging_clear(Staging *staging);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Staging, staging_clear)

/*
 * Have a blob in it that the store has, or that a killed floe has left: ret_is_there. What was left
 * may not be whole.
 */
bool staging_link(const Staging *staging, const char *digest, bool *ret_is_there, GError **error);

/*
 * Have an empty file in a blob's place, so that skopeo takes it for one that need not come. It must
 * not be in a manifest that the store gets.
 */
bool staging_stand_in(const Staging *staging, const char *digest, GError **error);

/* What the store has of an image's configuration and layers. */
bool staging_link_known(const Staging *staging, const ImageManifest *manifest, GError **error);

/* The same of an image that the store has whole, with its manifest. NOT_FOUND names the blob. */
bool staging_link_image(const Staging *staging, const char *manifest_digest,
                        ImageManifest *ret_manifest, GError **error);

/*
 * A regular file in it, for reading; symbolic links on the way lead nowhere else. flags: O_NOFOLLOW
 * where the last name may be none either, or 0. NOT_FOUND, INVALID name it.
 */
bool staging_open_file(const Staging *staging, const char *path, int flags, int *ret_fd,
                       GError **error);
bool staging_open_blob(const Staging *staging, const char *digest, int *ret_fd, GError **error);

/* A document, whose digest is verified. INVALID: it is another, or longer than `limit`. */
bool staging_read_blob(const Staging *staging, const char *digest, size_t limit, char **ret_text,
                       size_t *ret_length, GError **error);
bool staging_read_manifest(const Staging *staging, const char *digest, ImageManifest *ret_manifest,
                           GError **error);

/* Put a document into it; the digest is "sha256:HEX", the caller's. */
bool staging_add_document(const Staging *staging, const char *text, char **ret_digest,
                          GError **error);

/* A new file aside, to write and read, which may be named then. */
bool staging_make_file(const Staging *staging, int *ret_fd, GError **error);

/* Make a file of it that is open a blob of this name. One that is there stays. */
bool staging_name_blob(const Staging *staging, int fd, const char *hex, GError **error);

/*
 * Put a layer into it: the tar, compressed or not, that fd gives to its end. ret_descriptor is the
 * blob's, ret_diff_hex the digest of the plain tar; both are the caller's.
 */
bool staging_add_layer(const Staging *staging, int fd, json_t **ret_descriptor, char **ret_diff_hex,
                       GError **error);

/* Of an open layer, compressed or not, the plain tar: the same file, or a new one in it. */
bool staging_plain_layer(const Staging *staging, int *fd, GError **error);

/* The descriptor of a blob in it, new. */
bool staging_describe(const Staging *staging, const char *media_type, const char *digest,
                      json_t **ret_descriptor, GError **error);

/* Say in index.json that it has this one manifest, under a name (NULL: none). */
bool staging_write_index(const Staging *staging, const ImageManifest *manifest, const char *name,
                         GError **error);

/*
 * The same image in docker's form, for what takes no other: its configuration, and so its id, stay.
 * Layers in zstd, which docker's form does not have, are there as plain tars then, or compressed with
 * gzip.
 */
bool staging_make_docker(const Staging *staging, const ImageManifest *manifest, bool compress,
                         ImageManifest *ret_manifest, GError **error);

/* As staging_make_docker(), of a manifest by its digest, which is replaced; compressed. */
bool staging_to_docker(const Staging *staging, char **digest, GError **error);

/* What index.json has: descriptors of manifests. INVALID, NOT_FOUND. */
bool staging_read_index(const Staging *staging, json_t **ret_manifests, GError **error);

/* The digest of the one manifest that it has; the caller's. INVALID. */
bool staging_only_manifest(const Staging *staging, char **ret_digest, GError **error);

/* Give a blob of it its place in the store, where one that is there stays. */
bool staging_place_blob(const Staging *staging, const char *digest, GError **error);
