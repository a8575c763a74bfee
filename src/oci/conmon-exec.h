/* SPDX-License-Identifier: Apache-2.0 */
/* One more command in a running container, held by a conmon of its own. */
#pragma once

#include "oci/cgroup-place.h"
#include "oci/runtime.h"

/* In the session's directory. */
#define EXEC_PID_FILE        "pid"
#define EXEC_CONMON_PID_FILE "conmon.pid"

typedef struct ConmonExec {
    const Runtime *runtime;
    const char *container_id;
    const char *container_name;
    const char *session_id;

    /*
     * The session's own, which exists: process.json, attach socket, pid files, the runtime's log,
     * and the exit file, named by the container's id.
     */
    const char *directory;
    const json_t *process; /* spec_build_process() */
    const char *const *exit_command;
    const CgroupPlace *place;
    bool tty;
    bool open_stdin;
    const int *preserved_fds; /* become the command's 3, 4, ... */
    size_t n_preserved_fds;
    bool attach; /* wait for a client on the attach socket before the command begins */
} ConmonExec;

typedef struct ConmonExecCall ConmonExecCall;

/* Returns when the attach socket is there (with attach), and else at once. */
bool conmon_exec_start(const ConmonExec *exec, ConmonExecCall **ret_call, GError **error);

/*
 * Let the command begin, and wait for its pid. From then on it goes on when the call is freed.
 * CMD_NOT_FOUND, CMD_NOT_RUNNABLE, RUNTIME, CONMON.
 */
bool conmon_exec_begin(ConmonExecCall *call, int *ret_pid, int *ret_conmon_pid, GError **error);

/* Wait for the command's exit code, without limit. CONMON when conmon died without telling it. */
bool conmon_exec_wait(ConmonExecCall *call, int *ret_exit_code, GError **error);

/* Kills conmon, and with it the runtime, of a command that has not begun. */
void conmon_exec_free(ConmonExecCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConmonExecCall, conmon_exec_free)
