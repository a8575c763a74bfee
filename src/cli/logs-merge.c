/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libfloe writes the log of one container to two descriptors until it ends. So each container has a
 * thread, with an engine handle of its own, that has it written into two pipes; what comes out of
 * all of them is put together here, line by line.
 */
#include "cli/logs-merge.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ID_SHORT     12
#define BLOCK        ((size_t)64 * 1024)
#define LONGEST_LINE ((gsize)64 * 1024) /* of a longer one the parts are printed as they come */
#define COLOR_END    "\033[0m"

enum { STREAM_OUT, STREAM_ERR, N_STREAMS };

static const char *const colors[] = { "\033[37m", "\033[31m", "\033[32m", "\033[33m",
                                      "\033[34m", "\033[35m", "\033[36m" };

/* What one container writes to one of its two streams. */
typedef struct Stream {
    int read_fd; /* -1: it has ended */
    int write_fd;
    GString *line; /* its beginning */
    bool in_line;  /* a part of it is printed already */
} Stream;

typedef struct Source {
    floe_engine *engine;
    floe_container *container;
    const floe_logs_options *logs;
    char *prefix;
    const char *color; /* or NULL */
    Stream streams[N_STREAMS];
    GThread *thread;
    floe_error *error;
} Source;

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void source_free(gpointer data)
{
    Source *source = data;

    for (int i = 0; i < N_STREAMS; i++) {
        close_fd(&source->streams[i].read_fd);
        close_fd(&source->streams[i].write_fd);
        g_string_free(source->streams[i].line, TRUE);
    }
    floe_error_free(source->error);
    floe_container_free(source->container);
    floe_engine_close(source->engine);
    g_free(source->prefix);
    g_free(source);
}

/* NULL: the error is printed, *ret_status set. */
static Source *source_new(Cli *cli, const char *name, const floe_logs_options *logs,
                          const LogsStyle *style, guint index, int *ret_status)
{
    Source *source = g_new0(Source, 1);
    g_autoptr(floe_error) error = NULL;

    source->logs = logs;
    source->color = style->colored ? colors[index % G_N_ELEMENTS(colors)] : NULL;
    for (int i = 0; i < N_STREAMS; i++) {
        source->streams[i].read_fd = source->streams[i].write_fd = -1;
        source->streams[i].line = g_string_new(NULL);
    }
    if (!floe_engine_open(&cli->engine_options, &source->engine, &error) ||
        !floe_container_lookup(source->engine, name, &source->container, &error)) {
        *ret_status = cli_report(error);
        source_free(source);
        return NULL;
    }
    source->prefix = style->by_name
                         ? g_strconcat(floe_container_name(source->container), " ", NULL)
                         : g_strdup_printf("%.*s ", ID_SHORT, floe_container_id(source->container));
    return source;
}

static gpointer read_log(gpointer data)
{
    Source *source = data;

    floe_container_logs(source->container, source->logs, source->streams[STREAM_OUT].write_fd,
                        source->streams[STREAM_ERR].write_fd, &source->error);
    for (int i = 0; i < N_STREAMS; i++)
        close_fd(&source->streams[i].write_fd);
    return NULL;
}

static bool source_start(Source *source)
{
    for (int i = 0; i < N_STREAMS; i++) {
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0) {
            cli_error("make a pipe: %s", g_strerror(errno));
            return false;
        }
        source->streams[i].read_fd = fds[0];
        source->streams[i].write_fd = fds[1];
    }
    source->thread = g_thread_new("logs", read_log, source);
    return true;
}

/* --- printing --------------------------------------------------------------------------------- */

static void print_part(const Source *source, Stream *stream, const char *text, gsize length,
                       bool ends_line, FILE *out)
{
    if (!stream->in_line) {
        fputs(source->color != NULL ? source->color : "", out);
        fputs(source->prefix, out);
    }
    fwrite(text, 1, length, out);
    stream->in_line = !ends_line;
    if (!ends_line)
        return;
    fputs(source->color != NULL ? COLOR_END : "", out);
    fputc('\n', out);
}

static void print_lines(const Source *source, Stream *stream, FILE *out)
{
    const char *at = stream->line->str;
    const char *end;

    while ((end = memchr(at, '\n', stream->line->len - (gsize)(at - stream->line->str))) != NULL) {
        print_part(source, stream, at, (gsize)(end - at), true, out);
        at = end + 1;
    }
    g_string_erase(stream->line, 0, at - stream->line->str);
    if (stream->line->len >= LONGEST_LINE) {
        print_part(source, stream, stream->line->str, stream->line->len, false, out);
        g_string_truncate(stream->line, 0);
    }
}

/* Some of what has come, or the end. */
static void read_stream(Source *source, int index)
{
    Stream *stream = &source->streams[index];
    FILE *out = index == STREAM_OUT ? stdout : stderr;
    char block[BLOCK];
    ssize_t n = read(stream->read_fd, block, sizeof(block));

    if (n < 0 && errno == EINTR)
        return;
    if (n > 0) {
        g_string_append_len(stream->line, block, n);
        print_lines(source, stream, out);
    } else {
        if (stream->line->len > 0 || stream->in_line)
            print_part(source, stream, stream->line->str, stream->line->len, true, out);
        close_fd(&stream->read_fd);
    }
    fflush(out);
}

/* Until all of them have ended, or nobody reads any more; then their threads are told by EPIPE. */
static void print_sources(Source **sources, guint n_sources)
{
    g_autofree struct pollfd *polled = g_new0(struct pollfd, n_sources * N_STREAMS + 1);
    guint n_open = 0;

    do {
        n_open = 0;
        for (guint i = 0; i < n_sources * N_STREAMS; i++) {
            polled[i].fd = sources[i / N_STREAMS]->streams[i % N_STREAMS].read_fd;
            polled[i].events = POLLIN;
            n_open += polled[i].fd >= 0;
        }
        polled[n_sources * N_STREAMS].fd = STDOUT_FILENO; /* for POLLERR */
        if (n_open == 0 || (poll(polled, n_sources * N_STREAMS + 1, -1) < 0 && errno != EINTR) ||
            (polled[n_sources * N_STREAMS].revents & (POLLERR | POLLNVAL)) != 0)
            break;
        for (guint i = 0; i < n_sources * N_STREAMS; i++) {
            if (polled[i].revents != 0)
                read_stream(sources[i / N_STREAMS], (int)(i % N_STREAMS));
        }
    } while (!ferror(stdout));
    for (guint i = 0; i < n_sources * N_STREAMS; i++)
        close_fd(&sources[i / N_STREAMS]->streams[i % N_STREAMS].read_fd);
}

/* --- the whole -------------------------------------------------------------------------------- */

static int run_sources(Source **sources, guint n_sources)
{
    bool started = true;
    int status = STATUS_OK;

    for (guint i = 0; i < n_sources && started; i++)
        started = source_start(sources[i]);
    if (started)
        print_sources(sources, n_sources);
    for (guint i = 0; i < n_sources; i++) {
        Source *source = sources[i];

        for (int k = 0; k < N_STREAMS; k++)
            close_fd(&source->streams[k].read_fd);
        if (source->thread != NULL)
            g_thread_join(g_steal_pointer(&source->thread));
        if (source->error != NULL && !cli_stdout_is_gone())
            status = cli_report(source->error);
    }
    return started ? status : STATUS_FLOE_FAILED;
}

int logs_merge(Cli *cli, char **names, const floe_logs_options *logs, const LogsStyle *style)
{
    g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func(source_free);
    int status = STATUS_OK;

    for (guint i = 0; names[i] != NULL; i++) {
        Source *source = source_new(cli, names[i], logs, style, i, &status);

        if (source == NULL)
            return status;
        g_ptr_array_add(sources, source);
    }
    if (logs->follow)
        return run_sources((Source **)sources->pdata, sources->len);
    for (guint i = 0; i < sources->len; i++)
        status = status_after(status, run_sources((Source **)&sources->pdata[i], 1));
    return status;
}
