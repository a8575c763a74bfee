/* SPDX-License-Identifier: Apache-2.0 */
/* Images out of an archive, docker's or OCI's, whichever it is. */
#pragma once

#include "engine/image-pull.h"

/*
 * Load the images of an archive; `wanted`: only the one of this name, or NULL. fd is read to its end
 * where it is a pipe, and stays the caller's. ret_images: GPtrArray of PulledImage *. INVALID: it is
 * no such archive, or damaged; those before the damaged one stay.
 */
bool image_load_archive(floe_engine *engine, int fd, const char *wanted,
                        const floe_pull_options *options, GPtrArray **ret_images, GError **error);

/* The full form of a name that an archive gives, or NULL when it is none. */
char *image_load_name(const char *text);
