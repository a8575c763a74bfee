/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verbs that do one thing to several pods: which ones (names, --all, --latest, --pod-id-file), and
 * how failures are told, those of single containers too.
 */
#pragma once

#include "cli/cli.h"

typedef struct PodSelection {
    char **names;    /* as options_parse() left them: not owned */
    char **id_files; /* each holds an id; owned */
    bool all;
    bool latest;
    bool ignore;                               /* names that do not exist are no errors */
    const char *const *filters;                /* of --all; NULL: every one */
    int (*status_of)(const floe_error *error); /* NULL: cli_status_of() */
} PodSelection;

void pod_selection_clear(PodSelection *selection);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PodSelection, pod_selection_clear)

/* `options` tell of containers for which it failed, and are passed on. */
typedef bool (*PodAction)(floe_pod *pod, const floe_pod_options *options, floe_error **error);

/* Prints the id of each pod for which it went well. Returns the exit status. */
int pod_selection_each(Cli *cli, const PodSelection *selection, PodAction action,
                       const floe_pod_options *options);

/* One pod, by name or (latest) the last created. NULL: the error is printed, *ret_status set. */
floe_pod *pod_selection_one(Cli *cli, const char *name, bool latest, int *ret_status);

/* The ids of the pods, in the order of their names. False: the error is printed. */
bool pod_selection_ids(Cli *cli, const PodSelection *selection, char ***ret_ids, int *ret_status);

/* The ids of the containers of the pods named; with `all`, of all pods; false: as above. */
bool pod_selection_containers(Cli *cli, const PodSelection *selection, bool with_infra,
                              char ***ret_ids, int *ret_status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(floe_pod, floe_pod_free)
