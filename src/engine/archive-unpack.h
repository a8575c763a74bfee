/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands behind the two documents of a checkpoint archive goes where a container has it: CRIU's
 * images, its log and artifacts into its directory at once, and what is to be applied later into one
 * beside them.
 */
#pragma once

#include "engine/container.h"
#include "storage/archive-reader.h"

typedef struct ArchiveUnpack {
    bool ignore_rootfs;
    bool ignore_volumes;
    bool is_image;    /* of an image's files some are left where they are, as podman does */
    bool is_previous; /* only what a pre-checkpoint has written is taken */
} ArchiveUnpack;

/*
 * The rest of the archive, to its end. Nobody vouches for it: only names that are known are taken,
 * as files of floe's own. INVALID names the entry; IO: it needs more room than there is.
 */
bool archive_unpack(ArchiveReader *reader, floe_container *ctr, const ArchiveUnpack *options,
                    GError **error);

/* From here on no more of the archive than there is room for in this directory. */
bool archive_limit_to_room(ArchiveReader *reader, const char *directory, GError **error);

/* What it had in its networks, of the entry network.status: archive_network_read(). */
bool archive_read_networks(const floe_container *ctr, GPtrArray **ret_networks, GError **error);

/* Once its root is mounted: the files that were changed, and those that were deleted. */
bool archive_apply_root(floe_container *ctr, GError **error);

/* Into volumes that are there, each from a tar; INVALID: the archive has none of one of them. */
bool archive_apply_volumes(floe_container *ctr, const char *const *names, GError **error);

/* What was to be applied has been. */
bool archive_forget(floe_container *ctr, GError **error);

/* The checkpoint is not kept, and nor is what it went on from. */
bool archive_forget_previous(floe_container *ctr, GError **error);
