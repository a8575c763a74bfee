/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing a container up: root file system, network, bundle, the runtime's create, start. */
#pragma once

#include "engine/container.h"

/*
 * For callers that hold the lock and have checked the state. On failure everything made is undone
 * and the state is as before.
 */
bool container_init_locked(floe_container *ctr, GError **error);

/* Called between the runtime's create and start. */
typedef bool (*BeforeStart)(floe_container *ctr, void *data, GError **error);

/* Init first where that has not happened. `before` may be NULL; when it fails the start is undone. */
bool container_start_locked(floe_container *ctr, BeforeStart before, void *data, GError **error);

/* As floe_container_start(): what it needs first, then itself. */
bool container_start(floe_container *ctr, BeforeStart before, void *data, GError **error);

/* The same, of the container that this process's service manager means. */
bool container_start_as_service(floe_container *ctr, BeforeStart before, void *data, GError **error);

/*
 * The steps that init and restore share: plan the network, record the intent, mount, write the
 * bundle, run conmon (which runs the runtime's create, or restore) beside netavark. `restore` NULL:
 * create. The record's pids are set; nothing is undone on failure.
 */
typedef struct RestoreRequest RestoreRequest;
bool container_bring_up(floe_container *ctr, const char *intent, RestoreRequest *restore,
                        GError **error);

struct RestoreRequest {
    bool tcp_established;
    bool file_locks;
    /* Called when the root is mounted, for what has to be in it; NULL: nothing has. */
    bool (*fill_root)(floe_container *ctr, void *data, GError **error);
    void *data;
    int64_t runtime_us; /* out: how long conmon and the runtime took */
};
