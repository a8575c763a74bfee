/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

static bool send_signal(floe_container *container, const char *label, void *data, floe_error **error)
{
    const int *signal = data;

    if (!floe_container_kill(container, *signal, error))
        return false;
    return true;
}

int cmd_kill(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "kill [options] CONTAINER...",
        .about = "Send a signal to the first process of containers.",
        .max_words = -1,
    };
    g_auto(Selection) selection = {
        .all_states = STATE_BIT(FLOE_STATE_RUNNING) | STATE_BIT(FLOE_STATE_STOPPING) |
                      STATE_BIT(FLOE_STATE_PAUSED),
        .skip_wrong_state = true,
        .print_labels = true,
    };
    const char *name = "KILL";
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "Signal all that run" },
        { "cidfile", 0, OPTION_LIST, &selection.cidfiles, "FILE",
          "Signal the container whose id is in the file" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "Signal the container created last" },
        { "signal", 's', OPTION_TEXT, &name, "SIGNAL", "Name or number of the signal (KILL)" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;

    int signal = floe_signal_number(name);
    if (signal == 0)
        return cli_error("invalid signal: %s", name);
    return selection_each(cli, &selection, send_signal, &signal);
}
