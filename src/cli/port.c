/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/document.h"
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/value.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

#define SHORT_ID "%.12s"

typedef struct PortQuery {
    bool with_id;
    const char *asked; /* as typed; NULL: all */
    int64_t port;
    const char *protocol; /* "tcp" */
    bool found;
} PortQuery;

static bool read_port(PortQuery *query, GError **error)
{
    const char *slash = strchr(query->asked, '/');
    g_autofree char *number = g_strndup(query->asked, slash != NULL ? (gsize)(slash - query->asked)
                                                                    : strlen(query->asked));

    query->protocol = slash != NULL ? slash + 1 : "tcp";
    if (!value_unsigned(number, &query->port, error) || query->port < 1 || query->port > 65535) {
        g_clear_error(error);
        return cli_set_error(error, "'%s' is no port: it takes PORT or PORT/PROTOCOL", query->asked);
    }
    return true;
}

/* One of floe_container_list()'s "Ports": `range` ports from container_port and host_port on. */
static void print_mapping(PortQuery *query, const char *id, const json_t *mapping)
{
    const char *address = json_string_value(json_object_get(mapping, "host_ip"));
    const char *protocol = json_string_value(json_object_get(mapping, "protocol"));
    int container_port = (int)json_integer_value(json_object_get(mapping, "container_port"));
    int host_port = (int)json_integer_value(json_object_get(mapping, "host_port"));
    int range = (int)json_integer_value(json_object_get(mapping, "range"));

    if (address == NULL || *address == '\0')
        address = "0.0.0.0";
    for (int i = 0; i < range; i++) {
        bool is_asked = query->asked != NULL && container_port + i == query->port &&
                        g_strcmp0(protocol, query->protocol) == 0;

        if (query->with_id)
            printf(SHORT_ID "\t", id);
        if (query->asked == NULL)
            printf("%d/%s -> %s:%d\n", container_port + i, protocol, address, host_port + i);
        if (is_asked)
            printf("%s:%d\n", address, host_port + i);
        query->found |= is_asked;
    }
}

static void print_ports(PortQuery *query, const json_t *containers)
{
    size_t i, k;
    json_t *container, *mapping;

    json_array_foreach(containers, i, container) {
        json_array_foreach(json_object_get(container, "Ports"), k, mapping) {
            print_mapping(query, json_string_value(json_object_get(container, "Id")), mapping);
        }
    }
}

/* Ports are published while a container runs: the list without `all` has just those. */
static int list_ports(Cli *cli, PortQuery *query, const floe_container *container)
{
    floe_list_options options = FLOE_LIST_OPTIONS_INIT;
    g_autofree char *filter = container != NULL
                                  ? g_strconcat("id=", floe_container_id(container), NULL)
                                  : NULL;
    const char *const filters[] = { filter, "status=running", NULL };

    options.filters = container != NULL ? filters : filters + 1;

    json_auto_t *containers = document_containers(cli, &options);

    if (containers == NULL)
        return STATUS_FLOE_FAILED;
    print_ports(query, containers);
    if (query->asked != NULL && !query->found)
        return cli_error("failed to find published port \"%s\"", query->asked);
    return STATUS_OK;
}

int cmd_port(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "port [options] CONTAINER [PORT[/PROTOCOL]]",
        .about = "List where the ports of a running container are published on this host, or find\n"
                 "the place of one of them.",
        .max_words = 2,
    };
    PortQuery query = { 0 };
    bool all = false, latest = false;
    g_autoptr(GError) wrong = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &all, NULL, "Of all containers" },
        { "latest", 'l', OPTION_FLAG, &latest, NULL, "Of the container created last" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (all && (latest || words[0] != NULL))
        return cli_error("--all goes without a container and without --latest");
    if (!all && !latest && words[0] == NULL)
        return cli_error("you must provide a name or id, --latest or --all");
    if (latest && words[0] != NULL && words[1] != NULL)
        return cli_error("--latest goes without a container");
    query.with_id = all;
    query.asked = latest ? words[0] : words[0] != NULL ? words[1] : NULL;
    if (query.asked != NULL && !read_port(&query, &wrong))
        return cli_report_local(wrong);
    if (all)
        return list_ports(cli, &query, NULL);

    g_autoptr(floe_container) container = selection_one(cli, words[0], latest, &status);

    return container != NULL ? list_ports(cli, &query, container) : status;
}
