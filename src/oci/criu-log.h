/* SPDX-License-Identifier: Apache-2.0 */
/* Why CRIU failed, read from its log. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

#define CRIU_LOG_LIMIT ((size_t)64 * 1024 * 1024) /* what comes after it is not looked at */

/*
 * Read LOG (dump.log, restore.log) and say in words why CRIU failed, with advice where it is known,
 * e.g. "the container has an established TCP connection (10.88.0.2:6379 to 10.88.0.1:40522); use
 * --tcp-established". What is not known is told in CRIU's words. NULL when the log tells nothing.
 * One line, valid UTF-8; the caller adds the log's path.
 * @pid  a process of the container, whose network tells the other ends of connections; 0: none.
 */
char *criu_log_reason(const char *log_path, pid_t pid);

/*
 * The version of the CRIU that has written LOG, 40201 for 4.2.1; 0 when the log's beginning does
 * not tell.
 */
int criu_log_version(const char *log_path);
