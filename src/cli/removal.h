/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs `rm` and `prune` of several kinds of objects have in common. */
#pragma once

#include "cli/document.h"
#include "cli/options.h"

/*
 * Print why something was not removed, and return the exit status: absent things and things in use
 * have statuses of their own. With ignore_absent the former are no failures.
 */
int removal_report(const floe_error *error, bool ignore_absent);

/* Removes one and prints what it was, or why not. Returns the exit status. */
typedef int (*RemoveFunction)(floe_engine *engine, const char *name, void *data);

/* Those that are named, or all of a list by this text of each. The status of the last that failed. */
int removal_named(Cli *cli, char **names, RemoveFunction remove, void *data);
int removal_all(Cli *cli, ListFunction list, const char *key, RemoveFunction remove, void *data);

typedef bool (*PruneFunction)(floe_engine *engine, const char *const *filters, char ***ret_names,
                              floe_error **error);

/* A whole verb: asks whether it is to be done, does it and prints the names of what has gone. */
int removal_prune(Cli *cli, char **argv, const Usage *usage, const char *warning,
                  PruneFunction prune);

/*
 * A verb whose only flag is --force: parse its words and, without that, ask. False: it is not to be
 * done, and *ret_status is the exit status.
 */
bool removal_is_wanted(const Usage *usage, char **argv, const char *warning, int *ret_status);

/* Names that libfloe gave, one per line; they are freed. */
void removal_print_taken(char **taken_names);

/* The names that were taken off an image, which are freed, and its id if it is deleted. */
void removal_print_image(char **taken_untagged, const char *deleted);

/* Those that every `prune` has: label, label!, until. NULL: there are none. */
bool removal_check_filters(char **filters, GError **error);
