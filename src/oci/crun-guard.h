/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions under which crun (up to 1.28 at least) must not be called, because it would take the
 * root cgroup for the container's and kill every process of the host. They can come about at any
 * time, so they are checked before each call; it costs some 20 system calls on cgroup v1, and
 * nothing on v2.
 */
#pragma once

#include "base/error.h"

/*
 * On a v1 or hybrid host: is every hierarchy mounted where crun expects it, and are no controllers
 * on the v2 tree beside them? UNSUPPORTED tells which is not, and what to do.
 */
bool crun_guard_host(GError **error);

/*
 * For one container, before it is deleted: does crun's record of it, STATE_DIR/ID/status, name a
 * cgroup other than the root? A missing record is fine. UNSUPPORTED.
 */
bool crun_guard_record(const char *state_dir, const char *id, GError **error);

/*
 * A part of crun_guard_host(), for the hierarchies of a /proc/PID/cgroup text, mounted below
 * cgroup_root.
 */
bool crun_guard_hierarchies(const char *text, const char *cgroup_root, GError **error);
