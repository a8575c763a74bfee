/* SPDX-License-Identifier: Apache-2.0 */
/* Holding all processes of a cgroup: v1's freezer, or v2's cgroup.freeze. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/*
 * Freeze all processes of a cgroup path ("/floe/ID") and wait until they are; thaw them. v2
 * cgroup.freeze, v1 freezer.state. A freeze that fails is undone. Errors: NOT_FOUND (no such
 * cgroup), TIMEOUT.
 */
bool cgroup_freeze(const char *cgroup_path, int timeout_ms, GError **error);
bool cgroup_thaw(const char *cgroup_path, GError **error);

/*
 * A process that is stopped by a signal, where that would hang: frozen by v1's freezer it does not
 * come to the stop that PTRACE_SEIZE waits for, as CRIU does (Linux, kernel/ptrace.c,
 * ptrace_attach()). 0: there is none. NOT_FOUND.
 */
bool cgroup_find_untraceable(const char *cgroup_path, pid_t *ret_pid, GError **error);

/* --- for who kills ---------------------------------------------------------------------------- */

/* A cgroup's directory in the hierarchy that can freeze it. */
typedef struct CgroupFreezer {
    char *directory;
    bool is_v2;
} CgroupFreezer;

void cgroup_freezer_clear(CgroupFreezer *freezer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CgroupFreezer, cgroup_freezer_clear)

/* v1's freezer where it is mounted, else the v2 tree: a cgroup is used in one of them only. */
bool cgroup_freezer_find(const char *cgroup_path, CgroupFreezer *ret_freezer, GError **error);

/* Ask for it; the processes come to a halt some time later. */
bool cgroup_freezer_write(const CgroupFreezer *freezer, bool frozen, GError **error);
