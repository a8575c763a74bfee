/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of events: lines, of whatever content, that any number of processes append and any
 * number read and follow.
 *
 * It is RUNROOT/events/events.log; when it has grown to a megabyte it becomes events.log.1, whose
 * place it takes, and a new one begins. A line is one write(2) to a descriptor with O_APPEND, so
 * lines of several writers never mix, and no lock is needed but for that renaming.
 */
#pragma once

#include "base/error.h"

#include <stddef.h>

#define EVENT_LOG_MAX_BYTES (1024 * 1024)
/* The longest line, its newline included. */
#define EVENT_LINE_MAX_BYTES (64 * 1024)

/* `line` ends with its newline. INVALID: it is too long. */
bool event_log_append(const char *directory, const char *line, size_t length, GError **error);
