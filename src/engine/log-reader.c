/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/log-reader.h"

#include "base/clock.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_SIZE ((size_t)64 * 1024)
#define LINE_LIMIT ((size_t)1024 * 1024) /* conmon's have 8 KiB of text at most */
#define HEAD_MAX   ((size_t)64)          /* time, stream and tag together are shorter */

static bool read_at(int fd, off_t offset, char *buffer, size_t length, size_t *ret_length,
                    GError **error)
{
    ssize_t n = TEMP_FAILURE_RETRY(pread(fd, buffer, length, offset));

    if (n < 0)
        return err_set_errno(error, "read");
    *ret_length = (size_t)n;
    return true;
}

/* --- lines ------------------------------------------------------------------------------------ */

/* Up to the next space, which is skipped. */
static bool take_word(const char **rest, const char *end, const char **ret_word, size_t *ret_length)
{
    const char *space = memchr(*rest, ' ', (size_t)(end - *rest));

    if (space == NULL)
        return false;
    *ret_word = *rest;
    *ret_length = (size_t)(space - *rest);
    *rest = space + 1;
    return true;
}

static bool is_word(const char *word, size_t length, const char *expected)
{
    return length == strlen(expected) && memcmp(word, expected, length) == 0;
}

bool log_line_parse(const char *line, size_t length, LogLine *ret_line)
{
    const char *end = line + length;
    const char *rest = line;
    const char *stream, *tag;
    size_t stream_length, tag_length;
    LogLine found = { 0 };

    if (!take_word(&rest, end, &found.time, &found.time_length) ||
        !take_word(&rest, end, &stream, &stream_length) || !take_word(&rest, end, &tag, &tag_length))
        return false;
    if (is_word(stream, stream_length, "stdout"))
        found.stream = LOG_STDOUT;
    else if (is_word(stream, stream_length, "stderr"))
        found.stream = LOG_STDERR;
    else
        return false;
    if (!is_word(tag, tag_length, "F") && !is_word(tag, tag_length, "P"))
        return false;
    found.is_partial = tag[0] == 'P';
    found.text = rest;
    found.length = (size_t)(end - rest);
    *ret_line = found;
    return true;
}

bool log_line_time(const LogLine *line, int64_t *ret_unix_ns, GError **error)
{
    g_autofree char *text = g_strndup(line->time, line->time_length);

    return time_from_rfc3339(text, ret_unix_ns, error);
}

/* --- from the front --------------------------------------------------------------------------- */

struct LogReader {
    int fd;
    off_t offset; /* in the file, of what comes behind `data` */
    off_t end;    /* or LOG_NO_END */
    GString *data;
    size_t position; /* of the next line in `data` */
    uint64_t n_ignored;
};

LogReader *log_reader_new(int fd, off_t start, off_t end)
{
    LogReader *reader = g_new0(LogReader, 1);

    reader->fd = fd;
    reader->offset = start;
    reader->end = end;
    reader->data = g_string_sized_new(2 * BLOCK_SIZE);
    return reader;
}

void log_reader_free(LogReader *reader)
{
    if (reader == NULL)
        return;
    g_string_free(reader->data, TRUE);
    g_free(reader);
}

uint64_t log_reader_n_ignored(const LogReader *reader)
{
    return reader->n_ignored;
}

static size_t next_length(const LogReader *reader)
{
    return reader->end == LOG_NO_END ? BLOCK_SIZE
                                     : (size_t)MIN(reader->end - reader->offset, (off_t)BLOCK_SIZE);
}

/* Read one more block behind what is there. */
static bool fill(LogReader *reader, bool *ret_has_more, GError **error)
{
    size_t wanted = next_length(reader);
    size_t n = 0;
    gsize length;
    bool ok;

    g_string_erase(reader->data, 0, (gssize)reader->position);
    reader->position = 0;
    length = reader->data->len;
    if (length > LINE_LIMIT)
        return err_set(error, FLOE_ERROR_INVALID, "a line has more than %zu bytes", LINE_LIMIT);
    g_string_set_size(reader->data, length + wanted);
    ok = read_at(reader->fd, reader->offset, reader->data->str + length, wanted, &n, error);
    g_string_set_size(reader->data, length + n);
    reader->offset += (off_t)n;
    *ret_has_more = n > 0;
    return ok;
}

bool log_reader_next(LogReader *reader, LogLine *ret_line, bool *ret_has_line, GError **error)
{
    for (;;) {
        const char *line = reader->data->str + reader->position;
        const char *newline = memchr(line, '\n', reader->data->len - reader->position);
        bool has_more = false;

        if (newline == NULL) {
            if (!fill(reader, &has_more, error))
                return false;
            if (has_more)
                continue;
            *ret_has_line = false;
            return true;
        }
        reader->position += (size_t)(newline - line) + 1;
        if (log_line_parse(line, (size_t)(newline - line), ret_line)) {
            *ret_has_line = true;
            return true;
        }
        reader->n_ignored++;
    }
}

/* --- from the end ----------------------------------------------------------------------------- */

/* A window that moves towards the front of the file. */
typedef struct BackReader {
    int fd;
    off_t start; /* of what is in `block` */
    size_t length;
    char *block;
} BackReader;

/* The last newline before `end`, or -1. */
static bool newline_before(BackReader *reader, off_t end, off_t *ret_newline, GError **error)
{
    while (end > 0) {
        const char *newline;

        if (end <= reader->start || end > reader->start + (off_t)reader->length) {
            size_t wanted = (size_t)MIN(end, (off_t)BLOCK_SIZE);

            reader->start = end - (off_t)wanted;
            if (!read_at(reader->fd, reader->start, reader->block, wanted, &reader->length, error))
                return false;
            if (reader->length < wanted)
                return err_set(error, FLOE_ERROR_IO, "the file became shorter while it was read");
        }
        newline = memrchr(reader->block, '\n', (size_t)(end - reader->start));
        if (newline != NULL) {
            *ret_newline = reader->start + (newline - reader->block);
            return true;
        }
        end = reader->start;
    }
    *ret_newline = -1;
    return true;
}

/* Is the text from `start` a line of the log, and the end of what the container wrote as a line? */
static bool ends_line(int fd, off_t start, off_t end, bool is_last, bool *ret_ends, GError **error)
{
    char head[HEAD_MAX];
    size_t length = 0;
    LogLine line;

    if (!read_at(fd, start, head, (size_t)MIN(end - start, (off_t)sizeof(head)), &length, error))
        return false;
    *ret_ends = log_line_parse(head, length, &line) && (is_last || !line.is_partial);
    return true;
}

bool log_find_tail(int fd, off_t size, int64_t n_lines, off_t *ret_offset, GError **error)
{
    g_autofree char *block = g_malloc(BLOCK_SIZE);
    BackReader reader = { .fd = fd, .block = block };
    off_t newline = 0;
    off_t end;

    if (!newline_before(&reader, size, &newline, error))
        return false;
    end = newline + 1; /* what is behind it is no whole line yet */
    for (bool is_last = true; end > 0; is_last = false) {
        bool ends = false;

        if (!newline_before(&reader, end - 1, &newline, error) ||
            !ends_line(fd, newline + 1, end, is_last, &ends, error))
            return false;
        if (ends && n_lines-- <= 0)
            break;
        end = newline + 1;
    }
    *ret_offset = end;
    return true;
}
