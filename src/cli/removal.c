/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/removal.h"

#include "cli/field.h"

#include <stdio.h>

int removal_report(const floe_error *error, bool ignore_absent)
{
    floe_error_code code = floe_error_get_code(error);

    if (ignore_absent && code == FLOE_ERROR_NOT_FOUND)
        return STATUS_OK;

    int status = cli_report(error);

    if (code == FLOE_ERROR_NOT_FOUND)
        return STATUS_NO;
    return code == FLOE_ERROR_IN_USE ? STATUS_WRONG_STATE : status;
}

int removal_named(Cli *cli, char **names, RemoveFunction remove, void *data)
{
    int status = STATUS_OK;

    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    for (; *names != NULL; names++)
        status = status_after(status, remove(cli->engine, *names, data));
    return status;
}

int removal_all(Cli *cli, ListFunction list, const char *key, RemoveFunction remove, void *data)
{
    json_auto_t *found = document_list(cli, list, NULL);
    int status = STATUS_OK;
    size_t i;
    json_t *object;

    if (found == NULL)
        return STATUS_FLOE_FAILED;
    json_array_foreach(found, i, object)
        status = status_after(status, remove(cli->engine, field_text(object, key), data));
    return status;
}

void removal_print_taken(char **taken_names)
{
    for (char **name = taken_names; *name != NULL; name++)
        puts(*name);
    floe_strv_free(taken_names);
}

void removal_print_image(char **taken_untagged, const char *deleted)
{
    for (char **name = taken_untagged; name != NULL && *name != NULL; name++)
        printf("Untagged: %s\n", *name);
    if (deleted != NULL)
        printf("Deleted: %s\n", deleted);
    floe_strv_free(taken_untagged);
}

bool removal_check_filters(char **filters, GError **error)
{
    for (char **filter = filters; filter != NULL && *filter != NULL; filter++) {
        if (!g_str_has_prefix(*filter, "label=") && !g_str_has_prefix(*filter, "label!=") &&
            !g_str_has_prefix(*filter, "until="))
            return cli_set_error(error, "invalid filter '%s': label, label! and until are known",
                                 *filter);
    }
    return true;
}

bool removal_is_wanted(const Usage *usage, char **argv, const char *warning, int *ret_status)
{
    g_autoptr(GError) error = NULL;
    bool yes = false;
    char **words;
    const Option options[] = {
        { "force", 'f', OPTION_FLAG, &yes, NULL, "Do not ask" },
        OPTIONS_END,
    };

    if (!options_parse(usage, options, argv, &words, ret_status))
        return false;
    *ret_status = yes || cli_ask(warning, &yes, &error) ? STATUS_OK : cli_report_local(error);
    return yes;
}

static int prune_and_print(Cli *cli, char **filters, PruneFunction prune)
{
    g_autoptr(floe_error) error = NULL;
    char **names = NULL;

    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!prune(cli->engine, list_const(filters), &names, &error))
        return cli_report(error);
    removal_print_taken(names);
    return STATUS_OK;
}

int removal_prune(Cli *cli, char **argv, const Usage *usage, const char *warning,
                  PruneFunction prune)
{
    g_auto(GStrv) filters = NULL;
    g_autoptr(GError) error = NULL;
    bool yes = false;
    char **words;
    int status;
    const Option options[] = {
        { "filter", 0, OPTION_LIST, &filters, "KEY=VALUE",
          "Only those that match: label, label!, until" },
        { "force", 'f', OPTION_FLAG, &yes, NULL, "Do not ask" },
        OPTIONS_END,
    };

    if (!options_parse(usage, options, argv, &words, &status))
        return status;
    if (!yes && !cli_ask(warning, &yes, &error))
        return cli_report_local(error);
    return yes ? prune_and_print(cli, filters, prune) : STATUS_OK;
}
