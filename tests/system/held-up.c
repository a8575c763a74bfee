/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into conmon: its first look at what is ready finds nothing, and then it is held up, as on a
 * busy machine. What came meanwhile it sees with its next look, if it takes one.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define HELD_UP_US 200000

typedef int PollFunction(struct pollfd *polled, nfds_t n_polled, int timeout_ms);

/* conmon alone, not what it runs. */
__attribute__((constructor)) static void begin(void)
{
    unsetenv("LD_PRELOAD");
}

int poll(struct pollfd *polled, nfds_t n_polled, int timeout_ms)
{
    static bool was_held_up;
    PollFunction *real = (PollFunction *)dlsym(RTLD_NEXT, "poll");

    if (timeout_ms != 0 || was_held_up)
        return real(polled, n_polled, timeout_ms);
    was_held_up = true;
    for (nfds_t i = 0; i < n_polled; i++)
        polled[i].revents = 0;
    usleep(HELD_UP_US);
    return 0;
}
