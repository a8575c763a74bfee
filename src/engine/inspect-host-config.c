/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cgroup-names.h"
#include "engine/container-inspect.h"
#include "engine/container-limits.h"
#include "engine/log-source.h"
#include "engine/restart-policy.h"
#include "oci/cgroup.h"

#include <string.h>

/* --- mounts ----------------------------------------------------------------------------------- */

static char *joined_options(const MountConfig *mount)
{
    return mount->options != NULL ? g_strjoinv(",", mount->options) : g_strdup("");
}

/* "/host:/path:rw,rbind", "NAME:/path:rw,rbind". */
static json_t *binds(const ContainerConfig *config)
{
    json_t *list = json_array();

    for (guint i = 0; config->mounts != NULL && i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);

        if (g_str_equal(mount->type, "tmpfs"))
            continue;

        g_autofree char *options = joined_options(mount);
        g_autofree char *text = g_strdup_printf("%s:%s:%s", mount->source, mount->destination,
                                                options);

        json_array_append_new(list, json_from_string(text));
    }
    return list;
}

static json_t *tmpfs(const ContainerConfig *config)
{
    json_t *object = json_object();

    for (guint i = 0; config->mounts != NULL && i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);

        if (!g_str_equal(mount->type, "tmpfs"))
            continue;

        g_autofree char *options = joined_options(mount);

        json_object_set_new(object, mount->destination, json_from_string(options));
    }
    return object;
}

/* --- namespaces ------------------------------------------------------------------------------- */

/* "container:ID" for a mode of "container"; `own` is what podman calls one of its own. */
static json_t *mode_text(const char *mode, const char *container, const char *own)
{
    g_autofree char *shared = NULL;

    if (g_strcmp0(mode, "private") == 0)
        return json_string(own);
    if (g_strcmp0(mode, "container") != 0)
        return inspect_text(mode);
    shared = g_strconcat("container:", container, NULL);
    return json_from_string(shared);
}

static void add_modes(json_t *object, const ContainerConfig *config)
{
    g_autofree char *network_path = NULL;

    if (config->network_path != NULL)
        network_path = g_strconcat("ns:", config->network_path, NULL);
    json_object_set_new(object, "NetworkMode",
                        network_path != NULL
                            ? json_from_string(network_path)
                            : mode_text(config->network_mode, config->network_container, "private"));
    /* Others may join it at any time. */
    json_object_set_new(object, "IpcMode",
                        mode_text(config->ipc_mode, config->ipc_container, "shareable"));
    json_object_set_new(object, "PidMode",
                        mode_text(config->pid_mode, config->pid_container, "private"));
    json_object_set_new(object, "UTSMode",
                        mode_text(config->uts_mode, config->uts_container, "private"));
    json_object_set_new(object, "UsernsMode", json_string(""));
    json_object_set_new(object, "CgroupMode",
                        json_string(config_has_cgroup_namespace(config) ? "private" : "host"));
}

/* --- network, log and restarts ---------------------------------------------------------------- */

json_t *inspect_published_ports(const ContainerConfig *config)
{
    json_t *ports = json_object();

    for (guint i = 0; config->ports != NULL && i < config->ports->len; i++) {
        const PortConfig *port = g_ptr_array_index(config->ports, i);

        for (int k = 0; k < MAX(port->range, 1); k++) {
            g_autofree char *key = g_strdup_printf("%d/%s", port->container_port + k,
                                                   port->protocol);
            g_autofree char *host_port = g_strdup_printf("%d", port->host_port + k);
            json_t *binding = json_object();
            json_t *list = json_object_get(ports, key);

            if (list == NULL) {
                list = json_array();
                json_object_set_new(ports, key, list);
            }
            json_object_set_new(binding, "HostIp", inspect_text(port->host_ip));
            json_object_set_new(binding, "HostPort", json_string(host_port));
            json_array_append_new(list, binding);
        }
    }
    return ports;
}

static json_t *log_config(const floe_container *ctr)
{
    const char *driver = ctr->record->config.log_driver;
    g_autofree char *size = g_strdup_printf("%" G_GINT64_FORMAT "B",
                                            ctr->record->config.log_max_bytes);
    json_t *object = json_object();

    json_object_set_new(object, "Type", inspect_text(driver));
    json_object_set_new(object, "Config", json_null());
    json_object_set_new(object, "Path",
                        json_from_string(g_strcmp0(driver, LOG_DRIVER_FILE) == 0 ? ctr->paths.log
                                                                                 : ""));
    json_object_set_new(object, "Tag", inspect_text(ctr->record->config.log_tag));
    json_object_set_new(object, "Size", json_from_string(size));
    return object;
}

static json_t *restart_policy(const ContainerConfig *config)
{
    json_t *object = json_object();

    json_object_set_new(object, "Name", json_string(restart_policy_name(config)));
    json_object_set_new(object, "MaximumRetryCount", json_integer(config->restart_retries));
    return object;
}

/* --- limits ----------------------------------------------------------------------------------- */

static json_t *ulimits(const ContainerConfig *config)
{
    json_t *list = json_array();

    for (guint i = 0; config->ulimits != NULL && i < config->ulimits->len; i++) {
        const UlimitConfig *ulimit = g_ptr_array_index(config->ulimits, i);
        g_autofree char *upper = g_ascii_strup(ulimit->name, -1);
        g_autofree char *name = g_str_has_prefix(upper, "RLIMIT_")
                                    ? g_strdup(upper)
                                    : g_strconcat("RLIMIT_", upper, NULL);
        json_t *object = json_object();

        json_object_set_new(object, "Name", json_from_string(name));
        json_object_set_new(object, "Soft", json_integer(ulimit->soft));
        json_object_set_new(object, "Hard", json_integer(ulimit->hard));
        json_array_append_new(list, object);
    }
    return list;
}

static void set_all(json_t *object, const char *const *keys, size_t n, json_t *value)
{
    for (size_t i = 0; i < n; i++)
        json_object_set(object, keys[i], value);
    json_decref(value);
}

static json_t *devices(const ContainerConfig *config)
{
    json_t *list = json_array();

    for (guint i = 0; config->devices != NULL && i < config->devices->len; i++) {
        const DeviceConfig *device = g_ptr_array_index(config->devices, i);

        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o}", "PathOnHost",
                                        json_from_string(device->source), "PathInContainer",
                                        json_from_string(device->destination), "CgroupPermissions",
                                        json_from_string(device->access)));
    }
    return list;
}

/* null is podman's for none. */
static json_t *throttles(const ContainerConfig *config, const char *kind)
{
    bool is_weight = g_str_equal(kind, "weight");
    json_t *list = json_array();

    for (guint i = 0; config->throttles != NULL && i < config->throttles->len; i++) {
        const ThrottleConfig *throttle = g_ptr_array_index(config->throttles, i);

        if (g_str_equal(throttle->kind, kind))
            json_array_append_new(list,
                                  json_pack("{s:o, s:I}", "Path", json_from_string(throttle->path),
                                            is_weight ? "Weight" : "Rate",
                                            (json_int_t)throttle->rate));
    }
    if (json_array_size(list) > 0)
        return list;
    json_decref(list);
    return json_null();
}

static void add_throttles(json_t *object, const ContainerConfig *config)
{
    static const struct {
        const char *key, *kind;
    } all[] = {
        { "BlkioWeightDevice", "weight" },        { "BlkioDeviceReadBps", "read-bps" },
        { "BlkioDeviceWriteBps", "write-bps" },   { "BlkioDeviceReadIOps", "read-iops" },
        { "BlkioDeviceWriteIOps", "write-iops" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        json_object_set_new(object, all[i].key, throttles(config, all[i].kind));
}

static void add_limits(json_t *object, const ContainerConfig *config)
{
    static const char *const zero[] = {
        "CpuRealtimePeriod", "CpuRealtimeRuntime", "DiskQuota",     "KernelMemory",
        "CpuCount",          "CpuPercent",         "IOMaximumIOps", "IOMaximumBandwidth",
    };
    SpecLimits limits = limits_of(config);
    int64_t swap = limits.no_swap_limit            ? 0
                   : limits.memory_swap_bytes != 0 ? limits.memory_swap_bytes
                                                   : 2 * limits.memory_bytes;

    json_object_set_new(object, "CpuShares", json_integer((json_int_t)config->cpu_shares));
    json_object_set_new(object, "Memory", json_integer(config->memory_bytes));
    json_object_set_new(object, "MemorySwap", json_integer(swap));
    json_object_set_new(object, "MemoryReservation", json_integer(config->memory_reservation_bytes));
    json_object_set_new(object, "MemorySwappiness", json_integer(config->memory_swappiness));
    json_object_set_new(object, "BlkioWeight", json_integer(config->blkio_weight));
    json_object_set_new(object, "CpuPeriod", json_integer(config->cpu_period_us));
    json_object_set_new(object, "CpuQuota", json_integer(config->cpu_quota_us));
    json_object_set_new(object, "NanoCpus", json_integer(config->nano_cpus));
    json_object_set_new(object, "PidsLimit", json_integer(config->pids_limit));
    json_object_set_new(object, "Ulimits", ulimits(config));
    json_object_set_new(object, "CpusetCpus",
                        json_from_string(config->cpuset_cpus != NULL ? config->cpuset_cpus : ""));
    json_object_set_new(object, "CpusetMems",
                        json_from_string(config->cpuset_mems != NULL ? config->cpuset_mems : ""));
    json_object_set_new(object, "OomKillDisable", json_boolean(config->oom_kill_disable));
    json_object_set_new(object, "OomScoreAdj", json_integer(config->oom_score_adj));
    set_all(object, zero, G_N_ELEMENTS(zero), json_integer(0));
    json_object_set_new(object, "CgroupConf",
                        config->cgroup_conf != NULL ? json_incref(config->cgroup_conf)
                                                    : json_null());
    add_throttles(object, config);
}

/* --- the whole -------------------------------------------------------------------------------- */

static void add_security(json_t *object, const ContainerConfig *config)
{
    json_object_set_new(object, "CapAdd", inspect_strings(config->cap_add));
    json_object_set_new(object, "CapDrop", inspect_strings(config->cap_drop));
    json_object_set_new(object, "GroupAdd", inspect_strings(config->group_add));
    json_object_set_new(object, "Privileged", json_boolean(config->privileged));
    json_object_set_new(object, "ReadonlyRootfs", json_boolean(config->read_only));
    json_object_set_new(object, "SecurityOpt", inspect_strings(config->security_opts));
}

static void add_names(json_t *object, const ContainerConfig *config)
{
    json_object_set_new(object, "Dns", inspect_strings(config->dns));
    json_object_set_new(object, "DnsOptions", inspect_strings(config->dns_options));
    json_object_set_new(object, "DnsSearch", inspect_strings(config->dns_search));
    json_object_set_new(object, "ExtraHosts", inspect_strings(config->add_hosts));
    json_object_set_new(object, "HostsFile", json_string(""));
}

json_t *inspect_host_config(const floe_container *ctr)
{
    const ContainerConfig *config = &ctr->record->config;
    g_autofree char *above = g_path_get_dirname(ctr->paths.cgroup);
    const char *cgroup_parent = config_uses_systemd(config) ? above + 1 : above;
    json_t *object = json_object();
    json_t *console = json_array();

    json_array_append_new(console, json_integer(0));
    json_array_append_new(console, json_integer(0));
    json_object_set_new(object, "Binds", binds(config));
    json_object_set_new(object, "Tmpfs", tmpfs(config));
    json_object_set_new(object, "CgroupManager",
                        json_string(config->cgroup_manager != NULL ? config->cgroup_manager
                                                                   : CGROUP_MANAGER_CGROUPFS));
    json_object_set_new(object, "CgroupParent",
                        json_from_string(config_has_cgroup(config) ? cgroup_parent : ""));
    json_object_set_new(object, "Cgroup", json_string(""));
    json_object_set_new(object, "Cgroups",
                        json_from_string(config->cgroups_mode != NULL ? config->cgroups_mode
                                                                      : "default"));
    add_modes(object, config);
    json_object_set_new(object, "ContainerIDFile", json_string(""));
    json_object_set_new(object, "LogConfig", log_config(ctr));
    json_object_set_new(object, "PortBindings", inspect_published_ports(config));
    json_object_set_new(object, "PublishAllPorts", json_false());
    json_object_set_new(object, "RestartPolicy", restart_policy(config));
    json_object_set_new(object, "AutoRemove", json_boolean(config->auto_remove));
    json_object_set_new(object, "AutoRemoveImage", json_false());
    json_object_set_new(object, "Annotations", inspect_object(config->annotations));
    json_object_set_new(object, "VolumeDriver", json_string(""));
    json_object_set_new(object, "VolumesFrom", json_null());
    json_object_set_new(object, "Links", json_null());
    add_names(object, config);
    add_security(object, config);
    json_object_set_new(object, "ShmSize", json_integer(config->shm_size_bytes));
    json_object_set_new(object, "Runtime", json_string("oci"));
    json_object_set_new(object, "ConsoleSize", console);
    json_object_set_new(object, "Isolation", json_string(""));
    json_object_set_new(object, "Devices", devices(config));
    json_object_set_new(object, "Init", json_boolean(config->init));
    add_limits(object, config);
    return object;
}
