/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verbs that do one thing to several containers: which ones (names, --all, --latest, --cidfile,
 * --filter), and how its failures are told; one does not keep the rest from being done.
 */
#pragma once

#include "cli/job.h"

/* A set of states, as bits. */
#define STATE_BIT(state) (1U << (state))
#define STATES_ANY       (~0U)

typedef struct Selection {
    char **names;    /* as options_parse() left them: not owned */
    char **cidfiles; /* each holds an id; owned, as the filters */
    char **filters;  /* as for ps; with them names are not needed */
    bool all;
    bool latest;
    bool without_infra;    /* --all leaves the infra containers of pods out */
    bool newest_first;     /* --all goes backwards in time: what depends on others before them */
    bool ignore;           /* names that do not exist are no errors */
    bool print_labels;     /* of those that went well */
    bool at_once;          /* several at a time: the action is called in several threads */
    unsigned all_states;   /* --all means those in these states; 0: in any */
    bool restarting_too;   /* and those that their restart policy is about to start again */
    bool skip_wrong_state; /* with --all: those that turn out to be in a wrong state are no errors */
    const char *too_many;  /* more than one is an error, which begins with this; NULL: any number */
    int (*status_of)(const floe_error *error); /* NULL: cli_status_of() */
} Selection;

void selection_clear(Selection *selection);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Selection, selection_clear)

/* Returns the exit status: that of the last failure. */
int selection_each(Cli *cli, const Selection *selection, JobAction action, void *data);

/*
 * One container, by name or (latest) the last created. NULL: the error is printed, *ret_status set.
 */
floe_container *selection_one(Cli *cli, const char *name, bool latest, int *ret_status);
