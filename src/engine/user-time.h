/* SPDX-License-Identifier: Apache-2.0 */
/* Moments and times as people write them in filters and options. */
#pragma once

#include "base/error.h"

#include <stdint.h>

/*
 * RFC 3339; a local "2026-11-22", "2026-11-22T10:30" or "2026-11-22T10:30:05"; seconds since 1970
 * ("1795319986.5"); or how long before `now_unix_ns`, as Go writes durations ("1h30m", "1.5s").
 * INVALID names the text.
 */
bool user_time_parse(const char *text, int64_t now_unix_ns, int64_t *ret_unix_ns, GError **error);

/* How long, as Go writes durations ("1h30m", "1.5s"), or "0". Not negative. INVALID names the text. */
bool user_duration_parse(const char *text, int64_t *ret_ns, GError **error);
