/* SPDX-License-Identifier: Apache-2.0 */
/* Why CRIU failed, read from its log. */
#pragma once

#include "base/error.h"

/*
 * Read LOG (dump.log, restore.log) and say in words why CRIU failed, with advice where it is known,
 * e.g. "the container has an established TCP connection (10.88.0.2:6379); use --tcp-established".
 * What is not known is told in CRIU's words. NULL when the log tells nothing. One line, valid
 * UTF-8; the caller adds the log's path.
 */
char *criu_log_reason(const char *log_path);
