/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/value.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_MS G_GINT64_CONSTANT(1000000)

static bool wait_one(floe_container *container, const char *label, void *data, floe_error **error)
{
    int exit_code;

    if (!floe_container_wait_for(container, data, &exit_code, error))
        return false;
    printf("%d\n", exit_code);
    fflush(stdout); /* whoever reads along waits for it too */
    return true;
}

/* With --ignore an unknown name counts as one that ended with -1. */
static int wait_ignoring(Cli *cli, char **names, floe_wait_options *wait_options)
{
    int status = STATUS_OK;

    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    for (; *names != NULL; names++) {
        g_autoptr(floe_error) error = NULL;
        g_autoptr(floe_container) container = NULL;

        if (floe_container_lookup(cli->engine, *names, &container, &error) &&
            wait_one(container, *names, wait_options, &error))
            continue;
        if (floe_error_get_code(error) == FLOE_ERROR_NOT_FOUND)
            puts("-1");
        else
            status = cli_report(error);
    }
    return status;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(floe_events, floe_events_close)

/* --- the first of several ---------------------------------------------------------------------- */

/* Those that were named, or the latest; freed with floe_container_free(). */
static bool find_all(Cli *cli, const Selection *selection, GPtrArray *containers, floe_error **error)
{
    floe_container *container = NULL;

    if (selection->latest) {
        if (!floe_container_latest(cli->engine, &container, error))
            return false;
        g_ptr_array_add(containers, container);
    }
    for (char **name = selection->names; *name != NULL; name++) {
        if (!floe_container_lookup(cli->engine, *name, &container, error))
            return false;
        g_ptr_array_add(containers, container);
    }
    return true;
}

/* *ret_over: one of them met a condition, and its exit code was printed. */
static bool look_at_all(GPtrArray *containers, const floe_wait_options *options, bool *ret_over,
                        floe_error **error)
{
    floe_wait_options now = *options;

    now.timeout_ms = 0;
    for (guint i = 0; i < containers->len && !*ret_over; i++) {
        g_autoptr(floe_error) why = NULL;

        *ret_over = wait_one(containers->pdata[i], NULL, &now, &why);
        if (!*ret_over && floe_error_get_code(why) != FLOE_ERROR_TIMEOUT) {
            *error = g_steal_pointer(&why);
            return false;
        }
    }
    return true;
}

/* Events tell of most changes at once; what they do not tell of is looked for at intervals. */
static bool wait_for_event(floe_events *events, int interval_ms, floe_error **error)
{
    floe_event event = { .size = sizeof(event) };
    g_autoptr(floe_error) why = NULL;

    if (floe_events_next(events, interval_ms, &event, &why) ||
        floe_error_get_code(why) == FLOE_ERROR_TIMEOUT)
        return true;
    *error = g_steal_pointer(&why);
    return false;
}

static int wait_first(Cli *cli, const Selection *selection, const floe_wait_options *wait_options)
{
    static const char *const filters[] = { "type=container", NULL };
    g_autoptr(GPtrArray) containers = g_ptr_array_new_with_free_func(
        (GDestroyNotify)floe_container_free);
    floe_events_options events_options = FLOE_EVENTS_OPTIONS_INIT;
    g_autoptr(floe_events) events = NULL;
    g_autoptr(floe_error) error = NULL;
    bool is_over = false;
    bool ok = true;

    events_options.since_unix_ns = g_get_real_time() * 1000;
    events_options.filters = filters;
    events_options.follow = true;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    ok = floe_events_open(cli->engine, &events_options, &events, &error) &&
         find_all(cli, selection, containers, &error);
    while (ok && !is_over)
        ok = look_at_all(containers, wait_options, &is_over, &error) &&
             (is_over || wait_for_event(events, wait_options->interval_ms, &error));
    return ok ? STATUS_OK : cli_report(error);
}

/* --- the options ------------------------------------------------------------------------------- */

/* podman has two names for a container that was only created. */
static bool add_condition(const char *name, floe_wait_options *options, GError **error)
{
    options->healthy = options->healthy || strcmp(name, "healthy") == 0;
    options->unhealthy = options->unhealthy || strcmp(name, "unhealthy") == 0;
    if (strcmp(name, "healthy") == 0 || strcmp(name, "unhealthy") == 0)
        return true;
    if (strcmp(name, "configured") == 0)
        name = floe_container_state_name(FLOE_STATE_CONFIGURED);
    for (unsigned state = FLOE_STATE_UNKNOWN; state <= FLOE_STATE_STOPPING; state++) {
        if (strcmp(name, floe_container_state_name((floe_container_state)state)) == 0) {
            options->states |= STATE_BIT(state);
            return true;
        }
    }
    return cli_set_error(error, "--condition: '%s' is not a state of a container", name);
}

static bool read_conditions(char **names, floe_wait_options *options, GError **error)
{
    if (names == NULL || *names == NULL)
        return true;
    options->states = 0;
    for (; *names != NULL; names++) {
        if (!add_condition(*names, options, error))
            return false;
    }
    return true;
}

/* A number alone is milliseconds. */
static bool read_interval(const char *text, floe_wait_options *options, GError **error)
{
    g_autofree char *with_unit = NULL;
    int64_t interval_ns = 0;

    if (text == NULL)
        return true;
    if (*text != '\0' && text[strspn(text, "0123456789")] == '\0')
        with_unit = g_strconcat(text, "ms", NULL);
    if (!value_duration(with_unit != NULL ? with_unit : text, &interval_ns, error)) {
        g_prefix_error(error, "--interval: ");
        return false;
    }
    if (interval_ns < NS_PER_MS || interval_ns / NS_PER_MS > G_MAXINT)
        return cli_set_error(error, "--interval: '%s' is too short or too long", text);
    options->interval_ms = (int)(interval_ns / NS_PER_MS);
    return true;
}

int cmd_wait(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "wait [options] CONTAINER...",
        .about = "Wait for containers to end, one after another, and print their exit codes, or\n"
                 "for the states that --condition names, and print -1 for those.",
        .max_words = -1,
    };
    g_auto(Selection) selection = { 0 };
    g_auto(GStrv) conditions = NULL;
    floe_wait_options wait_options = FLOE_WAIT_OPTIONS_INIT;
    const char *interval = NULL;
    bool return_first = false;
    g_autoptr(GError) error = NULL;
    int status;
    const Option options[] = {
        { "condition", 0, OPTION_COMMA_LIST, &conditions, "STATE",
          "What to wait for; its end (stopped, exited) if not given" },
        { "ignore", 0, OPTION_FLAG, &selection.ignore, NULL, "Print -1 for what does not exist" },
        { "interval", 'i', OPTION_TEXT, &interval, "TIME",
          "How often to look for states other than the end (250ms)" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The container created last" },
        { "return-first", 0, OPTION_FLAG, &return_first, NULL,
          "Wait for all at once, and only until the first is there" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    if (!read_conditions(conditions, &wait_options, &error) ||
        !read_interval(interval, &wait_options, &error))
        return cli_report_local(error);
    if (return_first && (selection.latest || selection.names[0] != NULL))
        return wait_first(cli, &selection, &wait_options);
    if (selection.ignore && !selection.latest && selection.names[0] != NULL)
        return wait_ignoring(cli, selection.names, &wait_options);
    return selection_each(cli, &selection, wait_one, &wait_options);
}
