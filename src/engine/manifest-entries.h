/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be added to a list of images: an image that is here, or one of a registry, of which only
 * the manifest is fetched, and of one that names no platform the configuration.
 */
#pragma once

#include "engine/engine.h"
#include "storage/image-index.h"

#include <floe/manifest.h>

/*
 * What a caller says of an image into `platform`, whose texts stay the caller's. INVALID: a bad struct.
 */
bool manifest_entry_read(const floe_manifest_entry *given, IndexPlatform *ret_platform,
                         GError **error);

/*
 * Put what `image` stands for into an index. Asks a registry: no lock is held. NOT_FOUND, AMBIGUOUS,
 * INVALID, NETWORK, IO, MISSING_PART.
 */
bool manifest_entries_find(floe_engine *engine, const char *image,
                           const floe_manifest_add_options *options, json_t *index, GError **error);
