/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes the root file systems of new containers: overlays of their images' layers, or, where the
 * kernel cannot mount those on the engine's root, copies of what the layers show. A container keeps
 * what it was made with: ContainerConfig.storage_driver.
 */
#pragma once

#include "engine/engine.h"
#include "state/container-record.h"

#define STORAGE_OVERLAY "overlay"
#define STORAGE_VFS     "vfs" /* as podman and docker call it */

/* The one that was asked for, else overlay if it works here. Static. INVALID. */
bool engine_choose_storage(floe_engine *engine, const char **ret_driver, GError **error);

/* The same, for a record that is being made. */
bool storage_driver_take(floe_engine *engine, ContainerConfig *config, GError **error);

/* Has the container's own directory all of its files? */
bool config_has_copied_root(const ContainerConfig *config);

const char *storage_driver_name(const ContainerConfig *config);

/* UNSUPPORTED with the reason where an overlay cannot be written to on the engine's root. */
bool engine_check_overlay(floe_engine *engine, GError **error);
