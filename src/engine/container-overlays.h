/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container has mounted over what it must not change: images, and binds and volumes with option
 * "O". What is written there is kept beside its own files until its next start.
 */
#pragma once

#include "engine/container.h"

/* Where one of its mounts is, as the runtime binds it. Freed by the caller. */
char *container_overlay_path(const floe_container *ctr, const MountConfig *mount);

/*
 * Mount them all; is_new: without what the last run wrote there. Under the container's lock, with its
 * root file system and its volumes mounted.
 */
bool container_mount_overlays(floe_container *ctr, bool is_new, GError **error);

/* The end of that; what was written stays. Under the container's lock. */
bool container_unmount_overlays(floe_container *ctr, GError **error);
