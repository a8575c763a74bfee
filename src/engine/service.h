/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container as a service: what passes between it and the service manager that started floe. The
 * protocol is systemd's: sd_notify(3) for what the manager is told, sd_listen_fds(3) for the
 * descriptors that it hands on. docs/decisions/ says who tells it what.
 */
#pragma once

#include "base/error.h"
#include "state/container-record.h"

#include <floe/container.h>

/* Where a container finds the directory of the socket to which it can say that it is ready. */
#define SERVICE_NOTIFY_DIR "/run/notify"

/* ContainerConfig.sdnotify. */
#define SERVICE_NOTIFY_CONTAINER "container"
#define SERVICE_NOTIFY_CONMON    "conmon"
#define SERVICE_NOTIFY_IGNORE    "ignore"
#define SERVICE_NOTIFY_HEALTHY   "healthy"

/* The service manager of this process, as its environment tells of it. */
typedef struct ServiceManager {
    char *notify_socket; /* NULL: it does not want to be told anything */
    int *fds;            /* descriptors that it passed */
    size_t n_fds;
    char *fd_names; /* as $LISTEN_FDNAMES; NULL: they have none */
} ServiceManager;

void service_manager_read(ServiceManager *ret_manager);
void service_manager_clear(ServiceManager *manager);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ServiceManager, service_manager_clear)

/* NULL: "container". INVALID; "healthy" needs a health check, which must be in `config` by now. */
bool service_notify_apply(const char *mode, ContainerConfig *config, GError **error);

/* The socket that conmon passes the container's messages on to; NULL: it passes none on. */
const char *service_notify_socket(const floe_container *ctr);

/* The descriptors that a start passes on to the container; borrowed. */
void service_fds(const floe_container *ctr, const int **ret_fds, size_t *ret_n_fds);

/* Add what tells the container of both to its environment. */
bool service_set_environment(const floe_container *ctr, char ***environment, GError **error);

/* It has been started: its conmon is the service's main process now. */
void service_tell_started(const floe_container *ctr);

/* It was restored: whether it was ready is part of what was checkpointed, so it is taken for it. */
void service_tell_restored(const floe_container *ctr);

/* Its pod is the service, and ready; this is the infra container. */
void service_tell_pod_ready(const floe_container *ctr);

/*
 * With "healthy": wait until it is, and tell. Without the container's lock, so not in a batch, where
 * it does nothing. BAD_STATE: it ended before.
 */
bool service_await_healthy(floe_container *ctr, GError **error);
