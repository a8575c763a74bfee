/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-spec-linux.h"

#include "base/json.h"
#include "engine/container-limits.h"
#include "oci/cgroup.h"
#include "oci/spec-masks.h"

#define CPU_PERIOD_US 100000
#define PING_SYSCTL   "net.ipv4.ping_group_range"

static void note_namespace(const char *name, SpecNamespace kind, SpecNamespaces *namespaces)
{
    const struct {
        const char *name;
        SpecNamespace *kind;
    } known[] = {
        { "network", &namespaces->network }, { "pid", &namespaces->pid },
        { "ipc", &namespaces->ipc },         { "uts", &namespaces->uts },
        { "user", &namespaces->user },       { "cgroup", &namespaces->cgroup },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (g_strcmp0(name, known[i].name) == 0)
            *known[i].kind = kind;
    }
}

bool archive_spec_namespaces(const json_t *spec, SpecNamespaces *ret_namespaces, GError **error)
{
    SpecNamespaces namespaces = { 0 };
    json_t *section = NULL;
    json_t *list = NULL;
    size_t i;
    json_t *item;

    if (!json_get_object(spec, "linux", &section, error) ||
        !json_get_array(section, "namespaces", &list, error))
        return false;
    json_array_foreach(list, i, item) {
        const char *name = NULL, *path = NULL;

        if (!json_item_check("namespaces", i, item, error) ||
            !json_get_string(item, "type", &name, error) ||
            !json_get_string(item, "path", &path, error))
            return false;
        note_namespace(name,
                       path != NULL && *path != '\0' ? SPEC_NAMESPACE_PATH : SPEC_NAMESPACE_OWN,
                       &namespaces);
    }
    *ret_namespaces = namespaces;
    return true;
}

static bool read_cpu(const json_t *resources, ContainerConfig *config, GError **error)
{
    const char *cpus = NULL, *mems = NULL;
    int64_t shares = 0, period = 0, quota = 0;
    json_t *cpu = NULL;

    if (!json_get_object(resources, "cpu", &cpu, error) ||
        !json_get_number(cpu, "shares", 0, INT64_MAX, &shares, error) ||
        !json_get_number(cpu, "period", 0, INT64_MAX, &period, error) ||
        !json_get_number(cpu, "quota", -1, INT64_MAX / 10000, &quota, error) ||
        !json_get_string(cpu, "cpus", &cpus, error) || !json_get_string(cpu, "mems", &mems, error))
        return false;
    config->cpu_shares = (uint64_t)shares;
    /* As --cpus writes it, in floe and in podman. */
    if (period == CPU_PERIOD_US && quota > 0) {
        config->nano_cpus = quota * (1000000000 / CPU_PERIOD_US);
    } else {
        config->cpu_period_us = period;
        config->cpu_quota_us = quota;
    }
    config->cpuset_cpus = g_strdup(cpus);
    config->cpuset_mems = g_strdup(mems);
    return true;
}

/* What cgroup v2 does not have is no reason to refuse it. */
static bool read_swappiness(const json_t *memory, ContainerConfig *config, GPtrArray *not_taken,
                            GError **error)
{
    int64_t swappiness = -1;

    if (!json_get_number(memory, "swappiness", -1, 100, &swappiness, error))
        return false;
    if (swappiness < 0)
        return true;
    if (cgroup_mode() == CGROUP_V2) {
        g_ptr_array_add(not_taken, g_strdup("a swappiness of its memory"));
        return true;
    }
    config->has_memory_swappiness = true;
    config->memory_swappiness = (int)swappiness;
    return true;
}

static bool read_memory(const json_t *resources, ContainerConfig *config, GPtrArray *not_taken,
                        GError **error)
{
    json_t *memory = NULL;

    if (!json_get_object(resources, "memory", &memory, error) ||
        !json_get_number(memory, "limit", -1, INT64_MAX, &config->memory_bytes, error) ||
        !json_get_number(memory, "reservation", -1, INT64_MAX, &config->memory_reservation_bytes,
                         error) ||
        !json_get_number(memory, "swap", -1, INT64_MAX, &config->memory_swap_bytes, error) ||
        !json_get_bool(memory, "disableOOMKiller", &config->oom_kill_disable, error))
        return false;
    config->memory_bytes = MAX(config->memory_bytes, 0);
    config->memory_reservation_bytes = MAX(config->memory_reservation_bytes, 0);
    return read_swappiness(memory, config, not_taken, error);
}

/* No device but the usual ones: which of this host it would be, an archive cannot say. */
static bool check_devices(const json_t *section, const ContainerConfig *config, GError **error)
{
    json_t *devices = NULL;
    const char *path = NULL;

    if (config->privileged)
        return true;
    if (!json_get_array(section, "devices", &devices, error))
        return false;
    if (json_array_size(devices) == 0)
        return true;
    if (!json_item_check("devices", 0, json_array_get(devices, 0), error) ||
        !json_get_string(json_array_get(devices, 0), "path", &path, error))
        return false;
    return err_set(error, FLOE_ERROR_UNSUPPORTED,
                   "it has devices of the host ('%s'), which an archive cannot bring",
                   path != NULL ? path : "");
}

static bool copy_strings(const char *key, const json_t *section, json_t **ret_strings,
                         GError **error)
{
    json_t *object = NULL;
    const char *name;
    json_t *value;

    if (!json_get_object(section, key, &object, error))
        return false;
    json_object_foreach(object, name, value) {
        if (!json_is_string(value))
            return err_set(error, FLOE_ERROR_INVALID, "key '%s': '%s' is not a string", key, name);
    }
    *ret_strings = json_object_size(object) > 0 ? json_copy(object) : NULL;
    return true;
}

/* What is left out is told by name: it is nowhere else to be seen. */
static bool read_unified(const json_t *resources, ContainerConfig *config, GPtrArray *not_taken,
                         GError **error)
{
    const char *name;
    json_t *value;

    if (!copy_strings("unified", resources, &config->cgroup_conf, error))
        return false;
    if (cgroup_mode() == CGROUP_V2)
        return true;
    json_object_foreach(config->cgroup_conf, name, value)
        g_ptr_array_add(not_taken, g_strdup_printf("%s of its cgroup", name));
    g_clear_pointer(&config->cgroup_conf, json_decref);
    return true;
}

static bool read_resources(const json_t *section, ContainerConfig *config, GPtrArray *not_taken,
                           GError **error)
{
    json_t *resources = NULL, *pids = NULL, *io = NULL;
    int64_t weight = 0;

    config->pids_limit = -1;
    if (!json_get_object(section, "resources", &resources, error) ||
        !read_memory(resources, config, not_taken, error) || !read_cpu(resources, config, error) ||
        !json_get_object(resources, "pids", &pids, error) ||
        !json_get_number(pids, "limit", -1, INT64_MAX, &config->pids_limit, error) ||
        !json_get_object(resources, "blockIO", &io, error) ||
        !json_get_number(io, "weight", 0, UINT16_MAX, &weight, error) ||
        !read_unified(resources, config, not_taken, error))
        return false;
    config->blkio_weight = (int)weight;
    if (config->pids_limit == 0)
        config->pids_limit = -1;
    return limits_check(config, error);
}

static bool read_sysctls(const json_t *section, ContainerConfig *config, GError **error)
{
    if (!copy_strings("sysctl", section, &config->sysctls, error))
        return false;
    json_object_del(config->sysctls, PING_SYSCTL);
    return true;
}

/* Inspect shows what was asked for as the options that ask for it. */
static void add_option(const char *name, char **paths, GStrvBuilder *options)
{
    g_autofree char *joined = paths != NULL ? g_strjoinv(":", paths) : NULL;
    g_autofree char *option = g_strconcat(name, "=", joined, NULL);

    if (joined != NULL)
        g_strv_builder_add(options, option);
}

static bool read_masks(const json_t *section, ContainerConfig *config, GError **error)
{
    g_autoptr(GStrvBuilder) options = g_strv_builder_new();

    if (!spec_masks_read(section, config->privileged, &config->mask, &config->unmask, error))
        return false;
    if (config->mask == NULL && config->unmask == NULL)
        return true;
    if (config->security_opts != NULL)
        g_strv_builder_addv(options, (const char **)config->security_opts);
    add_option("mask", config->mask, options);
    add_option("unmask", config->unmask, options);
    g_strfreev(config->security_opts);
    config->security_opts = g_strv_builder_end(options);
    return true;
}

bool archive_spec_read_linux(const json_t *spec, ContainerConfig *config, GPtrArray *not_taken,
                             GError **error)
{
    SpecNamespaces namespaces = { 0 };
    json_t *section = NULL, *seccomp = NULL;

    if (!archive_spec_namespaces(spec, &namespaces, error) ||
        !json_get_object(spec, "linux", &section, error))
        return false;
    if (namespaces.user != SPEC_NAMESPACE_HOST)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "it has a user namespace, which floe does not support");
    if (!check_devices(section, config, error) ||
        !read_resources(section, config, not_taken, error) ||
        !read_sysctls(section, config, error) || !read_masks(section, config, error) ||
        !json_get_object(section, "seccomp", &seccomp, error))
        return err_prefix(error, "key 'linux'");
    if (seccomp == NULL && !config->privileged)
        config->seccomp_profile = g_strdup("unconfined");
    return true;
}
