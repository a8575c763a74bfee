/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/verbs.h"

static int reset(Cli *cli)
{
    g_autoptr(floe_error) error = NULL;

    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    return floe_engine_reset(cli->engine, &error) ? STATUS_OK : cli_report(error);
}

int cmd_system_reset(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "system reset [options]",
        .about = "Remove everything that floe has: containers, running ones too, pods, images,\n"
                 "volumes, networks, and its files.",
    };
    g_autoptr(GError) error = NULL;
    bool yes = false;
    char **words;
    int status;
    const Option options[] = {
        { "force", 'f', OPTION_FLAG, &yes, NULL, "Do not ask" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (!yes && !cli_ask("This will remove:\n"
                         "\t- all containers, running ones too\n"
                         "\t- all pods\n"
                         "\t- all images\n"
                         "\t- all volumes, with what is in them\n"
                         "\t- all networks\n"
                         "\t- all build cache",
                         &yes, &error))
        return cli_report_local(error);
    return yes ? reset(cli) : STATUS_OK;
}
