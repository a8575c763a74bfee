/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Volumes whose options say what is mounted there (type, device, o): mounted for the first who needs
 * it, unmounted after the last. A container is on record as one who has it; what is on record counts
 * only while something is mounted, so that neither a reboot nor a `umount` by hand leaves anything.
 */
#pragma once

#include "engine/volume.h"

/* Under the volume's lock; of one that needs no mount nothing happens. */
bool volume_mount_for(floe_engine *engine, VolumeRecord *record, const char *container_id,
                      GError **error);

/* Takes the volume's lock. That it is not mounted, or gone, is success. */
bool volume_unmount_for(floe_engine *engine, const char *name, const char *container_id,
                        GError **error);

/* A user's mount, of which each needs an unmount. ret_path: freed by the caller. */
bool volume_mount(floe_engine *engine, const char *name, char **ret_path, GError **error);
bool volume_unmount(floe_engine *engine, const char *name, GError **error);
