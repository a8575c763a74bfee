/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way from the library to its user's log handler. The handler is the one piece of global state
 * in floe: it is set when an engine is opened, before there are threads, and lines of several
 * threads reach it one after another.
 */
#include "base/log.h"

#include <errno.h>

static struct {
    floe_log_handler handler;
    void *data;
    floe_log_level most_detailed;
    GMutex one_at_a_time;
} listener;

void log_set_handler(floe_log_handler handler, void *data, floe_log_level most_detailed)
{
    listener.handler = handler;
    listener.data = data;
    listener.most_detailed = most_detailed != 0 ? most_detailed : FLOE_LOG_WARNING;
}

bool log_is_heard(floe_log_level level)
{
    return listener.handler != NULL && level <= listener.most_detailed;
}

static void pass_on(floe_log_level level, char *text)
{
    /* Handlers are promised lines; a text quoted from another program may hold several. */
    g_strdelimit(text, "\r\n", ' ');
    g_mutex_lock(&listener.one_at_a_time);
    listener.handler(level, text, listener.data);
    g_mutex_unlock(&listener.one_at_a_time);
}

void log_line(floe_log_level level, const char *format, ...)
{
    int saved_errno = errno;

    if (!log_is_heard(level))
        return;

    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    pass_on(level, text);
    errno = saved_errno;
}

void log_ignored(GError *taken_error, const char *format, ...)
{
    int saved_errno = errno;
    g_autoptr(GError) error = taken_error;

    if (!log_is_heard(FLOE_LOG_WARNING))
        return;

    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    const char *why = error != NULL ? error->message : "unknown reason";
    g_autofree char *text = g_strdup_printf("%s, ignoring: %s", what, why);
    pass_on(FLOE_LOG_WARNING, text);
    errno = saved_errno;
}
