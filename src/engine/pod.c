/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/pod.h"

#include "base/digest.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/cgroup-names.h"
#include "engine/container-end.h"
#include "engine/container-stop.h"
#include "engine/public-error.h"
#include "oci/cgroup-limits.h"
#include "oci/systemd.h"

/* --- handles -------------------------------------------------------------------------------- */

floe_pod *pod_for_record(floe_engine *engine, PodRecord *record)
{
    floe_pod *pod = g_new0(floe_pod, 1);

    pod->engine = engine;
    pod->record = record;
    return pod;
}

void pod_free(floe_pod *pod)
{
    if (pod == NULL)
        return;
    pod_record_free(pod->record);
    g_free(pod);
}

bool pod_open(floe_engine *engine, const char *id, floe_pod **ret_pod, GError **error)
{
    g_autoptr(PodRecord) record = NULL;

    if (!pod_load(engine->db, id, &record, error))
        return false;
    *ret_pod = pod_for_record(engine, g_steal_pointer(&record));
    return true;
}

static bool lookup(floe_engine *engine, const char *name_or_id, floe_pod **ret_pod, GError **error)
{
    g_autofree char *id = NULL;

    return pod_find(engine->db, name_or_id, &id, error) && pod_open(engine, id, ret_pod, error);
}

static bool latest(floe_engine *engine, floe_pod **ret_pod, GError **error)
{
    g_autofree char *id = NULL;

    if (!pod_find_latest(engine->db, &id, error))
        return false;
    if (id == NULL)
        return err_set(error, FLOE_ERROR_NOT_FOUND, "there are no pods");
    return pod_open(engine, id, ret_pod, error);
}

bool pod_lock(floe_pod *pod, Lock *ret_lock, GError **error)
{
    g_autofree char *directory = g_build_filename(pod->engine->runroot, "locks", NULL);
    g_autofree char *path = g_build_filename(directory, "pods", NULL);

    return dir_make(directory, 0700, error) &&
           lock_acquire_byte(path, id_lock_offset(pod->record->id), ret_lock, error);
}

/* --- containers ----------------------------------------------------------------------------- */

bool pod_is_infra(const floe_pod *pod, const char *container_id)
{
    return g_strcmp0(pod->record->config.infra_id, container_id) == 0;
}

/* One that goes at this moment is no member any more. */
static bool add_member(floe_pod *pod, const char *id, GPtrArray *records, GError **error)
{
    g_autoptr(ContainerRecord) record = NULL;
    g_autoptr(GError) err = NULL;
    EndNote note = END_NONE;

    if (!container_load(pod->engine->db, id, &record, &err) ||
        !record_note_end(pod->engine, record, &note, &err)) {
        if (err_is(err, FLOE_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    g_ptr_array_insert(records, pod_is_infra(pod, id) ? 0 : -1, g_steal_pointer(&record));
    return true;
}

bool pod_members(floe_pod *pod, GPtrArray **ret_records, GError **error)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(
        (GDestroyNotify)container_record_free);
    g_auto(GStrv) ids = NULL;

    if (!container_list_by_pod(pod->engine->db, pod->record->id, &ids, error))
        return false;
    for (char **id = ids; *id != NULL; id++) {
        if (!add_member(pod, *id, records, error))
            return false;
    }
    *ret_records = g_steal_pointer(&records);
    return true;
}

const char *pod_state_name(const GPtrArray *records)
{
    guint n_running = 0, n_paused = 0, n_ended = 0, n_unknown = 0;

    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);

        switch (record->status.state) {
        case FLOE_STATE_RUNNING: n_running++; break;
        case FLOE_STATE_PAUSED: n_paused++; break;
        case FLOE_STATE_STOPPED:
        case FLOE_STATE_EXITED: n_ended++; break;
        case FLOE_STATE_UNKNOWN: n_unknown++; break;
        default: break;
        }
    }
    if (records->len == 0)
        return "Created";
    if (n_running > 0)
        return n_running == records->len ? "Running" : "Degraded";
    if (n_paused == records->len)
        return "Paused";
    if (n_ended > 0)
        return n_ended == records->len ? "Exited" : "Stopped";
    return n_unknown > 0 ? "Error" : "Created";
}

/* --- its cgroup ----------------------------------------------------------------------------- */

bool pod_prepare_cgroup(floe_engine *engine, const char *pod_id, GError **error)
{
    g_autoptr(PodRecord) record = NULL;
    g_autofree char *cgroup = NULL;
    g_autofree char *slice = NULL;

    if (!pod_load(engine->db, pod_id, &record, error))
        return false;
    cgroup = pod_cgroup(engine, record);
    slice = pod_slice(engine, record);

    const SpecLimits limits = {
        .memory_bytes = record->config.memory_bytes,
        .memory_swap_bytes = record->config.memory_swap_bytes,
        .nano_cpus = record->config.nano_cpus,
        .cpu_shares = record->config.cpu_shares,
        .cpuset_cpus = record->config.cpuset_cpus,
        .cpuset_mems = record->config.cpuset_mems,
        .blkio_weight = record->config.blkio_weight,
    };
    return (slice != NULL ? systemd_slice_start(slice, &limits, error)
                          : cgroup_set_limits(cgroup, &limits, error)) ||
           err_prefix(error, "limits of pod \"%s\"", record->name);
}

/* --- its end -------------------------------------------------------------------------------- */

static bool is_going_on(const ContainerRecord *record)
{
    return state_has_process((floe_container_state)record->status.state) ||
           record->status.restart_due_unix_ns != 0;
}

static bool stop_if_last(floe_pod *pod, GError **error)
{
    static const floe_stop_options options = FLOE_STOP_OPTIONS_INIT;
    g_autoptr(floe_container) infra = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(GError) err = NULL;

    if (!pod_members(pod, &records, error))
        return false;
    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);

        if (is_going_on(record) && !record->config.is_infra)
            return true;
    }
    if (!container_open(pod->engine, pod->record->config.infra_id, &infra, error))
        return false;
    if (container_stop(infra, &options, &err) || err_is(err, FLOE_ERROR_STOPPED) ||
        err_is(err, FLOE_ERROR_BAD_STATE) || err_is(err, FLOE_ERROR_REMOVED))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

void pod_note_member_end(floe_engine *engine, const ContainerConfig *config)
{
    g_autoptr(floe_pod) pod = NULL;
    g_autoptr(GError) err = NULL;

    if (config->pod_id == NULL || config->is_infra)
        return;
    if (!pod_open(engine, config->pod_id, &pod, &err)) {
        if (!err_is(err, FLOE_ERROR_NOT_FOUND))
            log_ignored(g_steal_pointer(&err), "look at the exit policy of a pod");
        return;
    }
    if (pod->record->config.infra_id != NULL &&
        g_str_equal(pod->record->config.exit_policy, "stop") && !stop_if_last(pod, &err) &&
        !err_is(err, FLOE_ERROR_NOT_FOUND))
        log_ignored(g_steal_pointer(&err), "stop pod \"%s\" after its last container",
                    pod->record->name);
}

/* --- the border ----------------------------------------------------------------------------- */

bool floe_pod_lookup(floe_engine *engine, const char *name_or_id, floe_pod **ret_pod,
                     floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name_or_id), GIVEN(ret_pod), NULL) &&
                             lookup(engine, name_or_id, ret_pod, &err),
                         &err, error);
}

bool floe_pod_latest(floe_engine *engine, floe_pod **ret_pod, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(ret_pod), NULL) &&
                             latest(engine, ret_pod, &err),
                         &err, error);
}

void floe_pod_free(floe_pod *pod)
{
    pod_free(pod);
}

const char *floe_pod_id(const floe_pod *pod)
{
    return pod != NULL ? pod->record->id : NULL;
}

const char *floe_pod_name(const floe_pod *pod)
{
    return pod != NULL ? pod->record->name : NULL;
}

bool floe_pod_containers(floe_pod *pod, char ***ret_ids, floe_error **error)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GPtrArray) records = NULL;
    char **ids;

    if (!public_given(&err, GIVEN(pod), GIVEN(ret_ids), NULL) || !pod_members(pod, &records, &err))
        return public_result(false, &err, error);
    ids = g_new0(char *, records->len + 1);
    for (guint i = 0; i < records->len; i++)
        ids[i] = g_strdup(((const ContainerRecord *)g_ptr_array_index(records, i))->id);
    *ret_ids = ids;
    return true;
}
