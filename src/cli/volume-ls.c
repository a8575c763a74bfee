/* SPDX-License-Identifier: Apache-2.0 */
/* `volume ls` and `volume inspect`: one prints of all what the other prints of those that are named. */
#include "cli/document.h"
#include "cli/inspection.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/verbs.h"

#include <stdio.h>

#define LS_FORMAT "table {{.Driver}}\t{{.Name}}"

/* --- ls --------------------------------------------------------------------------------------- */

static void print_names(const json_t *list)
{
    size_t i;
    json_t *volume;

    json_array_foreach(list, i, volume)
        puts(json_string_value(json_object_get(volume, "Name")));
}

static int print_list(const json_t *list, const char *format, bool no_heading)
{
    json_auto_t *headers = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "Name",
                                     "VOLUME NAME", "Driver", "DRIVER", "Labels", "LABELS",
                                     "Mountpoint", "MOUNTPOINT", "Options", "OPTIONS", "Scope",
                                     "SCOPE", "CreatedAt", "CREATED AT", "MountCount",
                                     "MOUNT COUNT");
    g_autoptr(GError) error = NULL;

    if (output_is_json(format)) {
        output_json(list);
        return STATUS_OK;
    }
    /* As podman: no table, no heading. */
    if (json_array_size(list) == 0)
        return STATUS_OK;
    return output_template(format, list, no_heading ? NULL : headers, &error)
               ? STATUS_OK
               : cli_report_local(error);
}

int cmd_volume_ls(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume ls [options]",
        .about = "List volumes.",
    };
    g_auto(GStrv) filters = NULL;
    const char *format = NULL;
    bool no_heading = false, quiet = false;
    char **words;
    int status;
    const Option options[] = {
        { "filter", 'f', OPTION_COMMA_LIST, &filters, "KEY=VALUE",
          "Only those that match: dangling, driver, label, label!, name, opt, scope, until" },
        { "format", 0, OPTION_TEXT, &format, "TEMPLATE",
          "json, a Go template, or 'table TEMPLATE'" },
        { "noheading", 'n', OPTION_FLAG, &no_heading, NULL, "No line with the columns' names" },
        { "quiet", 'q', OPTION_FLAG, &quiet, NULL, "Only the names" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (quiet && format != NULL)
        return cli_error("--quiet and --format exclude each other");

    json_auto_t *list = document_list(cli, floe_volume_list, list_const(filters));

    if (list == NULL)
        return STATUS_FLOE_FAILED;
    if (!quiet)
        return print_list(list, format != NULL ? format : LS_FORMAT, no_heading);
    print_names(list);
    return STATUS_OK;
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
