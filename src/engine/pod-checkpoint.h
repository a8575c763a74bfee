/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left of the checkpoint of a pod when floe is killed in it; the checkpoint itself is public.
 */
#pragma once

#include "engine/container.h"

/*
 * For a container that was to be dumped: unless another floe is at it, its pod's traffic is let go, and
 * all that is frozen with it.
 */
bool pod_checkpoint_heal(floe_container *ctr, GError **error);

/*
 * The archive is whole: the container ends. Under its lock; the caller records the end of the intent.
 */
bool pod_checkpoint_end_one(floe_container *ctr, GError **error);
