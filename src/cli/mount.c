/* SPDX-License-Identifier: Apache-2.0 */
/* `mount` and `umount`: a container's root file system on the host, and the list of those. */
#include "cli/document.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/selection.h"
#include "cli/table.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

#define SHORT_ID 12

static bool mount_one(floe_container *container, const char *label, void *data, floe_error **error)
{
    auto_floe_free char *path = NULL;

    if (!floe_container_mount(container, &path, error))
        return false;
    puts(path);
    return true;
}

static void print_table(const json_t *list, bool no_trunc)
{
    g_autoptr(GString) table = g_string_new(NULL);
    size_t i;
    json_t *entry;

    json_array_foreach(list, i, entry) {
        const char *id = json_string_value(json_object_get(entry, "id"));
        g_autofree char *shown = g_strndup(id, no_trunc ? strlen(id) : SHORT_ID);

        table_add_cell(table, shown);
        table_add_cell(table, json_string_value(json_object_get(entry, "mountpoint")));
        table_end_row(table);
    }
    table_print(table, stdout);
}

static int print_mounts(Cli *cli, bool as_json, bool no_trunc)
{
    json_auto_t *list = document_of_engine(cli, floe_mount_list);

    if (list == NULL)
        return STATUS_FLOE_FAILED;
    if (as_json)
        output_json(list);
    else
        print_table(list, no_trunc);
    return STATUS_OK;
}

int cmd_mount(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "mount [options] [CONTAINER...]",
        .about = "Mount containers' root file systems on the host and print where; without a\n"
                 "container, list what is mounted.",
        .max_words = -1,
    };
    g_auto(Selection) selection = { 0 };
    const char *format = NULL;
    bool no_trunc = false;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "Mount all containers" },
        { "format", 0, OPTION_TEXT, &format, "FORMAT", "json: print the list as JSON" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The container created last" },
        { "no-trunc", 0, OPTION_FLAG, &no_trunc, NULL, "Whole ids in the list" },
        { "notruncate", 0, OPTION_FLAG, &no_trunc, NULL, NULL },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;

    bool is_list = selection.names[0] == NULL && !selection.all && !selection.latest;

    if (format != NULL && !output_is_json(format))
        return cli_error("--format: '%s' is not json", format);
    if (format != NULL && !is_list)
        return cli_error("--format is for the list of mounts, without a container");
    return is_list ? print_mounts(cli, format != NULL, no_trunc)
                   : selection_each(cli, &selection, mount_one, NULL);
}

/* The container's own mount is left to it without a word, as podman does. */
static bool unmount_one(floe_container *container, const char *label, void *data, floe_error **error)
{
    const bool *force = data;
    g_autoptr(floe_error) why = NULL;

    if (!floe_container_unmount(container, *force, &why) &&
        floe_error_get_code(why) != FLOE_ERROR_BAD_STATE &&
        floe_error_get_code(why) != FLOE_ERROR_IN_USE) {
        *error = g_steal_pointer(&why);
        return false;
    }
    puts(label);
    return true;
}

int cmd_umount(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "umount [options] CONTAINER...",
        .about = "Undo a mount of containers' root file systems. Each was counted: the last one\n"
                 "unmounts. What a running container itself has mounted stays.",
        .max_words = -1,
    };
    g_auto(Selection) selection = { 0 };
    bool force = false;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "All containers" },
        { "force", 'f', OPTION_FLAG, &force, NULL, "Undo all mounts of a container at once" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The container created last" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    return selection_each(cli, &selection, unmount_one, &force);
}
