/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/volume-set.h"

static void member_free(VolumeMember *member)
{
    g_free(member->name);
    volume_record_free(member->record);
    lock_release(&member->lock);
    g_free(member);
}

void volume_set_clear(VolumeSet *set)
{
    g_clear_pointer(&set->members, g_ptr_array_unref);
}

bool volume_set_lock(floe_engine *engine, const char *const *names, VolumeSet *ret_set,
                     GError **error)
{
    g_auto(VolumeSet) set = VOLUME_SET_NONE;

    set.members = g_ptr_array_new_with_free_func((GDestroyNotify)member_free);
    for (; *names != NULL; names++) {
        VolumeMember *member = g_new0(VolumeMember, 1);

        member->name = g_strdup(*names);
        member->lock = (Lock)LOCK_NONE;
        g_ptr_array_add(set.members, member);
        if (!volume_lock(engine, *names, &member->lock, error) ||
            !volume_settle(engine, *names, &member->record, error))
            return false;
    }
    ret_set->members = g_steal_pointer(&set.members);
    return true;
}
