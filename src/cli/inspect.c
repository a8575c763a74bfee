/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inspection.h"
#include "cli/options.h"
#include "cli/pod-selection.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <string.h>

typedef struct InspectOptions {
    const char *format;
    const char *type; /* "container", "image", "volume", "network", "pod" or "all" */
    bool latest, size;
} InspectOptions;

/* False with NOT_FOUND: there is no such thing, and the name may be another kind of thing's. */
typedef bool (*Inspector)(floe_engine *engine, const char *name, const InspectOptions *inspect,
                          char **ret_text, floe_error **error);

/* name NULL: the one created last. */
static bool inspect_container(floe_engine *engine, const char *name, const InspectOptions *inspect,
                              char **ret_text, floe_error **error)
{
    g_autoptr(floe_container) container = NULL;

    if (!(name == NULL ? floe_container_latest(engine, &container, error)
                       : floe_container_lookup(engine, name, &container, error)))
        return false;
    return floe_container_inspect(container, inspect->size, ret_text, error);
}

static bool inspect_image(floe_engine *engine, const char *name, const InspectOptions *inspect,
                          char **ret_text, floe_error **error)
{
    return floe_image_inspect(engine, name, ret_text, error);
}

static bool inspect_volume(floe_engine *engine, const char *name, const InspectOptions *inspect,
                           char **ret_text, floe_error **error)
{
    return floe_volume_inspect(engine, name, ret_text, error);
}

static bool inspect_network(floe_engine *engine, const char *name, const InspectOptions *inspect,
                            char **ret_text, floe_error **error)
{
    return floe_network_inspect(engine, name, ret_text, error);
}

static bool inspect_pod(floe_engine *engine, const char *name, const InspectOptions *inspect,
                        char **ret_text, floe_error **error)
{
    g_autoptr(floe_pod) pod = NULL;

    return floe_pod_lookup(engine, name, &pod, error) && floe_pod_inspect(pod, ret_text, error);
}

/* In the order in which a name is looked for. */
static const struct {
    const char *type;
    Inspector inspect;
} kinds[] = {
    { "container", inspect_container }, { "image", inspect_image }, { "volume", inspect_volume },
    { "network", inspect_network },     { "pod", inspect_pod },
};

static bool is_type(const char *type)
{
    bool found = strcmp(type, "all") == 0;

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        found = found || strcmp(type, kinds[i].type) == 0;
    return found;
}

static bool inspect_by_type(floe_engine *engine, const char *name, const InspectOptions *inspect,
                            char **ret_text, floe_error **error)
{
    if (name == NULL)
        return inspect_container(engine, name, inspect, ret_text, error);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(inspect->type, "all") != 0 && strcmp(inspect->type, kinds[i].type) != 0)
            continue;
        g_clear_pointer(error, floe_error_free);
        if (kinds[i].inspect(engine, name, inspect, ret_text, error))
            return true;
        if (floe_error_get_code(*error) != FLOE_ERROR_NOT_FOUND)
            return false;
    }
    return false;
}

static void inspect_one(floe_engine *engine, const char *name, const InspectOptions *inspect,
                        Inspection *inspection)
{
    g_autoptr(floe_error) error = NULL;
    char *text = NULL;

    if (!inspect_by_type(engine, name, inspect, &text, &error)) {
        bool unknown = floe_error_get_code(error) == FLOE_ERROR_NOT_FOUND && name != NULL &&
                       strcmp(inspect->type, "all") == 0;

        if (unknown)
            inspection_fail(inspection, "no such object: \"%s\"", name);
        else
            inspection_fail(inspection, "%s", floe_error_get_message(error));
        return;
    }
    inspection_add(inspection, text);
}

static int inspect_all(Cli *cli, char **names, const InspectOptions *inspect)
{
    g_auto(Inspection) inspection = { 0 };
    floe_engine *engine = cli_engine(cli);

    if (engine == NULL)
        return STATUS_FLOE_FAILED;
    inspection_init(&inspection, json_array());
    if (inspect->latest)
        inspect_one(engine, NULL, inspect, &inspection);
    for (; *names != NULL; names++)
        inspect_one(engine, *names, inspect, &inspection);
    return inspection_print(&inspection, inspect->format, NULL);
}

static int inspect_with(Cli *cli, char **argv, const Usage *usage, const char *type)
{
    InspectOptions inspect = { .type = type, .format = "json" };
    char **names;
    int status;
    const Option options[] = {
        { "format", 'f', OPTION_TEXT, &inspect.format, "TEMPLATE",
          "json (the default) or a Go template" },
        { "latest", 'l', OPTION_FLAG, &inspect.latest, NULL, "The container created last" },
        { "size", 's', OPTION_FLAG, &inspect.size, NULL, "With the size of a container's files" },
        { "type", 't', OPTION_TEXT, &inspect.type, "TYPE",
          "container, image, volume, network, pod or all (the default)" },
        OPTIONS_END,
    };

    if (!options_parse(usage, options, argv, &names, &status))
        return status;
    if (!is_type(inspect.type))
        return cli_error("--type: '%s' is none of container, image, volume, network, pod, all",
                         inspect.type);
    if (inspect.latest && strcmp(inspect.type, "all") != 0 && strcmp(inspect.type, "container") != 0)
        return cli_error("--latest is for containers");
    if (inspect.latest == (names[0] != NULL))
        return cli_error(inspect.latest ? "--latest and names exclude each other"
                                        : "you must provide at least one name or id");
    return inspect_all(cli, names, &inspect);
}

int cmd_inspect(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "inspect [options] NAME...",
        .about = "Print all that is known of containers, images, volumes, networks and pods, as JSON. A\n"
                 "name is looked for in this order.",
        .max_words = -1,
    };

    return inspect_with(cli, argv, &usage, "all");
}

int cmd_container_inspect(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "container inspect [options] CONTAINER...",
        .about = "Print all that is known of containers, as JSON.",
        .max_words = -1,
    };

    return inspect_with(cli, argv, &usage, "container");
}

int cmd_image_inspect(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "image inspect [options] IMAGE...",
        .about = "Print all that is known of images, as JSON.",
        .max_words = -1,
    };

    return inspect_with(cli, argv, &usage, "image");
}
