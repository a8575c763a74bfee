/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the mark in the database on no container can join; then the containers go, and the infra
 * container last, together with the pod's record. A removal that is cut off in between is finished
 * by the next one.
 */
#include "engine/pod-remove.h"

#include "engine/cgroup-names.h"
#include "engine/container-remove.h"
#include "engine/event.h"
#include "engine/pod-members.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"

static bool is_running(const ContainerRecord *record)
{
    return state_has_process((floe_container_state)record->status.state) &&
           record->status.state != FLOE_STATE_CREATED;
}

static bool refuse_running(const floe_pod *pod, const GPtrArray *records, GError **error)
{
    g_autoptr(GPtrArray) running = g_ptr_array_new();
    g_autofree char *list = NULL;

    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);

        if (is_running(record) && !record->config.is_infra)
            g_ptr_array_add(running, record->name);
    }
    if (running->len == 0)
        return true;
    g_ptr_array_add(running, NULL);
    list = g_strjoinv(", ", (char **)running->pdata);
    return err_set(error, FLOE_ERROR_BAD_STATE,
                   "cannot remove pod \"%s\" as containers in it are running: %s: stop it first, or "
                   "use --force",
                   pod->record->name, list);
}

static bool remove_one(floe_container *ctr, void *data, GError **error)
{
    const floe_pod_options *options = data;
    floe_remove_options remove = FLOE_REMOVE_OPTIONS_INIT;

    remove.force = options->force || ctr->record->config.is_infra;
    remove.timeout_s = options->timeout_s;
    return container_remove(ctr, &remove, error);
}

static bool remove_members(floe_pod *pod, const GPtrArray *records, const floe_pod_options *options,
                           GError **error)
{
    g_autoptr(GPtrArray) failures = member_failures_new();
    g_autoptr(GPtrArray) infra = g_ptr_array_new();
    g_autoptr(GPtrArray) others = g_ptr_array_new();

    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);

        g_ptr_array_add(record->config.is_infra ? infra : others, record->id);
    }
    members_do(pod, others, remove_one, (void *)options, failures);
    if (failures->len == 0)
        members_do(pod, infra, remove_one, (void *)options, failures);
    return members_report(failures, options, "removing some containers", error);
}

/* Of a pod with an infra container it went with that. */
static bool delete_record(floe_pod *pod, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    return transaction_begin(pod->engine->db, true, &transaction, error) &&
           pod_delete(pod->engine->db, pod->record->id, error) &&
           pod_cgroup_remove(pod->engine, pod->record, error) &&
           engine_remove_unused_cgroups(pod->engine, error) &&
           transaction_commit(&transaction, error);
}

/* In one transaction with the look at its containers, so that none is started in a pod that goes. */
static bool begin(floe_pod *pod, const floe_pod_options *options, GPtrArray **ret_records,
                  GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    return transaction_begin(pod->engine->db, false, &transaction, error) &&
           pod_members(pod, ret_records, error) &&
           (options->force || refuse_running(pod, *ret_records, error)) &&
           pod_begin_removal(pod->engine->db, pod->record->id, error) &&
           transaction_commit(&transaction, error);
}

bool pod_remove(floe_pod *pod, const floe_pod_options *options, GError **error)
{
    g_autoptr(GPtrArray) records = NULL;

    if (!begin(pod, options, &records, error) || !remove_members(pod, records, options, error) ||
        !delete_record(pod, error))
        return false;
    event_note_pod(pod, FLOE_EVENT_REMOVE);
    return true;
}

bool floe_pod_remove(floe_pod *pod, const floe_pod_options *options, floe_error **error)
{
    floe_pod_options known = FLOE_POD_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(pod), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             pod_remove(pod, &known, &err),
                         &err, error);
}
