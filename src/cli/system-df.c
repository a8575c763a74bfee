/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/container-row.h"
#include "cli/document.h"
#include "cli/field.h"
#include "cli/human.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/verbs.h"

#include <string.h>
#include <time.h>

#define SHORT_ID 12

/* --- the summary ------------------------------------------------------------------------------ */

typedef struct Summary {
    const char *type;
    size_t total, active;
    int64_t size, reclaimable;
} Summary;

/* "3.996MB (100%)" */
static char *reclaimable_text(const Summary *summary)
{
    g_autofree char *size = human_size_tight((double)summary->reclaimable);
    int percent = summary->size > 0
                      ? (int)((double)summary->reclaimable * 100 / (double)summary->size)
                      : 0;

    return g_strdup_printf("%s (%d%%)", size, percent);
}

static json_t *summary_row(const Summary *summary)
{
    g_autofree char *size = human_size_tight((double)summary->size);
    g_autofree char *reclaimable = reclaimable_text(summary);

    return json_pack("{s:s, s:I, s:I, s:s, s:s, s:I, s:I}", "Type", summary->type, "Total",
                     (json_int_t)summary->total, "Active", (json_int_t)summary->active, "Size",
                     size, "Reclaimable", reclaimable, "RawSize", (json_int_t)summary->size,
                     "RawReclaimable", (json_int_t)summary->reclaimable);
}

static Summary sum_rows(const char *type, const json_t *rows, bool (*is_active)(const json_t *row))
{
    Summary sum = { .type = type, .total = json_array_size(rows) };
    size_t i;
    json_t *row;

    json_array_foreach((json_t *)rows, i, row) {
        int64_t size = field_integer(row, "Size");

        sum.size += size;
        if (is_active(row))
            sum.active++;
        else
            sum.reclaimable += size;
    }
    return sum;
}

static bool image_is_used(const json_t *image)
{
    return field_integer(image, "Containers") > 0;
}

static bool container_is_up(const json_t *container)
{
    return json_is_true(json_object_get(container, "IsUp"));
}

static bool volume_is_used(const json_t *volume)
{
    return field_integer(volume, "Links") > 0;
}

/* Images share layers: their sizes do not add up. */
static Summary sum_images(const json_t *usage)
{
    Summary sum = sum_rows("Images", json_object_get(usage, "Images"), image_is_used);

    sum.size = field_integer(usage, "ImagesSize");
    sum.reclaimable = field_integer(usage, "ImagesReclaimable");
    return sum;
}

static json_t *summary(const json_t *usage)
{
    int64_t cache = field_integer(usage, "BuildCache");
    const Summary sums[] = {
        sum_images(usage),
        sum_rows("Containers", json_object_get(usage, "Containers"), container_is_up),
        sum_rows("Local Volumes", json_object_get(usage, "Volumes"), volume_is_used),
        { .type = "Build Cache", .total = cache > 0, .size = cache, .reclaimable = cache },
    };
    json_t *rows = json_array();

    for (size_t i = 0; i < G_N_ELEMENTS(sums); i++) {
        if (i < G_N_ELEMENTS(sums) - 1 || cache > 0)
            json_array_append_new(rows, summary_row(&sums[i]));
    }
    return rows;
}

/* As docker has it: an object on a line of its own for each. */
static int print_summary(const json_t *usage, const char *format)
{
    json_auto_t *rows = summary(usage);
    json_auto_t *headers = json_pack("{s:s, s:s, s:s, s:s, s:s}", "Type", "TYPE", "Total", "TOTAL",
                                     "Active", "ACTIVE", "Size", "SIZE", "Reclaimable",
                                     "RECLAIMABLE");
    g_autoptr(GError) error = NULL;

    if (format != NULL && output_is_json(format)) {
        output_json(rows);
        return STATUS_OK;
    }
    return output_template(
               format != NULL
                   ? format
                   : "table {{.Type}}\t{{.Total}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}",
               rows, headers, &error)
               ? STATUS_OK
               : cli_report_local(error);
}

/* --- each on a line --------------------------------------------------------------------------- */

static void add_cells(GString *table, const char *const *cells)
{
    for (; *cells != NULL; cells++)
        table_add_cell(table, *cells);
    table_end_row(table);
}

static void add_image(GString *table, const json_t *image, const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *colon = strrchr(slash != NULL ? slash : name, ':');
    g_autofree char *repository = colon != NULL ? g_strndup(name, (gsize)(colon - name))
                                                : g_strdup(name);
    g_autofree char *id = g_strndup(json_string_value(json_object_get(image, "Id")), SHORT_ID);
    g_autofree char *age = human_duration(time(NULL) - field_integer(image, "Created"));
    g_autofree char *size = human_size_tight((double)field_integer(image, "Size"));
    g_autofree char *shared = human_size_tight((double)field_integer(image, "SharedSize"));
    g_autofree char *unique = human_size_tight((double)field_integer(image, "UniqueSize"));
    g_autofree char *users = g_strdup_printf("%d", (int)field_integer(image, "Containers"));

    add_cells(table, (const char *const[]){ repository, colon != NULL ? colon + 1 : "<none>", id,
                                            age, size, shared, unique, users, NULL });
}

static void print_images(const json_t *usage)
{
    g_autoptr(GString) table = g_string_new(NULL);
    json_t *image, *name;
    size_t i, k;

    add_cells(table, (const char *const[]){ "REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE",
                                            "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS", NULL });
    json_array_foreach(json_object_get(usage, "Images"), i, image) {
        const json_t *names = json_object_get(image, "Names");

        if (json_array_size(names) == 0)
            add_image(table, image, "<none>");
        json_array_foreach((json_t *)names, k, name)
            add_image(table, image, json_string_value(name));
    }
    puts("Images space usage:\n");
    table_print(table, stdout);
}

static const json_t *find_by_id(const json_t *rows, const char *id)
{
    json_t *row;
    size_t i;

    json_array_foreach((json_t *)rows, i, row) {
        if (g_strcmp0(json_string_value(json_object_get(row, "Id")), id) == 0)
            return row;
    }
    return NULL;
}

static void add_container(GString *table, const json_t *entry, const json_t *use)
{
    static const char *const columns[] = { "ID", "ImageID",    "Command", NULL,
                                           NULL, "RunningFor", "Status",  "Names" };
    const RowStyle style = { .now_unix = time(NULL) };
    g_autofree char *volumes = g_strdup_printf("%d", (int)field_integer(use, "LocalVolumes"));
    g_autofree char *size = human_size_tight((double)field_integer(use, "Size"));
    const char *others[] = { volumes, size };

    for (size_t i = 0, k = 0; i < G_N_ELEMENTS(columns); i++) {
        g_autofree char *text = columns[i] != NULL ? row_column(columns[i])->text(entry, &style)
                                                   : g_strdup(others[k++]);

        table_add_cell(table, text);
    }
    table_end_row(table);
}

/* False: the error is printed. */
static bool print_containers(Cli *cli, const json_t *usage)
{
    floe_list_options list = FLOE_LIST_OPTIONS_INIT;
    g_autoptr(GString) table = g_string_new(NULL);
    json_t *entry;
    size_t i;

    list.all = true;
    json_auto_t *entries = document_containers(cli, &list);

    if (entries == NULL)
        return false;
    add_cells(table, (const char *const[]){ "CONTAINER ID", "IMAGE", "COMMAND", "LOCAL VOLUMES",
                                            "SIZE", "CREATED", "STATUS", "NAMES", NULL });
    json_array_foreach(entries, i, entry) {
        const char *id = json_string_value(json_object_get(entry, "Id"));

        add_container(table, entry, find_by_id(json_object_get(usage, "Containers"), id));
    }
    puts("\nContainers space usage:\n");
    table_print(table, stdout);
    return true;
}

static void print_volumes(const json_t *usage)
{
    g_autoptr(GString) table = g_string_new(NULL);
    json_t *volume;
    size_t i;

    add_cells(table, (const char *const[]){ "VOLUME NAME", "LINKS", "SIZE", NULL });
    json_array_foreach(json_object_get(usage, "Volumes"), i, volume) {
        g_autofree char *links = g_strdup_printf("%d", (int)field_integer(volume, "Links"));
        g_autofree char *size = human_size_tight((double)field_integer(volume, "Size"));

        add_cells(table, (const char *const[]){ json_string_value(json_object_get(volume, "Name")),
                                                links, size, NULL });
    }
    puts("\nLocal Volumes space usage:\n");
    table_print(table, stdout);
}

static int print_each(Cli *cli, const json_t *usage)
{
    g_autofree char *cache = human_size_tight((double)field_integer(usage, "BuildCache"));

    print_images(usage);
    if (!print_containers(cli, usage))
        return STATUS_FLOE_FAILED;
    print_volumes(usage);
    if (field_integer(usage, "BuildCache") > 0)
        printf("\nBuild cache usage: %s\n", cache);
    return STATUS_OK;
}

/* --- the verb --------------------------------------------------------------------------------- */

int cmd_system_df(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "system df [options]",
        .about = "Tell how much room images, containers, volumes and the build cache take.",
    };
    const char *format = NULL;
    bool verbose = false;
    char **words;
    int status;
    const Option options[] = {
        { "format", 0, OPTION_TEXT, &format, "TEMPLATE", "json or a Go template, of the summary" },
        { "verbose", 'v', OPTION_FLAG, &verbose, NULL, "Each image, container and volume" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (verbose && format != NULL)
        return cli_error("--verbose and --format exclude each other");

    json_auto_t *document = document_of_engine(cli, floe_engine_disk_usage);

    if (document == NULL)
        return STATUS_FLOE_FAILED;
    return verbose ? print_each(cli, document) : print_summary(document, format);
}
