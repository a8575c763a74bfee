/* SPDX-License-Identifier: Apache-2.0 */
/* Which image a name means that is to be used: its own, or, of a list, the one for a platform. */
#pragma once

#include "engine/engine.h"
#include "state/image-record.h"
#include "storage/image-manifest.h"

/*
 * The image of this host's platform, with the name that led to it (NULL: an id; may be NULL).
 * NOT_FOUND: also a list that has none, or whose image is not here; AMBIGUOUS.
 */
bool image_choose(floe_engine *engine, const char *name, ImageRecord **ret_image,
                  char **ret_full_name, GError **error);

/*
 * Of a list the image for a platform. Where that is not here *ret_image is NULL, and *ret_place says
 * where it is, "HOST/PATH@DIGEST". NOT_FOUND: the list has none, or nobody knows where it is.
 */
bool image_choose_member(floe_engine *engine, const ImageRecord *list, const ImagePlatform *platform,
                         ImageRecord **ret_image, char **ret_place, GError **error);
