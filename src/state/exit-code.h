/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With which code a container ended, or an exec session, also when it is gone: who waits for it may
 * come late. Codes older than five minutes of what has gone are dropped with the next save.
 */
#pragma once

#include "state/database.h"

bool exit_code_save(Database *db, const char *id, int exit_code, GError **error);

/* NOT_FOUND: there is none, or not any more. */
bool exit_code_load(Database *db, const char *id, int *ret_exit_code, GError **error);
