/* SPDX-License-Identifier: Apache-2.0 */
/* A session that this process has begun and is connected to, until its command has ended. */
#pragma once

#include "base/error.h"

typedef struct ExecSession ExecSession;

/* Wait for the command's exit code, and forget the session. CONMON. */
bool exec_session_wait(ExecSession *session, int *ret_exit_code, GError **error);

/* The command goes on. */
void exec_session_free(ExecSession *session);
