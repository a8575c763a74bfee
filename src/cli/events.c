/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/go-template.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/value.h"
#include "cli/verbs.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ID_SHORT 12

typedef struct EventPrinter {
    GoTemplate *template; /* NULL: lines for people, or JSON */
    bool as_json;
    bool truncates;
} EventPrinter;

/* "2026-11-22T06:33:50.19Z" as Go prints times: "2026-11-22 06:33:50.19 +0000 UTC". */
static char *go_time(const json_t *event)
{
    const char *text = json_string_value(json_object_get(event, "Time"));
    g_autofree char *time = g_strdup(text != NULL ? text : "");
    size_t length = strlen(time);

    g_strdelimit(time, "T", ' ');
    if (length > 0 && time[length - 1] == 'Z')
        time[length - 1] = '\0';
    return g_strconcat(time, " +0000 UTC", NULL);
}

static void append_attributes(GString *line, const json_t *event, const floe_event *described)
{
    const char *key;
    json_t *value;

    g_string_append_printf(line, " (image=%s, name=%s", described->image, described->name);
    json_object_foreach(json_object_get(event, "Attributes"), key, value) {
        g_string_append_printf(line, ", %s=%s", key, json_string_value(value));
    }
    g_string_append_c(line, ')');
}

/* Who is in the network, and which network it is; NULL of a network as a whole. */
static const char *network_of_member(const json_t *event)
{
    const char *status = json_string_value(json_object_get(event, "Status"));

    return g_strcmp0(status, "connect") == 0 || g_strcmp0(status, "disconnect") == 0
               ? json_string_value(json_object_get(event, "Network"))
               : NULL;
}

/* podman's lines: of a container with image, name and labels; of anything else with its name. */
static void print_line(const json_t *event, const floe_event *described, bool truncates)
{
    g_autofree char *time = go_time(event);
    g_autoptr(GString) line = g_string_new(time);

    g_string_append_printf(line, " %s %s", described->type, described->status);
    if (described->id[0] != '\0')
        g_string_append_printf(line, " %.*s", truncates ? ID_SHORT : -1, described->id);
    if (strcmp(described->type, "container") == 0)
        append_attributes(line, event, described);
    else if (network_of_member(event) != NULL)
        g_string_append_printf(line, " (container=%s, name=%s)", described->id,
                               network_of_member(event));
    else if (described->name[0] != '\0')
        g_string_append_printf(line, " %s", described->name);
    puts(line->str);
}

/* All fields of podman's struct, also those that the event does not have. */
static json_t *for_template(const json_t *event)
{
    static const char *const texts[] = { "ID",     "Image", "Name",        "Network",
                                         "Status", "Type",  "HealthStatus" };
    json_t *fields = json_object();
    json_t *attributes = json_object_get(event, "Attributes");
    g_autofree char *time = go_time(event);

    json_object_set_new(fields, "ContainerExitCode", json_integer(0));
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        json_object_set_new(fields, texts[i], json_string(""));
    json_object_update(fields, (json_t *)event);
    json_object_set_new(fields, "Time", json_string(time));
    json_object_set_new(fields, "Attributes",
                        json_is_object(attributes) ? json_incref(attributes) : json_object());
    return fields;
}

static bool print_event(const EventPrinter *printer, const floe_event *described, GError **error)
{
    json_auto_t *event = NULL;

    if (printer->as_json) {
        puts(described->json);
        return true;
    }
    event = json_loads(described->json, 0, NULL);
    if (event == NULL)
        return cli_set_error(error, "libfloe gave an event that cannot be read");
    if (printer->template == NULL) {
        print_line(event, described, printer->truncates);
        return true;
    }

    json_auto_t *fields = for_template(event);
    g_autoptr(GString) line = g_string_new(NULL);
    if (!go_template_execute(printer->template, fields, line, error))
        return false;
    puts(line->str);
    return true;
}

/* Until there may be more, `until` has come, or the reader of our output has gone. */
static void wait_for_more(floe_events *events, int64_t until_unix_ns)
{
    struct pollfd polled[] = {
        { .fd = floe_events_fd(events), .events = POLLIN },
        { .fd = STDOUT_FILENO }, /* for POLLERR */
    };
    int64_t left_ms = -1;

    if (until_unix_ns != 0) {
        int64_t left_us = until_unix_ns / 1000 - g_get_real_time();

        left_ms = MAX(left_us, 0) / 1000 + 1;
    }
    poll(polled, G_N_ELEMENTS(polled), (int)MIN(left_ms, G_MAXINT));
}

static int print_events(floe_events *events, const EventPrinter *printer, int64_t until_unix_ns)
{
    for (;;) {
        floe_event event = { .size = sizeof(event) };
        g_autoptr(floe_error) error = NULL;
        g_autoptr(GError) wrong = NULL;

        if (floe_events_next(events, 0, &event, &error)) {
            if (event.status == NULL)
                return STATUS_OK;
            if (!print_event(printer, &event, &wrong))
                return cli_report_local(wrong);
            continue;
        }
        if (floe_error_get_code(error) != FLOE_ERROR_TIMEOUT)
            return cli_report(error);
        if (fflush(stdout) != 0 || cli_stdout_is_gone())
            return STATUS_OK;
        wait_for_more(events, until_unix_ns);
    }
}

/* A duration is one before now in --since, one from now on in --until, as podman has it. */
static bool read_times(const char *since, const char *until, floe_events_options *ret,
                       GError **error)
{
    int64_t now_unix_ns = g_get_real_time() * 1000;
    int64_t ahead_ns;

    if (since != NULL && !value_time(since, now_unix_ns, &ret->since_unix_ns, error)) {
        g_prefix_error(error, "invalid argument '%s' for --since: ", since);
        return false;
    }
    if (until != NULL && value_duration(until, &ahead_ns, NULL)) {
        ret->until_unix_ns = now_unix_ns + ahead_ns;
    } else if (until != NULL && !value_time(until, now_unix_ns, &ret->until_unix_ns, error)) {
        g_prefix_error(error, "invalid argument '%s' for --until: ", until);
        return false;
    }
    if (ret->follow && since == NULL && until == NULL)
        ret->since_unix_ns = now_unix_ns;
    return true;
}

static int events_with(Cli *cli, const floe_events_options *options, const EventPrinter *printer)
{
    g_autoptr(floe_error) error = NULL;
    floe_engine *engine = cli_engine(cli);
    floe_events *events = NULL;
    int status;

    if (engine == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_events_open(engine, options, &events, &error))
        return cli_report(error);
    status = print_events(events, printer, options->until_unix_ns);
    floe_events_close(events);
    return status;
}

int cmd_events(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "events [options]",
        .about = "Print what happens to containers and images, as it happens; with --since or\n"
                 "--until also what has happened. The last one or two megabytes are kept.",
    };
    floe_events_options events = FLOE_EVENTS_OPTIONS_INIT;
    g_autoptr(GoTemplate) template = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) filters = NULL;
    const char *format = NULL, *since = NULL, *until = NULL;
    bool no_trunc = true;
    char **words;
    int status;
    const Option options[] = {
        { "filter", 'f', OPTION_LIST, &filters, "KEY=VALUE",
          "Only those that match: container, event, image, label, type" },
        { "format", 0, OPTION_TEXT, &format, "TEMPLATE", "json or a Go template for each event" },
        { "no-trunc", 0, OPTION_FLAG, &no_trunc, NULL, "Whole ids (default true)" },
        { "since", 0, OPTION_TEXT, &since, "TIME",
          "From this time on: a date, or a duration before now (10m)" },
        { "stream", 0, OPTION_FLAG, &events.follow, NULL,
          "Go on with what happens next (default true)" },
        { "until", 0, OPTION_TEXT, &until, "TIME",
          "Up to this time: a date, or a duration from now on" },
        OPTIONS_END,
    };

    events.follow = true;
    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (!read_times(since, until, &events, &error))
        return cli_report_local(error);
    if (format != NULL && !output_is_json(format)) {
        g_autofree char *plain = go_template_unescape(format);

        template = go_template_parse(plain, &error);
        if (template == NULL)
            return cli_report_local(error);
    }
    events.filters = list_const(filters);
    EventPrinter printer = { template, format != NULL && template == NULL, !no_trunc };
    return events_with(cli, &events, &printer);
}
