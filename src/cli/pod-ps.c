/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/document.h"
#include "cli/field.h"
#include "cli/human.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pod-selection.h"
#include "cli/table.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SHORT_ID 12

typedef struct PodPsOptions {
    char **filters; /* owned */
    const char *format;
    const char *sort;
    bool container_ids, container_names, container_states;
    bool latest, namespaces, no_heading, no_trunc, quiet;
} PodPsOptions;

/* What templates see of a pod: all texts but the labels. */
static const struct {
    const char *key, *header;
} columns[] = {
    { "Id", "POD ID" },
    { "ID", "POD ID" },
    { "Name", "NAME" },
    { "Status", "STATUS" },
    { "Created", "CREATED" },
    { "InfraId", "INFRA ID" },
    { "InfraID", "INFRA ID" },
    { "ContainerIds", "IDS" },
    { "ContainerNames", "NAMES" },
    { "ContainerStatuses", "STATUS" },
    { "Cgroup", "CGROUP" },
    { "Namespace", "NAMESPACES" },
    { "NumberOfContainers", "# OF CONTAINERS" },
    { "Networks", "NETWORKS" },
    { "Labels", "LABELS" },
    { "Restarts", "RESTARTS" },
};

static void set_taken(json_t *row, const char *key, char *taken_text)
{
    g_autofree char *text = taken_text;

    json_object_set_new(row, key, json_string(text));
}

static char *id_text(const char *id, const PodPsOptions *ps)
{
    return ps->no_trunc ? g_strdup(id) : g_strndup(id, SHORT_ID);
}

/* A key of all containers, with commas between. */
static char *of_containers(const json_t *pod, const char *key, const PodPsOptions *ps)
{
    GString *text = g_string_new(NULL);
    size_t i;
    json_t *container;

    json_array_foreach(json_object_get(pod, "Containers"), i, container) {
        const char *value = field_text(container, key);
        g_autofree char *shown = strcmp(key, "Id") == 0 ? id_text(value, ps) : g_strdup(value);

        g_string_append_printf(text, "%s%s", i > 0 ? "," : "", shown);
    }
    return g_string_free(text, FALSE);
}

static char *networks_text(const json_t *pod)
{
    GString *text = g_string_new(NULL);
    size_t i;
    json_t *name;

    json_array_foreach(json_object_get(pod, "Networks"), i, name)
        g_string_append_printf(text, "%s%s", i > 0 ? "," : "", json_string_value(name));
    return g_string_free(text, FALSE);
}

static json_t *row_for(const json_t *pod, const PodPsOptions *ps, time_t now)
{
    g_autofree char *age = human_duration(
        now - (time_t)json_integer_value(json_object_get(pod, "CreatedUnix")));
    json_t *row = json_object();

    set_taken(row, "Id", id_text(field_text(pod, "Id"), ps));
    set_taken(row, "ID", id_text(field_text(pod, "Id"), ps));
    set_taken(row, "InfraId", id_text(field_text(pod, "InfraId"), ps));
    set_taken(row, "InfraID", id_text(field_text(pod, "InfraId"), ps));
    json_object_set(row, "Name", json_object_get(pod, "Name"));
    json_object_set(row, "Status", json_object_get(pod, "Status"));
    set_taken(row, "Created", g_strconcat(age, " ago", NULL));
    set_taken(row, "ContainerIds", of_containers(pod, "Id", ps));
    set_taken(row, "ContainerNames", of_containers(pod, "Names", ps));
    set_taken(row, "ContainerStatuses", of_containers(pod, "Status", ps));
    json_object_set(row, "Cgroup", json_object_get(pod, "Cgroup"));
    json_object_set(row, "Namespace", json_object_get(pod, "Namespace"));
    set_taken(row, "NumberOfContainers",
              g_strdup_printf("%zu", json_array_size(json_object_get(pod, "Containers"))));
    set_taken(row, "Networks", networks_text(pod));
    json_object_set(row, "Labels", json_object_get(pod, "Labels"));
    return row;
}

/* --- printing --------------------------------------------------------------------------------- */

static const char *header_of(const char *key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        if (strcmp(columns[i].key, key) == 0)
            return columns[i].header;
    }
    g_assert_not_reached();
}

/* As podman, with columns for the containers their number is left out. */
static void print_table(const json_t *rows, const PodPsOptions *ps)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    g_autoptr(GString) table = g_string_new(NULL);
    const char *const first[] = { "Id", "Name", "Status", "Created", "InfraId" };
    size_t i;
    json_t *row;

    for (size_t k = 0; k < G_N_ELEMENTS(first); k++)
        g_ptr_array_add(keys, (gpointer)first[k]);
    if (ps->container_ids)
        g_ptr_array_add(keys, (gpointer) "ContainerIds");
    if (ps->container_names)
        g_ptr_array_add(keys, (gpointer) "ContainerNames");
    if (ps->container_states)
        g_ptr_array_add(keys, (gpointer) "ContainerStatuses");
    if (ps->namespaces) {
        g_ptr_array_add(keys, (gpointer) "Cgroup");
        g_ptr_array_add(keys, (gpointer) "Namespace");
    }
    if (!ps->container_ids && !ps->container_names && !ps->container_states)
        g_ptr_array_add(keys, (gpointer) "NumberOfContainers");

    for (guint k = 0; !ps->no_heading && k < keys->len; k++)
        table_add_cell(table, header_of(g_ptr_array_index(keys, k)));
    if (!ps->no_heading)
        table_end_row(table);
    json_array_foreach(rows, i, row) {
        for (guint k = 0; k < keys->len; k++)
            table_add_cell(table, field_text(row, g_ptr_array_index(keys, k)));
        table_end_row(table);
    }
    table_print(table, stdout);
}

static bool print_template(const json_t *rows, const PodPsOptions *ps, GError **error)
{
    json_auto_t *headers = json_object();

    for (size_t k = 0; k < G_N_ELEMENTS(columns); k++)
        json_object_set_new(headers, columns[k].key, json_string(columns[k].header));
    return output_template(ps->format, rows, ps->no_heading ? NULL : headers, error);
}

static void print_json(json_t *pods)
{
    size_t i;
    json_t *pod;

    json_array_foreach(pods, i, pod)
        json_object_del(pod, "CreatedUnix");
    output_json(pods);
}

static int print_pods(json_t *pods, const PodPsOptions *ps)
{
    g_autoptr(GError) error = NULL;
    json_auto_t *rows = json_array();
    time_t now = time(NULL);
    size_t i;
    json_t *pod;

    json_array_foreach(pods, i, pod)
        json_array_append_new(rows, row_for(pod, ps, now));
    if (ps->quiet) {
        json_array_foreach(rows, i, pod)
            puts(field_text(pod, "Id"));
    } else if (ps->format == NULL) {
        print_table(rows, ps);
    } else if (output_is_json(ps->format)) {
        print_json(pods);
    } else if (!print_template(rows, ps, &error)) {
        return cli_report_local(error);
    }
    return STATUS_OK;
}

/* --- the order -------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b, void *data)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    const char *key = data;

    if (strcmp(key, "Containers") == 0)
        return (int)json_array_size(json_object_get(x, key)) -
               (int)json_array_size(json_object_get(y, key));
    return strcmp(field_text(x, key), field_text(y, key));
}

static void sort_by(json_t *pods, const char *key)
{
    size_t count = json_array_size(pods);
    g_autofree json_t **items = g_new0(json_t *, count + 1);

    for (size_t i = 0; i < count; i++)
        items[i] = json_incref(json_array_get(pods, i));
    g_qsort_with_data(items, (int)count, sizeof(*items), compare, (void *)key);
    json_array_clear(pods);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(pods, items[i]);
}

/* They come newest first, which is the default. */
static bool sort_pods(json_t *pods, const char *wanted, GError **error)
{
    static const struct {
        const char *name, *key;
    } keys[] = {
        { "created", NULL },        { "id", "Id" },         { "name", "Name" },
        { "number", "Containers" }, { "status", "Status" },
    };

    if (wanted == NULL)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(keys[i].name, wanted) != 0)
            continue;
        if (keys[i].key != NULL)
            sort_by(pods, keys[i].key);
        return true;
    }
    return cli_set_error(error, "invalid option for --sort, options are: id, names, or number");
}

static int list_pods(Cli *cli, const PodPsOptions *ps)
{
    g_autoptr(GError) wrong = NULL;

    if (ps->quiet && ps->format != NULL)
        return cli_error("quiet and format cannot be used together");

    json_auto_t *pods = document_list(cli, floe_pod_list, list_const(ps->filters));

    if (pods == NULL)
        return STATUS_FLOE_FAILED;
    if (!sort_pods(pods, ps->sort, &wrong))
        return cli_report_local(wrong);
    while (ps->latest && json_array_size(pods) > 1)
        json_array_remove(pods, 1);
    return print_pods(pods, ps);
}

int cmd_pod_ps(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod ps [options]",
        .about = "List pods.",
    };
    PodPsOptions ps = { 0 };
    int status;
    char **words;
    const Option options[] = {
        { "ctr-ids", 0, OPTION_FLAG, &ps.container_ids, NULL, "The ids of their containers" },
        { "ctr-names", 0, OPTION_FLAG, &ps.container_names, NULL, "The names of their containers" },
        { "ctr-status", 0, OPTION_FLAG, &ps.container_states, NULL,
          "The states of their containers" },
        { "filter", 'f', OPTION_LIST, &ps.filters, "KEY=VALUE",
          "Only those that match: id, name, status, label, ctr-names, ..." },
        { "format", 0, OPTION_TEXT, &ps.format, "TEMPLATE",
          "json, a Go template, or 'table TEMPLATE'" },
        { "latest", 'l', OPTION_FLAG, &ps.latest, NULL, "The pod created last" },
        { "no-trunc", 0, OPTION_FLAG, &ps.no_trunc, NULL, "Whole ids" },
        { "noheading", 0, OPTION_FLAG, &ps.no_heading, NULL, "No line with the columns' names" },
        { "ns", 0, OPTION_FLAG, &ps.namespaces, NULL, "The parent of their cgroups" },
        { "quiet", 'q', OPTION_FLAG, &ps.quiet, NULL, "Only the ids" },
        { "sort", 0, OPTION_TEXT, &ps.sort, "KEY",
          "created (the default), id, name, number, status" },
        OPTIONS_END,
    };

    if (options_parse(&usage, options, argv, &words, &status))
        status = list_pods(cli, &ps);
    g_strfreev(ps.filters);
    return status;
}
