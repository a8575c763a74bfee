/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inspection.h"

#include "cli/document.h"
#include "cli/output.h"

void inspection_init(Inspection *inspection, json_t *taken_found)
{
    *inspection = (Inspection){
        .found = taken_found,
        .failures = g_ptr_array_new_with_free_func(g_free),
        .status = STATUS_OK,
    };
}

void inspection_clear(Inspection *inspection)
{
    g_clear_pointer(&inspection->found, json_decref);
    g_clear_pointer(&inspection->failures, g_ptr_array_unref);
}

void inspection_add(Inspection *inspection, char *taken_text)
{
    json_t *object = document_parse(taken_text);

    if (object == NULL)
        inspection->status = STATUS_FLOE_FAILED;
    else
        json_array_append_new(inspection->found, object);
}

void inspection_fail(Inspection *inspection, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_ptr_array_add(inspection->failures, g_strdup_vprintf(format, args));
    va_end(args);
}

static bool print_template(const Inspection *inspection, const char *format,
                           json_t *(*view)(const json_t *object), GError **error)
{
    json_auto_t *views = json_array();
    size_t i;
    json_t *object;

    json_array_foreach(inspection->found, i, object)
        json_array_append_new(views, view != NULL ? view(object) : json_incref(object));
    return output_template(format, views, NULL, error);
}

int inspection_print(const Inspection *inspection, const char *format,
                     json_t *(*view)(const json_t *object))
{
    g_autoptr(GError) error = NULL;
    int status = inspection->status;

    if (output_is_json(format))
        output_json(inspection->found);
    else if (!print_template(inspection, format, view, &error))
        status = cli_report_local(error);
    for (guint i = 0; i < inspection->failures->len; i++)
        status = cli_error("%s", (const char *)inspection->failures->pdata[i]);
    return status;
}
