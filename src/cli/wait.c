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

/* podman has two names for a container that was only created. */
static bool add_condition(const char *name, unsigned *states, GError **error)
{
    if (strcmp(name, "configured") == 0)
        name = floe_container_state_name(FLOE_STATE_CONFIGURED);
    for (unsigned state = FLOE_STATE_UNKNOWN; state <= FLOE_STATE_STOPPING; state++) {
        if (strcmp(name, floe_container_state_name((floe_container_state)state)) == 0) {
            *states |= STATE_BIT(state);
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
        if (!add_condition(*names, &options->states, error))
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
        .later = "return-first",
        .max_words = -1,
    };
    g_auto(Selection) selection = { 0 };
    g_auto(GStrv) conditions = NULL;
    floe_wait_options wait_options = FLOE_WAIT_OPTIONS_INIT;
    const char *interval = NULL;
    g_autoptr(GError) error = NULL;
    int status;
    const Option options[] = {
        { "condition", 0, OPTION_COMMA_LIST, &conditions, "STATE",
          "What to wait for; its end (stopped, exited) if not given" },
        { "ignore", 0, OPTION_FLAG, &selection.ignore, NULL, "Print -1 for what does not exist" },
        { "interval", 'i', OPTION_TEXT, &interval, "TIME",
          "How often to look for states other than the end (250ms)" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The container created last" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    if (!read_conditions(conditions, &wait_options, &error) ||
        !read_interval(interval, &wait_options, &error))
        return cli_report_local(error);
    if (selection.ignore && !selection.latest && selection.names[0] != NULL)
        return wait_ignoring(cli, selection.names, &wait_options);
    return selection_each(cli, &selection, wait_one, &wait_options);
}
