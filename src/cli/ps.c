/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/container-row.h"
#include "cli/document.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/repeat.h"
#include "cli/table.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct PsOptions {
    char **filters; /* owned */
    const char *format;
    const char *sort;
    bool all, latest, namespaces, no_heading, pod, quiet, size;
    int64_t last;
    int64_t watch_s; /* 0: once */
    RowStyle style;
} PsOptions;

/* --sort: by the number under a key of the entry, else by a column's text. */
static const struct SortKey {
    const char *name;
    const char *number;
    const char *column;
} sort_keys[] = {
    { "command", NULL, "Command" }, { "created", "Created", NULL },
    { "id", NULL, "ID" },           { "image", NULL, "Image" },
    { "names", NULL, "Names" },     { "runningfor", "StartedAt", NULL },
    { "size", "Size", NULL },       { "status", NULL, "Status" },
};

typedef struct SortItem {
    json_t *entry;
    int64_t number;
    char *text;
} SortItem;

static int compare_items(const void *a, const void *b)
{
    const SortItem *x = a, *y = b;
    int by_number = (x->number > y->number) - (x->number < y->number);

    return by_number != 0 ? by_number : g_strcmp0(x->text, y->text);
}

static const struct SortKey *find_sort_key(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(sort_keys); i++) {
        if (strcmp(sort_keys[i].name, name) == 0)
            return &sort_keys[i];
    }
    return NULL;
}

/* Of a size, that of the whole root file system. */
static int64_t number_of(const json_t *entry, const char *key)
{
    const json_t *value = json_object_get(entry, key);

    return json_integer_value(json_is_object(value) ? json_object_get(value, "rootFsSize") : value);
}

static json_t *sorted(const json_t *list, const struct SortKey *key, const RowStyle *style)
{
    size_t count = json_array_size(list);
    g_autofree SortItem *items = g_new0(SortItem, count + 1);
    json_t *result = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *entry = json_array_get(list, i);

        items[i].entry = entry;
        if (key->number != NULL)
            items[i].number = number_of(entry, key->number);
        else
            items[i].text = row_column(key->column)->text(entry, style);
    }
    qsort(items, count, sizeof(*items), compare_items);
    for (size_t i = 0; i < count; i++) {
        json_array_append(result, items[i].entry);
        g_free(items[i].text);
    }
    return result;
}

static void print_ids(const json_t *list, const RowStyle *style)
{
    const RowColumn *column = row_column("ID");
    size_t i;
    json_t *entry;

    json_array_foreach(list, i, entry) {
        g_autofree char *id = column->text(entry, style);

        puts(id);
    }
}

static void print_table(const json_t *list, const PsOptions *ps)
{
    static const char *const usual[] = { "ID",     "Image", "Command", "RunningFor",
                                         "Status", "Ports", "Names",   NULL };
    static const char *const namespaces[] = { "ID",  "Names", "Pid",    "CGROUPNS", "IPC", "MNT",
                                              "NET", "PIDNS", "USERNS", "UTS",      NULL };
    const RowColumn *columns[G_N_ELEMENTS(namespaces) + 3];
    size_t n_columns = 0;
    g_autoptr(GString) table = g_string_sized_new(4096);
    size_t i;
    json_t *entry;

    for (const char *const *key = ps->namespaces ? namespaces : usual; *key != NULL; key++)
        columns[n_columns++] = row_column(*key);
    if (ps->pod) {
        columns[n_columns++] = row_column("Pod");
        columns[n_columns++] = row_column("PodName");
    }
    if (ps->size)
        columns[n_columns++] = row_column("Size");
    for (size_t k = 0; k < n_columns && !ps->no_heading; k++)
        table_add_cell(table, columns[k]->header);
    if (!ps->no_heading)
        table_end_row(table);

    json_array_foreach(list, i, entry) {
        for (size_t k = 0; k < n_columns; k++) {
            g_autofree char *text = columns[k]->text(entry, &ps->style);

            table_add_cell(table, text);
        }
        table_end_row(table);
    }
    table_print(table, stdout);
}

/* podman's JSON has two texts beside the numbers. */
static void print_json(const json_t *list, const RowStyle *style)
{
    size_t i;
    json_t *entry;

    json_array_foreach(list, i, entry) {
        g_autofree char *status = row_column("Status")->text(entry, style);
        g_autofree char *created = row_column("CreatedHuman")->text(entry, style);

        json_object_set_new(entry, "Status", json_string(status));
        json_object_set_new(entry, "CreatedAt", json_string(created));
    }
    output_json(list);
}

static bool print_template(const json_t *list, const PsOptions *ps, GError **error)
{
    json_auto_t *rows = json_array();
    json_auto_t *headers = ps->no_heading ? NULL : row_headers();
    size_t i;
    json_t *entry;

    json_array_foreach(list, i, entry) {
        json_array_append_new(rows, row_for_template(entry, &ps->style));
    }
    return output_template(ps->format, rows, headers, error);
}

static int print_list(const json_t *list, const PsOptions *ps)
{
    g_autoptr(GError) error = NULL;

    if (ps->quiet)
        print_ids(list, &ps->style);
    else if (ps->format == NULL)
        print_table(list, ps);
    else if (output_is_json(ps->format))
        print_json(list, &ps->style);
    else if (!print_template(list, ps, &error))
        return cli_report_local(error);
    return STATUS_OK;
}

static json_t *list_containers(Cli *cli, const PsOptions *ps)
{
    floe_list_options options = FLOE_LIST_OPTIONS_INIT;

    options.all = ps->all;
    options.last = ps->latest ? 1 : ps->last > 0 ? (int)MIN(ps->last, G_MAXINT) : 0;
    options.filters = list_const(ps->filters);
    options.with_size = ps->size;
    options.with_namespaces = ps->namespaces || (ps->format != NULL && !output_is_json(ps->format));
    return document_containers(cli, &options);
}

static int ps_once(Cli *cli, PsOptions *ps)
{
    json_auto_t *list = list_containers(cli, ps);
    const struct SortKey *key = ps->sort != NULL ? find_sort_key(ps->sort) : NULL;

    if (list == NULL)
        return STATUS_FLOE_FAILED;
    if (key == NULL)
        return print_list(list, ps);

    json_auto_t *in_order = sorted(list, key, &ps->style);
    return print_list(in_order, ps);
}

static bool check(const PsOptions *ps, GError **error)
{
    if (ps->sort != NULL && find_sort_key(ps->sort) == NULL)
        return cli_set_error(error,
                             "--sort: '%s' is none of command, created, id, image, names, "
                             "runningfor, size, status",
                             ps->sort);
    if (ps->latest && ps->last > 0)
        return cli_set_error(error, "--last and --latest exclude each other");
    if (ps->quiet && ps->format != NULL)
        return cli_set_error(error, "--quiet and --format exclude each other");
    if (ps->namespaces && ps->size)
        return cli_set_error(error, "--ns and --size exclude each other");
    if (ps->watch_s > 0 && ps->latest)
        return cli_set_error(error, "--watch and --latest exclude each other");
    return true;
}

static int ps_with(Cli *cli, PsOptions *ps)
{
    g_autoptr(GError) error = NULL;
    int status;

    if (!check(ps, &error))
        return cli_report_local(error);
    ps->size = ps->size || g_strcmp0(ps->sort, "size") == 0;
    do {
        if (ps->watch_s > 0)
            repeat_clear_screen();
        ps->style.now_unix = time(NULL);
        status = ps_once(cli, ps);
    } while (ps->watch_s > 0 && status == STATUS_OK && repeat_wait(ps->watch_s));
    return status;
}

int cmd_ps(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "ps [options]",
        .about = "List containers: those that run, or with --all every one.",
    };
    PsOptions ps = { .last = -1 };
    int status;
    char **words;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &ps.all, NULL, "Also those that do not run" },
        { "external", 0, OPTION_FLAG, NULL, NULL, NULL },
        { "filter", 'f', OPTION_LIST, &ps.filters, "KEY=VALUE",
          "Only those that match: id, name, status, label, ..." },
        { "format", 0, OPTION_TEXT, &ps.format, "TEMPLATE",
          "json, a Go template, or 'table TEMPLATE'" },
        { "last", 'n', OPTION_INTEGER, &ps.last, "N", "The N created last, in any state" },
        { "latest", 'l', OPTION_FLAG, &ps.latest, NULL, "The one created last, in any state" },
        { "no-trunc", 0, OPTION_FLAG, &ps.style.no_trunc, NULL, "Whole ids and commands" },
        { "noheading", 0, OPTION_FLAG, &ps.no_heading, NULL, "No line with the columns' names" },
        { "ns", 0, OPTION_FLAG, &ps.namespaces, NULL, "Their processes and namespaces" },
        { "pod", 'p', OPTION_FLAG, &ps.pod, NULL, "With the pods that they are in" },
        { "quiet", 'q', OPTION_FLAG, &ps.quiet, NULL, "Only the ids" },
        { "size", 's', OPTION_FLAG, &ps.size, NULL, "With the sizes of their files" },
        { "sort", 0, OPTION_TEXT, &ps.sort, "KEY",
          "command, created, id, image, names, runningfor, size or status" },
        { "sync", 0, OPTION_FLAG, NULL, NULL, NULL },
        { "watch", 'w', OPTION_UNSIGNED, &ps.watch_s, "SECONDS",
          "Print the list again and again, so many seconds apart" },
        OPTIONS_END,
    };

    if (options_parse(&usage, options, argv, &words, &status))
        status = ps_with(cli, &ps);
    g_strfreev(ps.filters);
    return status;
}
