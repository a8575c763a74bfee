/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-config.h"

#include "base/clock.h"
#include "engine/archive-config-secrets.h"
#include "engine/archive.h"
#include "engine/cgroup-names.h"
#include "engine/container-inspect.h"
#include "engine/health-startup.h"
#include "engine/host-facts.h"
#include "engine/service.h"
#include "oci/cgroup.h"

#include <string.h>

/* libpod/define/healthchecks.go, HealthCheckOnFailureAction; 1 is none of them. */
static const char *const on_failure_actions[] = { "none", "", "kill", "restart", "stop" };

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL && *text != '\0')
        json_object_set_new(object, key, json_from_string(text));
}

static void set_texts(json_t *object, const char *key, char **texts)
{
    if (texts != NULL && texts[0] != NULL)
        json_object_set_new(object, key, json_from_strv((const char *const *)texts));
}

static void set_number(json_t *object, const char *key, int64_t number)
{
    json_object_set_new(object, key, json_integer(number));
}

static void set_flag(json_t *object, const char *key, bool flag)
{
    json_object_set_new(object, key, json_boolean(flag));
}

static void set_array(json_t *object, const char *key, json_t *taken_array)
{
    if (json_array_size(taken_array) > 0)
        json_object_set(object, key, taken_array);
    json_decref(taken_array);
}

/* --- image, mounts ---------------------------------------------------------------------------- */

static void put_image(json_t *object, const ContainerConfig *config)
{
    set_text(object, "rootfs", config->rootfs);
    if (config->rootfs_overlay)
        set_flag(object, "rootfs_overlay", true);
    set_text(object, "rootfsImageID", config->image_id);
    set_text(object, "rootfsImageName", config->image_name);
    set_text(object, "RawImageName", config->image_name);
}

static json_t *named_volume(const MountConfig *mount)
{
    json_t *object = json_object();

    set_text(object, "volumeName", mount->source);
    set_text(object, "dest", mount->destination);
    set_texts(object, "options", mount->options);
    return object;
}

static void put_mounts(json_t *object, const ContainerConfig *config)
{
    json_t *destinations = json_array();
    json_t *volumes = json_array();

    for (guint i = 0; config->mounts != NULL && i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);

        json_array_append_new(destinations, json_from_string(mount->destination));
        if (g_str_equal(mount->type, "volume"))
            json_array_append_new(volumes, named_volume(mount));
    }
    set_array(object, "userVolumes", destinations);
    set_array(object, "namedVolumes", volumes);
    set_number(object, "shmSize", config->shm_size_bytes);
}

/* --- namespaces, network ---------------------------------------------------------------------- */

static void put_shared(json_t *object, const char *key, const char *mode, const char *container)
{
    if (g_strcmp0(mode, "container") == 0)
        set_text(object, key, container);
}

static json_t *network(const NetworkConfig *config)
{
    g_autoptr(JsonValue) static_ips = json_array();
    json_t *object = json_object();

    set_text(object, "interface_name", config->interface_name);
    set_text(object, "static_mac", config->static_mac);
    if (config->static_ip != NULL)
        json_array_append_new(static_ips, json_from_string(config->static_ip));
    if (config->static_ip6 != NULL)
        json_array_append_new(static_ips, json_from_string(config->static_ip6));
    if (json_array_size(static_ips) > 0)
        json_object_set(object, "static_ips", static_ips);
    if (config->aliases != NULL && config->aliases[0] != NULL)
        set_texts(object, "aliases", config->aliases);
    return object;
}

/* Until podman 5 an object, whose keys are the networks' names; then an array, in their order. */
static void put_networks(json_t *object, const ContainerConfig *config)
{
    json_t *by_name = json_object();
    json_t *in_order = json_array();

    for (guint i = 0; config->networks != NULL && i < config->networks->len; i++) {
        const NetworkConfig *one = g_ptr_array_index(config->networks, i);
        json_t *ordered = network(one);

        set_text(ordered, "name", one->name);
        json_array_append_new(in_order, ordered);
        json_object_set_new(by_name, one->name, network(one));
    }
    json_object_set_new(object, "newNetworks", by_name);
    json_object_set_new(object, "orderedNetworks", in_order);
    json_object_set_new(object, "networkMode", json_string("bridge"));
}

static json_t *ports(const ContainerConfig *config)
{
    json_t *list = json_array();

    for (guint i = 0; config->ports != NULL && i < config->ports->len; i++) {
        const PortConfig *port = g_ptr_array_index(config->ports, i);

        json_array_append_new(list, json_pack("{s:s, s:i, s:i, s:i, s:s}", "host_ip",
                                              port->host_ip != NULL ? port->host_ip : "",
                                              "container_port", port->container_port, "host_port",
                                              port->host_port, "range", port->range, "protocol",
                                              port->protocol));
    }
    return list;
}

/* "80/tcp" and "80/udp" become {"80": ["tcp", "udp"]}. */
static void put_exposed_ports(json_t *object, char **exposed)
{
    json_t *by_port = json_object();

    for (char **port = exposed; port != NULL && *port != NULL; port++) {
        g_auto(GStrv) parts = g_strsplit(*port, "/", 2);
        json_t *protocols = json_object_get(by_port, parts[0]);

        if (protocols == NULL) {
            protocols = json_array();
            json_object_set_new(by_port, parts[0], protocols);
        }
        json_array_append_new(protocols, json_from_string(parts[1] != NULL ? parts[1] : "tcp"));
    }
    if (json_object_size(by_port) > 0)
        json_object_set(object, "exposedPorts", by_port);
    json_decref(by_port);
}

static void put_network(json_t *object, const ContainerConfig *config)
{
    bool is_bridge = g_strcmp0(config->network_mode, "bridge") == 0;
    bool is_none = g_strcmp0(config->network_mode, "none") == 0;

    /* podman leaves a namespace without a network to the runtime, and then CRIU restores it: but
     * floe's, which it gave the runtime, is not in CRIU's images. */
    set_flag(object, "createNetNS", is_bridge || is_none);
    if (is_none)
        set_text(object, "networkMode", "none");
    if (is_bridge)
        put_networks(object, config);
    put_shared(object, "netNsCtr", config->network_mode, config->network_container);
    put_shared(object, "pidNsCtr", config->pid_mode, config->pid_container);
    put_shared(object, "ipcNsCtr", config->ipc_mode, config->ipc_container);
    put_shared(object, "utsNsCtr", config->uts_mode, config->uts_container);
    set_text(object, "cgroupNsCtr", config->cgroup_container);
    set_array(object, "newPortMappings", ports(config));
    put_exposed_ports(object, config->exposed_ports);
    set_texts(object, "dnsServer", config->dns);
    set_texts(object, "dnsSearch", config->dns_search);
    set_texts(object, "dnsOption", config->dns_options);
    set_texts(object, "hostsAdd", config->add_hosts);
    set_flag(object, "UseImageResolvConf", false);
    set_flag(object, "UseImageHosts", config->no_hosts);
}

/* --- process, life ---------------------------------------------------------------------------- */

static void put_process(json_t *object, const ContainerConfig *config)
{
    set_texts(object, "command", config->command);
    set_texts(object, "entrypoint", config->entrypoint);
    set_text(object, "user", config->user);
    set_flag(object, "privileged", config->privileged);
    set_flag(object, "mountAllDevices", config->privileged);
    set_flag(object, "stdin", config->open_stdin);
    set_flag(object, "passwd", true);
    set_text(object, "umask", config->umask != NULL ? config->umask : "0022");
    set_text(object, "timezone", config->timezone);
    set_texts(object, "groups", config->group_add);
    json_object_set_new(object, "labelopts", json_pack("[s]", "disable"));
    if (json_object_size(config->labels) > 0)
        json_object_set(object, "labels", config->labels);
}

static int on_failure_action(const char *name)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(on_failure_actions); i++) {
        if (g_str_equal(name, on_failure_actions[i]))
            return (int)i;
    }
    return 0;
}

static void put_life(json_t *object, const ContainerConfig *config)
{
    g_autofree char *created = time_to_rfc3339(config->created_unix_ns);

    set_text(object, "createdTime", created);
    set_number(object, "stopSignal", config->stop_signal);
    set_number(object, "stopTimeout", config->stop_timeout_s);
    if (config->restart_policy != NULL && !g_str_equal(config->restart_policy, "no")) {
        set_text(object, "restart_policy", config->restart_policy);
        set_number(object, "restart_retries", config->restart_retries);
    }
    if (config->auto_remove)
        set_flag(object, "volatile", true);
    json_object_set_new(object, "healthcheck", inspect_health_check(config));
    if (config->health_startup_test != NULL)
        json_object_set_new(object, "startupHealthCheck", health_startup_describe(config));
    set_number(object, "healthcheck_on_failure_action",
               on_failure_action(config->health_on_failure));
    set_text(object, "logDriver", config->log_driver);
    set_text(object, "logTag", config->log_tag);
    if (config->log_max_bytes > 0)
        set_number(object, "logSize", config->log_max_bytes);
    if (config->timeout_s > 0)
        set_number(object, "timeout", config->timeout_s);
    if (config->systemd)
        set_flag(object, "systemd", true);
    set_text(object, "cgroupManager",
             config->cgroup_manager != NULL ? config->cgroup_manager : CGROUP_MANAGER_CGROUPFS);
    set_text(object, "cgroupsMode", config->cgroups_mode != NULL ? config->cgroups_mode : "enabled");
    /* A default is left out: it would be taken for a wish by a host with the other manager. */
    set_text(object, "cgroupParent", config->cgroup_parent);
    set_text(object, "sdnotifyMode",
             config->sdnotify != NULL ? config->sdnotify : SERVICE_NOTIFY_CONTAINER);
}

/* Containers that it needs to run; null is podman's for none, and for a pod's. */
static void put_dependencies(json_t *object, const ContainerConfig *config)
{
    g_auto(GStrv) ids = container_config_dependencies(config);
    bool has_own = ids[0] != NULL && config->pod_id == NULL;

    json_object_set_new(object, "Dependencies",
                        has_own ? json_from_strv((const char *const *)ids) : json_null());
    set_text(object, "pod", config->pod_id);
    set_flag(object, "pause", config->is_infra);
}

/* --- floe's own key --------------------------------------------------------------------------- */

static json_t *host(const ArchiveFacts *facts)
{
    g_autofree char *architecture = host_architecture();
    g_autofree char *kernel = host_kernel();
    g_auto(GStrv) flags = host_cpu_flags();
    json_t *object = json_object();

    set_text(object, "arch", architecture);
    set_text(object, "kernel", kernel);
    json_object_set_new(object, "cpu_flags", json_from_strv((const char *const *)flags));
    set_number(object, "criu_version", facts->criu_version);
    set_text(object, "runtime", facts->runtime_version);
    set_text(object, "cgroups", cgroup_mode() == CGROUP_V2 ? "v2" : "v1");
    return object;
}

static json_t *own_key(const ArchiveFacts *facts)
{
    json_t *object = json_object();

    set_text(object, "version", FLOE_VERSION);
    json_object_set_new(object, "host", host(facts));
    set_flag(object, "tcp_established", facts->tcp_established);
    set_flag(object, "file_locks", facts->file_locks);
    return object;
}

json_t *archive_config(const ContainerRecord *record, const ArchiveFacts *facts)
{
    const ContainerConfig *config = &record->config;
    json_t *object = json_object();

    set_text(object, "id", record->id);
    set_text(object, "name", record->name);
    set_texts(object, "CreateCommand", config->create_command);
    set_text(object, "runtime", facts->runtime_name);
    put_image(object, config);
    put_mounts(object, config);
    archive_config_put_secrets(object, config);
    put_dependencies(object, config);
    put_network(object, config);
    put_process(object, config);
    put_life(object, config);
    json_object_set_new(object, ARCHIVE_FLOE_KEY, own_key(facts));
    return object;
}

json_t *archive_annotations(const ContainerRecord *record, const ArchiveFacts *facts)
{
    g_autofree char *architecture = host_architecture();
    g_autofree char *kernel = host_kernel();
    g_autofree char *criu = g_strdup_printf("%d", facts->criu_version);
    const struct {
        const char *key, *value;
    } all[] = {
        { ARCHIVE_ANNOTATION "name", record->name },
        { ARCHIVE_ANNOTATION "rawImageName", record->config.image_name },
        { ARCHIVE_ANNOTATION "rootfsImageID", record->config.image_id },
        { ARCHIVE_ANNOTATION "rootfsImageName", record->config.image_name },
        { ARCHIVE_ANNOTATION "podman.version", "floe " FLOE_VERSION },
        { ARCHIVE_ANNOTATION "criu.version", criu },
        { ARCHIVE_ANNOTATION "runtime.name", facts->runtime_name },
        { ARCHIVE_ANNOTATION "runtime.version", facts->runtime_version },
        { ARCHIVE_ANNOTATION "host.arch", architecture },
        { ARCHIVE_ANNOTATION "host.kernel", kernel },
        { ARCHIVE_ANNOTATION "cgroups.version", cgroup_mode() == CGROUP_V2 ? "v2" : "v1" },
    };
    json_t *object = json_object();

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        set_text(object, all[i].key, all[i].value);
    json_object_set_new(object, "org.opencontainers.image.base.name", json_string(""));
    json_object_set_new(object, "org.opencontainers.image.base.digest", json_string(""));
    return object;
}
