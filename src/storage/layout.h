/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image store: an OCI image layout (<root>/images: oci-layout, index.json, blobs/sha256/HEX)
 * and the unpacked layers (<root>/layers/CHAINID/diff, with overlayfs whiteouts). Both are
 * content-addressed: what is there is whole and never changes. Formats: opencontainers/image-spec
 * 1.0.
 */
#pragma once

#include "base/json.h"
#include "storage/image-manifest.h"

typedef struct Layout {
    char *images_dir;
    char *layers_dir;
} Layout;

/* Make the directories where they are missing. */
bool layout_open(const char *root, Layout *ret_layout, GError **error);
void layout_clear(Layout *layout);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Layout, layout_clear)

typedef struct ImportedImage {
    char *id;              /* hex digest of the configuration */
    char *manifest_digest; /* "sha256:HEX" */
    char **layers;         /* chain ids, 64 hex digits, lowest first */
    int64_t size_bytes;    /* unpacked */
    int64_t created_unix_ns;
    json_t *config; /* the OCI image configuration */
} ImportedImage;

void imported_image_clear(ImportedImage *image);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImportedImage, imported_image_clear)

typedef struct ImportRequest {
    const char *reference;      /* full name for index.json's annotation; NULL: none */
    const char *const *changes; /* CMD ... as `podman import --change`; NULL: none */
    const char *message;        /* comment in the image's history; NULL: none */
    ImagePlatform platform;     /* what it is for; NULL: as this host, and no variant */
} ImportRequest;

/*
 * Read a root file system's tar (plain, gzip, zstd) once from fd: while it streams it is hashed,
 * unpacked into a layer aside and stored as a blob (zstd-compressed layer unless it was compressed
 * already); then everything is renamed into place. Nothing is left when it fails. An identical
 * layer that is there already is used.
 */
bool layout_import_tar(const Layout *layout, int fd, const ImportRequest *request,
                       ImportedImage *ret_image, GError **error);

/*
 * "LAYERS_DIR/TOP/diff:...:LAYERS_DIR/BASE/diff", as overlayfs has it, of layers that are given
 * lowest first.
 */
char *layout_lower_dirs(const Layout *layout, char *const *layers, guint n_layers);

/* A blob ("sha256:HEX"), for reading. NOT_FOUND. */
bool layout_open_blob(const Layout *layout, const char *digest, int *ret_fd, GError **error);

/* The manifest of an image of the store. NOT_FOUND; INVALID: it is damaged. */
bool layout_read_manifest(const Layout *layout, const char *digest, ImageManifest *ret_manifest,
                          GError **error);

/*
 * Remove an image's manifest with all its names from index.json, and the blobs nothing refers to
 * any more. Missing is success.
 */
bool layout_remove_image(const Layout *layout, const char *manifest_digest, GError **error);

/* Remove an unpacked layer. Missing is success. */
bool layout_remove_layer(const Layout *layout, const char *chain_id, GError **error);

/*
 * Remove what a floe that was killed left of an import or removal: half a layer or blob, and
 * whatever is none of the images that the caller knows. `manifests` are their digests
 * ("sha256:HEX"), `layers` their chain ids: sets of strings.
 */
bool layout_clean(const Layout *layout, GHashTable *manifests, GHashTable *layers, GError **error);
