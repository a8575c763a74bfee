/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/document.h"

json_t *document_parse(char *taken_text)
{
    auto_floe_free char *text = taken_text;
    json_error_t why;
    json_t *json = json_loads(text, JSON_DECODE_ANY, &why);

    if (json == NULL)
        cli_error("libfloe gave JSON that cannot be read: %s", why.text);
    return json;
}

json_t *document_of_engine(Cli *cli, DocumentFunction ask)
{
    floe_engine *engine = cli_engine(cli);
    g_autoptr(floe_error) error = NULL;
    char *text = NULL;

    if (engine != NULL && !ask(engine, &text, &error))
        cli_report(error);
    return text != NULL ? document_parse(text) : NULL;
}

json_t *document_list(Cli *cli, ListFunction list, const char *const *filters)
{
    floe_engine *engine = cli_engine(cli);
    g_autoptr(floe_error) error = NULL;
    char *text = NULL;

    if (engine != NULL && !list(engine, filters, &text, &error))
        cli_report(error);
    return text != NULL ? document_parse(text) : NULL;
}

json_t *document_containers(Cli *cli, const floe_list_options *options)
{
    floe_engine *engine = cli_engine(cli);
    g_autoptr(floe_error) error = NULL;
    char *text = NULL;

    if (engine != NULL && !floe_container_list(engine, options, &text, &error))
        cli_report(error);
    return text != NULL ? document_parse(text) : NULL;
}
