/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library's log: lines for the handler of the program that uses it. Without one nothing is
 * written.
 */
#pragma once

#include <floe/engine.h>

#include <glib.h>

/* Before any thread is made. A most_detailed of 0 is FLOE_LOG_WARNING. */
void log_set_handler(floe_log_handler handler, void *data, floe_log_level most_detailed);

/*
 * Cheap when nobody listens at this level: arguments are evaluated, the text is not made. Keeps
 * errno.
 */
void log_line(floe_log_level level, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Does anybody listen at this level? For what is costly to put together. */
bool log_is_heard(floe_log_level level);

#define log_warn(...)  log_line(FLOE_LOG_WARNING, __VA_ARGS__)
#define log_info(...)  log_line(FLOE_LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(FLOE_LOG_DEBUG, __VA_ARGS__)

/*
 * For a failure that is not passed on: log_ignored(err, "cannot remove '%s'", x) gives the warning
 * "cannot remove 'x', ignoring: <error>". Takes and frees the error; keeps errno.
 */
void log_ignored(GError *taken_error, const char *format, ...) G_GNUC_PRINTF(2, 3);
