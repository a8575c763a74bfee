/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/attachment.h"

#include "base/log.h"
#include "base/process.h"
#include "engine/container-remove.h"
#include "engine/container-stop.h"
#include "engine/public-error.h"
#include "oci/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_DETACH_KEYS "ctrl-p,ctrl-q"

/* Data that is not typed may hold any bytes: there the keys have to be asked for. */
static const char *wanted_detach_keys(const floe_attach_streams *streams, bool has_tty)
{
    if (streams->detach_keys != NULL)
        return streams->detach_keys;
    return streams->stdin_fd >= 0 && (has_tty || isatty(streams->stdin_fd)) ? DEFAULT_DETACH_KEYS
                                                                            : "";
}

static void find_size(const floe_attach_streams *streams, unsigned *ret_rows, unsigned *ret_columns)
{
    struct winsize size = { 0 };

    *ret_rows = streams->rows;
    *ret_columns = streams->columns;
    if (*ret_rows > 0 && *ret_columns > 0)
        return;
    if (ioctl(streams->stdin_fd, TIOCGWINSZ, &size) < 0)
        ioctl(streams->stdout_fd, TIOCGWINSZ, &size);
    *ret_rows = size.ws_row;
    *ret_columns = size.ws_col;
}

bool attachment_new(floe_container *ctr, const floe_attach_streams *streams, bool has_tty,
                    floe_attachment **ret_attachment, GError **error)
{
    const char *keys = wanted_detach_keys(streams, has_tty);
    g_autoptr(floe_attachment) attachment = g_new0(floe_attachment, 1);

    attachment->ctr = ctr;
    attachment->conmon_fd = -1;
    attachment->streams = (AttachStreams){
        .socket = -1,
        .stdin_fd = streams->stdin_fd,
        .stdout_fd = streams->stdout_fd,
        .stderr_fd = streams->stderr_fd,
    };
    if (keys[0] != '\0' && !detach_keys_parse(keys, &attachment->streams.detach_keys, error))
        return false;
    if (has_tty)
        find_size(streams, &attachment->rows, &attachment->columns);
    if (streams->proxy_signals)
        attachment->proxy = signal_proxy_new();
    *ret_attachment = g_steal_pointer(&attachment);
    return true;
}

void attachment_free(floe_attachment *attachment)
{
    if (attachment == NULL)
        return;
    signal_proxy_free(attachment->proxy);
    attach_pump_free(attachment->pump);
    exec_session_free(attachment->session);
    fd_cleanup(&attachment->conmon_fd);
    g_free(attachment->directory);
    g_free(attachment);
}

bool attachment_connect(floe_attachment *attachment, const char *directory, bool has_stdin,
                        GError **error)
{
    AttachStreams streams = attachment->streams;
    autofd int socket = -1;

    if (!attach_connect(directory, &socket, error))
        return false;
    streams.socket = socket;
    if (!has_stdin)
        streams.stdin_fd = -1;
    attachment->directory = g_strdup(directory);
    return attach_pump_new(&streams, &attachment->pump, error);
}

void attachment_set_size(floe_attachment *attachment, bool redraw)
{
    unsigned rows = attachment->rows, columns = attachment->columns;
    g_autoptr(GError) err = NULL;

    if (rows == 0 || columns == 0)
        return;
    if ((redraw && !console_resize(attachment->directory, rows + 1, columns, &err)) ||
        !console_resize(attachment->directory, rows, columns, &err))
        log_debug("the terminal's size is not set: %s", err->message);
}

/*
 * conmon's exit command has usually cleaned up by now. It has not where conmon was killed, nor yet
 * after the last of several runs that a restart policy made.
 */
static void clean_up_after(floe_container *ctr)
{
    floe_cleanup_options options = FLOE_CLEANUP_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    if (ctr->record->status.state != FLOE_STATE_STOPPED)
        return;
    options.after_end = true;
    options.remove = ctr->record->config.auto_remove;
    if (!container_cleanup(ctr, &options, &err))
        log_debug("container \"%s\": %s", ctr->record->name, err->message);
}

/*
 * conmon becomes its exit command, so its end is when that has cleaned up; it may close the
 * connection before, when the process ends quickly. To wait for the exit file instead would be a
 * little earlier, but costs more than it saves: closing an inotify watch waits for a grace period of
 * the kernel (6 to 19 ms), and then two floes clean up at once.
 */
static bool attachment_wait(floe_attachment *attachment, int *ret_exit_code, GError **error)
{
    if (!attach_pump_run(attachment->pump, error))
        return false;
    if (attachment->session != NULL)
        return exec_session_wait(attachment->session, ret_exit_code, error) &&
               attach_pump_check_output(attachment->pump, error);
    if (attachment->conmon_fd >= 0)
        pidfd_wait(attachment->conmon_fd, -1);
    if (!container_wait(attachment->ctr, -1, ret_exit_code, error))
        return false;
    clean_up_after(attachment->ctr);
    return attach_pump_check_output(attachment->pump, error);
}

/* --- the border ----------------------------------------------------------------------------- */

int floe_attachment_fd(const floe_attachment *attachment)
{
    return attachment != NULL ? attach_pump_fd(attachment->pump) : -1;
}

bool floe_attachment_pump(floe_attachment *attachment, bool *ret_over, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(attachment), GIVEN(ret_over), NULL) &&
                             attach_pump_turn(attachment->pump, ret_over, &err),
                         &err, error);
}

bool floe_attachment_wait(floe_attachment *attachment, int *ret_exit_code, floe_error **error)
{
    g_autoptr(GError) err = NULL;
    int exit_code = 0;
    bool ok = public_given(&err, GIVEN(attachment), NULL) &&
              attachment_wait(attachment, &exit_code, &err);

    if (ok && ret_exit_code != NULL)
        *ret_exit_code = exit_code;
    return public_result(ok, &err, error);
}

bool floe_attachment_resize(floe_attachment *attachment, unsigned rows, unsigned columns,
                            floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(attachment), NULL) &&
                             console_resize(attachment->directory, rows, columns, &err),
                         &err, error);
}

void floe_attachment_free(floe_attachment *attachment)
{
    attachment_free(attachment);
}
