/* SPDX-License-Identifier: Apache-2.0 */
/* The library's log: lines for the handler of the program that uses it. Without a handler nothing is written. */
#pragma once

#include <floe/engine.h>

#include <glib.h>

void log_set_handler(floe_log_handler handler, void *data, floe_log_level most_detailed);

/* Cheap when nobody listens at this level: arguments are evaluated, the text is not made. */
void log_line(floe_log_level level, const char *format, ...) G_GNUC_PRINTF(2, 3);

#define log_warn(...) log_line(FLOE_LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_line(FLOE_LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(FLOE_LOG_DEBUG, __VA_ARGS__)

/* "cannot remove 'x', ignoring: <error>": for a failure that is not passed on. Takes and frees the error. */
void log_ignored(GError *error, const char *format, ...) G_GNUC_PRINTF(2, 3);
