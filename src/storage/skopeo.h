/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skopeo, which moves images between registries, archives and OCI layouts. Sources and destinations
 * are in its own words: "docker://HOST/PATH:TAG", "oci:DIR", "docker-archive:FILE" (skopeo(1)).
 */
#pragma once

#include "base/error.h"

/* How to speak to a registry; of an archive none of it counts. */
typedef struct SkopeoAccess {
    const char *authfile; /* NULL: where containers-auth.json(5) says */
    int auth_fd;          /* a file of the same form instead; -1: none */
    const char *cert_dir;
    int tls_verify; /* 0, 1; -1: as registries.conf says */
} SkopeoAccess;

#define SKOPEO_ACCESS_INIT \
    { \
        .auth_fd = -1, .tls_verify = -1 \
    }

/* The manifest of an image, as it stands there: of one, or a list for several platforms. */
bool skopeo_manifest(const char *source, const SkopeoAccess *access, char **ret_text,
                     size_t *ret_length, GError **error);

/* The configuration of an image: of one, no list. */
bool skopeo_config(const char *source, const SkopeoAccess *access, char **ret_text,
                   size_t *ret_length, GError **error);

/* The tags of a repository, "docker://HOST/PATH"; NULL-terminated, freed with g_strfreev(). */
bool skopeo_list_tags(const char *repository, const SkopeoAccess *access, char ***ret_tags,
                      GError **error);

typedef struct SkopeoCopy {
    const char *source, *destination;
    const char *os, *architecture, *variant; /* of a list; NULL: this host's */
    SkopeoAccess access;                     /* of whichever is a registry */
    const char *format; /* "oci", "v2s2"; NULL: the source's, where the destination can have it */
    const char *const *more_names; /* docker-archive: for the image in it; NULL: none */
    const char *multi_arch; /* of a list: "all" its images, "index-only" none; NULL: one, as above */
    bool keep_digests;      /* fail where the manifest would change */
    bool compress;          /* what is not, on the way to a directory */
    int progress_fd;        /* gets what skopeo shows; -1: nothing */
} SkopeoCopy;

#define SKOPEO_COPY_INIT \
    { \
        .access = SKOPEO_ACCESS_INIT, .progress_fd = -1 \
    }

bool skopeo_copy(const SkopeoCopy *copy, GError **error);
