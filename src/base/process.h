/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that are not our children, by descriptors: a number may be another process's by now. */
#pragma once

#include "base/fd.h"

#include <sys/types.h>

/* Has it ended? A zombie that nobody has reaped counts; so does a pid of 0 or less. */
bool process_has_ended(pid_t pid);

/*
 * A text that names a process, and no other one of the same number since this boot. NULL when it has
 * ended. Freed by the caller.
 */
char *process_identity(pid_t pid);

/* Does the process with this identity still run? */
bool process_is_alive(const char *identity);

/* By a signal: SIGSTOP, or one of a terminal. */
bool process_is_stopped(pid_t pid);

/* Wait for the end of an open process; -1: no limit. False: it has not ended in time. */
bool pidfd_wait(int pidfd, int timeout_ms);

/* The pid in a file that holds just that; 0 when there is none. */
pid_t pid_file_read(const char *path);
