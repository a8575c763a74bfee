/* SPDX-License-Identifier: Apache-2.0 */
/* Control groups on a v1, hybrid or v2 host: which it is, a container's directories, freezing, and what is left of them. */
#pragma once

#include "base/error.h"

typedef enum CgroupMode {
    CGROUP_V1,      /* v1 controllers, or v1 beside a v2 tree (hybrid) */
    CGROUP_V2,      /* /sys/fs/cgroup is a cgroup2 file system */
} CgroupMode;

CgroupMode cgroup_mode(void);

/*
 * Freeze all processes of a cgroup path ("/floe/ID") and wait until they are (an event, with a limit); thaw them.
 * v2 cgroup.freeze, v1 freezer.state.
 */
bool cgroup_freeze(const char *cgroup_path, int timeout_ms, GError **error);
bool cgroup_thaw(const char *cgroup_path, GError **error);

/* Kill every process in it (SIGKILL, again until it is empty). A missing one is success. */
bool cgroup_kill(const char *cgroup_path, GError **error);

/* Remove its directories in all hierarchies, children first. Missing is success. */
bool cgroup_remove(const char *cgroup_path, GError **error);

/* Put a process into a cgroup path in all hierarchies, which is made where it is missing. */
bool cgroup_enter(const char *cgroup_path, pid_t pid, GError **error);
