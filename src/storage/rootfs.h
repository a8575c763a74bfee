/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's root file system: an overlay of its image's layers and an upper directory of its
 * own. An image's alone, to be read; and any directory's that is not to be changed.
 */
#pragma once

#include "base/error.h"

typedef struct RootfsMount {
    const char *layers_dir;
    const char *const *layers; /* chain ids, lowest first; none: all is in the upper directory */
    const char *lower_dir;     /* a directory in the place of layers; NULL: those */
    const char *upper_dir;     /* made where missing, with their parents; on one file system; NULL:
                                  the mount is read-only, and beside its target a directory is made */
    const char *work_dir;
    const char *target; /* made where missing */
    bool is_volatile;   /* no sync at unmount: for a container that goes when it ends */
} RootfsMount;

/*
 * Mounted already: success. Uses the new mount API where the kernel has it, so any number of layers
 * fits.
 */
bool rootfs_mount(const RootfsMount *mount, GError **error);

/*
 * The directory with what is mounted in it is the root itself. Mounted already: success. UNSUPPORTED
 * before Linux 5.12.
 */
bool rootfs_bind(const char *directory, const char *target, GError **error);

/* Not mounted: success. */
bool rootfs_unmount(const char *target, GError **error);
