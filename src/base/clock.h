/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times: now, RFC 3339, and which boot this is. Times are nanoseconds since 1970, UTC; 0 is
 * "never".
 */
#pragma once

#include "base/error.h"

#include <stdint.h>

int64_t clock_unix_ns(void);
int64_t clock_monotonic_ms(void);

/* The moment, of clock_monotonic_ms(), that is so far away. -1, no limit, stays -1. */
int64_t clock_deadline_ms(int timeout_ms);

/* How long is left until then, for poll(2): 0 when it is over, -1 for no limit. */
int clock_ms_until(int64_t deadline_ms);

/*
 * "2026-11-22T02:17:08.322325298Z", as Go prints it: zeros at the end of the fraction are left out.
 * 0 gives Go's zero time, "0001-01-01T00:00:00Z".
 */
char *time_to_rfc3339(int64_t unix_ns);

/*
 * With any number of digits after the second and any zone; Go's zero time gives 0. INVALID, also
 * for a time that 64 bits of nanoseconds cannot hold (before 1678, after 2261).
 */
bool time_from_rfc3339(const char *text, int64_t *ret_unix_ns, GError **error);

/* /proc/sys/kernel/random/boot_id, 36 characters. */
bool boot_id_read(char **ret_id, GError **error);
