/* SPDX-License-Identifier: Apache-2.0 */
/* Most of an action is waiting, for the runtime or for a process to end: so many go at once. */
#include "engine/pod-members.h"

#include "engine/public-error.h"

#define WORKERS_PER_CORE 2

typedef struct Job {
    const char *id;
    GError *error;
} Job;

typedef struct Crew {
    GPtrArray *jobs; /* Job */
    MemberAction action;
    void *data;
    gint n_begun; /* atomic */
} Crew;

typedef struct Worker {
    Crew *crew;
    floe_engine *engine;
} Worker;

static void failure_free(MemberFailure *failure)
{
    g_free(failure->id);
    g_clear_error(&failure->error);
    g_free(failure);
}

GPtrArray *member_failures_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)failure_free);
}

static void job_do(const Crew *crew, floe_engine *engine, Job *job)
{
    g_autoptr(floe_container) ctr = NULL;

    g_clear_error(&job->error);
    if (container_open(engine, job->id, &ctr, &job->error))
        crew->action(ctr, crew->data, &job->error);
    if (err_is(job->error, FLOE_ERROR_REMOVED) || err_is(job->error, FLOE_ERROR_NOT_FOUND))
        g_clear_error(&job->error);
}

static gpointer work(gpointer data)
{
    Worker *worker = data;
    Crew *crew = worker->crew;
    guint next;

    while ((next = (guint)g_atomic_int_add(&crew->n_begun, 1)) < crew->jobs->len)
        job_do(crew, worker->engine, g_ptr_array_index(crew->jobs, next));
    return NULL;
}

/* This thread works, too; another one that cannot have an engine is one less. */
static void work_together(Crew *crew, floe_engine *engine)
{
    guint n_workers = MIN(crew->jobs->len, WORKERS_PER_CORE * g_get_num_processors());
    g_autoptr(GPtrArray) engines = g_ptr_array_new_with_free_func((GDestroyNotify)engine_free);
    g_autoptr(GPtrArray) threads = g_ptr_array_new();
    g_autofree Worker *workers = g_new0(Worker, n_workers + 1);

    for (guint i = 1; i < n_workers; i++) {
        floe_engine *own = NULL;

        if (!engine_open_again(engine, &own, NULL))
            break;
        g_ptr_array_add(engines, own);
        workers[i] = (Worker){ crew, own };
    }
    for (guint i = 1; i <= engines->len; i++)
        g_ptr_array_add(threads, g_thread_new("pod", work, &workers[i]));
    workers[0] = (Worker){ crew, engine };
    work(&workers[0]);
    for (guint i = 0; i < threads->len; i++)
        g_thread_join(g_ptr_array_index(threads, i));
}

/* What had to wait for another of them would not have had to, had it come after it. */
static void do_late_ones(Crew *crew, floe_engine *engine)
{
    for (guint i = crew->jobs->len; i > 0; i--) {
        Job *job = g_ptr_array_index(crew->jobs, i - 1);

        if (err_is(job->error, FLOE_ERROR_IN_USE))
            job_do(crew, engine, job);
    }
}

void members_do(floe_pod *pod, const GPtrArray *ids, MemberAction action, void *data,
                GPtrArray *failures)
{
    g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func(g_free);
    Crew crew = { .jobs = jobs, .action = action, .data = data };

    for (guint i = 0; i < ids->len; i++) {
        Job *job = g_new0(Job, 1);

        job->id = g_ptr_array_index(ids, i);
        g_ptr_array_add(jobs, job);
    }
    work_together(&crew, pod->engine);
    do_late_ones(&crew, pod->engine);
    for (guint i = 0; i < jobs->len; i++) {
        Job *job = g_ptr_array_index(jobs, i);
        MemberFailure *failure;

        if (job->error == NULL)
            continue;
        failure = g_new0(MemberFailure, 1);
        failure->id = g_strdup(job->id);
        failure->error = g_steal_pointer(&job->error);
        g_ptr_array_add(failures, failure);
    }
}

bool members_report(const GPtrArray *failures, const floe_pod_options *options, const char *what,
                    GError **error)
{
    if (failures->len == 0)
        return true;
    for (guint i = 0; options->failed != NULL && i < failures->len; i++) {
        const MemberFailure *failure = g_ptr_array_index(failures, i);
        g_autoptr(GError) inside = g_error_copy(failure->error);
        floe_error *told = NULL;

        public_result(false, &inside, &told);
        options->failed(failure->id, told, options->failed_data);
        floe_error_free(told);
    }
    return err_set(error, FLOE_ERROR_PARTIAL, "%s: some containers failed", what);
}
