/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing images here from registries and archives, by skopeo, under a policy. */
#pragma once

#include "base/error.h"
#include "engine/engine.h"

#include <floe/image.h>

typedef struct PulledImage {
    char *id;        /* 64 hex digits */
    char *full_name; /* the name that it has here; NULL: named by its id, or it has none */
} PulledImage;

void pulled_image_clear(PulledImage *image);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PulledImage, pulled_image_clear)

/*
 * Have the image here that a name stands for, as the policy says: a name as a user writes it (short
 * names by registries.conf), with a digest too ("quay.io/x@sha256:..."), an id, or a transport and
 * its place ("docker://", "oci-archive:FILE" ...). options: NULL for the defaults, which pull what is
 * missing and show nothing.
 *
 * NOT_FOUND: it is neither here nor there; NETWORK: the registry cannot be asked; INVALID, IO,
 * MISSING_PART (skopeo). The text says why for each registry tried.
 */
bool image_ensure(floe_engine *engine, const char *name, const floe_pull_options *options,
                  PulledImage *ret_image, GError **error);
