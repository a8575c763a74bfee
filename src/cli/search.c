/* SPDX-License-Identifier: Apache-2.0 */
/*
 * podman searches by docker's API of old, which only some registries have, and skopeo has not. What
 * every registry can tell is the tags of one repository.
 */
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pull-flags.h"
#include "cli/verbs.h"

typedef struct SearchOptions {
    floe_registry_options registry;
    int64_t limit; /* 0: all */
    const char *format;
    bool list_tags;
} SearchOptions;

static json_t *tag_rows(const char *repository, char **tags, int64_t limit)
{
    json_t *rows = json_array();

    for (int64_t i = 0; tags[i] != NULL && (limit == 0 || i < limit); i++)
        json_array_append_new(rows, json_pack("{s:s, s:s}", "Name", repository, "Tag", tags[i]));
    return rows;
}

/* As podman has it: one object for the repository. */
static void print_json(const char *repository, const json_t *rows)
{
    json_t *tags = json_array();
    json_auto_t *list = json_pack("[{s:s, s:o}]", "Name", repository, "Tags", tags);
    size_t i;
    json_t *row;

    json_array_foreach((json_t *)rows, i, row)
        json_array_append(tags, json_object_get(row, "Tag"));
    output_json(list);
}

static int list_tags(const char *name, const SearchOptions *search)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(GError) wrong = NULL;
    auto_floe_free char *repository = NULL;
    char **tags = NULL;

    if (!floe_image_registry_tags(name, &search->registry, &repository, &tags, &error))
        return cli_report(error);

    json_auto_t *rows = tag_rows(repository, tags, search->limit);
    json_auto_t *headers = json_pack("{s:s, s:s}", "Name", "NAME", "Tag", "TAG");

    floe_strv_free(tags);
    if (search->format != NULL && output_is_json(search->format)) {
        print_json(repository, rows);
        return STATUS_OK;
    }
    return output_template(search->format != NULL ? search->format : "table {{.Name}}\t{{.Tag}}",
                           rows, headers, &wrong)
               ? STATUS_OK
               : cli_report_local(wrong);
}

int cmd_search(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "search --list-tags [options] IMAGE",
        .about = "List the tags that a registry has of an image.",
        .later = "compatible f/filter",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "an image is missing",
    };
    SearchOptions search = { .registry = FLOE_REGISTRY_OPTIONS_INIT };
    char **words;
    int status;
    const Option options[] = {
        REGISTRY_ROWS(&search.registry),
        { "format", 0, OPTION_TEXT, &search.format, "TEMPLATE", "json or a Go template" },
        { "limit", 0, OPTION_UNSIGNED, &search.limit, "N", "At most so many" },
        { "list-tags", 0, OPTION_FLAG, &search.list_tags, NULL, "List tags, which is needed" },
        { "no-trunc", 0, OPTION_FLAG, NULL, NULL, "Accepted: nothing is cut anyway" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (!search.list_tags)
        return cli_error("registries cannot be searched with skopeo, only asked for the tags of one "
                         "image: use --list-tags");
    return list_tags(words[0], &search);
}
