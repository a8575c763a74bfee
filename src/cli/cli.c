/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <unistd.h>

static void report_not_open(const floe_error *error)
{
    if (geteuid() != 0 && floe_error_get_code(error) == FLOE_ERROR_IO)
        cli_error("%s (floe has to run as root: sudo floe ...)", floe_error_get_message(error));
    else
        cli_report(error);
}

floe_engine *cli_engine(Cli *cli)
{
    g_autoptr(floe_error) error = NULL;

    if (cli->engine == NULL && !floe_engine_open(&cli->engine_options, &cli->engine, &error))
        report_not_open(error);
    return cli->engine;
}

int cli_status_of(const floe_error *error)
{
    switch (floe_error_get_code(error)) {
    case FLOE_ERROR_CMD_NOT_FOUND: return STATUS_NOT_FOUND;
    case FLOE_ERROR_CMD_NOT_RUNNABLE: return STATUS_NOT_RUNNABLE;
    default: return STATUS_FLOE_FAILED;
    }
}

int cli_report(const floe_error *error)
{
    cli_error("%s", floe_error_get_message(error));
    return cli_status_of(error);
}
