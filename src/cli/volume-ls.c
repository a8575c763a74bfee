/* SPDX-License-Identifier: Apache-2.0 */
/* `volume ls` and `volume inspect`: one prints of all what the other prints of those that are named. */
#include "cli/options.h"
#include "cli/output.h"
#include "cli/verbs.h"

#include <stdio.h>

#define LS_FORMAT "table {{.Driver}}\t{{.Name}}"

/* NULL: it failed, and the error is printed. */
static json_t *load_list(Cli *cli, char **filters)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(GError) unreadable = NULL;
    char *text = NULL;
    json_t *list;

    if (cli_engine(cli) == NULL)
        return NULL;
    if (!floe_volume_list(cli->engine, list_const(filters), &text, &error)) {
        cli_report(error);
        return NULL;
    }
    list = cli_take_json(text, &unreadable);
    if (list == NULL)
        cli_report_local(unreadable);
    return list;
}

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

    json_auto_t *list = load_list(cli, filters);

    if (list == NULL)
        return STATUS_FLOE_FAILED;
    if (!quiet)
        return print_list(list, format != NULL ? format : LS_FORMAT, no_heading);
    print_names(list);
    return STATUS_OK;
}

/* --- inspect ---------------------------------------------------------------------------------- */

/* What is found is printed before what is not: as podman. */
static int add_one(floe_engine *engine, const char *name, json_t *list, GPtrArray *failures)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(GError) unreadable = NULL;
    char *text = NULL;
    json_t *object;

    if (!floe_volume_inspect(engine, name, &text, &error)) {
        g_ptr_array_add(failures, g_strdup(floe_error_get_message(error)));
        return STATUS_FLOE_FAILED;
    }
    object = cli_take_json(text, &unreadable);
    if (object == NULL)
        return cli_report_local(unreadable);
    json_array_append_new(list, object);
    return STATUS_OK;
}

static json_t *load_named(Cli *cli, char **names, GPtrArray *failures)
{
    json_auto_t *list = json_array();

    if (cli_engine(cli) == NULL)
        return NULL;
    for (; *names != NULL; names++)
        add_one(cli->engine, *names, list, failures);
    return json_incref(list);
}

int cmd_volume_inspect(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume inspect [options] VOLUME...",
        .about = "Print all that is known of volumes, as JSON.",
        .max_words = -1,
    };
    g_autoptr(GPtrArray) failures = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
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

    json_auto_t *list = all ? load_list(cli, NULL) : load_named(cli, names, failures);

    if (list == NULL)
        return STATUS_FLOE_FAILED;
    if (output_is_json(format))
        output_json(list);
    else if (!output_template(format, list, NULL, &error))
        status = cli_report_local(error);
    for (guint i = 0; i < failures->len; i++)
        status = cli_error("%s", (const char *)failures->pdata[i]);
    return status;
}
