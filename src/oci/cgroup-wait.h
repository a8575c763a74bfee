/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for a change in a cgroup. v2 tells of every one by an event (POLLPRI on cgroup.events). v1
 * does not: there, states are read again after short sleeps. Deadlines are by clock_monotonic_ms().
 */
#pragma once

#include "base/error.h"

#define CGROUP_SLEEP_FIRST_US 100

/* Sleep where there is no event to wait for, each time longer. False when the time is over. */
bool cgroup_sleep_until(int64_t deadline_ms, unsigned *sleep_us);

/* Open a v2 cgroup's cgroup.events, before what is to be waited for is asked of it. */
bool cgroup_events_open(const char *directory, int *ret_fd, GError **error);

/* Wait until it has a line, "frozen 1". TIMEOUT. */
bool cgroup_events_wait(int fd, const char *line, int64_t deadline_ms, GError **error);
