/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/removal.h"
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
    static const char warning[] = "This will remove:\n"
                                  "\t- all containers, running ones too\n"
                                  "\t- all pods\n"
                                  "\t- all images\n"
                                  "\t- all volumes, with what is in them\n"
                                  "\t- all networks\n"
                                  "\t- all build cache";
    int status;

    return removal_is_wanted(&usage, argv, warning, &status) ? reset(cli) : status;
}
