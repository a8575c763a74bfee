/* SPDX-License-Identifier: Apache-2.0 */
/* The list of pods (`pod ps`): two queries give all, and no lock is taken. */
#include "base/clock.h"
#include "engine/cgroup-names.h"
#include "engine/container-end.h"
#include "engine/container-inspect.h"
#include "engine/pod-filter.h"
#include "engine/pod.h"
#include "engine/public-error.h"

/* --- one pod as JSON -------------------------------------------------------------------------- */

static json_t *member_entry(const ContainerRecord *record)
{
    json_t *object = json_object();

    json_object_set_new(object, "Id", json_from_string(record->id));
    json_object_set_new(object, "Names", json_from_string(record->name));
    json_object_set_new(object, "Status",
                        json_string(
                            floe_container_state_name((floe_container_state)record->status.state)));
    return object;
}

static json_t *networks(const PodEntry *pod)
{
    const ContainerRecord *first = pod->members->len > 0 ? g_ptr_array_index(pod->members, 0) : NULL;
    json_t *list = json_array();

    if (first == NULL || !first->config.is_infra || first->config.networks == NULL)
        return list;
    for (guint i = 0; i < first->config.networks->len; i++) {
        const NetworkConfig *network = g_ptr_array_index(first->config.networks, i);

        json_array_append_new(list, json_from_string(network->name));
    }
    return list;
}

/* Keys and types of `podman pod ps --format json`. */
static json_t *describe(const floe_engine *engine, const PodEntry *pod)
{
    const PodConfig *config = &pod->record->config;
    g_autofree char *cgroup = engine_cgroup_parent(engine);
    g_autofree char *created = time_to_rfc3339(config->created_unix_ns);
    json_t *object = json_object();
    json_t *containers = json_array();

    for (guint i = 0; i < pod->members->len; i++)
        json_array_append_new(containers, member_entry(g_ptr_array_index(pod->members, i)));
    json_object_set_new(object, "Cgroup", json_from_string(cgroup));
    json_object_set_new(object, "Containers", containers);
    json_object_set_new(object, "Created", json_string(created));
    json_object_set_new(object, "CreatedUnix", json_integer(config->created_unix_ns / 1000000000));
    json_object_set_new(object, "Id", json_from_string(pod->record->id));
    json_object_set_new(object, "InfraId", inspect_text(config->infra_id));
    json_object_set_new(object, "Name", json_from_string(pod->record->name));
    json_object_set_new(object, "Namespace", json_string(""));
    json_object_set_new(object, "Networks", networks(pod));
    json_object_set_new(object, "Status", json_string(pod_state_name(pod->members)));
    json_object_set_new(object, "Labels", inspect_object(config->labels));
    return object;
}

/* --- the list --------------------------------------------------------------------------------- */

static void entry_free(PodEntry *entry)
{
    g_ptr_array_unref(entry->members);
    g_free(entry);
}

/* The containers to their pods, the infra container first. */
static bool sort_members(floe_engine *engine, GPtrArray *records, GHashTable *by_id, GError **error)
{
    for (guint i = 0; i < records->len; i++) {
        ContainerRecord *record = g_ptr_array_index(records, i);
        PodEntry *entry = record->config.pod_id != NULL
                              ? g_hash_table_lookup(by_id, record->config.pod_id)
                              : NULL;
        EndNote note = END_NONE;

        if (entry == NULL)
            continue;
        if (!record_note_end(engine, record, &note, error))
            return false;
        g_ptr_array_insert(entry->members, record->config.is_infra ? 0 : -1, record);
    }
    return true;
}

static bool list_pods(floe_engine *engine, const char *const *filters, char **ret_json,
                      GError **error)
{
    g_autoptr(PodFilter) filter = NULL;
    g_autoptr(GPtrArray) pods = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
    g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(JsonValue) list = json_array();

    if (!pod_filter_new(filters, &filter, error) || !pod_list(engine->db, &pods, error) ||
        !container_list(engine->db, &records, error))
        return false;
    for (guint i = 0; i < pods->len; i++) {
        PodEntry *entry = g_new0(PodEntry, 1);

        entry->record = g_ptr_array_index(pods, i);
        entry->members = g_ptr_array_new();
        g_ptr_array_add(entries, entry);
        g_hash_table_insert(by_id, entry->record->id, entry);
    }
    if (!sort_members(engine, records, by_id, error))
        return false;
    for (guint i = entries->len; i > 0; i--) {
        const PodEntry *entry = g_ptr_array_index(entries, i - 1);

        if (pod_filter_matches(filter, entry))
            json_array_append_new(list, describe(engine, entry));
    }
    *ret_json = json_to_text(list);
    return true;
}

bool floe_pod_list(floe_engine *engine, const char *const *filters, char **ret_json,
                   floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(ret_json), NULL) &&
                             list_pods(engine, filters, ret_json, &err),
                         &err, error);
}
