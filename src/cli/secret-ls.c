/* SPDX-License-Identifier: Apache-2.0 */
/* `secret ls` and `secret inspect`. */
#include "cli/field.h"
#include "cli/human.h"
#include "cli/inspection.h"
#include "cli/listing.h"
#include "cli/options.h"
#include "cli/verbs.h"

#include <stdio.h>

#define LS_FORMAT "table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.CreatedAt}}\t{{.UpdatedAt}}"

/* --- ls --------------------------------------------------------------------------------------- */

/* The fields that templates have, as podman's. */
static json_t *row_new(const json_t *secret)
{
    const json_t *spec = json_object_get(secret, "Spec");
    g_autofree char *created = human_ago(field_text(secret, "CreatedAt"));
    g_autofree char *updated = human_ago(field_text(secret, "UpdatedAt"));

    return json_pack("{s:O, s:O, s:O, s:s, s:s, s:O}", "ID", json_object_get(secret, "ID"), "Name",
                     json_object_get(spec, "Name"), "Driver",
                     json_object_get(json_object_get(spec, "Driver"), "Name"), "CreatedAt", created,
                     "UpdatedAt", updated, "Labels", json_object_get(spec, "Labels"));
}

static int print_list(const Listing *listing, const json_t *list)
{
    json_auto_t *headers = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "ID", "ID", "Name", "NAME",
                                     "Driver", "DRIVER", "CreatedAt", "CREATED", "UpdatedAt",
                                     "UPDATED", "Labels", "LABELS");
    json_auto_t *rows = json_array();
    size_t i;
    json_t *secret;

    json_array_foreach(list, i, secret)
        json_array_append_new(rows, row_new(secret));
    return listing_print(listing, list, LS_FORMAT, rows, headers);
}

int cmd_secret_ls(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "secret ls [options]",
        .about = "List secrets.",
    };
    g_auto(Listing) listing = { 0 };
    int status;
    const Option options[] = {
        LISTING_ROWS(&listing, OPTION_COMMA_LIST, "id, name", "Only the ids"),
        OPTIONS_END,
    };
    json_auto_t *list = listing_ask(cli, &usage, options, argv, &listing, floe_secret_list, &status);

    if (list == NULL)
        return status;
    return listing.quiet ? listing_print_key(list, "ID") : print_list(&listing, list);
}

/* --- inspect ---------------------------------------------------------------------------------- */

static void inspect_one(floe_engine *engine, const char *name, bool show_data,
                        Inspection *inspection)
{
    g_autoptr(floe_error) error = NULL;
    char *text = NULL;

    if (floe_secret_inspect(engine, name, show_data, &text, &error))
        inspection_add(inspection, text);
    else
        inspection_fail(inspection, "%s", floe_error_get_message(error));
}

static void print_labels(const json_t *labels)
{
    const char *key;
    json_t *value;

    if (json_object_size(labels) == 0)
        return;
    puts("Labels:");
    json_object_foreach((json_t *)labels, key, value)
        printf(" - %s%s%s\n", key, json_string_length(value) > 0 ? "=" : "",
               json_string_value(value));
}

static void print_pretty(const json_t *secret)
{
    const json_t *spec = json_object_get(secret, "Spec");
    const char *data = json_string_value(json_object_get(secret, "SecretData"));

    printf("ID:              %s\n", field_text(secret, "ID"));
    printf("Name:            %s\n", field_text(spec, "Name"));
    print_labels(json_object_get(spec, "Labels"));
    printf("Driver:          %s\n", field_text(json_object_get(spec, "Driver"), "Name"));
    printf("Created at:      %s\n", field_text(secret, "CreatedAt"));
    printf("Updated at:      %s\n", field_text(secret, "UpdatedAt"));
    if (data != NULL)
        printf("Secret Data:     %s\n", data);
}

static int print_all_pretty(Inspection *inspection)
{
    size_t i;
    json_t *secret;

    json_array_foreach(inspection->found, i, secret)
        print_pretty(secret);
    json_array_clear(inspection->found);
    return inspection_print(inspection, "{{.}}", NULL);
}

int cmd_secret_inspect(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "secret inspect [options] SECRET...",
        .about = "Print what is known of secrets, as JSON.",
        .min_words = 1,
        .max_words = -1,
        .words_missing = "a secret is missing",
    };
    g_auto(Inspection) inspection = { 0 };
    const char *format = NULL;
    bool pretty = false, show_data = false;
    char **names;
    int status;
    const Option options[] = {
        { "format", 'f', OPTION_TEXT, &format, "TEMPLATE", "json (the default) or a Go template" },
        { "pretty", 0, OPTION_FLAG, &pretty, NULL, "Lines for people to read" },
        { "showsecret", 0, OPTION_FLAG, &show_data, NULL, "With what is secret" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &names, &status))
        return status;
    if (pretty && format != NULL)
        return cli_error("--pretty and --format exclude each other");
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    inspection_init(&inspection, json_array());
    for (; *names != NULL; names++)
        inspect_one(cli->engine, *names, show_data, &inspection);
    return pretty ? print_all_pretty(&inspection)
                  : inspection_print(&inspection, format != NULL ? format : "json", NULL);
}
