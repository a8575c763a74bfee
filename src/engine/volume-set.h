/* SPDX-License-Identifier: Apache-2.0 */
/* Several volumes that are locked at once, in the one order in which that is allowed. */
#pragma once

#include "engine/volume.h"

typedef struct VolumeMember {
    char *name;
    VolumeRecord *record; /* NULL: there is none of that name */
    Lock lock;
} VolumeMember;

typedef struct VolumeSet {
    GPtrArray *members; /* VolumeMember; NULL: nothing is locked */
} VolumeSet;

#define VOLUME_SET_NONE \
    { \
        NULL \
    }

/* names: in order, each once, as container_config_volumes() has them. */
bool volume_set_lock(floe_engine *engine, const char *const *names, VolumeSet *ret_set,
                     GError **error);

void volume_set_clear(VolumeSet *set);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VolumeSet, volume_set_clear)
