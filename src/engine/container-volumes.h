/* SPDX-License-Identifier: Apache-2.0 */
/* What a container does with the volumes that it uses, from its creation to its removal. */
#pragma once

#include "engine/container.h"
#include "engine/volume-set.h"

/*
 * Creation: container_volumes_claim() locks them all, so that none goes; in the transaction of
 * container_insert(), and before it, container_volumes_insert() makes rows for those that are missing;
 * after it container_volumes_make() makes their directories.
 */
bool container_volumes_claim(floe_engine *engine, const ContainerConfig *config, VolumeSet *ret_set,
                             GError **error);
bool container_volumes_insert(floe_engine *engine, const ContainerConfig *config,
                              const VolumeSet *set, GError **error);
void container_volumes_make(floe_engine *engine, const VolumeSet *set);

/*
 * Make the volumes ready for use: a mount, where one has one; and for one that no container has had yet
 * owner and content, from what the image has at that place. Under the container's lock, with its root
 * file system mounted.
 */
bool container_mount_volumes(floe_container *ctr, GError **error);

/*
 * The same for one volume of a container that is not up, without its lock; *ret_is_ready false: it
 * would have to be mounted.
 */
bool container_prepare_plain_volume(floe_container *ctr, const MountConfig *mount,
                                    bool *ret_is_ready, GError **error);

/* Option "U": all at this path of the host becomes the container's user's, at each start. */
bool container_give_to_user(floe_container *ctr, const MountConfig *mount, const char *path,
                            GError **error);

/* The end of that. Under the container's lock. */
bool container_unmount_volumes(floe_container *ctr, GError **error);

/*
 * Removal of those that nobody gave a name and no other container uses: container_volumes_own() locks
 * them; in the transaction of container_delete(), and after it, container_volumes_disown() records
 * that they go; after it container_volumes_remove() has them gone.
 */
bool container_volumes_own(floe_container *ctr, VolumeSet *ret_set, GError **error);
bool container_volumes_disown(floe_engine *engine, const VolumeSet *set, GError **error);
void container_volumes_remove(floe_engine *engine, const VolumeSet *set);
