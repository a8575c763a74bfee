/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What conmon leaves behind when its container has ended: the exit file, the oom file, its sockets.
 */
#pragma once

#include "base/error.h"

/*
 * The exit file: NOT_FOUND when it is not there yet; one that holds no exit code is not.
 * ret_finished: its time. ret_oom: beside it, the bundle's oom file.
 */
bool conmon_read_exit(const char *exit_dir, const char *id, const char *bundle, int *ret_exit_code,
                      int64_t *ret_finished_unix_ns, bool *ret_oom, GError **error);

/* Is a conmon at work under this number? It may be another process's by now. */
bool conmon_is_alive(int conmon_pid);

/* Wait for that conmon's end; at once when there is none. timeout_ms -1: no limit. TIMEOUT. */
bool conmon_wait_end(int conmon_pid, int timeout_ms, GError **error);

/*
 * Wait for the exit file to appear (inotify) or conmon to die without one (pidfd). timeout_ms -1:
 * no limit. ret_gone: conmon died and left none. TIMEOUT.
 */
bool conmon_wait_exit(const char *exit_dir, const char *id, int conmon_pid, int timeout_ms,
                      bool *ret_gone, GError **error);
