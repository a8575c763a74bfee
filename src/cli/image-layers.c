/* SPDX-License-Identifier: Apache-2.0 */
/* `history` and `image tree`: what an image is made of. */
#include "cli/document.h"
#include "cli/field.h"
#include "cli/human.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

#define SHORT_ID         12
#define CREATED_BY_WIDTH 45

/* --- history ---------------------------------------------------------------------------------- */

typedef struct HistoryOptions {
    const char *format;
    bool human, no_trunc, quiet;
} HistoryOptions;

static char *shortened(const char *text, size_t width)
{
    return strlen(text) <= width ? g_strdup(text) : g_strdup_printf("%.*s...", (int)width - 3, text);
}

/* A step with the texts that the table and templates show. */
static json_t *row_new(const json_t *step, const HistoryOptions *options)
{
    json_t *row = json_copy((json_t *)step);
    const char *id = field_text(step, "id");
    const char *created = field_text(step, "created");
    double bytes = json_number_value(json_object_get(step, "size"));
    g_autofree char *short_id = g_strndup(id, options->no_trunc ? strlen(id) : SHORT_ID);
    g_autofree char *since = options->human ? human_ago(created) : g_strdup(created);
    g_autofree char *size = options->human ? human_size(bytes) : g_strdup_printf("%.0f", bytes);
    g_autofree char *by = options->no_trunc
                              ? g_strdup(field_text(step, "CreatedBy"))
                              : shortened(field_text(step, "CreatedBy"), CREATED_BY_WIDTH);

    json_object_set_new(row, "ID", json_string(short_id));
    json_object_set_new(row, "Created", json_string(since));
    json_object_set_new(row, "CreatedSince", json_string(since));
    json_object_set_new(row, "CreatedAt", json_string(created));
    json_object_set_new(row, "CreatedBy", json_string(by));
    json_object_set_new(row, "Size", json_string(size));
    json_object_set(row, "Comment", json_object_get(step, "comment"));
    return row;
}

static void print_table(const json_t *rows)
{
    static const char *const keys[] = { "ID", "Created", "CreatedBy", "Size", "Comment" };
    static const char *const headers[] = { "ID", "CREATED", "CREATED BY", "SIZE", "COMMENT" };
    g_autoptr(GString) table = g_string_new(NULL);
    size_t i;
    json_t *row;

    for (size_t k = 0; k < G_N_ELEMENTS(headers); k++)
        table_add_cell(table, headers[k]);
    table_end_row(table);
    json_array_foreach(rows, i, row) {
        for (size_t k = 0; k < G_N_ELEMENTS(keys); k++)
            table_add_cell(table, field_text(row, keys[k]));
        table_end_row(table);
    }
    table_print(table, stdout);
}

static int print_history(const json_t *steps, const HistoryOptions *options)
{
    g_autoptr(GError) error = NULL;
    json_auto_t *rows = json_array();
    json_auto_t *headers = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "ID", "ID", "Created",
                                     "CREATED", "CreatedSince", "CREATED", "CreatedAt",
                                     "CREATED AT", "CreatedBy", "CREATED BY", "Size", "SIZE",
                                     "Comment", "COMMENT");
    size_t i;
    json_t *step;

    json_array_foreach(steps, i, step) {
        json_array_append_new(rows, row_new(step, options));
    }
    if (options->quiet) {
        json_array_foreach(rows, i, step) {
            puts(field_text(step, "ID"));
        }
    } else if (options->format == NULL) {
        print_table(rows);
    } else if (output_is_json(options->format)) {
        output_json(steps);
    } else if (!output_template(options->format, rows, headers, &error)) {
        return cli_report_local(error);
    }
    return STATUS_OK;
}

int cmd_history(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "history [options] IMAGE",
        .about = "Tell how an image was made, the newest step first.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "an image is missing",
    };
    HistoryOptions history = { .human = true };
    g_autoptr(floe_error) error = NULL;
    char *text = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "format", 0, OPTION_TEXT, &history.format, "TEMPLATE",
          "json, a Go template, or 'table TEMPLATE'" },
        { "human", 'H', OPTION_FLAG, &history.human, NULL,
          "Ages and sizes in words (default true)" },
        { "no-trunc", 0, OPTION_FLAG, &history.no_trunc, NULL, "Whole ids and commands" },
        { "quiet", 'q', OPTION_FLAG, &history.quiet, NULL, "Only the ids" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_image_history(cli->engine, words[0], &text, &error))
        return cli_report(error);

    json_auto_t *steps = document_parse(text);
    return steps != NULL ? print_history(steps, &history) : STATUS_FLOE_FAILED;
}

/* --- tree ------------------------------------------------------------------------------------- */

static char *joined(const json_t *names)
{
    g_autoptr(GString) text = g_string_new("[");
    size_t i;
    json_t *name;

    json_array_foreach(names, i, name) {
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "", json_string_value(name));
    }
    g_string_append_c(text, ']');
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void print_layer(const json_t *layer, const char *indent, bool is_last)
{
    const json_t *top_of = json_object_get(layer, "TopLayerOf");
    g_autofree char *names = joined(top_of);
    g_autofree char *size = human_size_tight(json_number_value(json_object_get(layer, "Size")));

    printf("%s%s ID: %.12s Size: %s%s%s\n", indent, is_last ? "└──" : "├──",
           field_text(layer, "Id"), size, json_array_size(top_of) > 0 ? " Top Layer of: " : "",
           json_array_size(top_of) > 0 ? names : "");
}

static void print_above(const json_t *layers, const char *indent)
{
    size_t i;
    json_t *layer;

    json_array_foreach((json_t *)layers, i, layer) {
        bool is_last = i + 1 == json_array_size(layers);
        g_autofree char *deeper = g_strconcat(indent, is_last ? "    " : "│   ", NULL);

        print_layer(layer, indent, is_last);
        print_above(json_object_get(layer, "Above"), deeper);
    }
}

static void print_tree(const json_t *tree, bool is_upwards)
{
    const json_t *layers = json_object_get(tree, "Layers");
    const json_t *top = json_array_get(layers, json_array_size(layers) - 1);
    const json_t *above = json_object_get(top, "Above");
    g_autofree char *tags = joined(json_object_get(tree, "Tags"));
    g_autofree char *whole = human_size_tight(json_number_value(json_object_get(tree, "Size")));
    size_t i;
    json_t *layer;

    printf("Image ID: %.12s\nTags:     %s\nSize:     %s\nImage Layers\n", field_text(tree, "Id"),
           tags, whole);
    if (!is_upwards) {
        json_array_foreach(layers, i, layer)
            print_layer(layer, "", i + 1 == json_array_size(layers));
    } else if (top != NULL) {
        print_layer(top, "", json_array_size(above) == 0);
        print_above(above, "");
    }
}

int cmd_image_tree(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "image tree [options] IMAGE",
        .about = "Print the layers of an image, the lowest first, and whose top layers they are.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "an image is missing",
    };
    bool is_upwards = false;
    const Option options[] = {
        { "whatrequires", 0, OPTION_FLAG, &is_upwards, NULL,
          "Its top layer, and those that other images have on it" },
        OPTIONS_END,
    };
    g_autoptr(floe_error) error = NULL;
    char *text = NULL;
    char **words;
    int status;

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_image_tree(cli->engine, words[0], &text, &error))
        return cli_report(error);

    json_auto_t *tree = document_parse(text);
    if (tree == NULL)
        return STATUS_FLOE_FAILED;
    print_tree(tree, is_upwards);
    return STATUS_OK;
}
