/* SPDX-License-Identifier: Apache-2.0 */
/* The exec sessions of a container: which are still at work, and forgetting those that are over. */
#pragma once

#include "engine/container.h"

/*
 * The sessions whose command runs: GPtrArray of ExecRecord *. Those that ended while nobody was there to see it are forgotten. Under the
 * lock.
 */
bool exec_sessions_active(floe_container *ctr, GPtrArray **ret_sessions, GError **error);

/* Forget one, with its files. */
bool exec_session_forget(floe_container *ctr, const char *session_id, GError **error);

/* Forget all: the container has ended, so they have. */
bool exec_sessions_forget_all(floe_container *ctr, GError **error);
