/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `diff`, `container diff` and `image diff`: which kinds of object a name may mean is all that differs.
 */
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

typedef struct Kinds {
    bool containers, images;
} Kinds;

/* A container of that name comes first; what is neither is told as podman does. */
static bool find_end(Cli *cli, const char *name, Kinds kinds, floe_diff_end *ret_end,
                     floe_error **error)
{
    g_autoptr(floe_error) why = NULL;

    if (kinds.containers && floe_container_lookup(cli->engine, name, &ret_end->container, &why))
        return true;
    if (kinds.images && (why == NULL || floe_error_get_code(why) == FLOE_ERROR_NOT_FOUND)) {
        ret_end->image = name;
        return true;
    }
    *error = g_steal_pointer(&why);
    return false;
}

/* What a container or an image changed, or, with another one, all that is different. */
static bool find_changes(Cli *cli, char **names, Kinds kinds, Changes *ret_changes,
                         floe_error **error)
{
    floe_diff_end now = { 0 }, before = { 0 };
    bool ok = names[0] != NULL ? find_end(cli, names[0], kinds, &now, error)
                               : floe_container_latest(cli->engine, &now.container, error);

    if (ok && names[0] != NULL && names[1] != NULL)
        ok = find_end(cli, names[1], kinds, &before, error) &&
             floe_diff(cli->engine, &now, &before, &ret_changes->items, &ret_changes->count, error);
    else if (ok && now.container != NULL)
        ok = floe_container_diff(now.container, &ret_changes->items, &ret_changes->count, error);
    else if (ok)
        ok = floe_image_diff(cli->engine, now.image, &ret_changes->items, &ret_changes->count,
                             error);
    floe_container_free(now.container);
    floe_container_free(before.container);
    return ok;
}

static int diff(Cli *cli, char **argv, const Usage *usage, Kinds kinds)
{
    const char *format = NULL;
    bool latest = false;
    Changes changes = { 0 };
    g_autoptr(floe_error) error = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "format", 0, OPTION_TEXT, &format, "FORMAT", "json" },
        { kinds.containers ? "latest" : "", kinds.containers ? 'l' : '\0',
          kinds.containers ? OPTION_FLAG : OPTION_END, &latest, NULL, "The container created last" },
        OPTIONS_END,
    };

    if (!options_parse(usage, options, argv, &words, &status))
        return status;
    if ((words[0] != NULL) == latest)
        return cli_error("diff takes one or two names or ids%s",
                         kinds.containers ? ", or --latest" : "");
    if (format != NULL && !output_is_json(format))
        return cli_error("--format: '%s' is not json", format);
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!find_changes(cli, words, kinds, &changes, &error))
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
        .synopsis = "diff [options] CONTAINER|IMAGE [CONTAINER|IMAGE]",
        .about = "List what a container changed of its image's files, or an image's topmost layer\n"
                 "of those below it: A added, C changed, D deleted. With two, what is different in the\n"
                 "first.",
        .max_words = 2,
    };

    return diff(cli, argv, &usage, (Kinds){ true, true });
}

int cmd_container_diff(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "container diff [options] CONTAINER [CONTAINER]",
        .about = "List what a container changed of its image's files: A added, C changed, D deleted.",
        .max_words = 2,
    };

    return diff(cli, argv, &usage, (Kinds){ .containers = true });
}

int cmd_image_diff(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "image diff [options] IMAGE [IMAGE]",
        .about = "List what an image's topmost layer changed: A added, C changed, D deleted.",
        .max_words = 2,
    };

    return diff(cli, argv, &usage, (Kinds){ .images = true });
}
