/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control groups on a v1, hybrid or v2 host: which it is, a container's directories, freezing, and
 * what is left of them. A cgroup path begins with '/', is below the root cgroup, and has no "..";
 * all else is INVALID.
 */
#pragma once

#include "base/error.h"

#include <sys/types.h>

#define CGROUP_ROOT "/sys/fs/cgroup"

typedef enum CgroupMode {
    CGROUP_V1, /* v1 controllers, or v1 beside a v2 tree (hybrid) */
    CGROUP_V2, /* /sys/fs/cgroup is a cgroup2 file system */
} CgroupMode;

CgroupMode cgroup_mode(void);

/* INVALID: not the path of a cgroup, as above. */
bool cgroup_path_check(const char *cgroup_path, GError **error);

/* Can memory and swap together be limited on this host? */
bool cgroup_limits_swap(void);

/* Is there a v2 tree beside v1 hierarchies that holds controllers of its own? crun does not work there. */
bool cgroup_is_mixed(void);

/*
 * Freeze all processes of a cgroup path ("/floe/ID") and wait until they are; thaw them. v2
 * cgroup.freeze, v1 freezer.state. A freeze that fails is undone. Errors: NOT_FOUND (no such
 * cgroup), TIMEOUT.
 */
bool cgroup_freeze(const char *cgroup_path, int timeout_ms, GError **error);
bool cgroup_thaw(const char *cgroup_path, GError **error);

/*
 * A process that is stopped by a signal, where that would hang: frozen by v1's freezer it does not come to
 * the stop that PTRACE_SEIZE waits for, as CRIU does (Linux, kernel/ptrace.c, ptrace_attach()). 0: there
 * is none. NOT_FOUND.
 */
bool cgroup_find_untraceable(const char *cgroup_path, pid_t *ret_pid, GError **error);

/*
 * Kill every process in it and in its children, frozen or not, and wait until it is empty. A
 * missing one is success. TIMEOUT after 10 s: a process hangs in the kernel.
 */
bool cgroup_kill(const char *cgroup_path, GError **error);

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

/*
 * The cgroup that this process is in, made fit for cgroups in it that have controllers: its own
 * processes move into "runtime" in it. On v2 only. INVALID: it is the root.
 */
bool cgroup_split_own(char **ret_cgroup, GError **error);
