/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

#include <unistd.h>

static bool start(floe_container *container, const char *label, void *data, floe_error **error)
{
    g_autoptr(floe_error) why = NULL;

    /* Starting what runs is fine, as podman has it. */
    if (!floe_container_start(container, &why) && floe_error_get_code(why) != FLOE_ERROR_RUNNING) {
        *error = g_steal_pointer(&why);
        return false;
    }
    return true;
}

/* One that runs already is attached to, as podman has it. */
static bool start_or_attach(floe_container *container, const floe_attach_streams *streams,
                            floe_attachment **ret_attachment, floe_error **error)
{
    g_autoptr(floe_error) why = NULL;

    if (floe_container_start_and_attach(container, streams, ret_attachment, &why))
        return true;
    if (floe_error_get_code(why) == FLOE_ERROR_RUNNING)
        return floe_container_attach(container, streams, ret_attachment, error);
    *error = g_steal_pointer(&why);
    return false;
}

static int start_attached(Cli *cli, const Selection *selection, const floe_attach_streams *streams)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(floe_attachment) attachment = NULL;
    g_auto(Terminal) terminal = TERMINAL_NONE;
    int status = STATUS_OK;

    if (selection->all || selection->filters != NULL ||
        g_strv_length(selection->names) + selection->latest != 1)
        return cli_error("with --attach or --interactive exactly one container can be started");

    g_autoptr(floe_container) container = selection_one(cli, selection->names[0], selection->latest,
                                                        &status);
    if (container == NULL)
        return status;
    terminal_lend(&terminal, floe_container_has_tty(container), streams->stdin_fd >= 0);
    if (start_or_attach(container, streams, &attachment, &error) &&
        terminal_attend(&terminal, attachment, &status, &error))
        return status;
    terminal_take_back(&terminal);
    return floe_error_get_code(error) == FLOE_ERROR_DETACHED ? STATUS_OK : cli_report(error);
}

int cmd_start(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "start [options] CONTAINER...",
        .about = "Start containers that do not run. With --attach floe passes on the output of\n"
                 "the one container, and ends with its exit code.",
        .max_words = -1,
    };
    g_auto(Selection) selection = { .print_labels = true, .at_once = true };
    floe_attach_streams streams = FLOE_ATTACH_STREAMS_INIT;
    bool attach = false, interactive = false;
    int status;

    streams.proxy_signals = true;
    const Option options[] = {
        { "all", 0, OPTION_FLAG, &selection.all, NULL, "Start all containers" },
        { "attach", 'a', OPTION_FLAG, &attach, NULL,
          "Pass on the container's output and exit code" },
        { "detach-keys", 0, OPTION_TEXT, &streams.detach_keys, "KEYS",
          "Keys that detach from a terminal" },
        { "filter", 'f', OPTION_COMMA_LIST, &selection.filters, "KEY=VALUE",
          "Start those that match, as for ps" },
        { "interactive", 'i', OPTION_FLAG, &interactive, NULL,
          "Pass on standard input (with --attach)" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "Start the container created last" },
        { "sig-proxy", 0, OPTION_FLAG, &streams.proxy_signals, NULL,
          "Pass on signals while attached (default true)" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    if (attach || interactive) {
        if (interactive)
            streams.stdin_fd = STDIN_FILENO;
        return start_attached(cli, &selection, &streams);
    }
    return selection_each(cli, &selection, start, NULL);
}
