/* SPDX-License-Identifier: Apache-2.0 */
/* What create, restore and exec have in common on conmon's command line. */
#pragma once

#include "oci/runtime.h"

/*
 * The options that every conmon gets: identity, runtime, files, exit command. `id` is the
 * container's, `uuid` the session's.
 */
typedef struct ConmonNames {
    const Runtime *runtime;
    const char *id, *uuid, *name, *bundle, *pid_file, *conmon_pid_file, *exit_dir, *runtime_log;
    const char *log; /* as for --log-path */
    const char *const *exit_command;
    bool tty, open_stdin;
    bool own_mounts; /* the runtime's, not conmon's */
    size_t n_preserved_fds;
} ConmonNames;

bool conmon_add_options(GStrvBuilder *argv, const ConmonNames *names, GError **error);
