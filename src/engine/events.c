/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the events: the public reader over the log's lines. */
#include "base/clock.h"
#include "base/log.h"
#include "engine/event-filter.h"
#include "engine/event-log.h"
#include "engine/event.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#define NS_PER_MS 1000000

struct floe_events {
    EventLogReader *log;
    EventFilter *filter;
    int64_t since_unix_ns;
    int64_t until_unix_ns; /* INT64_MAX: no end */
    bool follows;
    json_t *event; /* what the texts of the last one belong to */
    char *line;
};

static void events_free(floe_events *events)
{
    if (events == NULL)
        return;
    event_log_close(events->log);
    event_filter_free(events->filter);
    json_decref(events->event);
    g_free(events->line);
    g_free(events);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(floe_events, events_free)

static bool events_open(floe_engine *engine, const floe_events_options *options,
                        floe_events **ret_events, GError **error)
{
    g_autoptr(floe_events) events = g_new0(floe_events, 1);
    g_autofree char *directory = event_directory(engine);

    events->since_unix_ns = options->since_unix_ns;
    events->until_unix_ns = options->until_unix_ns != 0 ? options->until_unix_ns : INT64_MAX;
    events->follows = options->follow;
    if (!event_filter_new(options->filters, &events->filter, error) ||
        !event_log_open(directory, options->since_unix_ns, options->follow, &events->log, error))
        return err_prefix(error, "events");
    *ret_events = g_steal_pointer(&events);
    return true;
}

/* A line that is none of ours is passed over: a full disk may have cut one off. */
static bool take_line(floe_events *events, const char *line, int64_t *ret_unix_ns)
{
    g_autoptr(JsonValue) event = NULL;
    g_autoptr(GError) err = NULL;
    const char *time = NULL;
    const char *status = NULL;

    if (!json_parse(line, strlen(line), "event", &event, &err) ||
        !json_get_string(event, "Time", &time, &err) ||
        !json_get_string(event, "Status", &status, &err) || time == NULL || status == NULL ||
        !time_from_rfc3339(time, ret_unix_ns, &err)) {
        log_info("a line of the event log cannot be read, ignoring it: %s",
                 err != NULL ? err->message : "no time or status");
        return false;
    }
    if (*ret_unix_ns < events->since_unix_ns || *ret_unix_ns > events->until_unix_ns ||
        !event_filter_matches(events->filter, event))
        return false;
    json_decref(events->event);
    events->event = g_steal_pointer(&event);
    g_free(events->line);
    events->line = g_strdup(line);
    return true;
}

static const char *text_of(const json_t *event, const char *key)
{
    const char *text = json_string_value(json_object_get(event, key));

    return text != NULL ? text : "";
}

static void describe(const floe_events *events, int64_t unix_ns, floe_event *ret_event)
{
    const json_t *event = events->event;

    *ret_event = (floe_event){
        .kind = event_kind_by_name(text_of(event, "Status")),
        .time_unix_ns = unix_ns,
        .exit_code = (int)json_integer_value(json_object_get(event, "ContainerExitCode")),
        .type = text_of(event, "Type"),
        .status = text_of(event, "Status"),
        .id = text_of(event, "ID"),
        .name = text_of(event, "Name"),
        .image = text_of(event, "Image"),
        .json = events->line,
    };
}

/* -1: no limit; of two the shorter. */
static int wait_limit_ms(const floe_events *events, int timeout_ms)
{
    int64_t left_ms;

    if (events->until_unix_ns == INT64_MAX)
        return timeout_ms;
    left_ms = (events->until_unix_ns - clock_unix_ns()) / NS_PER_MS + 1;
    left_ms = CLAMP(left_ms, 0, INT_MAX);
    return timeout_ms < 0 ? (int)left_ms : MIN(timeout_ms, (int)left_ms);
}

static bool wait_for_more(const floe_events *events, int64_t deadline_ms, GError **error)
{
    struct pollfd polled = { .fd = event_log_fd(events->log), .events = POLLIN };
    int ready = poll(&polled, 1, wait_limit_ms(events, clock_ms_until(deadline_ms)));

    if (ready < 0 && errno != EINTR)
        return err_set_errno(error, "wait for events");
    if (ready == 0 && clock_unix_ns() <= events->until_unix_ns)
        return err_set(error, FLOE_ERROR_TIMEOUT, "no event came in time");
    return true;
}

/* `*ret_event` is left zeroed at the end. */
static bool events_next(floe_events *events, int timeout_ms, floe_event *ret_event, GError **error)
{
    int64_t deadline_ms = clock_deadline_ms(timeout_ms);

    for (;;) {
        bool is_over = !events->follows || clock_unix_ns() > events->until_unix_ns;
        const char *line = NULL;
        int64_t unix_ns = 0;

        if (!event_log_next(events->log, &line, error))
            return false;
        if (line != NULL && take_line(events, line, &unix_ns)) {
            describe(events, unix_ns, ret_event);
            return true;
        }
        if (line == NULL && is_over)
            return true;
        if (line == NULL && !wait_for_more(events, deadline_ms, error))
            return false;
    }
}

/* --- the border ----------------------------------------------------------------------------- */

bool floe_events_open(floe_engine *engine, const floe_events_options *options,
                      floe_events **ret_events, floe_error **error)
{
    floe_events_options known = FLOE_EVENTS_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(ret_events), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             events_open(engine, &known, ret_events, &err),
                         &err, error);
}

void floe_events_close(floe_events *events)
{
    events_free(events);
}

int floe_events_fd(const floe_events *events)
{
    return events != NULL ? event_log_fd(events->log) : -1;
}

bool floe_events_next(floe_events *events, int timeout_ms, floe_event *ret_event, floe_error **error)
{
    floe_event event = { 0 };
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(events), GIVEN(ret_event), NULL) &&
              public_result_check(ret_event, &err) && events_next(events, timeout_ms, &event, &err);

    if (ok)
        public_result_write(ret_event, &event, sizeof(event));
    return public_result(ok, &err, error);
}
