/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a pod, as `pod inspect` tells it. */
#include "base/clock.h"
#include "engine/cgroup-names.h"
#include "engine/container-inspect.h"
#include "engine/operation.h"
#include "engine/pod.h"
#include "engine/public-error.h"

/* podman's null for an empty list. */
static json_t *list_or_null(char **strings)
{
    return strings != NULL && strings[0] != NULL ? inspect_strings(strings) : json_null();
}

static json_t *network_names(const ContainerConfig *config)
{
    json_t *names = json_array();

    for (guint i = 0; config->networks != NULL && i < config->networks->len; i++) {
        const NetworkConfig *network = g_ptr_array_index(config->networks, i);

        json_array_append_new(names, json_from_string(network->name));
    }
    return names;
}

static json_t *infra_section(const ContainerConfig *config)
{
    const NetworkConfig *network = config->networks != NULL && config->networks->len > 0
                                       ? g_ptr_array_index(config->networks, 0)
                                       : NULL;
    json_t *object = json_object();

    json_object_set_new(object, "PortBindings", inspect_published_ports(config));
    json_object_set_new(object, "HostNetwork",
                        json_boolean(g_str_equal(config->network_mode, "host")));
    json_object_set_new(object, "StaticIP",
                        inspect_text(network != NULL ? network->static_ip : NULL));
    json_object_set_new(object, "StaticMAC",
                        inspect_text(network != NULL ? network->static_mac : NULL));
    json_object_set_new(object, "NoManageResolvConf", json_false());
    json_object_set_new(object, "DNSServer", list_or_null(config->dns));
    json_object_set_new(object, "DNSSearch", list_or_null(config->dns_search));
    json_object_set_new(object, "DNSOption", list_or_null(config->dns_options));
    json_object_set_new(object, "NoManageHosts", json_false());
    json_object_set_new(object, "HostAdd", list_or_null(config->add_hosts));
    json_object_set_new(object, "Networks", network_names(config));
    json_object_set_new(object, "NetworkOptions", json_null());
    json_object_set_new(object, "pid_ns", inspect_text(config->pid_mode));
    json_object_set_new(object, "userns", json_string("host"));
    json_object_set_new(object, "uts_ns", inspect_text(config->uts_mode));
    return object;
}

static json_t *containers_section(const GPtrArray *records)
{
    json_t *list = json_array();

    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);
        json_t *object = json_object();

        json_object_set_new(object, "Id", json_from_string(record->id));
        json_object_set_new(object, "Name", json_from_string(record->name));
        json_object_set_new(object, "State",
                            json_string(floe_container_state_name(
                                (floe_container_state)record->status.state)));
        json_array_append_new(list, object);
    }
    return list;
}

static void set_limit(json_t *object, const char *key, int64_t value)
{
    if (value != 0)
        json_object_set_new(object, key, json_integer(value));
}

/* podman leaves out what there is no limit for. */
static void add_limits(json_t *object, const PodConfig *config)
{
    int64_t period_us = 100000;

    if (config->nano_cpus != 0) {
        set_limit(object, "cpu_period", period_us);
        set_limit(object, "cpu_quota", config->nano_cpus / (1000000000 / period_us));
    }
    set_limit(object, "cpu_shares", (int64_t)config->cpu_shares);
    if (config->cpuset_cpus != NULL)
        json_object_set_new(object, "cpuset_cpus", json_from_string(config->cpuset_cpus));
    if (config->cpuset_mems != NULL)
        json_object_set_new(object, "cpuset_mems", json_from_string(config->cpuset_mems));
    set_limit(object, "memory_limit", config->memory_bytes);
    set_limit(object, "memory_swap", config->memory_swap_bytes);
    set_limit(object, "blkio_weight", config->blkio_weight);
}

static json_t *describe(const floe_pod *pod, const GPtrArray *records)
{
    const PodConfig *config = &pod->record->config;
    g_autofree char *cgroup_parent = pod_cgroup_parent(pod->engine, pod->record);
    g_autofree char *cgroup = pod_cgroup(pod->engine, pod->record);
    g_autofree char *created = time_to_rfc3339(config->created_unix_ns);
    const ContainerRecord *first = records->len > 0 ? g_ptr_array_index(records, 0) : NULL;
    json_t *object = json_object();

    json_object_set_new(object, "Id", json_from_string(pod->record->id));
    json_object_set_new(object, "Name", json_from_string(pod->record->name));
    json_object_set_new(object, "Created", json_string(created));
    json_object_set_new(object, "CreateCommand", inspect_strings(config->create_command));
    json_object_set_new(object, "ExitPolicy", inspect_text(config->exit_policy));
    json_object_set_new(object, "State", json_string(pod_state_name(records)));
    json_object_set_new(object, "Hostname", inspect_text(config->hostname));
    json_object_set_new(object, "Labels", inspect_object(config->labels));
    json_object_set_new(object, "CreateCgroup", json_true());
    json_object_set_new(object, "CgroupParent", json_from_string(cgroup_parent));
    json_object_set_new(object, "CgroupPath", json_from_string(cgroup));
    json_object_set_new(object, "CreateInfra", json_boolean(config->infra_id != NULL));
    json_object_set_new(object, "InfraContainerID", inspect_text(config->infra_id));
    json_object_set_new(object, "InfraConfig",
                        first != NULL && first->config.is_infra ? infra_section(&first->config)
                                                                : json_null());
    json_object_set_new(object, "SharedNamespaces", inspect_strings(config->shared));
    json_object_set_new(object, "NumContainers", json_integer(records->len));
    json_object_set_new(object, "Containers", containers_section(records));
    add_limits(object, config);
    return object;
}

/* Who looks at a pod puts right what a killed floe left of its containers. */
static bool heal_members(floe_pod *pod, const GPtrArray *records, bool *ret_healed, GError **error)
{
    *ret_healed = false;
    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);
        g_autoptr(floe_container) ctr = NULL;
        g_auto(Operation) op = OPERATION_NONE;
        g_autoptr(GError) err = NULL;

        /* What is imported at this moment is its importer's. */
        if (record->status.intent == NULL || g_str_equal(record->status.intent, INTENT_IMPORT))
            continue;
        *ret_healed = true;
        if ((container_open(pod->engine, record->id, &ctr, &err) &&
             operation_enter(ctr, OPERATION_LOOK, &op, &err)) ||
            err_is(err, FLOE_ERROR_NOT_FOUND) || err_is(err, FLOE_ERROR_REMOVED))
            continue;
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    return true;
}

static bool pod_inspect(floe_pod *pod, char **ret_json, GError **error)
{
    bool is_healed = false;

    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(PodRecord) fresh = NULL;
    g_autoptr(JsonValue) object = NULL;

    if (!pod_load(pod->engine->db, pod->record->id, &fresh, error) ||
        !pod_members(pod, &records, error) || !heal_members(pod, records, &is_healed, error))
        return false;
    if (is_healed) {
        g_clear_pointer(&records, g_ptr_array_unref);
        if (!pod_members(pod, &records, error))
            return false;
    }
    object = describe(pod, records);
    *ret_json = json_to_text(object);
    return true;
}

bool floe_pod_inspect(floe_pod *pod, char **ret_json, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(pod), GIVEN(ret_json), NULL) &&
                             pod_inspect(pod, ret_json, &err),
                         &err, error);
}
