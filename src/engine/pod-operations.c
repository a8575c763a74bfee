/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done to all containers of a pod. The infra container comes first where they are started
 * and last where they are stopped, for the others live in its namespaces.
 */
#include "engine/container-start.h"
#include "engine/container-stop.h"
#include "engine/event.h"
#include "engine/pause.h"
#include "engine/pod-members.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/service.h"

#include <signal.h>

static bool start_one(floe_container *ctr, void *data, GError **error)
{
    g_autoptr(GError) err = NULL;

    if (container_start(ctr, NULL, NULL, &err) || err_is(err, FLOE_ERROR_RUNNING))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

static bool is_at_rest(const floe_container *ctr)
{
    return !state_has_process((floe_container_state)ctr->record->status.state);
}

static bool stop_one(floe_container *ctr, void *data, GError **error)
{
    const floe_pod_options *options = data;
    const floe_stop_options stop = { sizeof(stop), options->timeout_s };
    g_autoptr(GError) err = NULL;

    if (container_stop(ctr, &stop, &err) || err_is(err, FLOE_ERROR_STOPPED) ||
        (err_is(err, FLOE_ERROR_BAD_STATE) && is_at_rest(ctr)))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/* For whom it makes no sense now, it is passed over. */
static bool unless_bad_state(bool ok, GError *failure, GError **error)
{
    g_autoptr(GError) err = failure;

    if (ok || err_is(err, FLOE_ERROR_BAD_STATE) || err_is(err, FLOE_ERROR_STOPPED))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

static bool pause_one(floe_container *ctr, void *data, GError **error)
{
    GError *err = NULL;
    bool ok = container_pause(ctr, &err);

    return unless_bad_state(ok, err, error);
}

static bool unpause_one(floe_container *ctr, void *data, GError **error)
{
    GError *err = NULL;
    bool ok = container_unpause(ctr, &err);

    return unless_bad_state(ok, err, error);
}

static bool kill_one(floe_container *ctr, void *data, GError **error)
{
    const floe_pod_options *options = data;
    GError *err = NULL;
    bool ok = container_kill(ctr, options->signal, &err);

    return unless_bad_state(ok, err, error);
}

/* --- the order -------------------------------------------------------------------------------- */

typedef struct PodWork {
    const char *what; /* for the error: "starting some containers" */
    floe_event_kind event;
    MemberAction action;
    void *data;
    bool infra_first;
    bool infra_last;
} PodWork;

/* The ids of the infra container, of the others, or of all. */
static bool list_ids(floe_pod *pod, bool with_infra, bool with_others, GPtrArray **ret_ids,
                     GError **error)
{
    g_autoptr(GPtrArray) records = NULL;
    GPtrArray *ids;

    if (!pod_members(pod, &records, error))
        return false;
    ids = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);

        if (record->config.is_infra ? with_infra : with_others)
            g_ptr_array_add(ids, g_strdup(record->id));
    }
    *ret_ids = ids;
    return true;
}

static bool do_part(floe_pod *pod, const PodWork *work, bool with_infra, bool with_others,
                    GPtrArray *failures, GError **error)
{
    g_autoptr(GPtrArray) ids = NULL;

    if (!list_ids(pod, with_infra, with_others, &ids, error))
        return false;
    members_do(pod, ids, work->action, work->data, failures);
    return true;
}

static bool do_all(floe_pod *pod, const PodWork *work, const floe_pod_options *options,
                   GError **error)
{
    g_autoptr(GPtrArray) failures = member_failures_new();
    g_autoptr(PodRecord) fresh = NULL;
    bool apart = work->infra_first || work->infra_last;

    if (!pod_load(pod->engine->db, pod->record->id, &fresh, error) ||
        (work->infra_first && !do_part(pod, work, true, false, failures, error)) ||
        !do_part(pod, work, !apart, true, failures, error) ||
        (work->infra_last && !do_part(pod, work, true, false, failures, error)) ||
        !members_report(failures, options, work->what, error))
        return false;
    event_note_pod(pod, work->event);
    return true;
}

static bool tell_ready(floe_pod *pod, GError **error)
{
    g_autoptr(floe_container) infra = NULL;

    if (!pod->engine->as_service || pod->record->config.infra_id == NULL)
        return true;
    if (!container_open(pod->engine, pod->record->config.infra_id, &infra, error))
        return false;
    service_tell_pod_ready(infra);
    return true;
}

static bool pod_start(floe_pod *pod, const floe_pod_options *options, GError **error)
{
    const PodWork work = {
        .what = "starting some containers",
        .event = FLOE_EVENT_START,
        .action = start_one,
        .infra_first = true,
    };

    return do_all(pod, &work, options, error) && tell_ready(pod, error);
}

static bool pod_stop(floe_pod *pod, const floe_pod_options *options, GError **error)
{
    const PodWork work = {
        .what = "stopping some containers",
        .event = FLOE_EVENT_STOP,
        .action = stop_one,
        .data = (void *)options,
        .infra_last = true,
    };

    return do_all(pod, &work, options, error);
}

static bool pod_restart(floe_pod *pod, const floe_pod_options *options, GError **error)
{
    if (!pod_stop(pod, options, error) || !pod_start(pod, options, error))
        return false;
    event_note_pod(pod, FLOE_EVENT_RESTART);
    return true;
}

static bool pod_pause(floe_pod *pod, const floe_pod_options *options, GError **error)
{
    const PodWork work = {
        .what = "pausing some containers",
        .event = FLOE_EVENT_PAUSE,
        .action = pause_one,
    };

    return do_all(pod, &work, options, error);
}

static bool pod_unpause(floe_pod *pod, const floe_pod_options *options, GError **error)
{
    const PodWork work = {
        .what = "unpausing some containers",
        .event = FLOE_EVENT_UNPAUSE,
        .action = unpause_one,
    };

    return do_all(pod, &work, options, error);
}

static bool pod_kill(floe_pod *pod, const floe_pod_options *options, GError **error)
{
    const PodWork work = {
        .what = "killing some containers",
        .event = FLOE_EVENT_KILL,
        .action = kill_one,
        .data = (void *)options,
    };

    if (options->signal < 1 || options->signal > SIGRTMAX)
        return err_set(error, FLOE_ERROR_INVALID, "%d is not a signal", options->signal);
    return do_all(pod, &work, options, error);
}

/* --- the border ------------------------------------------------------------------------------- */

typedef bool (*Operate)(floe_pod *pod, const floe_pod_options *options, GError **error);

static bool operate(floe_pod *pod, const floe_pod_options *options, Operate function,
                    floe_error **error)
{
    floe_pod_options known = FLOE_POD_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(pod), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             function(pod, &known, &err),
                         &err, error);
}

bool floe_pod_start(floe_pod *pod, const floe_pod_options *options, floe_error **error)
{
    return operate(pod, options, pod_start, error);
}

bool floe_pod_stop(floe_pod *pod, const floe_pod_options *options, floe_error **error)
{
    return operate(pod, options, pod_stop, error);
}

bool floe_pod_restart(floe_pod *pod, const floe_pod_options *options, floe_error **error)
{
    return operate(pod, options, pod_restart, error);
}

bool floe_pod_pause(floe_pod *pod, const floe_pod_options *options, floe_error **error)
{
    return operate(pod, options, pod_pause, error);
}

bool floe_pod_unpause(floe_pod *pod, const floe_pod_options *options, floe_error **error)
{
    return operate(pod, options, pod_unpause, error);
}

bool floe_pod_kill(floe_pod *pod, const floe_pod_options *options, floe_error **error)
{
    return operate(pod, options, pod_kill, error);
}
