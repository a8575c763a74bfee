/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of a container of crun's that has no cgroup. crun's record tells the first one, by its
 * number and the time when it began; the others are in that one's PID namespace, and end with it.
 */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/*
 * The first process, if it has not ended; else 0. `state_dir` is Runtime.root_dir. A record that is no
 * crun's tells of none.
 */
pid_t crun_process_first(const char *state_dir, const char *id);

/* Are these two in the same PID namespace? */
bool pid_namespace_is_shared(pid_t one, pid_t other);

/* As cgroup_open_process(). */
bool crun_process_open(const char *state_dir, const char *id, pid_t pid, int *ret_pidfd,
                       GError **error);

/* Kill them all and wait for their end. TIMEOUT after 10 s: one hangs in the kernel. */
bool crun_process_kill(const char *state_dir, const char *id, GError **error);
