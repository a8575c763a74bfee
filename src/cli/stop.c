/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

/*
 * Not running is what a stop is to reach: created, exited. A paused one is an error, as in podman.
 */
static bool is_at_rest(floe_container *container)
{
    floe_container_state state = FLOE_STATE_UNKNOWN;

    if (!floe_container_get_state(container, &state, NULL))
        return false;
    return state == FLOE_STATE_CONFIGURED || state == FLOE_STATE_EXITED ||
           state == FLOE_STATE_STOPPED;
}

static bool stop(floe_container *container, const char *label, void *data, floe_error **error)
{
    g_autoptr(floe_error) why = NULL;
    bool stopped = floe_container_stop(container, data, &why);

    if (!stopped && floe_error_get_code(why) != FLOE_ERROR_STOPPED &&
        !(floe_error_get_code(why) == FLOE_ERROR_BAD_STATE && is_at_rest(container))) {
        *error = g_steal_pointer(&why);
        return false;
    }
    return true;
}

int cmd_stop(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "stop [options] CONTAINER...",
        .about = "Stop containers: send the stop signal, and SIGKILL when that did not end\n"
                 "them in time. Stopping what does not run is no error.",
        .max_words = -1,
    };
    g_auto(Selection) selection = {
        .all_states = STATE_BIT(FLOE_STATE_CREATED) | STATE_BIT(FLOE_STATE_RUNNING) |
                      STATE_BIT(FLOE_STATE_STOPPING),
        .restarting_too = true,
        .print_labels = true,
        .at_once = true,
    };
    floe_stop_options stop_options = FLOE_STOP_OPTIONS_INIT;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "Stop all that run" },
        { "cidfile", 0, OPTION_LIST, &selection.cidfiles, "FILE",
          "Stop the container whose id is in the file" },
        { "filter", 'f', OPTION_COMMA_LIST, &selection.filters, "KEY=VALUE",
          "Stop those that match, as for ps" },
        { "host-shutdown", 0, OPTION_FLAG, &stop_options.host_shutdown, NULL,
          "The host goes down: no user wants them stopped" },
        { "ignore", 'i', OPTION_FLAG, &selection.ignore, NULL, "No error for what does not exist" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "Stop the container created last" },
        { "time", 't', OPTION_TIMEOUT, &stop_options.timeout_s, "SECONDS",
          "Time from the stop signal to SIGKILL (10; -1: no end)" },
        { "timeout", 0, OPTION_TIMEOUT, &stop_options.timeout_s, "SECONDS", NULL },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    if (stop_options.host_shutdown)
        selection.all_states |= STATE_BIT(FLOE_STATE_PAUSED);
    return selection_each(cli, &selection, stop, &stop_options);
}
