/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a conmon and talking to it: what create, restore and exec have in common. Only conmon.c
 * and conmon-exec.c use it.
 */
#pragma once

#include "oci/cgroup-place.h"
#include "oci/runtime.h"

typedef struct ConmonLaunch {
    const Runtime *runtime;
    const char *const *argv;
    const char *directory;       /* its working directory */
    const char *conmon_pid_file; /* as in argv */
    const char *runtime_log;     /* likewise */
    const CgroupPlace *place;    /* where conmon goes; NULL: it stays in our cgroup */
    const char *criu_config;
    bool passes_streams;      /* our standard input, output and error, for conmon to pass on */
    const int *preserved_fds; /* become 3, 4, ... for conmon and what it starts */
    size_t n_preserved_fds;
    const int *inherited_fds; /* are open in conmon, wherever */
    size_t n_inherited_fds;
    bool attach; /* with the pipe on which it tells that its attach socket is there */
} ConmonLaunch;

typedef struct ConmonProcess {
    Child child;      /* the first process, which ends when the one that stays has begun */
    int sync_fd;      /* its reports */
    int start_fd;     /* one byte lets it go on */
    int attach_fd;    /* its report about the attach socket; -1: none */
    int stderr_fd;    /* what it says when it does not even begin */
    GString *reports; /* of sync_fd, not evaluated yet */
    char *pid_file;
    char *runtime_name;
    char *runtime_log;
    bool is_settled; /* conmon is to live on */
} ConmonProcess;

/* clang-format off */
#define CONMON_PROCESS_NONE \
    { .child = CHILD_NONE, .sync_fd = -1, .start_fd = -1, .attach_fd = -1, .stderr_fd = -1 }
/* clang-format on */

/* Start conmon, put it into its cgroup, and let it begin. */
bool conmon_process_start(const ConmonLaunch *launch, ConmonProcess *ret_process, GError **error);

/* Wait until the attach socket is there. */
bool conmon_process_wait_socket(ConmonProcess *process, GError **error);

/* The second byte, for which exec with attach waits. */
bool conmon_process_go_on(ConmonProcess *process, GError **error);

/*
 * Wait for the report that the container's process is there. From then on conmon lives on when this
 * object is cleared.
 */
bool conmon_process_wait_pid(ConmonProcess *process, int *ret_pid, int *ret_conmon_pid,
                             GError **error);

/* Wait, without limit, for the report of an exit code. `*ret_ended`: conmon ended without one. */
bool conmon_process_wait_exit(ConmonProcess *process, int *ret_exit_code, bool *ret_ended,
                              GError **error);

/* Kills a conmon whose container's process is not there yet. */
void conmon_process_clear(ConmonProcess *process);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ConmonProcess, conmon_process_clear)
