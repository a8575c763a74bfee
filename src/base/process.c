/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/pidfd.h>

bool process_has_ended(pid_t pid)
{
    autofd int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;

    return pidfd < 0 ? pid <= 0 || errno == ESRCH : pidfd_wait(pidfd, 0);
}

bool pidfd_wait(int pidfd, int timeout_ms)
{
    int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;

    for (;;) {
        struct pollfd ended = { .fd = pidfd, .events = POLLIN };
        int left_ms = timeout_ms < 0 ? -1 : (int)MAX(deadline_ms - clock_monotonic_ms(), 0);
        int n = poll(&ended, 1, left_ms);

        if (n >= 0 || errno != EINTR)
            return n != 0;
    }
}
