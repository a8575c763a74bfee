/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which processes are a container's, and their end: by its cgroup, or where it has none by its PID
 * namespace.
 */
#pragma once

#include "engine/container.h"

/*
 * A pidfd of a process of the container's that has not ended; -1 when there is none of that number:
 * it may be another process's by now.
 */
bool container_find_process(const floe_container *ctr, pid_t pid, int *ret_pidfd, GError **error);

/* The same by its record; `cgroup` is container_cgroup(). */
bool record_find_process(const floe_engine *engine, const ContainerRecord *record,
                         const char *cgroup, pid_t pid, int *ret_pidfd, GError **error);

/* Kill every one, frozen or not, and wait until they have ended. TIMEOUT: one hangs in the kernel. */
bool container_kill_processes(const floe_container *ctr, GError **error);

/* All of them, as process_list(). */
bool container_list_processes(const floe_container *ctr, GPtrArray **ret_entries, GError **error);
