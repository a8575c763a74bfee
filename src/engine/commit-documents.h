/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration and the manifest of an image that is made of a container. */
#pragma once

#include "engine/layer-pipe.h"
#include "state/container-record.h"
#include "state/image-record.h"

#include <floe/image.h>

typedef struct CommitDocuments {
    const ContainerConfig *container;
    const ImageRecord *parent;            /* what the new layer lies on */
    const ImageManifest *parent_manifest; /* NULL: on nothing */
    const floe_commit_options *options;
    int64_t created_unix_ns;
} CommitDocuments;

/* Before any work: can the changes be applied? INVALID names the change. */
bool commit_documents_check(const CommitDocuments *documents, GError **error);

/* Put both into the staging; the digest of the manifest is the caller's. */
bool commit_documents_add(const CommitDocuments *documents, const LayerPipe *layer,
                          const Staging *staging, char **ret_digest, GError **error);
