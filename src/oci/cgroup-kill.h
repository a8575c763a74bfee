/* SPDX-License-Identifier: Apache-2.0 */
/* The end of all processes of a cgroup. */
#pragma once

#include "base/error.h"

/*
 * Kill every process in it and in its children, frozen or not, and wait until it is empty. A
 * missing one is success. TIMEOUT after 10 s: a process hangs in the kernel.
 */
bool cgroup_kill(const char *cgroup_path, GError **error);
