/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

#include <unistd.h>

int cmd_attach(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "attach [options] CONTAINER",
        .about = "Connect to a running container: see what it writes from now on, type to it, and\n"
                 "end with its exit code. The keys ctrl-p ctrl-q detach; it goes on running.",
        .max_words = 1,
    };
    g_autoptr(floe_container) container = NULL;
    g_autoptr(floe_attachment) attachment = NULL;
    g_autoptr(floe_error) error = NULL;
    g_auto(Terminal) terminal = TERMINAL_NONE;
    floe_attach_streams streams = FLOE_ATTACH_STREAMS_INIT;
    bool no_stdin = false, latest = false;
    char **words;
    int status;

    streams.proxy_signals = true;
    const Option options[] = {
        { "detach-keys", 0, OPTION_TEXT, &streams.detach_keys, "KEYS",
          "Keys that detach (\"ctrl-p,ctrl-q\"; \"\": none)" },
        { "latest", 'l', OPTION_FLAG, &latest, NULL, "Attach to the container created last" },
        { "no-stdin", 0, OPTION_FLAG, &no_stdin, NULL, "Do not pass on standard input" },
        { "sig-proxy", 0, OPTION_FLAG, &streams.proxy_signals, NULL,
          "Pass on signals to the container (default true)" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if ((words[0] != NULL) == latest)
        return cli_error("a container or --latest is needed, and not both");
    container = selection_one(cli, words[0], latest, &status);
    if (container == NULL)
        return status;

    if (!no_stdin)
        streams.stdin_fd = STDIN_FILENO;
    terminal_lend(&terminal, floe_container_has_tty(container), !no_stdin);
    if (floe_container_attach(container, &streams, &attachment, &error) &&
        terminal_attend(&terminal, attachment, &status, &error))
        return status;
    terminal_take_back(&terminal);
    return floe_error_get_code(error) == FLOE_ERROR_DETACHED ? STATUS_OK : cli_report(error);
}
