/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/document.h"
#include "cli/field.h"
#include "cli/options.h"
#include "cli/removal.h"
#include "cli/verbs.h"

#include <stdio.h>

typedef struct RmiOptions {
    floe_image_remove_options remove;
    bool all, ignore;
} RmiOptions;

static int remove_one(floe_engine *engine, const char *name, const RmiOptions *rmi)
{
    g_autoptr(floe_error) error = NULL;
    char **untagged = NULL;
    auto_floe_free char *deleted = NULL;

    if (!floe_image_remove(engine, name, &rmi->remove, &untagged, &deleted, &error))
        return removal_report(error, rmi->ignore);
    removal_print_image(untagged, deleted);
    return STATUS_OK;
}

/* Of an image with names each name is taken off; the last one takes the image along. */
static int remove_image(floe_engine *engine, const json_t *image, const RmiOptions *rmi)
{
    const json_t *names = json_object_get(image, "Names");
    int status = STATUS_OK;
    size_t i;
    json_t *name;

    if (json_array_size(names) == 0)
        return remove_one(engine, field_text(image, "Id"), rmi);
    json_array_foreach(names, i, name)
        status = status_after(status, remove_one(engine, json_string_value(name), rmi));
    return status;
}

static int remove_kind(floe_engine *engine, const json_t *images, bool lists, const RmiOptions *rmi)
{
    int status = STATUS_OK;
    size_t i;
    json_t *image;

    json_array_foreach(images, i, image) {
        if (json_is_true(json_object_get(image, "IsManifestList")) == lists)
            status = status_after(status, remove_image(engine, image, rmi));
    }
    return status;
}

/* What a list needs can go when the list has gone. */
static int remove_all(Cli *cli, const RmiOptions *rmi)
{
    json_auto_t *images = document_of_engine(cli, floe_image_list);

    if (images == NULL)
        return STATUS_FLOE_FAILED;
    return status_after(remove_kind(cli->engine, images, true, rmi),
                        remove_kind(cli->engine, images, false, rmi));
}

int cmd_rmi(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "rmi [options] IMAGE...",
        .about = "Take names off images; with its last name an image is deleted.",
        .max_words = -1,
    };
    RmiOptions rmi = { .remove = FLOE_IMAGE_REMOVE_OPTIONS_INIT };
    char **names;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &rmi.all, NULL, "Remove all images" },
        { "force", 'f', OPTION_FLAG, &rmi.remove.force, NULL,
          "With the containers that use them, running ones too" },
        { "ignore", 'i', OPTION_FLAG, &rmi.ignore, NULL, "No error for what does not exist" },
        { "no-prune", 0, OPTION_FLAG, NULL, NULL, NULL },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &names, &status))
        return status;
    if (rmi.all == (names[0] != NULL))
        return cli_error(rmi.all ? "--all and names exclude each other" : "an image is missing");

    rmi.ignore |= rmi.remove.force;
    if (rmi.all)
        return remove_all(cli, &rmi);
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    for (; *names != NULL; names++)
        status = status_after(status, remove_one(cli->engine, *names, &rmi));
    return status;
}

/* --- prune ------------------------------------------------------------------------------------ */

static int prune(Cli *cli, const floe_image_prune_options *options)
{
    g_autoptr(floe_error) error = NULL;
    char **ids = NULL;

    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_image_prune(cli->engine, options, &ids, &error))
        return cli_report(error);
    removal_print_taken(ids);
    return STATUS_OK;
}

int cmd_image_prune(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "image prune [options]",
        .about = "Delete the images without a name that no container uses, and print their ids.",
    };
    floe_image_prune_options remove = FLOE_IMAGE_PRUNE_OPTIONS_INIT;
    g_auto(GStrv) filters = NULL;
    g_autoptr(GError) error = NULL;
    bool yes = false;
    char **words;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &remove.all, NULL, "Those that have a name, too" },
        { "external", 0, OPTION_FLAG, NULL, NULL, NULL },
        { "filter", 0, OPTION_LIST, &filters, "KEY=VALUE",
          "Only those that match: label, label!, until" },
        { "force", 'f', OPTION_FLAG, &yes, NULL, "Do not ask" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (!yes &&
        !cli_ask(remove.all
                     ? "This will remove all images without at least one container associated to "
                       "them."
                     : "This will remove all dangling images.",
                 &yes, &error))
        return cli_report_local(error);
    remove.filters = list_const(filters);
    return yes ? prune(cli, &remove) : STATUS_OK;
}
