/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a container with the caller's streams connected to it, until its process has ended. */
#include "oci/attach.h"

#include "base/path.h"
#include "engine/container-start.h"
#include "engine/container-stop.h"
#include "engine/public-error.h"
#include "engine/signal-proxy.h"

#include <sys/inotify.h>
#include <unistd.h>

#define DEFAULT_DETACH_KEYS "ctrl-p,ctrl-q"

/* Readable as soon as conmon's exit file is there, or the directory goes because somebody else cleans up. */
static bool watch_exit(const char *exit_dir, int *ret_fd, GError **error)
{
    autofd int fd = inotify_init1(IN_CLOEXEC);

    if (fd < 0 ||
        inotify_add_watch(fd, exit_dir, IN_MOVED_TO | IN_DELETE_SELF | IN_ONLYDIR) < 0)
        return err_set_errno(error, "watch '%s'", exit_dir);
    *ret_fd = g_steal_fd(&fd);
    return true;
}

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
    int end_fd; /* readable when the process has ended */
} Connection;

static void connection_clear(Connection *connection)
{
    fd_cleanup(&connection->socket);
    fd_cleanup(&connection->end_fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Connection, connection_clear)

/* Between the runtime's create and start: nothing that the process writes is missed. */
static bool connect_streams(floe_container *ctr, void *data, GError **error)
{
    Connection *connection = data;

    return attach_connect(ctr->paths.bundle, &connection->socket, error) &&
           watch_exit(ctr->paths.exit_dir, &connection->end_fd, error);
}

static bool start_connected(floe_container *ctr, Connection *connection, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    return operation_enter(ctr, OPERATION_START, &op, error) &&
           container_start_locked(ctr, connect_streams, connection, error);
}

static bool container_start_and_attach(floe_container *ctr, const floe_attach_streams *streams,
                                       int *ret_exit_code, GError **error)
{
    g_autoptr(SignalProxy) proxy = streams->proxy_signals ? signal_proxy_new(ctr) : NULL;
    g_auto(Connection) connection = { -1, -1 };

    if (!start_connected(ctr, &connection, error) ||
        (proxy != NULL && !signal_proxy_begin(proxy, error)))
        return false;
    AttachLoop loop = {
        .socket = connection.socket,
        .stdin_fd = ctr->record->config.open_stdin ? streams->stdin_fd : -1,
        .stdout_fd = streams->stdout_fd,
        .stderr_fd = streams->stderr_fd,
        .detach_keys = wanted_detach_keys(streams),
        .pidfd = connection.end_fd,
    };
    return attach_loop(&loop, error) && container_wait(ctr, -1, ret_exit_code, error);
}

bool floe_container_start_and_attach(floe_container *container, const floe_attach_streams *streams,
                                     int *ret_exit_code, floe_error **error)
{
    floe_attach_streams defaults = FLOE_ATTACH_STREAMS_INIT;
    g_autoptr(GError) err = NULL;
    int exit_code = 0;
    bool ok = container_start_and_attach(container, streams != NULL ? streams : &defaults,
                                         &exit_code, &err);

    if (ok && ret_exit_code != NULL)
        *ret_exit_code = exit_code;
    return public_result(ok, &err, error);
}
