/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One action on several containers. Each container is a job; jobs are done one after another or
 * several at a time, and told of one after another in the order of the list, each as soon as it
 * and those before it are done.
 */
#pragma once

#include "cli/cli.h"

typedef struct Job {
    char *label;       /* the container as the user named it, else its id */
    bool is_listed;    /* found by a rule, not named: it may be gone by now */
    bool is_found;     /* there was such a container when its turn came */
    floe_error *error; /* NULL: it went well */
} Job;

/* label is the job's. */
typedef bool (*JobAction)(floe_container *container, const char *label, void *data,
                          floe_error **error);

/* Called in the caller's thread, once for each job. */
typedef void (*JobTeller)(const Job *job, void *data);

typedef struct JobList {
    GPtrArray *jobs; /* owned */
    JobAction action;
    void *action_data;
    JobTeller tell;
    void *tell_data;
    bool at_once; /* the action may be called in several threads, each with an engine of its own */
} JobList;

void job_list_clear(JobList *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(JobList, job_list_clear)

GPtrArray *job_array_new(void);

void job_list_add(JobList *list, const char *label, bool is_listed);

/* cli's engine is open. */
void job_list_do(JobList *list, Cli *cli);
