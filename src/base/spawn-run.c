/* SPDX-License-Identifier: Apache-2.0 */
#include "base/spawn-run.h"

#include "base/clock.h"
#include "base/sigpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#define OUTPUT_MAX ((size_t)16 * 1024 * 1024)

void spawn_result_clear(SpawnResult *result)
{
    g_free(result->out);
    g_free(result->err);
    *result = (SpawnResult){ 0 };
}

/* Our ends of the child's three streams; -1 when closed. */
typedef struct Talk {
    int input_fd;
    int output_fd;
    int error_fd;
    const char *input;
    size_t input_length;
    GString *output;
    GString *errors;
} Talk;

static void talk_clear(Talk *talk)
{
    fd_cleanup(&talk->input_fd);
    fd_cleanup(&talk->output_fd);
    fd_cleanup(&talk->error_fd);
    if (talk->output != NULL)
        g_string_free(talk->output, TRUE);
    if (talk->errors != NULL)
        g_string_free(talk->errors, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Talk, talk_clear)

/* A pipe whose end `ours` (0: for reading, 1: for writing) does not block. */
static bool talk_pipe(int ours, int *ret_ours, int *ret_theirs, GError **error)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_set_errno(error, "make a pipe");
    *ret_ours = ends[ours];
    *ret_theirs = ends[1 - ours];
    if (fcntl(*ret_ours, F_SETFL, O_NONBLOCK) < 0)
        return err_set_errno(error, "make a pipe non-blocking");
    return true;
}

/* Write what the pipe takes now. A child that does not read all of its input is no failure. */
static void talk_write(Talk *talk)
{
    while (talk->input_length > 0) {
        ssize_t written = write(talk->input_fd, talk->input, talk->input_length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && errno == EAGAIN)
            return;
        if (written < 0)
            break;
        talk->input += written;
        talk->input_length -= (size_t)written;
    }
    fd_cleanup(&talk->input_fd);
}

/* Read what is there now. */
static bool talk_read(int *fd, GString *text, GError **error)
{
    char buffer[16 * 1024];

    while (*fd >= 0) {
        ssize_t got = read(*fd, buffer, sizeof(buffer));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return true;
        if (got < 0)
            return err_set_errno(error, "read its output");
        if (got == 0) {
            fd_cleanup(fd);
            return true;
        }
        if (text->len + (size_t)got > OUTPUT_MAX)
            return err_set(error, FLOE_ERROR_INVALID, "its output is longer than %zu bytes",
                           OUTPUT_MAX);
        g_string_append_len(text, buffer, got);
    }
    return true;
}

/* Feed and read the child until it has ended, which may be before it has read its input. */
static bool talk_to_child(Talk *talk, const Child *child, int timeout_ms, GError **error)
{
    g_auto(SigpipeBlock) block = sigpipe_block();
    int64_t deadline_ms = clock_deadline_ms(timeout_ms);

    for (bool ended = false; !ended;) {
        struct pollfd polled[] = {
            { .fd = child->pidfd, .events = POLLIN },
            { .fd = talk->input_fd, .events = POLLOUT },
            { .fd = talk->output_fd, .events = POLLIN },
            { .fd = talk->error_fd, .events = POLLIN },
        };
        int ready = poll(polled, G_N_ELEMENTS(polled), clock_ms_until(deadline_ms));

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready < 0)
            return err_set_errno(error, "wait for it");
        if (ready == 0)
            return err_set(error, FLOE_ERROR_TIMEOUT, "did not end within %d ms", timeout_ms);
        ended = polled[0].revents != 0;
        if (polled[1].revents != 0)
            talk_write(talk);
        if (!talk_read(&talk->output_fd, talk->output, error) ||
            !talk_read(&talk->error_fd, talk->errors, error))
            return false;
    }
    return true;
}

/* Start the child with pipes for its streams. Its own ends are closed here when this returns. */
static bool talk_start(Talk *talk, const SpawnOptions *options, Child *ret_child, GError **error)
{
    autofd int child_in = -1;
    autofd int child_out = -1;
    autofd int child_err = -1;

    if ((talk->input != NULL && !talk_pipe(1, &talk->input_fd, &child_in, error)) ||
        !talk_pipe(0, &talk->output_fd, &child_out, error) ||
        !talk_pipe(0, &talk->error_fd, &child_err, error))
        return false;

    SpawnOptions with_pipes = *options;

    with_pipes.stdin_fd = child_in;
    with_pipes.stdout_fd = options->keeps_stdout ? options->stdout_fd : child_out;
    with_pipes.stderr_fd = child_err;
    return spawn_start(&with_pipes, ret_child, error);
}

bool spawn_run(const SpawnOptions *options, const char *input, size_t input_length, int timeout_ms,
               SpawnResult *ret_result, GError **error)
{
    g_auto(Talk) talk = {
        .input_fd = -1,
        .output_fd = -1,
        .error_fd = -1,
        .input = input,
        .input_length = input_length,
        .output = g_string_new(NULL),
        .errors = g_string_new(NULL),
    };
    g_auto(Child) child = CHILD_NONE;
    int status = 0;

    if (!talk_start(&talk, options, &child, error))
        return false;
    if (!talk_to_child(&talk, &child, timeout_ms, error) || !child_reap(&child, &status, error))
        return err_prefix(error, "'%s'", options->argv[0]);

    ret_result->status = status;
    ret_result->out_length = talk.output->len;
    ret_result->out = g_string_free(g_steal_pointer(&talk.output), FALSE);
    ret_result->err = g_string_free(g_steal_pointer(&talk.errors), FALSE);
    return true;
}
