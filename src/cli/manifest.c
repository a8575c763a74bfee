/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of images for several platforms: making, looking at and removing them. */
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pull-flags.h"
#include "cli/removal.h"
#include "cli/verbs.h"

#include <jansson.h>
#include <stdio.h>

int cmd_manifest_create(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "manifest create [options] LIST [IMAGE...]",
        .about = "Make a list of images for several platforms, and print its id.",
        .min_words = 1,
        .max_words = -1,
        .words_missing = "a name for the list is missing",
    };
    floe_registry_options registry = FLOE_REGISTRY_OPTIONS_INIT;
    floe_manifest_add_options create = FLOE_MANIFEST_ADD_OPTIONS_INIT;
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *id = NULL;
    bool amend = false;
    char **words;
    int status;
    const Option options[] = {
        { "all", 0, OPTION_FLAG, &create.all, NULL, "Of an image that is a list: all that it has" },
        { "amend", 'a', OPTION_FLAG, &amend, NULL, "Add to the list, if there is one" },
        REGISTRY_ROWS(&registry),
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    create.registry = &registry;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_manifest_create(cli->engine, words[0], amend, list_const(words + 1), &create, &id,
                              &error))
        return cli_report(error);
    puts(id);
    return STATUS_OK;
}

int cmd_manifest_inspect(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "manifest inspect [options] LIST",
        .about = "Print what a list has, as JSON; of a name that is no list here, what a registry has.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "a list is missing",
    };
    floe_registry_options registry = FLOE_REGISTRY_OPTIONS_INIT;
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *text = NULL;
    char **words;
    int status;
    const Option options[] = { REGISTRY_ROWS(&registry), OPTIONS_END };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_manifest_inspect(cli->engine, words[0], &registry, &text, &error))
        return cli_report(error);

    json_auto_t *document = json_loads(text, 0, NULL);
    output_json(document);
    return STATUS_OK;
}

static int remove_list(floe_engine *engine, const char *name)
{
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *deleted = NULL;
    char **untagged = NULL;

    if (!floe_manifest_delete(engine, name, &untagged, &deleted, &error))
        return removal_report(error, false);
    removal_print_image(untagged, deleted);
    return STATUS_OK;
}

int cmd_manifest_rm(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "manifest rm LIST...",
        .about = "Remove lists of images. The images stay.",
        .min_words = 1,
        .max_words = -1,
        .words_missing = "a list is missing",
    };
    const Option options[] = { OPTIONS_END };
    char **names;
    int status;

    if (!options_parse(&usage, options, argv, &names, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    for (; *names != NULL; names++)
        status = status_after(status, remove_list(cli->engine, *names));
    return status;
}
