/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a container's log to two descriptors, and following it until the container has ended.
 * Nothing is kept in memory but one block: a line in parts is written part by part. Only a follower
 * takes the container's lock, once, to learn whether there is something to wait for.
 */
#include "base/clock.h"
#include "base/sigpipe.h"
#include "engine/container.h"
#include "engine/log-source.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define OUTPUT_BLOCK ((size_t)64 * 1024)
#define NS_PER_MS    1000000

/* --- output ----------------------------------------------------------------------------------- */

typedef enum LineState {
    LINE_NOT_BEGUN,
    LINE_WRITTEN, /* its first parts are */
    LINE_SKIPPED,
} LineState;

typedef struct LogOutput {
    const floe_logs_options *options;
    int fds[LOG_N_STREAMS];
    LineState lines[LOG_N_STREAMS];
    LogStream stream; /* of what is in `pending` */
    GString *pending;
    bool is_broken; /* nobody reads any more */
    bool is_over;   /* or `until` is reached */
} LogOutput;

static bool wait_writable(int fd, GError **error)
{
    struct pollfd polled = { .fd = fd, .events = POLLOUT };

    if (TEMP_FAILURE_RETRY(poll(&polled, 1, -1)) < 0)
        return err_set_errno(error, "wait for a reader of the log");
    return true;
}

static bool output_flush(LogOutput *output, GError **error)
{
    int fd = output->fds[output->stream];

    for (gsize done = 0; fd >= 0 && done < output->pending->len && !output->is_broken;) {
        ssize_t n = write(fd, output->pending->str + done, output->pending->len - done);

        if (n >= 0)
            done += (gsize)n;
        else if (errno == EPIPE)
            output->is_broken = output->is_over = true;
        else if (errno == EAGAIN && !wait_writable(fd, error))
            return false;
        else if (errno != EINTR && errno != EAGAIN)
            return err_set_errno(error, "write the log");
    }
    g_string_truncate(output->pending, 0);
    return true;
}

/* Does this line, whose first part it is, lie between since and until? */
static bool begin_line(LogOutput *output, const LogLine *line, GError **error)
{
    const floe_logs_options *options = output->options;
    int64_t unix_ns = 0;

    output->lines[line->stream] = LINE_WRITTEN;
    if (options->since_unix_ns == 0 && options->until_unix_ns == 0)
        return true;
    if (!log_line_time(line, &unix_ns, error))
        return false;
    if (unix_ns < options->since_unix_ns)
        output->lines[line->stream] = LINE_SKIPPED;
    if (options->until_unix_ns != 0 && unix_ns > options->until_unix_ns)
        output->is_over = true;
    return true;
}

static void append_line(LogOutput *output, const LogLine *line, bool is_first)
{
    if (is_first && output->options->timestamps) {
        g_string_append_len(output->pending, line->time, (gssize)line->time_length);
        g_string_append_c(output->pending, ' ');
    }
    g_string_append_len(output->pending, line->text, (gssize)line->length);
    if (!line->is_partial)
        g_string_append_c(output->pending, '\n');
}

static bool output_line(LogOutput *output, const LogLine *line, GError **error)
{
    LineState *state = &output->lines[line->stream];
    bool is_first = *state == LINE_NOT_BEGUN;

    if (is_first && !begin_line(output, line, error))
        return false;
    if (output->is_over)
        return true;
    /* Both may be the same terminal: they are written in the order of the log. */
    if ((line->stream != output->stream || output->pending->len >= OUTPUT_BLOCK) &&
        !output_flush(output, error))
        return false;
    output->stream = line->stream;
    if (*state == LINE_WRITTEN)
        append_line(output, line, is_first);
    if (!line->is_partial)
        *state = LINE_NOT_BEGUN;
    return true;
}

/* All that is there now. */
static bool output_available(LogOutput *output, LogSource *source, GError **error)
{
    LogLine line;
    bool has_line = true;

    while (!output->is_over) {
        if (!log_source_next(source, &line, &has_line, error))
            return false;
        if (!has_line)
            break;
        if (!output_line(output, &line, error))
            return false;
    }
    return output_flush(output, error);
}

/* --- following -------------------------------------------------------------------------------- */

typedef struct LogWatch {
    int inotify_fd; /* the directory where conmon puts the exit file, and the log if it is a file */
    int journal_fd; /* the source's; -1: it is a file */
    int conmon_fd;  /* pidfd; -1: the container does not run */
} LogWatch;

#define LOG_WATCH_NONE \
    { \
        .inotify_fd = -1, .journal_fd = -1, .conmon_fd = -1 \
    }

static void log_watch_clear(LogWatch *watch)
{
    fd_cleanup(&watch->inotify_fd);
    fd_cleanup(&watch->conmon_fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LogWatch, log_watch_clear)

/* Without the directory there is no exit to come: that the container does not run is seen later. */
static bool watch_files(const ContainerPaths *paths, LogWatch *watch, GError **error)
{
    watch->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch->inotify_fd < 0)
        return err_set_errno(error, "make an inotify descriptor");
    if (watch->journal_fd < 0 && inotify_add_watch(watch->inotify_fd, paths->log, IN_MODIFY) < 0)
        return err_set_errno(error, "watch '%s'", paths->log);
    if (inotify_add_watch(watch->inotify_fd, paths->exit_dir, IN_MOVED_TO | IN_ONLYDIR) < 0 &&
        errno != ENOENT)
        return err_set_errno(error, "watch '%s'", paths->exit_dir);
    return true;
}

/* First the watches, then the look at the state: an end in between is not missed. */
static bool watch_begin(floe_container *ctr, LogSource *source, LogWatch *ret_watch, GError **error)
{
    g_auto(LogWatch) watch = LOG_WATCH_NONE;
    g_auto(Operation) op = OPERATION_NONE;

    if (!log_source_watch(source, &watch.journal_fd, error) ||
        !watch_files(&ctr->paths, &watch, error) ||
        !operation_enter(ctr, OPERATION_LOOK, &op, error))
        return false;
    if (state_has_process(ctr->record->status.state)) {
        watch.conmon_fd = pidfd_open(ctr->record->status.conmon_pid, 0);
        if (watch.conmon_fd < 0 && errno != ESRCH)
            return err_set_errno(error, "watch conmon (process %d)", ctr->record->status.conmon_pid);
    }
    *ret_watch = watch;
    watch = (LogWatch)LOG_WATCH_NONE;
    return true;
}

/* Is the exit file there (by then conmon has written all output), or has the container gone? */
static bool read_events(const LogWatch *watch)
{
    _Alignas(struct inotify_event) char buffer[4096];
    bool has_ended = false;
    ssize_t n;

    while ((n = read(watch->inotify_fd, buffer, sizeof(buffer))) > 0) {
        for (char *at = buffer; at < buffer + n;) {
            const struct inotify_event *event = (const struct inotify_event *)at;

            has_ended = has_ended || (event->mask & (IN_MOVED_TO | IN_IGNORED)) != 0;
            at += sizeof(*event) + event->len;
        }
    }
    return has_ended;
}

/* -1: no limit. */
static int wait_limit_ms(const floe_logs_options *options)
{
    int64_t left_ms;

    if (options->until_unix_ns == 0)
        return -1;
    left_ms = (options->until_unix_ns - clock_unix_ns()) / NS_PER_MS + 1;
    return (int)CLAMP(left_ms, 0, G_MAXINT);
}

/* Sleep until there may be more, the container has ended, or nobody reads any more. */
static bool watch_wait(const LogWatch *watch, LogOutput *output, bool *ret_has_ended, GError **error)
{
    struct pollfd polled[] = {
        { .fd = watch->inotify_fd, .events = POLLIN },
        { .fd = watch->conmon_fd, .events = POLLIN },
        { .fd = output->fds[LOG_STDOUT] }, /* for POLLERR */
        { .fd = watch->journal_fd, .events = POLLIN },
    };
    int ready = poll(polled, G_N_ELEMENTS(polled), wait_limit_ms(output->options));

    if (ready < 0 && errno != EINTR)
        return err_set_errno(error, "wait for the log");
    if (ready == 0 || (ready > 0 && (polled[2].revents & (POLLERR | POLLNVAL)) != 0))
        output->is_over = true;
    if (ready > 0)
        *ret_has_ended = (polled[0].revents != 0 && read_events(watch)) || polled[1].revents != 0;
    return true;
}

static bool follow(floe_container *ctr, LogOutput *output, LogSource *source, GError **error)
{
    g_auto(LogWatch) watch = LOG_WATCH_NONE;
    bool has_ended = false;

    if (!watch_begin(ctr, source, &watch, error))
        return false;
    for (has_ended = watch.conmon_fd < 0;;) {
        if (has_ended)
            log_source_settle(source);
        if (!output_available(output, source, error))
            return false;
        if (has_ended || output->is_over)
            return true;
        if (!watch_wait(&watch, output, &has_ended, error))
            return false;
        log_source_note_change(source);
    }
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool container_logs(floe_container *ctr, LogOutput *output, GError **error)
{
    g_auto(SigpipeBlock) block = sigpipe_block();
    g_autoptr(LogSource) source = NULL;
    bool done;

    if (!log_source_open(ctr, output->options, &source, error))
        return false;
    if (source == NULL)
        return true; /* it was never started */
    done = output->options->follow ? follow(ctr, output, source, error)
                                   : output_available(output, source, error);
    log_source_finish(source, ctr);
    return done || err_prefix(error, "log of container \"%s\"", ctr->record->name);
}

bool floe_container_logs(floe_container *container, const floe_logs_options *options, int stdout_fd,
                         int stderr_fd, floe_error **error)
{
    floe_logs_options known = FLOE_LOGS_OPTIONS_INIT;
    g_autoptr(GString) pending = g_string_sized_new(OUTPUT_BLOCK);
    g_autoptr(GError) err = NULL;
    LogOutput output = {
        .options = &known,
        .fds = { stdout_fd, stderr_fd },
        .pending = pending,
    };

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             container_logs(container, &output, &err),
                         &err, error);
}
