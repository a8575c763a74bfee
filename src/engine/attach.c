/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a container with the caller's streams connected to it, until its process has ended. */
#include "oci/attach.h"

#include "base/process.h"
#include "engine/container-start.h"
#include "engine/container-stop.h"
#include "engine/event.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/signal-proxy.h"

#include <sys/pidfd.h>
#include <unistd.h>

#define DEFAULT_DETACH_KEYS "ctrl-p,ctrl-q"

static const char *wanted_detach_keys(const floe_attach_streams *streams)
{
    if (streams->stdin_fd < 0 || !isatty(streams->stdin_fd))
        return NULL;
    if (streams->detach_keys == NULL)
        return DEFAULT_DETACH_KEYS;
    return streams->detach_keys[0] != '\0' ? streams->detach_keys : NULL;
}

typedef struct Connection {
    int socket;
    int conmon_fd; /* a pidfd */
} Connection;

static void connection_clear(Connection *connection)
{
    fd_cleanup(&connection->socket);
    fd_cleanup(&connection->conmon_fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Connection, connection_clear)

/* Between the runtime's create and start: nothing that the process writes is missed. */
static bool connect_streams(floe_container *ctr, void *data, GError **error)
{
    Connection *connection = data;

    connection->conmon_fd = pidfd_open(ctr->record->status.conmon_pid, 0);
    return attach_connect(ctr->paths.bundle, &connection->socket, error);
}

/*
 * conmon becomes its exit command, so its end is when that has cleaned up; it may close the
 * connection before, when the process ends quickly. To wait for the exit file instead would be a little earlier, but costs more than it saves: closing an
 * inotify watch waits for a grace period of the kernel (6 to 19 ms), and then two floes clean up at
 * once.
 */
static bool container_start_and_attach(floe_container *ctr, const floe_attach_streams *streams,
                                       int *ret_exit_code, GError **error)
{
    g_autoptr(SignalProxy) proxy = streams->proxy_signals ? signal_proxy_new(ctr) : NULL;
    g_auto(Connection) connection = { -1, -1 };

    if (!container_start(ctr, connect_streams, &connection, error) ||
        (proxy != NULL && !signal_proxy_begin(proxy, error)))
        return false;
    event_note(ctr, FLOE_EVENT_ATTACH);
    AttachLoop loop = {
        .socket = connection.socket,
        .stdin_fd = ctr->record->config.open_stdin ? streams->stdin_fd : -1,
        .stdout_fd = streams->stdout_fd,
        .stderr_fd = streams->stderr_fd,
        .detach_keys = wanted_detach_keys(streams),
        .pidfd = -1,
    };
    if (!attach_loop(&loop, error))
        return false;
    if (connection.conmon_fd >= 0)
        pidfd_wait(connection.conmon_fd, -1);
    return container_wait(ctr, -1, ret_exit_code, error);
}

bool floe_container_start_and_attach(floe_container *container, const floe_attach_streams *streams,
                                     int *ret_exit_code, floe_error **error)
{
    floe_attach_streams known = FLOE_ATTACH_STREAMS_INIT;
    g_autoptr(GError) err = NULL;
    int exit_code = 0;
    bool ok = public_options(streams, &known, sizeof(known), &err) &&
              container_start_and_attach(container, &known, &exit_code, &err);

    if (ok && ret_exit_code != NULL)
        *ret_exit_code = exit_code;
    return public_result(ok, &err, error);
}
