/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that people type: numbers, sizes, points in time. Each refuses what it does not understand
 * whole.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

bool value_bool(const char *text, bool *ret_value, GError **error); /* 1 t true 0 f false ... */
bool value_integer(const char *text, int64_t *ret_value, GError **error);
bool value_unsigned(const char *text, int64_t *ret_value, GError **error);
bool value_timeout(const char *text, int *ret_seconds, GError **error); /* -1: no end */

/* "1024", "512m", "1.5g", "64KiB", "1gb": units of 1024, as docker's memory sizes. */
bool value_size(const char *text, int64_t *ret_bytes, GError **error);

/* "1.5" processors in billionths. */
bool value_cpus(const char *text, int64_t *ret_nano_cpus, GError **error);

/* "10m", "1h30m", "1.5s", "250ms", in nanoseconds (Go's time.ParseDuration). */
bool value_duration(const char *text, int64_t *ret_ns, GError **error);

/*
 * A point in time in nanoseconds since 1970: seconds since 1970 ("1700000000.25"), a duration
 * before now, RFC 3339, or RFC 3339 cut short ("2026-01-31", "2026-01-31T10:20"), then in local
 * time.
 */
bool value_time(const char *text, int64_t now_unix_ns, int64_t *ret_unix_ns, GError **error);
