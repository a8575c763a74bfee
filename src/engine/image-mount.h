/* SPDX-License-Identifier: Apache-2.0 */
/* Images that users have mounted on the host, to read: RUNROOT/images/ID/merged. */
#pragma once

#include "engine/engine.h"

#define IMAGE_MOUNTS_DIR "images" /* below the run directory */

/*
 * Unmount one that is to be removed if `force`; else IN_USE where it is mounted. The store's lock is
 * held.
 */
bool image_mount_release(floe_engine *engine, const char *image_id, bool force, GError **error);

/* After a reboot none is. */
bool image_mounts_forget(floe_engine *engine, GError **error);
