/* SPDX-License-Identifier: Apache-2.0 */
/* Paths and sweeping inside the image store, shared by the files that keep it. */
#pragma once

#include "storage/layout.h"

/* What is in the file oci-layout. */
#define OCI_LAYOUT "{\"imageLayoutVersion\":\"1.0.0\"}"

char *layout_blobs_dir(const Layout *layout);
char *layout_layer_dir(const Layout *layout, const char *chain_id);

/* A name for something half done: layout_clean() removes it once this process is gone. */
char *layout_temporary_path(const char *directory);

/* Is it such a name, whoever made it? */
bool layout_is_temporary(const char *name);

/* Remove the blobs that the index does not need. The caller holds the layout's lock. */
bool layout_sweep_blobs(const Layout *layout, const json_t *index, GError **error);
