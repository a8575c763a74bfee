/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

static bool restart(floe_container *container, const char *label, void *data, floe_error **error)
{
    if (!floe_container_restart(container, data, error))
        return false;
    return true;
}

int cmd_restart(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "restart [options] CONTAINER...",
        .about = "Stop containers, if they run, and start them again.",
        .max_words = -1,
    };
    g_auto(Selection) selection = { .print_labels = true, .at_once = true };
    floe_stop_options stop_options = FLOE_STOP_OPTIONS_INIT;
    bool running = false;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "Restart all containers" },
        { "cidfile", 0, OPTION_LIST, &selection.cidfiles, "FILE",
          "Restart the container whose id is in the file" },
        { "filter", 'f', OPTION_COMMA_LIST, &selection.filters, "KEY=VALUE",
          "Restart those that match, as for ps" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL,
          "Restart the container created last" },
        { "running", 0, OPTION_FLAG, &running, NULL, "Restart all that run" },
        { "time", 't', OPTION_TIMEOUT, &stop_options.timeout_s, "SECONDS",
          "Time from the stop signal to SIGKILL (10; -1: no end)" },
        { "timeout", 0, OPTION_TIMEOUT, &stop_options.timeout_s, "SECONDS", NULL },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    if (running) {
        selection.all = true;
        selection.all_states = STATE_BIT(FLOE_STATE_RUNNING);
    }
    return selection_each(cli, &selection, restart, &stop_options);
}
