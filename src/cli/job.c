/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/job.h"

/* Most of an operation is waiting: for the runtime, for a process to end. */
#define WORKERS_PER_CORE 2

static void job_free(Job *job)
{
    floe_error_free(job->error);
    g_free(job->label);
    g_free(job);
}

GPtrArray *job_array_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
}

void job_list_clear(JobList *list)
{
    g_clear_pointer(&list->jobs, g_ptr_array_unref);
}

void job_list_add(JobList *list, const char *label, bool is_listed)
{
    Job *job = g_new0(Job, 1);

    job->label = g_strdup(label);
    job->is_listed = is_listed;
    g_ptr_array_add(list->jobs, job);
}

static void job_do(const JobList *list, Job *job, floe_engine *engine)
{
    g_autoptr(floe_container) container = NULL;

    g_clear_pointer(&job->error, floe_error_free);
    job->is_found = floe_container_lookup(engine, job->label, &container, &job->error);
    if (job->is_found)
        list->action(container, job->label, list->action_data, &job->error);
}

static void do_in_turn(const JobList *list, floe_engine *engine)
{
    for (guint i = 0; i < list->jobs->len; i++) {
        Job *job = list->jobs->pdata[i];

        job_do(list, job, engine);
        list->tell(job, list->tell_data);
    }
}

/* --- several at a time ------------------------------------------------------------------------ */

/* The lock guards what stands below it. */
typedef struct Crew {
    const JobList *list;
    GMutex lock;
    GCond one_more_done;
    guint n_begun;
    guint n_done;
    bool *is_done; /* of each job */
} Crew;

typedef struct Worker {
    Crew *crew;
    floe_engine *engine;
} Worker;

/* The next job; NULL: all are begun. */
static Job *crew_next_job(Crew *crew, guint *ret_index)
{
    const GPtrArray *jobs = crew->list->jobs;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&crew->lock);

    *ret_index = crew->n_begun;
    return crew->n_begun < jobs->len ? jobs->pdata[crew->n_begun++] : NULL;
}

static void crew_job_done(Crew *crew, guint index)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&crew->lock);

    crew->is_done[index] = true;
    crew->n_done++;
    g_cond_signal(&crew->one_more_done);
}

static gpointer work(gpointer data)
{
    g_autofree Worker *worker = data;
    Job *job;
    guint index;

    while ((job = crew_next_job(worker->crew, &index)) != NULL) {
        job_do(worker->crew->list, job, worker->engine);
        crew_job_done(worker->crew, index);
    }
    return NULL;
}

static void wait_for_job(Crew *crew, guint index)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&crew->lock);

    while (!crew->is_done[index])
        g_cond_wait(&crew->one_more_done, &crew->lock);
}

static void wait_for_all(Crew *crew)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&crew->lock);

    while (crew->n_done < crew->list->jobs->len)
        g_cond_wait(&crew->one_more_done, &crew->lock);
}

/* What had to wait for another of the list would not have had to, had it been done in turn. */
static void tell_in_turn(Crew *crew, floe_engine *engine)
{
    const JobList *list = crew->list;

    for (guint i = 0; i < list->jobs->len; i++) {
        Job *job = list->jobs->pdata[i];

        wait_for_job(crew, i);
        if (job->error != NULL && floe_error_get_code(job->error) == FLOE_ERROR_IN_USE) {
            wait_for_all(crew);
            job_do(list, job, engine);
        }
        list->tell(job, list->tell_data);
    }
}

static GThread *hire(Crew *crew, floe_engine *engine)
{
    Worker *worker = g_new(Worker, 1);

    *worker = (Worker){ .crew = crew, .engine = engine };
    return g_thread_new("job", work, worker);
}

/* All engines are open before there are threads, as the log handler wants it. */
static void open_engines(GPtrArray *engines, const floe_engine_options *options, guint n)
{
    floe_engine *engine = NULL;

    while (engines->len < n && floe_engine_open(options, &engine, NULL))
        g_ptr_array_add(engines, engine);
}

static void do_at_once(const JobList *list, Cli *cli, guint n_workers)
{
    g_autoptr(GPtrArray) engines = g_ptr_array_new_with_free_func((GDestroyNotify)floe_engine_close);
    g_autoptr(GPtrArray) threads = g_ptr_array_new();
    g_autofree bool *is_done = g_new0(bool, list->jobs->len);
    Crew crew = { .list = list, .is_done = is_done };

    g_mutex_init(&crew.lock);
    g_cond_init(&crew.one_more_done);
    open_engines(engines, &cli->engine_options, n_workers - 1);
    g_ptr_array_add(threads, hire(&crew, cli->engine));
    for (guint i = 0; i < engines->len; i++)
        g_ptr_array_add(threads, hire(&crew, engines->pdata[i]));
    tell_in_turn(&crew, cli->engine);
    for (guint i = 0; i < threads->len; i++)
        g_thread_join(threads->pdata[i]);
    g_cond_clear(&crew.one_more_done);
    g_mutex_clear(&crew.lock);
}

void job_list_do(JobList *list, Cli *cli)
{
    guint n_workers = MIN(list->jobs->len, WORKERS_PER_CORE * g_get_num_processors());

    if (list->at_once && n_workers > 1)
        do_at_once(list, cli, n_workers);
    else
        do_in_turn(list, cli->engine);
}
