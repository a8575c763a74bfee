/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has a container's root file system mounted: the container itself while it is up
 * (ContainerStatus.mounted), users (mount_count), and processes that look into it for a while
 * (mount_holds). All share one mount, which goes with the last of them.
 */
#pragma once

#include "engine/container.h"

/* For the container itself; mounted already: success. Under the lock; the record is not saved. */
bool container_mount_root(floe_container *ctr, GError **error);

/* Does anybody have it mounted, as far as the record tells? */
bool container_root_is_wanted(const ContainerStatus *status);

/* Unmount it if nobody wants it any more. Under the lock. */
bool container_unmount_root(floe_container *ctr, GError **error);

/* Take what users and holds have, for a removal. Under the lock; nothing is unmounted yet. */
void container_forget_mounts(ContainerStatus *status);

/*
 * Drop the holds of processes that have ended, and the mount with the last. Under the lock; not saved.
 */
bool container_drop_dead_holds(floe_container *ctr, bool *ret_changed, GError **error);

/*
 * The root file system for as long as this process needs it, with the container unlocked: whatever
 * happens to the container meanwhile, what was opened can be read. If this process is killed, the
 * next operation on the container ends the hold.
 */
typedef struct RootHold {
    floe_container *ctr; /* NULL: none */
    int fd;              /* the root directory, O_PATH */
} RootHold;

#define ROOT_HOLD_NONE \
    { \
        .ctr = NULL, .fd = -1 \
    }

/* Takes the container's lock for a moment. Errors of operation_enter(), and of mounting. */
bool root_hold_acquire(floe_container *ctr, OperationKind kind, RootHold *ret_hold, GError **error);

/* Takes the lock too, so the caller must not have it. */
void root_hold_release(RootHold *hold);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RootHold, root_hold_release)
