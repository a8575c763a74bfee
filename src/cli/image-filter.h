/* SPDX-License-Identifier: Apache-2.0 */
/* What `images --filter` takes. */
#pragma once

#include "cli/cli.h"

#include <jansson.h>

/* The whole name, or the end of its path; with or without the tag; with * and ?. */
bool image_name_matches(const char *pattern, const char *repository, const char *tag);

/*
 * GPtrArray of what image_filters_match() reads; texts: "KEY=VALUE", may be NULL, and live as long.
 * NULL: the error is printed.
 */
GPtrArray *image_filters_parse(Cli *cli, char *const *texts);

/* A row has the keys of floe_image_list(), and Repository and Tag. */
bool image_filters_match(const GPtrArray *filters, const json_t *row);
