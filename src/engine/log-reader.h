/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the log of a container, line by line from the front, and finding its last lines from the
 * end. Format: conmon's k8s-file, `TIME stdout|stderr F|P TEXT` (conmon 2.1, src/ctr_logging.c).
 * A P line is the beginning of a line whose rest comes in the stream's next lines.
 */
#pragma once

#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

typedef enum LogStream {
    LOG_STDOUT,
    LOG_STDERR,
    LOG_N_STREAMS,
} LogStream;

/* Texts are borrowed, and not terminated. */
typedef struct LogLine {
    const char *time; /* RFC 3339 */
    size_t time_length;
    LogStream stream;
    bool is_partial;
    const char *text;
    size_t length;
} LogLine;

/* One line without its newline. False: it is not of the format. */
bool log_line_parse(const char *line, size_t length, LogLine *ret_line);

/* INVALID: it is no time. */
bool log_line_time(const LogLine *line, int64_t *ret_unix_ns, GError **error);

typedef struct LogReader LogReader;

#define LOG_NO_END ((off_t)-1) /* what will have been written behind the file's end is read, too */

/* From `start` up to `end`, both offsets in the file. The descriptor stays the caller's. */
LogReader *log_reader_new(int fd, off_t start, off_t end);
void log_reader_free(LogReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LogReader, log_reader_free)

/*
 * The next line, valid until the next call; `*ret_has_line` false: no whole line is there yet, later
 * there may be. Lines that are not of the format are left out. INVALID: this is no log at all.
 */
bool log_reader_next(LogReader *reader, LogLine *ret_line, bool *ret_has_line, GError **error);

/* How many lines were left out. */
uint64_t log_reader_n_ignored(const LogReader *reader);

/*
 * Where the last `n_lines` lines of the file's first `size` bytes begin; a line in parts is one.
 * Reads no more of the file than these lines. When both streams write parts at once, the first line
 * can lack some.
 */
bool log_find_tail(int fd, off_t size, int64_t n_lines, off_t *ret_offset, GError **error);
