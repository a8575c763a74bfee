/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/image-filter.h"

#include "cli/document.h"
#include "cli/field.h"
#include "cli/value.h"

#include <fnmatch.h>
#include <string.h>

typedef enum FilterKind {
    BY_REFERENCE,
    BY_LABEL,
    WITHOUT_LABEL,
    BY_ID,
    DANGLING,
    USED,
    IS_LIST,
    NEVER, /* what no image of floe's is: read-only, intermediate */
    BEFORE,
    SINCE,
} FilterKind;

typedef struct ImageFilter {
    FilterKind kind;
    const char *value;
    bool wanted;
    int64_t unix_ns;
} ImageFilter;

/* How a filter's value is read. */
typedef enum ValueKind { OF_TEXT, OF_BOOL, OF_TIME, OF_IMAGE } ValueKind;

static const struct {
    const char *prefix;
    FilterKind kind;
    ValueKind value;
} known[] = {
    { "reference=", BY_REFERENCE, OF_TEXT }, { "label=", BY_LABEL, OF_TEXT },
    { "label!=", WITHOUT_LABEL, OF_TEXT },   { "id=", BY_ID, OF_TEXT },
    { "dangling=", DANGLING, OF_BOOL },      { "containers=", USED, OF_BOOL },
    { "readonly=", NEVER, OF_BOOL },         { "intermediate=", NEVER, OF_BOOL },
    { "manifest=", IS_LIST, OF_BOOL },       { "until=", BEFORE, OF_TIME },
    { "before=", BEFORE, OF_IMAGE },         { "since=", SINCE, OF_IMAGE },
    { "after=", SINCE, OF_IMAGE },
};

/* --- reading ---------------------------------------------------------------------------------- */

static bool time_of_image(Cli *cli, const char *name, int64_t *ret_unix_ns, GError **error)
{
    g_autoptr(floe_error) why = NULL;
    char *text = NULL;

    if (!floe_image_inspect(cli->engine, name, &text, &why))
        return cli_set_error(error, "%s", floe_error_get_message(why));

    json_auto_t *image = document_parse(text);

    if (image == NULL)
        return cli_set_error(error, "its description is not JSON");
    return value_time(field_text(image, "Created"), 0, ret_unix_ns, error);
}

static bool read_value(Cli *cli, ValueKind kind, ImageFilter *filter, GError **error)
{
    switch (kind) {
    case OF_BOOL: return value_bool(filter->value, &filter->wanted, error);
    case OF_TIME:
        return value_time(filter->value, g_get_real_time() * 1000, &filter->unix_ns, error);
    case OF_IMAGE: return time_of_image(cli, filter->value, &filter->unix_ns, error);
    default: return true;
    }
}

static bool parse(Cli *cli, const char *text, ImageFilter *filter, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (!g_str_has_prefix(text, known[i].prefix))
            continue;
        filter->kind = known[i].kind;
        filter->value = text + strlen(known[i].prefix);
        return read_value(cli, known[i].value, filter, error);
    }
    return cli_set_error(error, "it is none of reference=, label=, label!=, id=, dangling=, "
                                "containers=, until=, before=, since=, after=, readonly=, "
                                "intermediate=, manifest=");
}

GPtrArray *image_filters_parse(Cli *cli, char *const *texts)
{
    g_autoptr(GPtrArray) filters = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    if (cli_engine(cli) == NULL)
        return NULL;
    for (; texts != NULL && *texts != NULL; texts++) {
        ImageFilter *filter = g_new0(ImageFilter, 1);

        g_ptr_array_add(filters, filter);
        if (!parse(cli, *texts, filter, &error)) {
            cli_error("--filter: '%s': %s", *texts, error->message);
            return NULL;
        }
    }
    return g_steal_pointer(&filters);
}

/* --- matching --------------------------------------------------------------------------------- */

bool image_name_matches(const char *pattern, const char *repository, const char *tag)
{
    g_autofree char *whole = g_strconcat(repository, ":", tag, NULL);
    g_autofree char *end_of_path = g_strconcat("*/", pattern, NULL);

    return fnmatch(pattern, repository, 0) == 0 || fnmatch(pattern, whole, 0) == 0 ||
           fnmatch(end_of_path, repository, 0) == 0 || fnmatch(end_of_path, whole, 0) == 0;
}

static bool label_matches(const json_t *image, const char *wanted)
{
    size_t length = strcspn(wanted, "=");
    g_autofree char *key = g_strndup(wanted, length);
    const json_t *value = json_object_get(json_object_get(image, "Labels"), key);

    return value != NULL && (wanted[length] == '\0' ||
                             g_strcmp0(json_string_value(value), wanted + length + 1) == 0);
}

static int64_t created_unix_ns(const json_t *row)
{
    int64_t unix_ns = 0;

    return value_time(field_text(row, "CreatedAt"), 0, &unix_ns, NULL) ? unix_ns : 0;
}

static bool matches(const ImageFilter *filter, const json_t *row)
{
    switch (filter->kind) {
    case BY_LABEL: return label_matches(row, filter->value);
    case WITHOUT_LABEL: return !label_matches(row, filter->value);
    case BY_ID: return g_str_has_prefix(field_text(row, "Id"), filter->value);
    case DANGLING: return json_is_true(json_object_get(row, "Dangling")) == filter->wanted;
    case USED: return (field_integer(row, "Containers") > 0) == filter->wanted;
    case IS_LIST: return json_is_true(json_object_get(row, "IsManifestList")) == filter->wanted;
    case BEFORE: return created_unix_ns(row) < filter->unix_ns;
    case SINCE: return created_unix_ns(row) > filter->unix_ns;
    default: return !filter->wanted;
    }
}

/* Of several references one is enough. */
bool image_filters_match(const GPtrArray *filters, const json_t *row)
{
    bool has_reference = false, is_named = false;

    for (guint i = 0; i < filters->len; i++) {
        const ImageFilter *filter = g_ptr_array_index(filters, i);

        if (filter->kind == BY_REFERENCE) {
            has_reference = true;
            is_named |= image_name_matches(filter->value, field_text(row, "Repository"),
                                           field_text(row, "Tag"));
        } else if (!matches(filter, row)) {
            return false;
        }
    }
    return !has_reference || is_named;
}
