/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conmon: it holds a container's stdio, writes its log, and tells its exit. Protocol of conmon 2.1
 * (api version 1). This is for containers; the same for exec sessions, and what conmon leaves at
 * the end, are in the two headers included.
 */
#pragma once

#include "oci/conmon-exec.h"
#include "oci/conmon-exit.h"
#include "oci/runtime.h"

typedef struct ConmonStart {
    const Runtime *runtime;
    const char *id;
    const char *name;
    const char *bundle;   /* config.json in, attach socket, ctl and winsz out */
    const char *exit_dir; /* exit file: exit_dir/ID */
    const char *pid_file;
    const char *conmon_pid_file;
    const char *runtime_log; /* the runtime's --log */
    const char *log;         /* as conmon's --log-path: "k8s-file:PATH", "journald", "none" ... */
    int64_t log_max_bytes;   /* a new file begins then; 0: never */
    const char *log_tag;     /* for the journal; NULL: none */
    int64_t timeout_s;       /* the process is killed then; 0: never */
    bool passes_streams; /* with "passthrough": our standard input, output and error are its own */

    /* argv of what conmon runs when the container has ended, or could not be made; NULL: nothing */
    const char *const *exit_command;
    bool tty;
    bool open_stdin;
    const char *notify_socket; /* of a service manager: it gets "READY=1" from
                                  bundle/notify/notify.sock */
    const int *preserved_fds;  /* become the process's 3, 4, ... */
    size_t n_preserved_fds;
    const int *inherited_fds; /* reserved host ports: stay open in conmon */
    size_t n_inherited_fds;
    const CgroupPlace *place; /* where conmon itself goes; NULL: it stays with us */

    /* Restore instead of create: */
    const char *restore_dir; /* CRIU's images; NULL: create */
    const char *criu_config;
    bool tcp_established;
    bool file_locks;
} ConmonStart;

/*
 * conmon at work on create or restore. It runs beside the engine until conmon_finish().
 */
typedef struct ConmonCall ConmonCall;

bool conmon_start(const ConmonStart *start, ConmonCall **ret_call, GError **error);

/*
 * Wait for the container's pid. Errors: CONMON, and what runtime_error() makes of the runtime's
 * log.
 */
bool conmon_finish(ConmonCall *call, int *ret_pid, int *ret_conmon_pid, GError **error);

/* Kills conmon of a call that was not finished. */
void conmon_call_free(ConmonCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConmonCall, conmon_call_free)

/* Its path, from PATH and the usual directories; MISSING_PART. */
bool conmon_find(char **ret_path, GError **error);
