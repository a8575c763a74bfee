/* SPDX-License-Identifier: Apache-2.0 */
/* What `ls` has in common for networks, secrets and volumes: its flags, and how the list is printed. */
#pragma once

#include "cli/document.h"
#include "cli/options.h"

typedef struct Listing {
    char **filters;
    const char *format; /* NULL: the usual one */
    bool no_heading, quiet;
} Listing;

/* Rows of a verb's table; kind is OPTION_LIST or OPTION_COMMA_LIST. */
/* clang-format off */
#define LISTING_ROWS(listing, kind, keys, quiet_help) \
    { "filter", 'f', kind, &(listing)->filters, "KEY=VALUE", "Only those that match: " keys }, \
    { "format", 0, OPTION_TEXT, &(listing)->format, "TEMPLATE", \
      "json, a Go template, or 'table TEMPLATE'" }, \
    { "noheading", 'n', OPTION_FLAG, &(listing)->no_heading, NULL, \
      "No line with the columns' names" }, \
    { "quiet", 'q', OPTION_FLAG, &(listing)->quiet, NULL, quiet_help }
/* clang-format on */

void listing_clear(Listing *listing);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Listing, listing_clear)

/* Read the flags, and ask for the list. NULL: the verb ends with *ret_status. */
json_t *listing_ask(Cli *cli, const Usage *usage, const Option *options, char **argv,
                    Listing *listing, ListFunction list, int *ret_status);

/* With --quiet: this text of each, a line each. */
int listing_print_key(const json_t *list, const char *key);

/*
 * Else: the list as JSON, or its rows, which templates see, with a table's heading. Returns the
 * exit status.
 */
int listing_print(const Listing *listing, const json_t *list, const char *usual_format,
                  const json_t *rows, json_t *headers);
