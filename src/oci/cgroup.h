/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control groups on a v1, hybrid or v2 host: which it is, which processes are in one, moving them
 * there, and removing what is left of one. Their limits are the OCI runtime's business. A cgroup
 * path begins with '/', is below the root cgroup, and has no ".."; all else is INVALID.
 */
#pragma once

#include "base/error.h"

#include <sys/types.h>

#define CGROUP_ROOT          "/sys/fs/cgroup"
#define CGROUP_CONTROL_LIMIT (4 * 1024 * 1024) /* cgroup.procs of half a million processes */

typedef enum CgroupMode {
    CGROUP_V1, /* v1 controllers, or v1 beside a v2 tree (hybrid) */
    CGROUP_V2, /* /sys/fs/cgroup is a cgroup2 file system */
} CgroupMode;

CgroupMode cgroup_mode(void);

/* INVALID: not the path of a cgroup, as above. */
bool cgroup_path_check(const char *cgroup_path, GError **error);

/* Can memory and swap together be limited on this host? */
bool cgroup_limits_swap(void);

/*
 * Is there a v2 tree beside v1 hierarchies that holds controllers of its own? crun does not work there.
 */
bool cgroup_is_mixed(void);

/*
 * Remove its directories in all hierarchies, children first. Missing is success. IN_USE: there are
 * processes in it.
 */
bool cgroup_remove(const char *cgroup_path, GError **error);

/* Remove a cgroup where nothing is in it; the rest stays. */
bool cgroup_remove_if_empty(const char *cgroup_path, GError **error);

/*
 * A pidfd of a process that is in this cgroup, or below it, and has not ended; -1 when there is none
 * of that number: it may be another process's by now. Errors: IO (no descriptor is left).
 */
bool cgroup_open_process(const char *cgroup_path, pid_t pid, int *ret_pidfd, GError **error);

/* Is a process in this cgroup, or below it? */
bool cgroup_has_process(const char *cgroup_path, pid_t pid);

/*
 * Take a process out of the cgroup of whoever called floe, into a path that is made where it is
 * missing, so that it outlives the caller's session or service. Only where that is told by cgroup
 * (v2, and v1's "name=systemd"), and only if it is not in the root cgroup already: a move takes a
 * grace period of the kernel's RCU, about 12 ms.
 */
bool cgroup_enter(const char *cgroup_path, pid_t pid, GError **error);

/* Move a process that is in this cgroup into the root, so that the cgroup can go. */
bool cgroup_leave(const char *cgroup_path, pid_t pid, GError **error);

/*
 * The cgroup that this process is in, made fit for cgroups in it that have controllers: its own
 * processes move into "runtime" in it. On v2 only. INVALID: it is the root.
 */
bool cgroup_split_own(char **ret_cgroup, GError **error);
