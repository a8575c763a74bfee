/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/document.h"
#include "cli/field.h"
#include "cli/human.h"
#include "cli/image-filter.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SHORT_ID 12
#define NONE     "<none>"

typedef struct ImagesOptions {
    GPtrArray *filters;
    const char *format, *sort;
    const char *name; /* only this one; NULL: all */
    bool digests, history, no_heading, no_trunc, quiet;
} ImagesOptions;

/* "host:5000/path:tag": the tag's colon stands behind the last slash. */
static void split_name(const char *name, char **ret_repository, char **ret_tag)
{
    const char *slash = strrchr(name, '/');
    const char *colon = strrchr(slash != NULL ? slash : name, ':');
    size_t length = colon != NULL ? (size_t)(colon - name) : strlen(name);

    *ret_repository = g_strndup(name, length);
    *ret_tag = g_strdup(colon != NULL ? colon + 1 : NONE);
}

static bool is_wanted(const json_t *row, const ImagesOptions *options)
{
    return (options->name == NULL || image_name_matches(options->name, field_text(row, "Repository"),
                                                        field_text(row, "Tag"))) &&
           image_filters_match(options->filters, row);
}

static json_t *all_names(const json_t *image)
{
    g_autoptr(GString) text = g_string_new(NULL);
    size_t i;
    json_t *name;

    json_array_foreach(json_object_get(image, "Names"), i, name)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", json_string_value(name));
    return json_string(text->str);
}

/* One line of the table: an image under one of its names (NULL: it has none). */
static json_t *row_new(const json_t *image, const char *name, const ImagesOptions *options)
{
    json_t *row = json_copy((json_t *)image);
    const char *id = field_text(image, "Id");
    g_autofree char *short_id = g_strndup(id, SHORT_ID);
    g_autofree char *long_id = g_strconcat("sha256:", id, NULL);
    g_autofree char *age = human_duration(time(NULL) -
                                          json_integer_value(json_object_get(image, "Created")));
    g_autofree char *since = g_strconcat(age, " ago", NULL);
    g_autofree char *size = human_size(json_number_value(json_object_get(image, "Size")));
    g_autofree char *repository = NULL;
    g_autofree char *tag = NULL;

    split_name(name != NULL ? name : NONE, &repository, &tag);
    json_object_set_new(row, "ID", json_string(options->no_trunc ? long_id : short_id));
    json_object_set_new(row, "Repository", json_string(repository));
    json_object_set_new(row, "Tag", json_string(tag));
    json_object_set_new(row, "CreatedSince", json_string(since));
    json_object_set_new(row, "CreatedTime", json_string(field_text(image, "CreatedAt")));
    json_object_set_new(row, "Size", json_string(size));
    json_object_set(row, "SizeBytes", json_object_get(image, "Size"));
    if (options->history)
        json_object_set_new(row, "AllNames", all_names(image));
    return row;
}

static json_t *rows_of(const json_t *images, const ImagesOptions *options)
{
    json_t *rows = json_array();
    size_t i, j;
    json_t *image, *name;

    json_array_foreach(images, i, image) {
        json_t *names = json_object_get(image, "Names");

        if (json_array_size(names) == 0)
            json_array_append_new(rows, row_new(image, NULL, options));
        json_array_foreach(names, j, name) {
            json_array_append_new(rows, row_new(image, json_string_value(name), options));
        }
    }
    for (size_t k = json_array_size(rows); k > 0; k--) {
        if (!is_wanted(json_array_get(rows, k - 1), options))
            json_array_remove(rows, k - 1);
    }
    return rows;
}

static int compare_rows(const void *a, const void *b, void *data)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    const char *key = data;

    if (strcmp(key, "size") == 0) {
        json_int_t p = json_integer_value(json_object_get(x, "SizeBytes"));
        json_int_t q = json_integer_value(json_object_get(y, "SizeBytes"));

        return (p > q) - (p < q);
    }

    const char *field = strcmp(key, "id") == 0    ? "Id"
                        : strcmp(key, "tag") == 0 ? "Tag"
                                                  : "Repository";
    return strcmp(field_text(x, field), field_text(y, field));
}

/* libfloe gives the newest first, which is the order by default. */
static json_t *sorted(json_t *rows, const char *key)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new();
    json_t *result = json_array();
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        g_ptr_array_add(items, row);
    }
    if (strcmp(key, "created") != 0)
        g_ptr_array_sort_with_data(items, compare_rows, (void *)key);
    for (unsigned k = 0; k < items->len; k++)
        json_array_append(result, items->pdata[k]);
    return result;
}

static void print_ids(const json_t *rows)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        const char *id = field_text(row, "ID");

        if (g_hash_table_add(seen, (void *)id))
            puts(id);
    }
}

static void print_table(const json_t *rows, const ImagesOptions *options)
{
    const struct {
        const char *key, *header;
        bool is_shown;
    } columns[] = {
        { "Repository", "REPOSITORY", true },        { "Tag", "TAG", true },
        { "Digest", "DIGEST", options->digests },    { "ID", "IMAGE ID", true },
        { "CreatedSince", "CREATED", true },         { "Size", "SIZE", true },
        { "AllNames", "HISTORY", options->history },
    };
    g_autoptr(GString) table = g_string_new(NULL);
    size_t i;
    json_t *row;

    for (size_t k = 0; k < G_N_ELEMENTS(columns) && !options->no_heading; k++) {
        if (columns[k].is_shown)
            table_add_cell(table, columns[k].header);
    }
    if (!options->no_heading)
        table_end_row(table);
    json_array_foreach(rows, i, row) {
        for (size_t k = 0; k < G_N_ELEMENTS(columns); k++) {
            if (columns[k].is_shown)
                table_add_cell(table, field_text(row, columns[k].key));
        }
        table_end_row(table);
    }
    table_print(table, stdout);
}

static json_t *headers_new(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "Repository",
                     "REPOSITORY", "Tag", "TAG", "ID", "IMAGE ID", "Id", "IMAGE ID", "Digest",
                     "DIGEST", "CreatedSince", "CREATED", "Created", "CREATED", "CreatedAt",
                     "CREATED AT", "CreatedTime", "CREATED AT", "Size", "SIZE", "Names", "NAMES",
                     "Labels", "LABELS");
}

/* JSON has one object per image, as libfloe gives it, for those that have a row. */
static void print_json(const json_t *images, const json_t *rows)
{
    g_autoptr(GHashTable) wanted = g_hash_table_new(g_str_hash, g_str_equal);
    json_auto_t *list = json_array();
    size_t i;
    json_t *item;

    json_array_foreach(rows, i, item) {
        g_hash_table_add(wanted, (void *)field_text(item, "Id"));
    }
    json_array_foreach(images, i, item) {
        if (g_hash_table_contains(wanted, field_text(item, "Id")))
            json_array_append(list, item);
    }
    output_json(list);
}

static int print_images(const json_t *images, const ImagesOptions *options)
{
    g_autoptr(GError) error = NULL;
    json_auto_t *unsorted = rows_of(images, options);
    json_auto_t *rows = sorted(unsorted, options->sort);

    if (options->quiet) {
        print_ids(rows);
    } else if (options->format == NULL) {
        print_table(rows, options);
    } else if (output_is_json(options->format)) {
        print_json(images, rows);
    } else {
        json_auto_t *headers = options->no_heading ? NULL : headers_new();

        if (!output_template(options->format, rows, headers, &error))
            return cli_report_local(error);
    }
    return STATUS_OK;
}

static int list_images(Cli *cli, const ImagesOptions *options)
{
    static const char *const keys[] = { "created", "id", "repository", "size", "tag", NULL };

    if (!g_strv_contains(keys, options->sort))
        return cli_error("--sort: '%s' is none of created, id, repository, size, tag",
                         options->sort);

    json_auto_t *images = document_of_engine(cli, floe_image_list);

    return images != NULL ? print_images(images, options) : STATUS_FLOE_FAILED;
}

int cmd_images(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "images [options] [NAME]",
        .about = "List images, or those of one name.",
        .max_words = 1,
    };
    ImagesOptions images = { .sort = "created" };
    g_autoptr(GPtrArray) filters = NULL;
    g_auto(GStrv) texts = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, NULL, NULL, "Accepted: there are no intermediate images" },
        { "digests", 0, OPTION_FLAG, &images.digests, NULL, "With their manifests' digests" },
        { "filter", 'f', OPTION_LIST, &texts, "KEY=VALUE",
          "Only those that match: reference, label, id, dangling, containers, before, since, until" },
        { "format", 0, OPTION_TEXT, &images.format, "TEMPLATE",
          "json, a Go template, or 'table TEMPLATE'" },
        { "history", 0, OPTION_FLAG, &images.history, NULL, "With the names that they have" },
        { "no-trunc", 0, OPTION_FLAG, &images.no_trunc, NULL, "Whole ids" },
        { "noheading", 'n', OPTION_FLAG, &images.no_heading, NULL,
          "No line with the columns' names" },
        { "quiet", 'q', OPTION_FLAG, &images.quiet, NULL, "Only the ids" },
        { "sort", 0, OPTION_TEXT, &images.sort, "KEY",
          "created (the default), id, repository, size or tag" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    filters = image_filters_parse(cli, texts);
    if (filters == NULL)
        return STATUS_FLOE_FAILED;
    images.filters = filters;
    images.name = words[0];
    return list_images(cli, &images);
}
