/* SPDX-License-Identifier: Apache-2.0 */
/* The exec sessions of a container: which are still at work, and forgetting those that are over. */
#pragma once

#include "engine/container.h"
#include "state/exec-record.h"

/*
 * The sessions whose command runs: GPtrArray of ExecRecord *. Those that ended while nobody was
 * there to see it are forgotten. Under the lock.
 */
bool exec_sessions_active(floe_container *ctr, GPtrArray **ret_sessions, GError **error);

/* Kill those that run, each with a warning, and wait for their ends. TIMEOUT. */
bool exec_sessions_end(floe_container *ctr, GError **error);

/* The exit code of one whose command has ended. NOT_FOUND: it has not, or is forgotten. */
bool exec_session_read_exit(floe_container *ctr, const char *session_id, int *ret_exit_code,
                            GError **error);

/* Of one whose end nobody waits for now: its exit code, if there is one, stays for who asks later. */
bool exec_session_keep_exit(floe_container *ctr, const char *session_id, GError **error);

/* One that runs, as a JSON object with docker's keys. */
json_t *exec_session_describe(const ExecRecord *session);

/* Forget one, with its files. */
bool exec_session_forget(floe_container *ctr, const char *session_id, GError **error);

/* Forget all: the container has ended, so they have. */
bool exec_sessions_forget_all(floe_container *ctr, GError **error);
