/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/service.h"

#include "base/fd.h"
#include "base/log.h"
#include "engine/container-stop.h"
#include "engine/container.h"
#include "engine/environment.h"
#include "engine/health-check.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_FD        3 /* sd_listen_fds(3), SD_LISTEN_FDS_START */
#define MOST_LISTEN_FDS 1024

static bool is_mode(const floe_container *ctr, const char *mode)
{
    const char *own = ctr->record->config.sdnotify;

    return g_str_equal(own != NULL ? own : SERVICE_NOTIFY_CONTAINER, mode);
}

/* --- the manager ------------------------------------------------------------------------------ */

/* They are for this process only if it is the one that is named. */
static size_t count_listen_fds(void)
{
    const char *pid = g_getenv("LISTEN_PID");
    const char *count = g_getenv("LISTEN_FDS");
    guint64 number = 0;
    guint64 n = 0;

    if (pid == NULL || count == NULL ||
        !g_ascii_string_to_unsigned(pid, 10, 1, G_MAXINT, &number, NULL) ||
        (pid_t)number != getpid() ||
        !g_ascii_string_to_unsigned(count, 10, 1, MOST_LISTEN_FDS, &n, NULL))
        return 0;
    for (guint64 i = 0; i < n; i++) {
        if (fcntl(FIRST_FD + (int)i, F_GETFD) < 0) {
            log_warn("descriptor %d of LISTEN_FDS=%s is not open, passing none on",
                     FIRST_FD + (int)i, count);
            return 0;
        }
    }
    return (size_t)n;
}

void service_manager_read(ServiceManager *ret_manager)
{
    const char *socket = g_getenv("NOTIFY_SOCKET");
    ServiceManager manager = { .n_fds = count_listen_fds() };

    if (socket != NULL && socket[0] != '\0')
        manager.notify_socket = g_strdup(socket);
    if (manager.n_fds > 0) {
        manager.fds = g_new(int, manager.n_fds);
        for (size_t i = 0; i < manager.n_fds; i++)
            manager.fds[i] = FIRST_FD + (int)i;
        manager.fd_names = g_strdup(g_getenv("LISTEN_FDNAMES"));
    }
    *ret_manager = manager;
}

void service_manager_clear(ServiceManager *manager)
{
    g_free(manager->notify_socket);
    g_free(manager->fds);
    g_free(manager->fd_names);
    *manager = (ServiceManager){ 0 };
}

/* --- what the container gets ------------------------------------------------------------------ */

bool service_notify_apply(const char *mode, ContainerConfig *config, GError **error)
{
    static const char *const modes[] = { SERVICE_NOTIFY_CONTAINER, SERVICE_NOTIFY_CONMON,
                                         SERVICE_NOTIFY_IGNORE, SERVICE_NOTIFY_HEALTHY, NULL };

    if (mode == NULL || mode[0] == '\0')
        mode = SERVICE_NOTIFY_CONTAINER;
    if (!g_strv_contains(modes, mode))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--sdnotify '%s' is none of container, conmon, healthy, ignore", mode);
    if (g_str_equal(mode, SERVICE_NOTIFY_HEALTHY) && !health_check_is_set(config))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--sdnotify healthy needs a health check (--health-cmd)");
    config->sdnotify = g_strdup(mode);
    return true;
}

const char *service_notify_socket(const floe_container *ctr)
{
    return ctr->is_service && is_mode(ctr, SERVICE_NOTIFY_CONTAINER)
               ? ctr->engine->service.notify_socket
               : NULL;
}

/* The user's own count more, as with podman. */
void service_fds(const floe_container *ctr, const int **ret_fds, size_t *ret_n_fds)
{
    const ServiceManager *manager = &ctr->engine->service;
    bool has_own = ctr->n_preserved_fds > 0;

    *ret_fds = has_own ? ctr->preserved_fds : manager->fds;
    *ret_n_fds = has_own ? ctr->n_preserved_fds : ctr->is_service ? manager->n_fds : 0;
}

/* Its first process is the one meant; in a PID namespace of its own that is process 1. */
bool service_set_environment(const floe_container *ctr, char ***environment, GError **error)
{
    const ServiceManager *manager = &ctr->engine->service;
    bool listens = ctr->is_service && ctr->n_preserved_fds == 0 && manager->n_fds > 0;
    g_autofree char *count = g_strdup_printf("LISTEN_FDS=%zu", manager->n_fds);

    if (ctr->record->status.has_notify &&
        !environment_set(environment, "NOTIFY_SOCKET=" SERVICE_NOTIFY_DIR "/notify.sock", error))
        return false;
    if (listens && (!environment_set(environment, count, error) ||
                    !environment_set(environment, "LISTEN_PID=1", error)))
        return false;
    if (listens && manager->fd_names != NULL) {
        g_autofree char *names = g_strconcat("LISTEN_FDNAMES=", manager->fd_names, NULL);

        return environment_set(environment, names, error);
    }
    return true;
}

/* --- what the manager is told ----------------------------------------------------------------- */

/* One datagram; a name that begins with '@' is in the abstract namespace. */
static bool send_message(const char *socket_path, const char *message, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t length = strlen(socket_path);
    autofd int fd = -1;

    if (length >= sizeof(address.sun_path))
        return err_set(error, FLOE_ERROR_INVALID, "its path is too long");
    memcpy(address.sun_path, socket_path, length);
    if (address.sun_path[0] == '@')
        address.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_set_errno(error, "make a socket");
    if (sendto(fd, message, strlen(message), MSG_NOSIGNAL, (const struct sockaddr *)&address,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
        return err_set_errno(error, "send");
    return true;
}

static void tell(const floe_container *ctr, bool is_ready)
{
    const char *socket_path = ctr->engine->service.notify_socket;
    g_autofree char *message = NULL;
    g_autoptr(GError) err = NULL;

    if (socket_path == NULL)
        return;
    message = g_strdup_printf("MAINPID=%d%s", ctr->record->status.conmon_pid,
                              is_ready ? "\nREADY=1" : "");
    if (!send_message(socket_path, message, &err))
        log_ignored(g_steal_pointer(&err), "tell '%s' of container \"%s\"", socket_path,
                    ctr->record->name);
}

void service_tell_started(const floe_container *ctr)
{
    if (ctr->is_service && !is_mode(ctr, SERVICE_NOTIFY_IGNORE))
        tell(ctr, is_mode(ctr, SERVICE_NOTIFY_CONMON));
}

void service_tell_restored(const floe_container *ctr)
{
    if (ctr->is_service && !is_mode(ctr, SERVICE_NOTIFY_IGNORE))
        tell(ctr, true);
}

void service_tell_pod_ready(const floe_container *ctr)
{
    tell(ctr, true);
}

bool service_await_healthy(floe_container *ctr, GError **error)
{
    floe_wait_options options = FLOE_WAIT_OPTIONS_INIT;
    int exit_code = 0;

    if (!ctr->is_service || ctr->engine->service.notify_socket == NULL || ctr->in_batch ||
        !is_mode(ctr, SERVICE_NOTIFY_HEALTHY))
        return true;
    options.healthy = true;
    if (!container_wait_for(ctr, &options, &exit_code, error))
        return err_prefix(error, "wait for its health");
    if (exit_code >= 0)
        return err_set(error, FLOE_ERROR_BAD_STATE,
                       "container \"%s\" ended before it was healthy, with exit code %d",
                       ctr->record->name, exit_code);
    tell(ctr, true);
    return true;
}
