/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The FIFO at which the process of a container waits that was created and not yet started:
 * STATE_DIR/ID/exec.fifo. runc's and crun's "start" are the start of a program around one byte
 * through it; floe moves that byte itself (docs/decisions/006-start-without-the-runtime.md).
 */
#pragma once

#include "oci/runtime.h"

/*
 * Is `pid` waiting at a FIFO of a kind that floe knows? False: only the runtime's own "start" may
 * do it, or tell what is wrong.
 */
bool exec_fifo_is_waiting(const Runtime *runtime, const char *id, pid_t pid);

/*
 * Let the waiting process go on. From its first step on the runtime takes the container for
 * running, and a floe that is killed then leaves a mark. RUNTIME: the process ended first. TIMEOUT.
 */
bool exec_fifo_release(const Runtime *runtime, const char *id, pid_t pid, GError **error);

/*
 * After a floe that was killed while it started a container: do what it left undone. A process that
 * ended meanwhile has begun, too. `*ret_begun` is false when it still waits, for anybody's start.
 */
bool exec_fifo_finish(const Runtime *runtime, const char *id, pid_t pid, bool *ret_begun,
                      GError **error);
