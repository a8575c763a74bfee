/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting other programs: the only place where floe makes a process. Arguments are always an
 * array, never a shell's line; the log has them at level debug, and how it ended (never the
 * environment, where secrets are). A child gets 0, 1, 2, the descriptors it was given, and no other
 * (close_range before exec); its signal mask and handlers are the defaults.
 */
#pragma once

#include "base/child.h"

typedef struct SpawnFd {
    int fd;    /* ours */
    int child; /* its number there, >= 3, each once */
} SpawnFd;

typedef struct SpawnOptions {
    const char *const *argv; /* argv[0] is a path, or a name that is looked up in PATH (of `env`) */
    const char *const *env;  /* NULL: ours */
    const char *cwd;         /* NULL: ours */
    int stdin_fd;            /* -1: /dev/null */
    int stdout_fd;           /* -1: /dev/null */
    int stderr_fd;           /* -1: /dev/null */
    const SpawnFd *fds;
    size_t n_fds;
    bool own_group;    /* setpgid(0, 0): terminal signals do not reach it */
    bool own_mounts;   /* a mount namespace of its own; what the host mounts and unmounts still
                          reaches it */
    bool dies_with_us; /* SIGKILL when the thread that started it ends: for what works for us only */
    bool keeps_stdout; /* for spawn_run(): stdout_fd gets the output, nobody collects it */
    int umask;         /* -1: ours */
    int netns_fd;      /* enter this network namespace; -1: no */
} SpawnOptions;

#define SPAWN_OPTIONS_INIT \
    { \
        .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1, .umask = -1, .netns_fd = -1 \
    }

/*
 * Returns when the program runs. MISSING_PART when it is not there or not executable; the text
 * names it.
 */
bool spawn_start(const SpawnOptions *options, Child *ret_child, GError **error);

/*
 * Start what is to outlive us: in a session of its own, and not our child, so nobody here has to
 * reap it. Returns when the program runs; errors as spawn_start(). ret_pid may be NULL.
 */
bool spawn_detached(const SpawnOptions *options, pid_t *ret_pid, GError **error);
