/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images that do not come from a registry: archives, directories, another engine's store. They are
 * named as skopeo names them: "docker-archive:FILE[:NAME]", "oci-archive:FILE[:NAME]",
 * "oci:DIR[:NAME]", "dir:DIR", "containers-storage:NAME".
 */
#pragma once

#include "engine/image-pull.h"

/* Does the name begin with one of these transports? */
bool image_source_is(const char *name);

/* Copy it here. What it is called comes from the archive, else from the source. */
bool image_source_pull(floe_engine *engine, const char *source, const floe_pull_options *options,
                       PulledImage *ret_image, GError **error);
