/* SPDX-License-Identifier: Apache-2.0 */
/* `image mount` and `image unmount`: an image's root file system on the host, and the list of those. */
#include "cli/options.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/verbs.h"

#include <stdio.h>

typedef char *(*ListFunction)(floe_engine *engine, floe_error **error);

static char *list_images(floe_engine *engine, floe_error **error)
{
    char *json = NULL;

    return floe_image_list(engine, &json, error) ? json : NULL;
}

static char *list_mounted(floe_engine *engine, floe_error **error)
{
    char *json = NULL;

    return floe_image_mount_list(engine, &json, error) ? json : NULL;
}

/* NULL: the error is printed, *ret_status set. */
static json_t *take_list(floe_engine *engine, ListFunction list, int *ret_status)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(GError) unreadable = NULL;
    char *text = list(engine, &error);
    json_t *images = NULL;

    if (text == NULL)
        *ret_status = cli_report(error);
    else if ((images = cli_take_json(text, &unreadable)) == NULL)
        *ret_status = cli_report_local(unreadable);
    return images;
}

/* The ids in a list, for an action on all of them. */
static bool all_ids(floe_engine *engine, ListFunction list, const char *key, char ***ret_ids,
                    int *ret_status)
{
    json_auto_t *images = take_list(engine, list, ret_status);
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new();
    size_t i;
    json_t *image;

    if (images == NULL)
        return false;
    json_array_foreach(images, i, image)
        g_strv_builder_add(ids, json_string_value(json_object_get(image, key)));
    *ret_ids = g_strv_builder_end(ids);
    return true;
}

/* --- mount ------------------------------------------------------------------------------------ */

/* Its first name, or the id of one without. */
static const char *title(const json_t *entry)
{
    const json_t *names = json_object_get(entry, "Repositories");

    return json_string_value(json_array_size(names) > 0 ? json_array_get(names, 0)
                                                        : json_object_get(entry, "id"));
}

static int print_mounts(floe_engine *engine, bool as_json)
{
    int status = STATUS_OK;
    json_auto_t *list = take_list(engine, list_mounted, &status);
    g_autoptr(GString) table = g_string_new(NULL);
    size_t i;
    json_t *entry;

    if (list == NULL)
        return status;
    if (as_json) {
        output_json(list);
        return status;
    }
    json_array_foreach(list, i, entry) {
        table_add_cell(table, title(entry));
        table_add_cell(table, json_string_value(json_object_get(entry, "mountpoint")));
        table_end_row(table);
    }
    table_print(table, stdout);
    return status;
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
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!all && names[0] == NULL)
        return print_mounts(cli->engine, format != NULL);
    if (all && !all_ids(cli->engine, list_images, "Id", &ids, &status))
        return status;
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
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (all && !all_ids(cli->engine, list_mounted, "id", &ids, &status))
        return status;
    return unmount_each(cli->engine, all ? ids : names, force);
}
