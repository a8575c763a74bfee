/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/document.h"
#include "cli/options.h"
#include "cli/pod-selection.h"
#include "cli/selection.h"
#include "cli/table.h"
#include "cli/verbs.h"

#include <stdio.h>

static void add_row(GString *table, const json_t *cells)
{
    size_t i;
    json_t *cell;

    json_array_foreach(cells, i, cell) {
        table_add_cell(table, json_string_value(cell));
    }
    table_end_row(table);
}

/* The rows of one container; the titles of the first. */
static int add_processes(floe_container *container, char **descriptors, GString *table)
{
    g_autoptr(floe_error) error = NULL;
    char *text = NULL;
    size_t i;
    json_t *row;

    if (!floe_container_top(container, list_const(descriptors), &text, &error))
        return cli_report(error);

    json_auto_t *processes = document_parse(text);

    if (processes == NULL)
        return STATUS_FLOE_FAILED;
    if (table->len == 0)
        add_row(table, json_object_get(processes, "Titles"));
    json_array_foreach(json_object_get(processes, "Processes"), i, row) {
        add_row(table, row);
    }
    return STATUS_OK;
}

static int print_processes(floe_container *container, char **descriptors)
{
    g_autoptr(GString) table = g_string_new(NULL);
    int status = add_processes(container, descriptors, table);

    if (status == STATUS_OK)
        table_print(table, stdout);
    return status;
}

int cmd_top(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "top [options] CONTAINER [DESCRIPTOR...]",
        .about = "List the processes of a container. The descriptors name the columns: args, comm,\n"
                 "etime, group, hgroup, hpid, huser, nice, pcpu, pgid, pid, ppid, rgroup, rss,\n"
                 "ruser, seccomp, state, stime, time, tty, user, vsz.",
        .options_first = true,
        .max_words = -1,
    };
    bool latest = false;
    char **words;
    int status;
    const Option options[] = {
        { "latest", 'l', OPTION_FLAG, &latest, NULL, "The container created last" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (!latest && words[0] == NULL)
        return cli_error("you must provide the name or id of a running container");

    g_autoptr(floe_container) container = selection_one(cli, words[0], latest, &status);

    return container != NULL ? print_processes(container, words + (latest ? 0 : 1)) : status;
}

static bool is_up(floe_container *container)
{
    floe_container_state state = FLOE_STATE_UNKNOWN;

    return floe_container_get_state(container, &state, NULL) &&
           (state == FLOE_STATE_RUNNING || state == FLOE_STATE_PAUSED);
}

static int print_pod_processes(Cli *cli, char **ids, char **descriptors)
{
    g_autoptr(GString) table = g_string_new(NULL);
    int status = STATUS_OK;

    for (char **id = ids; *id != NULL && status == STATUS_OK; id++) {
        g_autoptr(floe_container) container = selection_one(cli, *id, false, &status);

        if (container != NULL && is_up(container))
            status = add_processes(container, descriptors, table);
    }
    if (status != STATUS_OK)
        return status;
    if (table->len == 0)
        return cli_error("pod top can only be used on pods with at least one running container");
    table_print(table, stdout);
    return STATUS_OK;
}

int cmd_pod_top(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod top [options] POD [DESCRIPTOR...]",
        .about = "List the processes of all containers of a pod. The descriptors name the columns,\n"
                 "as for top.",
        .options_first = true,
        .max_words = -1,
    };
    PodSelection pod = { 0 };
    g_auto(GStrv) ids = NULL;
    char *name[] = { NULL, NULL };
    char **words;
    int status;
    const Option options[] = {
        { "latest", 'l', OPTION_FLAG, &pod.latest, NULL, "The pod created last" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (!pod.latest && words[0] != NULL)
        name[0] = *words++;
    pod.names = name;
    if (!pod_selection_containers(cli, &pod, true, &ids, &status))
        return status;
    return print_pod_processes(cli, ids, words);
}
