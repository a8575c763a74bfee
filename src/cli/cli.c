/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

floe_engine *cli_engine(Cli *cli)
{
    g_autoptr(floe_error) error = NULL;

    if (cli->engine == NULL && !floe_engine_open(&cli->engine_options, &cli->engine, &error))
        cli_report(error);
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

int cli_report_unremoved(const floe_error *error)
{
    cli_report(error);
    switch (floe_error_get_code(error)) {
    case FLOE_ERROR_NOT_FOUND: return STATUS_NO;
    case FLOE_ERROR_IN_USE: return STATUS_WRONG_STATE;
    default: return cli_status_of(error);
    }
}

json_t *cli_take_json(char *taken_text, GError **error)
{
    auto_floe_free char *text = taken_text;
    json_error_t why;
    json_t *json = json_loads(text, JSON_DECODE_ANY, &why);

    if (json == NULL)
        cli_set_error(error, "libfloe gave JSON that cannot be read: %s", why.text);
    return json;
}

void cli_print_taken(char **taken_names)
{
    for (char **name = taken_names; *name != NULL; name++)
        puts(*name);
    floe_strv_free(taken_names);
}
