/* SPDX-License-Identifier: Apache-2.0 */
/* `network ls` and `network inspect`: one prints of all what the other prints of those that are named. */
#include "cli/network-view.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/verbs.h"

#include <stdio.h>

#define LS_FORMAT "table {{.ID}}\t{{.Name}}\t{{.Driver}}"

/* --- ls --------------------------------------------------------------------------------------- */

/* NULL: it failed, and the error is printed. */
static json_t *load_list(Cli *cli, char **filters)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(GError) unreadable = NULL;
    char *text = NULL;
    json_t *list;

    if (cli_engine(cli) == NULL)
        return NULL;
    if (!floe_network_list(cli->engine, list_const(filters), &text, &error)) {
        cli_report(error);
        return NULL;
    }
    list = cli_take_json(text, &unreadable);
    if (list == NULL)
        cli_report_local(unreadable);
    return list;
}

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

    json_auto_t *list = load_list(cli, filters);

    if (list == NULL)
        return STATUS_FLOE_FAILED;
    if (!quiet)
        return print_list(list, format != NULL ? format : LS_FORMAT, no_heading, !no_trunc);
    print_names(list);
    return STATUS_OK;
}

/* --- inspect ---------------------------------------------------------------------------------- */

/* What is found is printed before what is not: as podman. */
static json_t *load_named(floe_engine *engine, char **names, GPtrArray *failures)
{
    json_t *list = json_array();

    for (; *names != NULL; names++) {
        g_autoptr(floe_error) error = NULL;
        g_autoptr(GError) unreadable = NULL;
        char *text = NULL;
        json_t *object = NULL;

        if (!floe_network_inspect(engine, *names, &text, &error)) {
            g_ptr_array_add(failures, g_strdup_printf("inspecting object: network %s: %s", *names,
                                                      floe_error_get_message(error)));
            continue;
        }
        object = cli_take_json(text, &unreadable);
        if (object != NULL)
            json_array_append_new(list, object);
        else
            g_ptr_array_add(failures, g_strdup(unreadable->message));
    }
    return list;
}

static int print_template(const char *format, const json_t *list)
{
    json_auto_t *views = json_array();
    g_autoptr(GError) error = NULL;
    size_t i;
    json_t *network;

    json_array_foreach(list, i, network)
        json_array_append_new(views, network_view(network));
    return output_template(format, views, NULL, &error) ? STATUS_OK : cli_report_local(error);
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
    g_autoptr(GPtrArray) failures = g_ptr_array_new_with_free_func(g_free);
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

    json_auto_t *list = load_named(cli->engine, names, failures);

    if (output_is_json(format))
        output_json(list);
    else
        status = print_template(format, list);
    for (guint i = 0; i < failures->len; i++)
        status = cli_error("%s", (const char *)failures->pdata[i]);
    return status;
}
