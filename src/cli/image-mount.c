/* SPDX-License-Identifier: Apache-2.0 */
/* `image mount` and `image unmount`: an image's root file system on the host, and the list of those. */
#include "cli/document.h"
#include "cli/field.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/verbs.h"

#include <stdio.h>

/* The ids in a list, for an action on all of them. NULL: the error is printed. */
static char **all_ids(Cli *cli, DocumentFunction list, const char *key)
{
    json_auto_t *images = document_of_engine(cli, list);
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new();
    size_t i;
    json_t *image;

    if (images == NULL)
        return NULL;
    json_array_foreach(images, i, image)
        g_strv_builder_add(ids, field_text(image, key));
    return g_strv_builder_end(ids);
}

/* --- mount ------------------------------------------------------------------------------------ */

/* Its first name, or the id of one without. */
static const char *title(const json_t *entry)
{
    const json_t *names = json_object_get(entry, "Repositories");

    return json_string_value(json_array_size(names) > 0 ? json_array_get(names, 0)
                                                        : json_object_get(entry, "id"));
}

static int print_mounts(Cli *cli, bool as_json)
{
    json_auto_t *list = document_of_engine(cli, floe_image_mount_list);
    g_autoptr(GString) table = g_string_new(NULL);
    size_t i;
    json_t *entry;

    if (list == NULL)
        return STATUS_FLOE_FAILED;
    if (as_json) {
        output_json(list);
        return STATUS_OK;
    }
    json_array_foreach(list, i, entry) {
        table_add_cell(table, title(entry));
        table_add_cell(table, field_text(entry, "mountpoint"));
        table_end_row(table);
    }
    table_print(table, stdout);
    return STATUS_OK;
}

/* One alone is told by its place, several by name and place. */
static int mount_each(floe_engine *engine, char **names, bool is_alone)
{
    g_autoptr(GString) table = g_string_new(NULL);
    int status = STATUS_OK;

    for (char **name = names; *name != NULL; name++) {
        g_autoptr(floe_error) error = NULL;
        auto_floe_free char *path = NULL;

        if (!floe_image_mount(engine, *name, &path, &error)) {
            status = cli_report(error);
        } else if (is_alone) {
            puts(path);
        } else {
            table_add_cell(table, *name);
            table_add_cell(table, path);
            table_end_row(table);
        }
    }
    table_print(table, stdout);
    return status;
}

int cmd_image_mount(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "image mount [options] [IMAGE...]",
        .about = "Mount images on the host, to be read, and print where; without an image, list\n"
                 "those that are mounted.",
        .max_words = -1,
    };
    g_auto(GStrv) ids = NULL;
    const char *format = NULL;
    bool all = false;
    char **names;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &all, NULL, "Mount all images" },
        { "format", 0, OPTION_TEXT, &format, "FORMAT", "json: print the list as JSON" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &names, &status))
        return status;
    if (all && names[0] != NULL)
        return cli_error("--all and names exclude each other");
    if (format != NULL && !output_is_json(format))
        return cli_error("--format: '%s' is not json", format);
    if (format != NULL && (all || names[0] != NULL))
        return cli_error("--format is for the list of mounts, without an image");
    if (!all && names[0] == NULL)
        return print_mounts(cli, format != NULL);
    if (all)
        ids = all_ids(cli, floe_image_list, "Id");
    if ((all && ids == NULL) || cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    return mount_each(cli->engine, all ? ids : names, !all && names[1] == NULL);
}

/* --- unmount ---------------------------------------------------------------------------------- */

static int unmount_each(floe_engine *engine, char **names, bool force)
{
    int status = STATUS_OK;

    for (char **name = names; *name != NULL; name++) {
        g_autoptr(floe_error) error = NULL;
        auto_floe_free char *id = NULL;

        if (floe_image_unmount(engine, *name, force, &id, &error))
            puts(id);
        else
            status = cli_report(error);
    }
    return status;
}

int cmd_image_unmount(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "image unmount [options] IMAGE...",
        .about = "Undo image mount. Mounts were counted: the last one unmounts.",
        .max_words = -1,
    };
    g_auto(GStrv) ids = NULL;
    bool all = false, force = false;
    char **names;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &all, NULL, "All that are mounted" },
        { "force", 'f', OPTION_FLAG, &force, NULL, "Undo all mounts of an image at once" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &names, &status))
        return status;
    if (all == (names[0] != NULL))
        return cli_error(all ? "--all and names exclude each other" : "an image is missing");
    if (all)
        ids = all_ids(cli, floe_image_mount_list, "id");
    if ((all && ids == NULL) || cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    return unmount_each(cli->engine, all ? ids : names, force);
}
