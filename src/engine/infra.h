/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The infra container of a pod: one process that does nothing, in a root of its own that has
 * nothing but its program, so that no image is needed.
 */
#pragma once

#include "engine/container.h"

/* The command in that root: floe's own pause program, else catatonit. MISSING_PART. */
bool infra_command(const floe_engine *engine, char ***ret_argv, GError **error);

/*
 * Put the program where the container's root will have it, if it is not there: it is the
 * container's own from then on, and goes with its checkpoints. One that was made of an image has
 * what it needs.
 */
bool infra_fill_root(floe_container *ctr, GError **error);
