/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/verbs.h"

#include <stdio.h>

int cmd_network_update(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "network update [options] NETWORK",
        .about = "Change the DNS servers that a network asks for names of other places. Its containers\n"
                 "notice at once.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "a network is missing",
    };
    g_autoptr(floe_error) error = NULL;
    g_auto(GStrv) add = NULL, drop = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "dns-add", 0, OPTION_COMMA_LIST, &add, "ADDRESS", "One more DNS server" },
        { "dns-drop", 0, OPTION_COMMA_LIST, &drop, "ADDRESS", "One less" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (add == NULL && drop == NULL)
        return cli_error("give --dns-add or --dns-drop");
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_network_update(cli->engine, words[0], list_const(add), list_const(drop), &error))
        return cli_report(error);
    puts(words[0]);
    return STATUS_OK;
}
