/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting other programs: the only place where floe makes a process. Arguments are always an
 * array, never a shell's line; the log has them at level debug, and how it ended (never the
 * environment, where secrets are). A child gets 0, 1, 2, the descriptors it was given, and no other
 * (close_range before exec); its signal mask and handlers are the defaults.
 */
#pragma once

#include "base/fd.h"

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
    bool own_group; /* setpgid(0, 0): terminal signals do not reach it */
    bool own_mounts; /* a mount namespace of its own; what the host mounts and unmounts still reaches it */
    bool dies_with_us; /* SIGKILL when the thread that started it ends: for what works for us only */
    bool keeps_stdout; /* for spawn_run(): stdout_fd gets the output, nobody collects it */
    int umask;         /* -1: ours */
    int netns_fd;      /* enter this network namespace; -1: no */
} SpawnOptions;

#define SPAWN_OPTIONS_INIT \
    { \
        .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1, .umask = -1, .netns_fd = -1 \
    }

typedef struct Child {
    pid_t pid;
    int pidfd;
    int64_t started_ms; /* of clock_monotonic_ms() */
} Child;

#define CHILD_NONE \
    { \
        .pid = 0, .pidfd = -1 \
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

/*
 * Wait and reap; the child is CHILD_NONE afterwards. timeout_ms -1: no limit; TIMEOUT leaves it
 * alive. ret_status as waitpid's.
 */
bool child_wait(Child *child, int timeout_ms, int *ret_status, GError **error);

/* SIGKILL and reap. g_auto(Child) does so at the end of the scope, unless it was waited for. */
void child_kill(Child *child);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Child, child_kill)

/* Give a child away: it is CHILD_NONE afterwards. */
static inline Child child_steal(Child *child)
{
    Child taken = *child;

    *child = (Child)CHILD_NONE;
    return taken;
}

/* "exit status 1", "killed by signal 9 (Killed)". */
char *child_status_text(int status);

typedef struct SpawnResult {
    int status; /* as waitpid's */
    char *out;  /* standard output, NUL-terminated, at most 16 MiB */
    size_t out_length;
    char *err; /* standard error, likewise */
} SpawnResult;

void spawn_result_clear(SpawnResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpawnResult, spawn_result_clear)

/*
 * Run to the end, feed `input` (NULL: nothing) to its standard input, collect both outputs. An exit
 * status other than 0 is no error here. On timeout the child is killed: TIMEOUT; more than 16 MiB
 * of output: INVALID. options' stdin/out/err are not used (but see keeps_stdout).
 * It ends when the child ends: what a grandchild, which may stay, writes later is not waited for.
 */
bool spawn_run(const SpawnOptions *options, const char *input, size_t input_length, int timeout_ms,
               SpawnResult *ret_result, GError **error);

/*
 * How long a program that floe needs may take for one step before it counts as hanging: `usual_ms`,
 * or $FLOE_PART_TIMEOUT_MS.
 */
int part_timeout_ms(int usual_ms);

/*
 * The path of a program: `name` itself if it has a '/', else the first in the absolute directories
 * of `path` (a PATH; NULL: ours), or NULL.
 */
char *program_find(const char *name, const char *path);
