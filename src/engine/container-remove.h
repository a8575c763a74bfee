/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "engine/container.h"

/*
 * For callers that hold the lock of a container whose process has ended, or has not begun: exited,
 * or configured. With `remove` it goes, unless others depend on it; not within a batch.
 */
bool container_clean_up_locked(floe_container *ctr, bool remove, GError **error);

/*
 * For callers that hold the lock of a container that does not run. Afterwards the record is gone;
 * with_volumes: and the volumes that it has without a name.
 */
bool container_remove_locked(floe_container *ctr, bool with_volumes, GError **error);

/* As floe_container_remove(). */
bool container_remove(floe_container *ctr, const floe_remove_options *options, GError **error);

/* The engine's own cgroups go with its last container. Within a transaction. */
bool engine_remove_unused_cgroups(floe_engine *engine, GError **error);

/* As floe_container_cleanup(). */
bool container_cleanup(floe_container *ctr, const floe_cleanup_options *options, GError **error);
