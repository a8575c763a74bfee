/* SPDX-License-Identifier: Apache-2.0 */
/* The engine handle: directories, database, image store, and the OCI runtime chosen for this boot. */
#pragma once

#include "base/error.h"
#include "engine/service.h"
#include "oci/runtime.h"
#include "state/database.h"
#include "storage/layout.h"

#include <floe/engine.h>

struct floe_engine {
    char *root; /* absolute */
    char *runroot;
    char *program; /* the floe command, for conmon's exit command */
    char *tag; /* "" for the default run directory, else "-1a2b3c4d": keeps two engines' names apart */
    char *wanted_runtime;        /* NULL: the configuration file's, or the best that works */
    char *wanted_cgroup_manager; /* NULL: the configuration file's, or systemd where that works */
    char *wanted_storage_driver; /* NULL: the configuration file's, or overlay where that works */
    bool as_service;             /* as floe_engine_options.as_service */
    ServiceManager service;      /* with it; else empty */
    Database *db;
    Layout layout; /* opened at first use: engine_layout() */
};

/* The directories that the options name, absolute and clean; the caller's. INVALID: a relative one. */
bool engine_directories(const floe_engine_options *options, char **ret_root, char **ret_runroot,
                        GError **error);

/* The image store, opened now if it was not. */
bool engine_layout(floe_engine *engine, const Layout **ret_layout, GError **error);

/*
 * The runtime for a new container, and in its `uses_systemd` the cgroup manager: those asked for, else
 * the ones found to work since the last boot. UNSUPPORTED: systemd was asked for and is not there.
 */
bool engine_choose_runtime(floe_engine *engine, Runtime *ret_runtime, GError **error);

/* The runtime of this name. MISSING_PART. */
bool engine_find_runtime(floe_engine *engine, const char *name, Runtime *ret_runtime,
                         GError **error);

/* The runtime that a container was created with. */
void engine_runtime_at(const floe_engine *engine, const char *path, bool use_systemd,
                       Runtime *ret_runtime);

/* Another handle on the same engine, for another thread. */
bool engine_open_again(const floe_engine *engine, floe_engine **ret_engine, GError **error);

void engine_free(floe_engine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(floe_engine, engine_free)
