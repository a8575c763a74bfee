/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/listing.h"

#include "cli/field.h"
#include "cli/output.h"

#include <stdio.h>

void listing_clear(Listing *listing)
{
    g_clear_pointer(&listing->filters, g_strfreev);
}

json_t *listing_ask(Cli *cli, const Usage *usage, const Option *options, char **argv,
                    Listing *listing, ListFunction list, int *ret_status)
{
    json_t *found;
    char **words;

    if (!options_parse(usage, options, argv, &words, ret_status))
        return NULL;
    if (listing->quiet && listing->format != NULL) {
        *ret_status = cli_error("--quiet and --format exclude each other");
        return NULL;
    }
    found = document_list(cli, list, list_const(listing->filters));
    if (found == NULL)
        *ret_status = STATUS_FLOE_FAILED;
    return found;
}

int listing_print_key(const json_t *list, const char *key)
{
    size_t i;
    json_t *object;

    json_array_foreach(list, i, object)
        puts(field_text(object, key));
    return STATUS_OK;
}

int listing_print(const Listing *listing, const json_t *list, const char *usual_format,
                  const json_t *rows, json_t *headers)
{
    const char *format = listing->format != NULL ? listing->format : usual_format;
    g_autoptr(GError) error = NULL;

    if (output_is_json(format)) {
        output_json(list);
        return STATUS_OK;
    }
    return output_template(format, rows, listing->no_heading ? NULL : headers, &error)
               ? STATUS_OK
               : cli_report_local(error);
}
