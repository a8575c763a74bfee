/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/cgroup-place.h"

#include "oci/cgroup.h"
#include "oci/systemd.h"

bool cgroup_place_enter(const CgroupPlace *place, pid_t pid, GError **error)
{
    return place->scope != NULL ? systemd_scope_enter(place->scope, place->slice, pid, error)
                                : cgroup_enter(place->cgroup, pid, error);
}
