/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

static bool wait_one(floe_container *container, const char *label, void *data, floe_error **error)
{
    int exit_code;

    if (!floe_container_wait(container, -1, &exit_code, error))
        return false;
    printf("%d\n", exit_code);
    fflush(stdout); /* whoever reads along waits for it too */
    return true;
}

/* With --ignore an unknown name counts as one that ended with -1. */
static int wait_ignoring(Cli *cli, char **names)
{
    int status = STATUS_OK;

    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    for (; *names != NULL; names++) {
        g_autoptr(floe_error) error = NULL;
        g_autoptr(floe_container) container = NULL;

        if (floe_container_lookup(cli->engine, *names, &container, &error) &&
            wait_one(container, *names, NULL, &error))
            continue;
        if (floe_error_get_code(error) == FLOE_ERROR_NOT_FOUND)
            puts("-1");
        else
            status = cli_report(error);
    }
    return status;
}

static bool conditions_are_supported(char **conditions, GError **error)
{
    for (char **name = conditions; name != NULL && *name != NULL; name++) {
        if (strcmp(*name, "stopped") != 0 && strcmp(*name, "exited") != 0)
            return cli_set_error(error,
                                 "--condition=%s is not supported by floe yet, only stopped "
                                 "and exited",
                                 *name);
    }
    return true;
}

int cmd_wait(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "wait [options] CONTAINER...",
        .about = "Wait for containers to end, one after another, and print their exit codes.",
        .later = "return-first",
        .max_words = -1,
    };
    g_auto(Selection) selection = { 0 };
    g_auto(GStrv) conditions = NULL;
    g_autoptr(GError) error = NULL;
    int status;
    const Option options[] = {
        { "condition", 0, OPTION_COMMA_LIST, &conditions, "STATE",
          "stopped or exited, the default" },
        { "ignore", 0, OPTION_FLAG, &selection.ignore, NULL, "Print -1 for what does not exist" },
        { "interval", 'i', OPTION_TEXT, NULL, "TIME",
          "Accepted: floe waits for events, not by time" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The container created last" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    if (!conditions_are_supported(conditions, &error))
        return cli_report_local(error);
    if (selection.ignore && !selection.latest && selection.names[0] != NULL)
        return wait_ignoring(cli, selection.names);
    return selection_each(cli, &selection, wait_one, NULL);
}
