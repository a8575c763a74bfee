/* SPDX-License-Identifier: Apache-2.0 */
/* A container's files: its root file system on the host. */
#pragma once

#include <floe/container.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Mount the container's root file system on the host. Each call counts: the mount stays, also after
 * the container's end, until as many unmounts have come. It does not show what is mounted inside the
 * container (volumes, /proc, tmpfs).
 *
 * States: all but removing. A reboot ends all mounts, the container's removal its own.
 * @ret_path  where; freed with floe_free().
 * Errors: BAD_STATE, IO, REMOVED.
 */
FLOE_API bool floe_container_mount(floe_container *container, char **ret_path, floe_error **error);

/**
 * Take back one floe_container_mount(), or with `force` all of them. The container's own mount, which
 * it has while it is up, is not touched. Not mounted: success.
 *
 * States: all but removing.
 * Errors: when nothing but the container's own mount is left: BAD_STATE (it runs, is paused, or exec
 * sessions are active), else IN_USE; IO, REMOVED.
 */
FLOE_API bool floe_container_unmount(floe_container *container, bool force, floe_error **error);

/**
 * The containers whose root file system is mounted, by whomever, as a JSON array with the keys of
 * `podman mount --format json`: id, Names, mountpoint. It takes no container's lock.
 * @ret_json  freed with floe_free().
 */
FLOE_API bool floe_mount_list(floe_engine *engine, char **ret_json, floe_error **error);

#ifdef __cplusplus
}
#endif
