/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conmon: it holds a container's stdio, writes its log, and tells its exit. Protocol of conmon 2.1 (api version 1): facts section 2.
 */
#pragma once

#include "oci/runtime.h"

typedef struct ConmonStart {
    const Runtime *runtime;
    const char *id;
    const char *name;
    const char *bundle;          /* config.json in, attach socket, ctl and winsz out */
    const char *exit_dir;        /* exit file: exit_dir/ID */
    const char *pid_file;
    const char *conmon_pid_file;
    const char *runtime_log;     /* the runtime's --log */
    const char *log_path;        /* NULL: no log */
    const char *const *exit_command; /* argv of what conmon runs when the container has ended; NULL: nothing */
    bool tty;
    bool open_stdin;
    const int *inherited_fds;    /* reserved host ports: stay open in conmon */
    size_t n_inherited_fds;
    const char *cgroup_path;     /* where conmon itself goes, "/floe/conmon"; NULL: stays where we are */

    /* Restore instead of create: */
    const char *restore_dir;     /* CRIU's images; NULL: create */
    const char *criu_config;
    bool tcp_established;
    bool file_locks;
} ConmonStart;

/*
 * conmon at work on create or restore. It runs beside the engine until conmon_finish().
 */
typedef struct ConmonCall ConmonCall;

bool conmon_start(const ConmonStart *start, ConmonCall **ret_call, GError **error);

/* Wait for the container's pid. Errors: CONMON, and what runtime_error() makes of the runtime's log. */
bool conmon_finish(ConmonCall *call, int *ret_pid, int *ret_conmon_pid, GError **error);

/* Kills conmon of a call that was not finished. */
void conmon_call_free(ConmonCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConmonCall, conmon_call_free)

typedef struct ConmonExec {
    const Runtime *runtime;
    const char *container_id;
    const char *container_name;
    const char *session_id;
    const char *directory;       /* of the session: process.json, attach socket, pid file, exit file; exists */
    const json_t *process;       /* spec_build_process() */
    const char *const *exit_command;
    const char *cgroup_path;
    bool tty;
    bool open_stdin;
    bool attach;                 /* wait for a client on the attach socket before the command begins */
} ConmonExec;

typedef struct ConmonExecCall ConmonExecCall;

/* Returns when the attach socket is there (with attach), and else at once. */
bool conmon_exec_start(const ConmonExec *exec, ConmonExecCall **ret_call, GError **error);

/* Let the command begin, and wait for its pid. CMD_NOT_FOUND, CMD_NOT_RUNNABLE, RUNTIME, CONMON. */
bool conmon_exec_begin(ConmonExecCall *call, int *ret_pid, int *ret_conmon_pid, GError **error);

/* Wait for the command's exit code. */
bool conmon_exec_wait(ConmonExecCall *call, int *ret_exit_code, GError **error);

void conmon_exec_free(ConmonExecCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConmonExecCall, conmon_exec_free)

/* The exit file: NOT_FOUND when it is not there yet. ret_finished: its time. ret_oom: beside it, the bundle's oom file. */
bool conmon_read_exit(const char *exit_dir, const char *id, const char *bundle, int *ret_exit_code,
                      int64_t *ret_finished_unix_ns, bool *ret_oom, GError **error);

/*
 * Wait for the exit file to appear (inotify) or conmon to die without one (pidfd). timeout_ms -1: no limit.
 * ret_gone: conmon died and left none. TIMEOUT.
 */
bool conmon_wait_exit(const char *exit_dir, const char *id, int conmon_pid, int timeout_ms,
                      bool *ret_gone, GError **error);

/* Remove what conmon left in the bundle and the exit directory. */
bool conmon_remove_files(const char *exit_dir, const char *id, const char *bundle, GError **error);

/* /usr/bin/conmon; MISSING_PART. */
bool conmon_find(char **ret_path, GError **error);
