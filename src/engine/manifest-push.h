/* SPDX-License-Identifier: Apache-2.0 */
/* A list of images on its way to a registry, or to another place that skopeo knows. */
#pragma once

#include "engine/engine.h"
#include "state/image-record.h"

#include <floe/manifest.h>

/*
 * Copy a list, and but for options->list_only its images: those of another registry come by way of
 * this host. full_name: of the list, or NULL; destination: NULL: the registry that it says.
 */
bool manifest_push(floe_engine *engine, const ImageRecord *list, const char *full_name,
                   const char *destination, const floe_manifest_push_options *options,
                   char **ret_digest, GError **error);
