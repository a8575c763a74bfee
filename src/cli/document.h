/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libfloe tells as JSON, asked for and parsed. NULL always means that it failed and the error is
 * printed: the exit status is STATUS_FLOE_FAILED.
 */
#pragma once

#include "cli/cli.h"

#include <jansson.h>

typedef bool (*DocumentFunction)(floe_engine *engine, char **ret_json, floe_error **error);
typedef bool (*ListFunction)(floe_engine *engine, const char *const *filters, char **ret_json,
                             floe_error **error);

json_t *document_of_engine(Cli *cli, DocumentFunction ask);
/* filters: NULL: all. */
json_t *document_list(Cli *cli, ListFunction list, const char *const *filters);
json_t *document_containers(Cli *cli, const floe_list_options *options);

/* The text, which is freed. */
json_t *document_parse(char *taken_text);
