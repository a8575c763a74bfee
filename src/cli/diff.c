/* SPDX-License-Identifier: Apache-2.0 */
/* `diff`, `container diff` and `image diff`: which kinds of object a name may mean is all that differs. */
#include "cli/options.h"
#include "cli/output.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>

typedef struct Changes {
    floe_change *items;
    size_t count;
} Changes;

/* The keys stand in podman's order, and only where there is something to say. */
static void print_json(const Changes *changes)
{
    static const struct {
        char kind;
        const char *key;
    } kinds[] = { { 'C', "changed" }, { 'A', "added" }, { 'D', "deleted" } };
    json_auto_t *object = json_object();

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        json_t *paths = json_array();

        for (size_t k = 0; k < changes->count; k++) {
            g_autofree char *path = g_utf8_make_valid(changes->items[k].path, -1);

            if (changes->items[k].kind == kinds[i].kind)
                json_array_append_new(paths, json_string(path));
        }
        if (json_array_size(paths) > 0)
            json_object_set(object, kinds[i].key, paths);
        json_decref(paths);
    }
    output_json(object);
}

static void print_text(const Changes *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        printf("%c %s\n", changes->items[i].kind, changes->items[i].path);
}

/* A container of that name comes first; what is neither is told as podman does. */
static bool find_changes(Cli *cli, const char *name, bool in_containers, bool in_images,
                         Changes *ret_changes, floe_error **error)
{
    g_autoptr(floe_container) container = NULL;
    g_autoptr(floe_error) why = NULL;

    if (in_containers && floe_container_lookup(cli->engine, name, &container, &why))
        return floe_container_diff(container, &ret_changes->items, &ret_changes->count, error);
    if (in_images && (why == NULL || floe_error_get_code(why) == FLOE_ERROR_NOT_FOUND))
        return floe_image_diff(cli->engine, name, &ret_changes->items, &ret_changes->count, error);
    *error = g_steal_pointer(&why);
    return false;
}

static bool find_latest(Cli *cli, Changes *ret_changes, floe_error **error)
{
    g_autoptr(floe_container) container = NULL;

    return floe_container_latest(cli->engine, &container, error) &&
           floe_container_diff(container, &ret_changes->items, &ret_changes->count, error);
}

static int diff(Cli *cli, char **argv, const Usage *usage, bool in_containers, bool in_images)
{
    const char *format = NULL;
    bool latest = false;
    Changes changes = { 0 };
    g_autoptr(floe_error) error = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "format", 0, OPTION_TEXT, &format, "FORMAT", "json" },
        { in_containers ? "latest" : "", in_containers ? 'l' : '\0',
          in_containers ? OPTION_FLAG : OPTION_END, &latest, NULL, "The container created last" },
        OPTIONS_END,
    };

    if (!options_parse(usage, options, argv, &words, &status))
        return status;
    if ((words[0] != NULL) == latest)
        return cli_error("diff takes one name or id%s", in_containers ? ", or --latest" : "");
    if (format != NULL && !output_is_json(format))
        return cli_error("--format: '%s' is not json", format);
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!(latest ? find_latest(cli, &changes, &error)
                 : find_changes(cli, words[0], in_containers, in_images, &changes, &error)))
        return cli_report(error);
    if (format != NULL)
        print_json(&changes);
    else
        print_text(&changes);
    floe_free(changes.items);
    return STATUS_OK;
}

int cmd_diff(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "diff [options] CONTAINER|IMAGE",
        .about = "List what a container changed of its image's files, or an image's topmost layer\n"
                 "of those below it: A added, C changed, D deleted.",
        .max_words = 1,
    };

    return diff(cli, argv, &usage, true, true);
}

int cmd_container_diff(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "container diff [options] CONTAINER",
        .about = "List what a container changed of its image's files: A added, C changed, D deleted.",
        .max_words = 1,
    };

    return diff(cli, argv, &usage, true, false);
}

int cmd_image_diff(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "image diff [options] IMAGE",
        .about = "List what an image's topmost layer changed: A added, C changed, D deleted.",
        .max_words = 1,
    };

    return diff(cli, argv, &usage, false, true);
}
