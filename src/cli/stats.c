/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What containers use, once or again and again. The processor's share is that between two readings;
 * of the first one, that since the container's start, as podman has it.
 */
#include "cli/human.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pod-selection.h"
#include "cli/repeat.h"
#include "cli/selection.h"
#include "cli/table.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

#define ID_SHORT 12

typedef struct Column {
    const char *header;
    const char *key;      /* in templates */
    const char *json_key; /* NULL: not in podman's JSON */
} Column;

typedef struct StatsOptions {
    const char *format;
    int64_t interval_s;
    bool once, no_reset, no_trunc;
    const Column *columns;
    size_t n_columns;
    const PodSelection *pods; /* of whose containers; NULL: of those that are selected */
} StatsOptions;

/* One reading of all containers. */
typedef struct Round {
    const StatsOptions *options;
    GHashTable *last; /* id: floe_stats of the round before */
    json_t *rows;     /* what templates see */
    bool all;         /* no container was named */
} Round;

static const Column container_columns[] = {
    { "ID", "ID", "id" },
    { "NAME", "Name", "name" },
    { "CPU %", "CPUPerc", "cpu_percent" },
    { "MEM USAGE / LIMIT", "MemUsage", "mem_usage" },
    { "MEM USAGE / LIMIT", "MemUsageBytes", NULL },
    { "MEM %", "MemPerc", "mem_percent" },
    { "NET IO", "NetIO", "net_io" },
    { "BLOCK IO", "BlockIO", "block_io" },
    { "PIDS", "PIDS", "pids" },
    { "CPU TIME", "UpTime", "cpu_time" },
    { "AVG CPU %", "AVGCPU", "avg_cpu" },
};

/* `pod stats`: podman's other headers, and its JSON has the templates' keys. */
static const Column pod_columns[] = {
    { "POD", "Pod", "Pod" },
    { "CID", "CID", "CID" },
    { "NAME", "Name", "Name" },
    { "CPU %", "CPU", "CPU" },
    { "MEM USAGE/ LIMIT", "MemUsage", "MemUsage" },
    { "MEM USAGE/ LIMIT", "MemUsageBytes", "MemUsageBytes" },
    { "MEM %", "Mem", "Mem" },
    { "NET IO", "NetIO", "NetIO" },
    { "BLOCK IO", "BlockIO", "BlockIO" },
    { "PIDS", "PIDS", "PIDS" },
};

static void set_taken(json_t *row, const char *key, char *taken_text)
{
    g_autofree char *text = taken_text;

    json_object_set_new(row, key, json_string(text));
}

static void set_pair(json_t *row, const char *key, char *(*human)(double), uint64_t a, uint64_t b)
{
    g_autofree char *first = human((double)a);
    g_autofree char *second = human((double)b);

    set_taken(row, key, g_strdup_printf("%s / %s", first, second));
}

static void set_number(json_t *row, const char *key, uint64_t number)
{
    json_object_set_new(row, key, json_integer((json_int_t)number));
}

/* 0 where no time has passed. */
static double percent(uint64_t part, int64_t whole)
{
    return whole > 0 ? (double)part * 100 / (double)whole : 0;
}

static void set_cpu(json_t *row, const floe_stats *now, const floe_stats *before)
{
    bool has_run = now->started_unix_ns != 0;
    double average = has_run ? percent(now->cpu_ns, now->time_unix_ns - now->started_unix_ns) : 0;
    double share = average;

    if (has_run && before != NULL && now->cpu_ns >= before->cpu_ns)
        share = percent(now->cpu_ns - before->cpu_ns, now->time_unix_ns - before->time_unix_ns);
    json_object_set_new(row, "CPU", json_real(share));
    json_object_set_new(row, "AvgCPU", json_real(average));
    set_taken(row, "CPUPerc", g_strdup_printf("%.2f%%", share));
    set_taken(row, "AVGCPU", g_strdup_printf("%.2f%%", average));
    set_taken(row, "UpTime", human_go_duration(now->cpu_ns));
    set_taken(row, "Up", human_go_duration(now->cpu_ns));
    set_number(row, "CPUNano", now->cpu_ns);
    set_number(row, "CPUSystemNano", now->cpu_system_ns);
}

static void set_usage(json_t *row, const floe_stats *now)
{
    set_pair(row, "MemUsage", human_size_tight, now->memory_bytes, now->memory_limit_bytes);
    set_pair(row, "MemUsageBytes", human_size_binary, now->memory_bytes, now->memory_limit_bytes);
    set_taken(row, "MemPerc",
              g_strdup_printf("%.2f%%",
                              percent(now->memory_bytes, (int64_t)now->memory_limit_bytes)));
    set_number(row, "MemLimit", now->memory_limit_bytes);
    set_pair(row, "NetIO", human_size_tight, now->network_received_bytes, now->network_sent_bytes);
    set_number(row, "NetInput", now->network_received_bytes);
    set_number(row, "NetOutput", now->network_sent_bytes);
    set_pair(row, "BlockIO", human_size_tight, now->block_read_bytes, now->block_written_bytes);
    set_number(row, "BlockInput", now->block_read_bytes);
    set_number(row, "BlockOutput", now->block_written_bytes);
    set_number(row, "PIDS", now->n_pids);
    set_number(row, "PIDs", now->n_pids);
}

static bool add_row(floe_container *container, const char *label, void *data, floe_error **error)
{
    Round *round = data;
    const char *id = floe_container_id(container);
    floe_stats stats = FLOE_STATS_INIT;
    json_t *row;

    if (!floe_container_stats(container, &stats, error)) {
        /* Of all, those that have no cgroup have no row. */
        if (!round->all || floe_error_get_code(*error) != FLOE_ERROR_UNSUPPORTED)
            return false;
        floe_error_free(g_steal_pointer(error));
        return true;
    }
    row = json_object();
    set_taken(row, "ID", g_strndup(id, round->options->no_trunc ? strlen(id) : ID_SHORT));
    json_object_set_new(row, "ContainerID", json_string(id));
    json_object_set_new(row, "Name", json_string(floe_container_name(container)));
    set_cpu(row, &stats, g_hash_table_lookup(round->last, id));
    set_usage(row, &stats);
    json_array_append_new(round->rows, row);
    g_hash_table_replace(round->last, g_strdup(id), g_memdup2(&stats, sizeof(stats)));
    return true;
}

/* One of the two ways of telling the memory is enough. */
static bool is_in_table(const Column *column)
{
    return strcmp(column->key, "MemUsageBytes") != 0;
}

static void print_table(const json_t *rows, const StatsOptions *options)
{
    const Column *columns = options->columns;
    g_autoptr(GString) table = g_string_new(NULL);
    size_t i;
    json_t *row;

    for (size_t k = 0; k < options->n_columns; k++) {
        if (is_in_table(&columns[k]))
            table_add_cell(table, columns[k].header);
    }
    table_end_row(table);
    json_array_foreach(rows, i, row) {
        for (size_t k = 0; k < options->n_columns; k++) {
            json_t *value = json_object_get(row, columns[k].key);
            g_autofree char *number = NULL;

            if (!is_in_table(&columns[k]))
                continue;
            if (json_is_integer(value))
                number = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
            table_add_cell(table, number != NULL ? number : json_string_value(value));
        }
        table_end_row(table);
    }
    table_print(table, stdout);
}

/* podman's JSON has the texts of the table, the number of processes too. */
static void print_json(const json_t *rows, const StatsOptions *options)
{
    const Column *columns = options->columns;
    json_auto_t *list = json_array();
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        json_t *entry = json_object();

        for (size_t k = 0; k < options->n_columns; k++) {
            if (columns[k].json_key != NULL)
                json_object_set(entry, columns[k].json_key, json_object_get(row, columns[k].key));
        }
        set_taken(entry, options->pods != NULL ? "PIDS" : "pids",
                  g_strdup_printf("%" JSON_INTEGER_FORMAT,
                                  json_integer_value(json_object_get(row, "PIDS"))));
        json_array_append_new(list, entry);
    }
    output_json(list);
}

static bool print_template(const json_t *rows, const StatsOptions *options, GError **error)
{
    const Column *columns = options->columns;
    json_auto_t *headers = json_object();

    for (size_t k = 0; k < options->n_columns; k++)
        json_object_set_new(headers, columns[k].key, json_string(columns[k].header));
    return output_template(options->format, rows, headers, error);
}

static bool print_round(const Round *round, GError **error)
{
    const StatsOptions *options = round->options;

    if (!options->once && !options->no_reset)
        repeat_clear_screen();
    if (options->format == NULL)
        print_table(round->rows, options);
    else if (output_is_json(options->format))
        print_json(round->rows, options);
    else
        return print_template(round->rows, options, error);
    return true;
}

/* What a template of podman's `pod stats` calls by other names. */
static void rename_for_pod(json_t *row, const char *pod_id)
{
    set_taken(row, "Pod", g_strndup(pod_id, ID_SHORT));
    json_object_set(row, "CID", json_object_get(row, "ID"));
    json_object_set(row, "CPU", json_object_get(row, "CPUPerc"));
    json_object_set(row, "Mem", json_object_get(row, "MemPerc"));
}

/* Pod by pod, so that each row knows whose it is. */
static int read_pods(Cli *cli, Round *round)
{
    g_auto(GStrv) pods = NULL;
    int status;

    if (!pod_selection_ids(cli, round->options->pods, &pods, &status))
        return status;
    for (char **pod = pods; *pod != NULL && status == STATUS_OK; pod++) {
        const PodSelection one = { .names = (char *[]){ *pod, NULL } };
        size_t first = json_array_size(round->rows);
        g_auto(GStrv) ids = NULL;
        Selection selection = { .ignore = true };

        if (!pod_selection_containers(cli, &one, true, &ids, &status))
            return status;
        selection.names = ids;
        if (ids[0] != NULL)
            status = selection_each(cli, &selection, add_row, round);
        for (; first < json_array_size(round->rows); first++)
            rename_for_pod(json_array_get(round->rows, first), *pod);
    }
    return status;
}

static int read_all(Cli *cli, const Selection *selection, Round *round)
{
    return round->options->pods != NULL ? read_pods(cli, round)
                                        : selection_each(cli, selection, add_row, round);
}

/* Containers may come and go meanwhile; when those that were named have gone, it is over. */
static int print_stats(Cli *cli, Selection *selection, const StatsOptions *options)
{
    g_autoptr(GHashTable) last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (;;) {
        json_auto_t *rows = json_array();
        Round round = { options, last, rows, selection->all || options->pods != NULL };
        g_autoptr(GError) wrong = NULL;
        int status = read_all(cli, selection, &round);

        if (status != STATUS_OK)
            return status;
        if (json_array_size(rows) == 0 && selection->ignore)
            return STATUS_OK;
        if (!print_round(&round, &wrong))
            return cli_report_local(wrong);
        if (options->once || !repeat_wait(options->interval_s))
            return STATUS_OK;
        selection->ignore = !selection->all;
    }
}

int cmd_stats(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "stats [options] [CONTAINER...]",
        .about = "Print what containers use of processors, memory, network and disks, again and\n"
                 "again until interrupted. Without a name: those that run.",
        .max_words = -1,
    };
    g_auto(Selection) selection = { 0 };
    StatsOptions stats = { .interval_s = 5,
                           .columns = container_columns,
                           .n_columns = G_N_ELEMENTS(container_columns) };
    bool all = false;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &all, NULL, "All containers, also those that do not run" },
        { "format", 0, OPTION_TEXT, &stats.format, "TEMPLATE",
          "json, a Go template, or 'table TEMPLATE'" },
        { "interval", 'i', OPTION_UNSIGNED, &stats.interval_s, "SECONDS",
          "Time from one reading to the next (5)" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The container created last" },
        { "no-reset", 0, OPTION_FLAG, &stats.no_reset, NULL,
          "Do not clear the screen between readings" },
        { "no-stream", 0, OPTION_FLAG, &stats.once, NULL, "One reading only" },
        { "no-trunc", 0, OPTION_FLAG, &stats.no_trunc, NULL, "Whole ids" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    if (stats.interval_s == 0)
        return cli_error("invalid argument '0' for --interval: it must be at least 1");
    if ((selection.names[0] != NULL) + all + selection.latest > 1)
        return cli_error("--all, --latest and containers cannot be used together");
    selection.all = selection.names[0] == NULL && !selection.latest;
    if (!all)
        selection.all_states = STATE_BIT(FLOE_STATE_RUNNING) | STATE_BIT(FLOE_STATE_PAUSED) |
                               STATE_BIT(FLOE_STATE_STOPPING);
    return print_stats(cli, &selection, &stats);
}

int cmd_pod_stats(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod stats [options] [POD...]",
        .about = "Print what the containers of pods use of processors, memory, network and disks,\n"
                 "again and again until interrupted. Without a name: of all pods.",
        .max_words = -1,
    };
    PodSelection pods = { 0 };
    Selection none = { 0 };
    StatsOptions stats = { .interval_s = 5,
                           .columns = pod_columns,
                           .n_columns = G_N_ELEMENTS(pod_columns),
                           .pods = &pods };
    bool all = false;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &all, NULL, "All pods" },
        { "format", 0, OPTION_TEXT, &stats.format, "TEMPLATE",
          "json, a Go template, or 'table TEMPLATE'" },
        { "latest", 'l', OPTION_FLAG, &pods.latest, NULL, "The pod created last" },
        { "no-reset", 0, OPTION_FLAG, &stats.no_reset, NULL,
          "Do not clear the screen between readings" },
        { "no-stream", 0, OPTION_FLAG, &stats.once, NULL, "One reading only" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &pods.names, &status))
        return status;
    if ((pods.names[0] != NULL) + all + pods.latest > 1)
        return cli_error("--all, --latest and arguments cannot be used together");
    pods.all = pods.names[0] == NULL && !pods.latest;
    return print_stats(cli, &none, &stats);
}
