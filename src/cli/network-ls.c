/* SPDX-License-Identifier: Apache-2.0 */
/* `network ls` and `network inspect`: one prints of all what the other prints of those that are named. */
#include "cli/document.h"
#include "cli/inspection.h"
#include "cli/network-view.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/verbs.h"

#include <stdio.h>

#define LS_FORMAT "table {{.ID}}\t{{.Name}}\t{{.Driver}}"

/* --- ls --------------------------------------------------------------------------------------- */

static void print_names(const json_t *list)
{
    size_t i;
    json_t *network;

    json_array_foreach(list, i, network)
        puts(json_string_value(json_object_get(network, "name")));
}

static int print_list(const json_t *list, const char *format, bool no_heading, bool truncates)
{
    json_auto_t *headers = json_pack("{s:s, s:s, s:s, s:s}", "ID", "NETWORK ID", "Name", "NAME",
                                     "Driver", "DRIVER", "Labels", "LABELS");
    json_auto_t *rows = json_array();
    g_autoptr(GError) error = NULL;
    size_t i;
    json_t *network;

    if (output_is_json(format)) {
        output_json(list);
        return STATUS_OK;
    }
    json_array_foreach(list, i, network)
        json_array_append_new(rows, network_row(network, truncates));
    return output_template(format, rows, no_heading ? NULL : headers, &error)
               ? STATUS_OK
               : cli_report_local(error);
}

int cmd_network_ls(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "network ls [options]",
        .about = "List networks.",
    };
    g_auto(GStrv) filters = NULL;
    const char *format = NULL;
    bool no_heading = false, quiet = false, no_trunc = false;
    char **words;
    int status;
    const Option options[] = {
        { "filter", 'f', OPTION_LIST, &filters, "KEY=VALUE",
          "Only those that match: dangling, driver, id, label, label!, name, until" },
        { "format", 0, OPTION_TEXT, &format, "TEMPLATE",
          "json, a Go template, or 'table TEMPLATE'" },
        { "no-trunc", 0, OPTION_FLAG, &no_trunc, NULL, "Whole ids" },
        { "noheading", 'n', OPTION_FLAG, &no_heading, NULL, "No line with the columns' names" },
        { "quiet", 'q', OPTION_FLAG, &quiet, NULL, "Only the names" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (quiet && format != NULL)
        return cli_error("--quiet and --format exclude each other");

    json_auto_t *list = document_list(cli, floe_network_list, list_const(filters));

    if (list == NULL)
        return STATUS_FLOE_FAILED;
    if (!quiet)
        return print_list(list, format != NULL ? format : LS_FORMAT, no_heading, !no_trunc);
    print_names(list);
    return STATUS_OK;
}

/* --- inspect ---------------------------------------------------------------------------------- */

static void inspect_one(floe_engine *engine, const char *name, Inspection *inspection)
{
    g_autoptr(floe_error) error = NULL;
    char *text = NULL;

    if (floe_network_inspect(engine, name, &text, &error))
        inspection_add(inspection, text);
    else
        inspection_fail(inspection, "inspecting object: network %s: %s", name,
                        floe_error_get_message(error));
}

int cmd_network_inspect(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "network inspect [options] NETWORK...",
        .about = "Print all that is known of networks, as JSON.",
        .min_words = 1,
        .max_words = -1,
        .words_missing = "a network is missing",
    };
    g_auto(Inspection) inspection = { 0 };
    const char *format = "json";
    char **names;
    int status;
    const Option options[] = {
        { "format", 'f', OPTION_TEXT, &format, "TEMPLATE", "json (the default) or a Go template" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &names, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    inspection_init(&inspection, json_array());
    for (; *names != NULL; names++)
        inspect_one(cli->engine, *names, &inspection);
    return inspection_print(&inspection, format, network_view);
}
