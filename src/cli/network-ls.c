/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `network ls` and `network inspect`: one prints of all what the other prints of those that are named.
 */
#include "cli/inspection.h"
#include "cli/listing.h"
#include "cli/network-view.h"
#include "cli/options.h"
#include "cli/verbs.h"

#define LS_FORMAT "table {{.ID}}\t{{.Name}}\t{{.Driver}}"

/* --- ls --------------------------------------------------------------------------------------- */

static int print_list(const Listing *listing, const json_t *list, bool truncates)
{
    json_auto_t *headers = json_pack("{s:s, s:s, s:s, s:s}", "ID", "NETWORK ID", "Name", "NAME",
                                     "Driver", "DRIVER", "Labels", "LABELS");
    json_auto_t *rows = json_array();
    size_t i;
    json_t *network;

    json_array_foreach(list, i, network)
        json_array_append_new(rows, network_row(network, truncates));
    return listing_print(listing, list, LS_FORMAT, rows, headers);
}

int cmd_network_ls(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "network ls [options]",
        .about = "List networks.",
    };
    g_auto(Listing) listing = { 0 };
    bool no_trunc = false;
    int status;
    const Option options[] = {
        LISTING_ROWS(&listing, OPTION_LIST, "dangling, driver, id, label, label!, name, until",
                     "Only the names"),
        { "no-trunc", 0, OPTION_FLAG, &no_trunc, NULL, "Whole ids" },
        OPTIONS_END,
    };
    json_auto_t *list = listing_ask(cli, &usage, options, argv, &listing, floe_network_list,
                                    &status);

    if (list == NULL)
        return status;
    return listing.quiet ? listing_print_key(list, "name") : print_list(&listing, list, !no_trunc);
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
