/* SPDX-License-Identifier: Apache-2.0 */
/* A program that was started (base/spawn.h): waiting for its end. */
#pragma once

#include "base/fd.h"

#include <sys/types.h>

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
 * Wait and reap; the child is CHILD_NONE afterwards. timeout_ms -1: no limit; TIMEOUT leaves it
 * alive. ret_status as waitpid's.
 */
bool child_wait(Child *child, int timeout_ms, int *ret_status, GError **error);

/* The same of a child that has ended, or will at once. */
bool child_reap(Child *child, int *ret_status, GError **error);

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
