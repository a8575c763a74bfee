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
#include <stdint.h>

#define EVENT_LOG_MAX_BYTES (1024 * 1024)
/* The longest line, its newline included. */
#define EVENT_LINE_MAX_BYTES (64 * 1024)

/* `line` ends with its newline. INVALID: it is too long. */
bool event_log_append(const char *directory, const char *line, size_t length, GError **error);

typedef struct EventLogReader EventLogReader;

/*
 * From the oldest line that is there; not those of files that were last written before
 * `since_unix_ns`. With `follow` it can be waited for more lines.
 */
bool event_log_open(const char *directory, int64_t since_unix_ns, bool follow,
                    EventLogReader **ret_reader, GError **error);
void event_log_close(EventLogReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventLogReader, event_log_close)

/* Becomes readable when there may be more lines. The reader's; -1 without `follow`. */
int event_log_fd(const EventLogReader *reader);

/*
 * The next line without its newline, NUL-terminated, valid until the next call. NULL: there is no
 * more for now. Files that are renamed meanwhile are read to their end.
 */
bool event_log_next(EventLogReader *reader, const char **ret_line, GError **error);
