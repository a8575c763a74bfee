/* SPDX-License-Identifier: Apache-2.0 */
/* The "mounts" of a container's document. */
#pragma once

#include "oci/spec.h"

/*
 * The defaults, the engine's files and the user's mounts, parents before what is mounted inside
 * them. A mount of the user takes the place of a default at the same destination. INVALID: a mount
 * that the runtimes refuse, or two at one place.
 */
bool spec_build_mounts(const SpecInput *input, json_t **ret_mounts, GError **error);

/*
 * The propagation that the root needs for the user's mounts to have theirs: "shared", "rslave", or
 * NULL.
 */
const char *spec_root_propagation(const SpecInput *input);
