/* SPDX-License-Identifier: Apache-2.0 */
/* `volume ls` and `volume inspect`: one prints of all what the other prints of those that are named. */
#include "cli/document.h"
#include "cli/inspection.h"
#include "cli/listing.h"
#include "cli/options.h"
#include "cli/verbs.h"

#define LS_FORMAT "table {{.Driver}}\t{{.Name}}"

/* --- ls --------------------------------------------------------------------------------------- */

/* Without any, there is no heading either, as podman has it. */
static int print_list(const Listing *listing, const json_t *list)
{
    json_auto_t *headers = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "Name",
                                     "VOLUME NAME", "Driver", "DRIVER", "Labels", "LABELS",
                                     "Mountpoint", "MOUNTPOINT", "Options", "OPTIONS", "Scope",
                                     "SCOPE", "CreatedAt", "CREATED AT", "MountCount",
                                     "MOUNT COUNT");

    return listing_print(listing, list, LS_FORMAT, list, json_array_size(list) > 0 ? headers : NULL);
}

int cmd_volume_ls(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume ls [options]",
        .about = "List volumes.",
    };
    g_auto(Listing) listing = { 0 };
    int status;
    const Option options[] = {
        LISTING_ROWS(&listing, OPTION_COMMA_LIST,
                     "dangling, driver, label, label!, name, opt, scope, until", "Only the names"),
        OPTIONS_END,
    };
    json_auto_t *list = listing_ask(cli, &usage, options, argv, &listing, floe_volume_list, &status);

    if (list == NULL)
        return status;
    return listing.quiet ? listing_print_key(list, "Name") : print_list(&listing, list);
}

/* --- inspect ---------------------------------------------------------------------------------- */

static void inspect_one(floe_engine *engine, const char *name, Inspection *inspection)
{
    g_autoptr(floe_error) error = NULL;
    char *text = NULL;

    if (floe_volume_inspect(engine, name, &text, &error))
        inspection_add(inspection, text);
    else
        inspection_fail(inspection, "%s", floe_error_get_message(error));
}

/* `all` or those named. */
static int inspect(Cli *cli, char **names, bool all, const char *format)
{
    g_auto(Inspection) inspection = { 0 };
    json_t *found;

    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    found = all ? document_list(cli, floe_volume_list, NULL) : json_array();
    if (found == NULL)
        return STATUS_FLOE_FAILED;
    inspection_init(&inspection, found);
    for (; *names != NULL; names++)
        inspect_one(cli->engine, *names, &inspection);
    return inspection_print(&inspection, format, NULL);
}

int cmd_volume_inspect(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume inspect [options] VOLUME...",
        .about = "Print all that is known of volumes, as JSON.",
        .max_words = -1,
    };
    const char *format = "json";
    bool all = false;
    char **names;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &all, NULL, "All volumes" },
        { "format", 'f', OPTION_TEXT, &format, "TEMPLATE", "json (the default) or a Go template" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &names, &status))
        return status;
    if (all == (names[0] != NULL))
        return cli_error("provide one or more volume names or use --all");
    return inspect(cli, names, all, format);
}
