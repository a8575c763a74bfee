/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a container's limits, of a running one at once, and its restart policy. */
#include "engine/container-update.h"

#include "base/log.h"
#include "engine/cgroup-names.h"
#include "engine/container-limits.h"
#include "engine/container.h"
#include "engine/event.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/restart-policy.h"
#include "oci/cgroup-hierarchy.h"

/* A number of processors and a quota are two ways to say the same: the later one counts. */
static bool apply_cpus(const floe_update_options *options, ContainerConfig *config, GError **error)
{
    bool has_quota = options->cpu_period_us != 0 || options->cpu_quota_us != 0;

    if (options->nano_cpus != 0 && has_quota)
        return err_set(error, FLOE_ERROR_INVALID,
                       "a number of cpus excludes a quota and a period of them");
    if (options->nano_cpus != 0) {
        config->nano_cpus = options->nano_cpus;
        config->cpu_period_us = config->cpu_quota_us = 0;
    }
    if (has_quota)
        config->nano_cpus = 0;
    if (options->cpu_period_us != 0)
        config->cpu_period_us = options->cpu_period_us;
    if (options->cpu_quota_us != 0)
        config->cpu_quota_us = options->cpu_quota_us;
    if (options->cpu_shares != 0)
        config->cpu_shares = options->cpu_shares;
    return true;
}

/* A limit of both that was not asked for goes with the memory's: it is twice that. */
static void apply_memory(const floe_update_options *options, ContainerConfig *config)
{
    if (options->memory_bytes != 0) {
        config->memory_bytes = options->memory_bytes;
        if (config->memory_swap_bytes > 0)
            config->memory_swap_bytes = MAX(config->memory_swap_bytes, config->memory_bytes);
    }
    if (options->memory_swap_bytes != 0)
        config->memory_swap_bytes = options->memory_swap_bytes;
    if (options->memory_reservation_bytes != 0)
        config->memory_reservation_bytes = options->memory_reservation_bytes;
}

static void apply_text(const char *text, char **target)
{
    if (text == NULL)
        return;
    g_free(*target);
    *target = g_strdup(text);
}

static bool apply_restart_policy(const floe_update_options *options, ContainerConfig *config,
                                 GError **error)
{
    g_autofree char *name = NULL;
    int retries = 0;

    if (options->restart_policy == NULL)
        return true;
    if (!restart_policy_parse(options->restart_policy, &name, &retries, error))
        return false;
    if (config->auto_remove && !g_str_equal(name, "no"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "a container that is removed at its end (--rm) cannot be restarted");
    g_free(config->restart_policy);
    config->restart_policy = g_steal_pointer(&name);
    config->restart_retries = retries;
    return true;
}

bool container_update_config(const floe_update_options *options, ContainerConfig *config,
                             GError **error)
{
    if (!apply_cpus(options, config, error) || !apply_restart_policy(options, config, error))
        return false;
    apply_memory(options, config);
    apply_text(options->cpuset_cpus, &config->cpuset_cpus);
    apply_text(options->cpuset_mems, &config->cpuset_mems);
    if (options->pids_limit != 0)
        config->pids_limit = options->pids_limit;
    if (options->blkio_weight != 0)
        config->blkio_weight = options->blkio_weight;
    return limits_check(config, error);
}

/* All of them, so that they are what is recorded, also after an update that was interrupted. */
static json_t *resources_of(const ContainerConfig *config, GError **error)
{
    SpecLimits limits = limits_of(config);
    g_autoptr(JsonValue) resources = json_object();

    if (!spec_limits_add(&limits, resources, error))
        return NULL;
    if (config->pids_limit == -1)
        json_object_set_new(resources, "pids", json_pack("{s:i}", "limit", -1));
    return g_steal_pointer(&resources);
}

static bool give_to_runtime(floe_container *ctr, const json_t *resources, GError **error)
{
    g_auto(Runtime) runtime = { 0 };

    container_runtime(ctr, &runtime);
    return runtime_update(&runtime, ctr->record->id, resources, error);
}

/* The kernel's own value of a limit, which a container without it has; NULL: it stays as it is. */
static json_t *default_of(const floe_container *ctr, const char *group, const char *key)
{
    g_autofree char *parent = g_path_get_dirname(ctr->paths.cgroup);
    g_autofree char *set = NULL;

    if (g_str_equal(key, "cpus") || g_str_equal(key, "mems")) {
        set = cgroup_read_set(parent, key);
        return set != NULL ? json_string(g_strstrip(set)) : NULL;
    }
    if (g_str_equal(key, "shares"))
        return json_integer(1024);
    if (g_str_equal(key, "period"))
        return json_integer(100000);
    return g_str_equal(group, "blockIO") ? NULL : json_integer(-1);
}

/* For what the update was about and the record has no limit. */
static void add_defaults(const floe_container *ctr, json_t *changed, json_t *resources)
{
    const char *group, *key;
    json_t *limits, *limit;

    json_object_foreach(changed, group, limits) {
        if (json_object_get(resources, group) == NULL)
            json_object_set_new(resources, group, json_object());
        json_object_foreach(limits, key, limit) {
            json_t *had = json_object_get(resources, group);
            json_t *value = json_object_get(had, key) == NULL ? default_of(ctr, group, key) : NULL;

            if (value != NULL)
                json_object_set_new(had, key, value);
        }
    }
}

/* The limits on record again, after an update that failed on its way. */
static void take_back(floe_container *ctr, json_t *changed)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(JsonValue) resources = resources_of(&ctr->record->config, &err);

    if (resources != NULL)
        add_defaults(ctr, changed, resources);
    if (container_signal(ctr, 0, NULL) &&
        (resources == NULL || !give_to_runtime(ctr, resources, &err)))
        log_ignored(g_steal_pointer(&err), "give container \"%s\" its old limits",
                    ctr->record->name);
}

/*
 * First the runtime, which may refuse (less memory than is in use), then the record. A floe that is
 * killed in between leaves a container with the new limits and a record of the old ones.
 */
static bool container_update(floe_container *ctr, const floe_update_options *options, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(ContainerRecord) changed = NULL;
    g_autoptr(JsonValue) resources = NULL;
    bool has_cgroup;

    if (!operation_enter(ctr, OPERATION_UPDATE, &op, error) ||
        !container_load(ctr->engine->db, ctr->record->id, &changed, error) ||
        !container_update_config(options, &changed->config, error) ||
        (resources = resources_of(&changed->config, error)) == NULL)
        return false;
    has_cgroup = config_has_cgroup(&changed->config);
    if (!has_cgroup && json_object_size(resources) > 0)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "cannot limit container \"%s\": this container does not have a cgroup "
                       "(--cgroups=disabled)",
                       ctr->record->name);
    if (has_cgroup && state_has_process(ctr->record->status.state) &&
        !give_to_runtime(ctr, resources, error)) {
        operation_blame_end(ctr, OPERATION_UPDATE, error);
        take_back(ctr, resources);
        return false;
    }
    ctr->record->status.config_revision++;
    if (!container_save_config(ctr->engine->db, ctr->record->id, &changed->config,
                               &ctr->record->status, error)) {
        ctr->record->status.config_revision--;
        take_back(ctr, resources);
        return false;
    }
    container_take_config(ctr, changed);
    event_note(ctr, FLOE_EVENT_UPDATE);
    return true;
}

bool floe_container_update(floe_container *container, const floe_update_options *options,
                           floe_error **error)
{
    floe_update_options known = FLOE_UPDATE_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             container_update(container, &known, &err),
                         &err, error);
}
