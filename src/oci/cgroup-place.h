/* SPDX-License-Identifier: Apache-2.0 */
/* Where a process goes that is to outlive the session or service of whoever called floe. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/* Of the two kinds, one. */
typedef struct CgroupPlace {
    const char *cgroup; /* a path that is made where it is missing: cgroup_enter() */
    const char *scope;  /* a scope of systemd's, made likewise, in this slice */
    const char *slice;
} CgroupPlace;

bool cgroup_place_enter(const CgroupPlace *place, pid_t pid, GError **error);
