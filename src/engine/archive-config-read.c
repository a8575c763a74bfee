/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.dump: libpod's ContainerConfig, the same keys since podman 3 but for the networks
 * (newNetworks, a map; orderedNetworks, a list, since podman 6). Keys that are not here say what this
 * host decides itself (paths, lock, cgroup manager ...).
 */
#include "engine/archive-config-read.h"

#include "base/clock.h"
#include "base/digest.h"
#include "engine/archive-spec-read.h"
#include "engine/cgroup-names.h"
#include "engine/health-check.h"
#include "engine/log-source.h"
#include "engine/mount-options.h"
#include "engine/name-generator.h"
#include "engine/restart-policy.h"
#include "engine/timezone.h"
#include "network/address.h"
#include "oci/spec.h"

#include <limits.h>
#include <signal.h>
#include <string.h>

#define DEFAULT_INTERFACE  "eth0"
#define INTERFACE_NAME_MAX 15 /* IFNAMSIZ without its end */
#define DEFAULT_SHM_SIZE   65536000
#define SIGNAL_MAX         64
#define STOP_TIMEOUT_MAX   INT32_MAX
#define UNLIMITED          "18446744073709551615"

/* The keys that are read, with the types that libpod gives them. */
typedef struct ConfigDump {
    char *id, *name, *pod, *rootfs, *image_id, *image_name, *runtime, *network_mode, *user;
    char *log_driver, *restart_policy, *mount_container, *user_container, *cgroup_container;
    char *cgroup_parent, *cgroups_mode;
    char *ipc_container, *network_container, *pid_container, *uts_container, *timezone;
    char **create_command, **dependencies, **command, **entrypoint, **groups;
    char **dns, **dns_search, **dns_options, **add_hosts;
    char *log_tag;
    int64_t log_size, timeout, shm_size, stop_signal, stop_timeout, restart_retries, health_action;
    bool systemd, privileged, create_netns, open_stdin, is_infra, image_hosts;
    json_t *labels, *networks, *ordered_networks, *exposed_ports, *health, *host, *secrets;
    json_t *overlay_volumes, *image_volumes, *id_mappings;
    GPtrArray *ports;   /* PortConfig */
    GPtrArray *volumes; /* NamedVolume */
} ConfigDump;

typedef struct NamedVolume {
    char *name, *destination;
    char **options;
} NamedVolume;

#define FIELD(Type, key, member, kind) \
    { \
        key, JSON_FIELD_##kind, offsetof(Type, member), NULL \
    }
#define PORT(member, kind)        FIELD(PortConfig, #member, member, kind)
#define VOLUME(key, member, kind) FIELD(NamedVolume, key, member, kind)
#define KEY(key, member, kind)    FIELD(ConfigDump, key, member, kind)

static const JsonField port_fields[] = {
    PORT(host_ip, STRING), PORT(container_port, INT), PORT(host_port, INT),
    PORT(range, INT),      PORT(protocol, STRING),
};
static const JsonStruct port_type = { sizeof(PortConfig), port_fields, G_N_ELEMENTS(port_fields) };

static const JsonField volume_fields[] = {
    VOLUME("volumeName", name, STRING),
    VOLUME("dest", destination, STRING),
    VOLUME("options", options, STRV),
};
static const JsonStruct volume_type = { sizeof(NamedVolume), volume_fields,
                                        G_N_ELEMENTS(volume_fields) };

static const JsonField dump_fields[] = {
    KEY("id", id, STRING),
    KEY("name", name, STRING),
    KEY("pod", pod, STRING),
    KEY("rootfs", rootfs, STRING),
    KEY("rootfsImageID", image_id, STRING),
    KEY("rootfsImageName", image_name, STRING),
    KEY("runtime", runtime, STRING),
    KEY("networkMode", network_mode, STRING),
    KEY("user", user, STRING),
    KEY("logDriver", log_driver, STRING),
    KEY("logTag", log_tag, STRING),
    KEY("logSize", log_size, INT64),
    KEY("timeout", timeout, INT64),
    KEY("restart_policy", restart_policy, STRING),
    KEY("mountNsCtr", mount_container, STRING),
    KEY("userNsCtr", user_container, STRING),
    KEY("cgroupNsCtr", cgroup_container, STRING),
    KEY("cgroupParent", cgroup_parent, STRING),
    KEY("cgroupsMode", cgroups_mode, STRING),
    KEY("systemd", systemd, BOOL),
    KEY("ipcNsCtr", ipc_container, STRING),
    KEY("netNsCtr", network_container, STRING),
    KEY("pidNsCtr", pid_container, STRING),
    KEY("utsNsCtr", uts_container, STRING),
    KEY("timezone", timezone, STRING),
    KEY("CreateCommand", create_command, STRV),
    KEY("Dependencies", dependencies, STRV),
    KEY("command", command, STRV),
    KEY("entrypoint", entrypoint, STRV),
    KEY("groups", groups, STRV),
    KEY("dnsServer", dns, STRV),
    KEY("dnsSearch", dns_search, STRV),
    KEY("dnsOption", dns_options, STRV),
    KEY("hostsAdd", add_hosts, STRV),
    KEY("shmSize", shm_size, INT64),
    KEY("stopSignal", stop_signal, INT64),
    KEY("stopTimeout", stop_timeout, INT64),
    KEY("restart_retries", restart_retries, INT64),
    KEY("healthcheck_on_failure_action", health_action, INT64),
    KEY("privileged", privileged, BOOL),
    KEY("createNetNS", create_netns, BOOL),
    KEY("stdin", open_stdin, BOOL),
    KEY("UseImageHosts", image_hosts, BOOL),
    KEY("pause", is_infra, BOOL),
    KEY("labels", labels, VALUE),
    KEY("newNetworks", networks, VALUE),
    KEY("orderedNetworks", ordered_networks, VALUE),
    KEY("exposedPorts", exposed_ports, VALUE),
    KEY("healthcheck", health, VALUE),
    KEY("floe", host, VALUE),
    KEY("secrets", secrets, VALUE),
    KEY("overlayVolumes", overlay_volumes, VALUE),
    KEY("ctrImageVolumes", image_volumes, VALUE),
    KEY("idMappingsOptions", id_mappings, VALUE),
    { "newPortMappings", JSON_FIELD_ARRAY, offsetof(ConfigDump, ports), &port_type },
    { "namedVolumes", JSON_FIELD_ARRAY, offsetof(ConfigDump, volumes), &volume_type },
};
static const JsonStruct dump_type = { sizeof(ConfigDump), dump_fields, G_N_ELEMENTS(dump_fields) };

static void config_dump_clear(ConfigDump *dump)
{
    json_struct_clear(&dump_type, dump);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ConfigDump, config_dump_clear)

static const JsonField host_fields[] = {
    FIELD(ArchiveHost, "arch", arch, STRING),
    FIELD(ArchiveHost, "kernel", kernel, STRING),
    FIELD(ArchiveHost, "cpu_flags", cpu_flags, STRV),
    FIELD(ArchiveHost, "criu_version", criu_version, INT),
    FIELD(ArchiveHost, "runtime", runtime, STRING),
    FIELD(ArchiveHost, "cgroups", cgroups, STRING),
};
static const JsonStruct host_type = { sizeof(ArchiveHost), host_fields, G_N_ELEMENTS(host_fields) };

void archive_config_clear(ArchiveConfig *config)
{
    container_record_free(config->record);
    g_free(config->pod);
    g_free(config->sandbox);
    g_strfreev(config->dependencies);
    json_struct_clear(&host_type, &config->host);
    g_strfreev(config->hooks);
    g_strfreev(config->not_taken);
    g_free(config->pulled_image);
    *config = (ArchiveConfig){ 0 };
}

/* --- who it is -------------------------------------------------------------------------------- */

static bool is_there(const char *text)
{
    return text != NULL && *text != '\0';
}

static bool is_missing(const char *key, GError **error)
{
    return err_set(error, FLOE_ERROR_INVALID, "key '%s' is missing", key);
}

static bool id_check(const char *key, const char *id, GError **error)
{
    if (!is_there(id))
        return is_missing(key, error);
    return id_is_valid(id) || err_set(error, FLOE_ERROR_INVALID,
                                      "key '%s': it is not an id of 64 hexadecimal digits", key);
}

static bool read_identity(const ConfigDump *dump, ArchiveConfig *config, GError **error)
{
    ContainerRecord *record = config->record;

    if (!id_check("id", dump->id, error) ||
        (is_there(dump->pod) && !id_check("pod", dump->pod, error)))
        return false;
    if (!is_there(dump->name))
        return is_missing("name", error);
    if (strlen(dump->name) > NAME_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "key 'name': it is too long");
    if (!container_name_check(dump->name, error))
        return err_prefix(error, "key 'name'");
    record->id = g_strdup(dump->id);
    record->name = g_strdup(dump->name);
    record->config.created_unix_ns = clock_unix_ns();
    record->config.create_command = g_strdupv(dump->create_command);
    config->pod = is_there(dump->pod) ? g_strdup(dump->pod) : NULL;
    config->dependencies = dump->dependencies != NULL ? g_strdupv(dump->dependencies)
                                                      : g_new0(char *, 1);
    return true;
}

static bool read_image(const ConfigDump *dump, ContainerConfig *config, GError **error)
{
    if (is_there(dump->rootfs))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "its root is the directory '%s' and not an image, which floe does not support",
                       dump->rootfs);
    if (!id_check("rootfsImageID", dump->image_id, error))
        return false;
    if (!is_there(dump->image_name))
        return is_missing("rootfsImageName", error);
    config->image_id = g_strdup(dump->image_id);
    config->image_name = g_strdup(dump->image_name);
    return true;
}

/* A name or a path; which program it is here is not the archive's to say. */
static bool read_runtime(const ConfigDump *dump, ContainerConfig *config, GError **error)
{
    if (!is_there(dump->runtime))
        return is_missing("runtime", error);
    config->runtime = g_path_get_basename(dump->runtime);
    return true;
}

static bool refuse_foreign(const ConfigDump *dump, GError **error)
{
    const struct {
        const json_t *list;
        const char *what;
    } foreign[] = {
        { dump->secrets, "secrets" },
        { dump->overlay_volumes, "overlay volumes" },
        { dump->image_volumes, "volumes that are images" },
        { json_object_get(dump->id_mappings, "UIDMap"), "a user namespace" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(foreign); i++) {
        if (json_array_size(foreign[i].list) > 0)
            return err_set(error, FLOE_ERROR_UNSUPPORTED, "it has %s, which floe does not support",
                           foreign[i].what);
    }
    if (is_there(dump->user_container) || is_there(dump->mount_container))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "it shares the user or mount namespace of another container, which floe does "
                       "not support");
    return !dump->is_infra ||
           err_set(error, FLOE_ERROR_UNSUPPORTED,
                   "it is the infra container of a pod, which cannot be restored alone");
}

/* --- namespaces and network ------------------------------------------------------------------- */

/* "private", "host" or "container", with whose. */
static bool read_namespace(SpecNamespace kind, const char *type, const char *container,
                           char **ret_mode, char **ret_container, GError **error)
{
    if (is_there(container)) {
        *ret_mode = g_strdup("container");
        *ret_container = g_strdup(container);
        return id_check("...NsCtr", container, error);
    }
    if (kind == SPEC_NAMESPACE_PATH)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "its %s namespace is one that it was given by a path", type);
    *ret_mode = g_strdup(kind == SPEC_NAMESPACE_HOST ? "host" : "private");
    return true;
}

/*
 * Whether the parent fits this host's manager is for who imports it: in a pod it is the pod's. A mode that
 * is not possible here is none.
 */
static bool read_cgroup(const ConfigDump *dump, SpecNamespace namespace, ContainerConfig *config,
                        GError **error)
{
    /* What its processes have is in CRIU's images, whatever is usual here. */
    config->cgroup_ns_mode = g_strdup(namespace == SPEC_NAMESPACE_HOST ? "host" : "private");
    if (!is_there(dump->pod) && is_there(dump->cgroup_parent))
        config->cgroup_parent = g_strdup(dump->cgroup_parent);
    config->systemd = dump->systemd;
    cgroups_mode_check(dump->cgroups_mode, &config->cgroups_mode, NULL);
    if (!is_there(dump->cgroup_container))
        return true;
    config->cgroup_container = g_strdup(dump->cgroup_container);
    return id_check("cgroupNsCtr", dump->cgroup_container, error);
}

static bool read_network_mode(const ConfigDump *dump, SpecNamespace kind, ContainerConfig *config,
                              GError **error)
{
    if (is_there(dump->network_container)) {
        config->network_mode = g_strdup("container");
        config->network_container = g_strdup(dump->network_container);
        return id_check("netNsCtr", dump->network_container, error);
    }
    if (g_strcmp0(dump->network_mode, "none") == 0)
        config->network_mode = g_strdup("none");
    else if (dump->create_netns)
        config->network_mode = g_strdup("bridge");
    else if (kind == SPEC_NAMESPACE_PATH && dump->host == NULL)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "its network namespace is one that it was given by a path");
    else /* floe makes the one of a container without a network itself, too */
        config->network_mode = g_strdup(kind == SPEC_NAMESPACE_HOST ? "host" : "none");
    return true;
}

static bool interface_check(const char *name, GError **error)
{
    bool is_good = strlen(name) <= INTERFACE_NAME_MAX && g_ascii_isalnum(name[0]);

    for (const char *c = name; is_good && *c != '\0'; c++)
        is_good = g_ascii_isalnum(*c) || strchr("._-", *c) != NULL;
    return is_good ||
           err_set(error, FLOE_ERROR_INVALID, "key 'interface_name': it is no interface's name");
}

/* Of each family the first address, which is what floe can ask for. */
static bool read_static_ips(const json_t *options, NetworkConfig *network, GPtrArray *not_taken,
                            GError **error)
{
    g_auto(GStrv) ips = NULL;

    if (!json_get_strv(options, "static_ips", &ips, error))
        return false;
    for (size_t i = 0; ips != NULL && ips[i] != NULL; i++) {
        char **target = strchr(ips[i], ':') != NULL ? &network->static_ip6 : &network->static_ip;

        if (!g_hostname_is_ip_address(ips[i]))
            return err_set(error, FLOE_ERROR_INVALID, "key 'static_ips': item %zu is no address", i);
        if (*target == NULL)
            *target = g_strdup(ips[i]);
        else
            g_ptr_array_add(not_taken, g_strdup_printf("the address %s", ips[i]));
    }
    return true;
}

static bool add_network(const char *name, const json_t *options, ContainerConfig *config,
                        GPtrArray *not_taken, GError **error)
{
    NetworkConfig *network = g_new0(NetworkConfig, 1);
    const char *interface = NULL, *mac = NULL;

    g_ptr_array_add(config->networks, network);
    if (!is_there(name) || !container_name_check(name, NULL))
        return err_set(error, FLOE_ERROR_INVALID, "a network has no proper name");
    if (!json_is_object(options))
        return err_set(error, FLOE_ERROR_INVALID, "network '%s': it is not an object", name);
    if (!json_get_string(options, "interface_name", &interface, error) ||
        !json_get_string(options, "static_mac", &mac, error) ||
        !json_get_strv(options, "aliases", &network->aliases, error) ||
        !read_static_ips(options, network, not_taken, error))
        return err_prefix(error, "network '%s'", name);
    if (!is_there(interface))
        interface = DEFAULT_INTERFACE;
    if (!interface_check(interface, error))
        return err_prefix(error, "network '%s'", name);
    if (is_there(mac) && !mac_is_valid(mac))
        return err_set(error, FLOE_ERROR_INVALID, "network '%s': key 'static_mac': it is no MAC",
                       name);
    network->name = g_strdup(name);
    network->interface_name = g_strdup(interface);
    network->static_mac = is_there(mac) ? g_strdup(mac) : NULL;
    return true;
}

/* The new list before the old map; one of them is enough. */
static bool read_networks(const ConfigDump *dump, ContainerConfig *config, GPtrArray *not_taken,
                          GError **error)
{
    const char *name;
    json_t *item;
    size_t i;

    if (!g_str_equal(config->network_mode, "bridge"))
        return true;
    config->networks = g_ptr_array_new();
    if (dump->ordered_networks != NULL && !json_is_array(dump->ordered_networks) &&
        !json_is_null(dump->ordered_networks))
        return err_set(error, FLOE_ERROR_INVALID, "key 'orderedNetworks': must be an array");
    if (dump->networks != NULL && !json_is_object(dump->networks) && !json_is_null(dump->networks))
        return err_set(error, FLOE_ERROR_INVALID, "key 'newNetworks': must be an object");
    json_array_foreach(dump->ordered_networks, i, item) {
        name = NULL;
        if (!json_is_object(item))
            return err_set(error, FLOE_ERROR_INVALID,
                           "key 'orderedNetworks': item %zu is not an object", i);
        if (!json_get_string(item, "name", &name, error) ||
            !add_network(name, item, config, not_taken, error))
            return err_prefix(error, "key 'orderedNetworks'");
    }
    if (config->networks->len > 0)
        return true;
    json_object_foreach(dump->networks, name, item) {
        if (!add_network(name, item, config, not_taken, error))
            return err_prefix(error, "key 'newNetworks'");
    }
    return config->networks->len > 0 || err_set(error, FLOE_ERROR_INVALID,
                                                "keys 'newNetworks', 'orderedNetworks': it has a "
                                                "network of its own, and none is named");
}

static bool port_check(const PortConfig *port, GError **error)
{
    static const char *const protocols[] = { "tcp", "udp", "sctp", NULL };

    if (!is_there(port->protocol) || !g_strv_contains(protocols, port->protocol))
        return err_set(error, FLOE_ERROR_INVALID, "key 'protocol': must be tcp, udp or sctp");
    if (is_there(port->host_ip) && !g_hostname_is_ip_address(port->host_ip))
        return err_set(error, FLOE_ERROR_INVALID, "key 'host_ip': it is no address");
    if (port->range < 1 || port->container_port < 1 || port->host_port < 1 ||
        port->container_port > UINT16_MAX || port->host_port > UINT16_MAX ||
        port->range > UINT16_MAX - MAX(port->container_port, port->host_port) + 1)
        return err_set(error, FLOE_ERROR_INVALID, "a port is out of range");
    return true;
}

static bool take_ports(ConfigDump *dump, ContainerConfig *config, GError **error)
{
    for (guint i = 0; dump->ports != NULL && i < dump->ports->len; i++) {
        PortConfig *port = g_ptr_array_index(dump->ports, i);

        /* libpod leaves out a range of one. */
        port->range = port->range == 0 ? 1 : port->range;
        if (!port_check(port, error))
            return err_prefix(error, "key 'newPortMappings': item %u", i);
    }
    config->ports = g_steal_pointer(&dump->ports);
    return true;
}

/* {"80": ["tcp"]} */
static bool read_exposed_ports(const ConfigDump *dump, ContainerConfig *config, GError **error)
{
    g_autoptr(GStrvBuilder) ports = g_strv_builder_new();
    const char *port;
    json_t *protocols;

    json_object_foreach(dump->exposed_ports, port, protocols) {
        g_auto(GStrv) names = NULL;

        if (!json_get_strv(dump->exposed_ports, port, &names, error))
            return err_prefix(error, "key 'exposedPorts'");
        for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
            g_autofree char *text = g_strdup_printf("%s/%s", port, names[i]);

            g_strv_builder_add(ports, text);
        }
    }
    config->exposed_ports = g_strv_builder_end(ports);
    return true;
}

static bool read_network(ConfigDump *dump, const SpecNamespaces *namespaces,
                         ContainerConfig *config, GPtrArray *not_taken, GError **error)
{
    for (size_t i = 0; dump->dns != NULL && dump->dns[i] != NULL; i++) {
        if (!g_hostname_is_ip_address(dump->dns[i]))
            return err_set(error, FLOE_ERROR_INVALID, "key 'dnsServer': item %zu is no address", i);
    }
    config->dns = g_strdupv(dump->dns);
    config->dns_search = g_strdupv(dump->dns_search);
    config->dns_options = g_strdupv(dump->dns_options);
    config->add_hosts = g_strdupv(dump->add_hosts);
    return read_network_mode(dump, namespaces->network, config, error) &&
           read_networks(dump, config, not_taken, error) && take_ports(dump, config, error) &&
           read_exposed_ports(dump, config, error) &&
           read_namespace(namespaces->pid, "pid", dump->pid_container, &config->pid_mode,
                          &config->pid_container, error) &&
           read_namespace(namespaces->ipc, "ipc", dump->ipc_container, &config->ipc_mode,
                          &config->ipc_container, error) &&
           read_cgroup(dump, namespaces->cgroup, config, error) &&
           read_namespace(namespaces->uts, "uts", dump->uts_container, &config->uts_mode,
                          &config->uts_container, error);
}

/* --- the rest --------------------------------------------------------------------------------- */

static bool read_volumes(const ConfigDump *dump, ContainerConfig *config, GError **error)
{
    config->mounts = g_ptr_array_new();
    for (guint i = 0; dump->volumes != NULL && i < dump->volumes->len; i++) {
        const NamedVolume *volume = g_ptr_array_index(dump->volumes, i);
        MountConfig *mount = NULL;

        /* The name becomes a directory's. */
        if (!is_there(volume->name) || !container_name_check(volume->name, NULL))
            return err_set(error, FLOE_ERROR_INVALID,
                           "key 'namedVolumes': item %u has no proper name", i);
        if (!is_there(volume->destination) ||
            !mount_config_take("volume", volume->name, volume->destination,
                               (const char *const *)volume->options, &mount, error))
            return err_prefix(error, "key 'namedVolumes': item %u", i);
        g_ptr_array_add(config->mounts, mount);
    }
    return true;
}

/* podman/libpod/define/healthchecks.go: HealthCheckOnFailureAction */
static bool read_health(const ConfigDump *dump, ContainerConfig *config, GError **error)
{
    static const char *const actions[] = { NULL, NULL, "kill", "restart", "stop" };

    if (dump->health_action < 0 || (size_t)dump->health_action >= G_N_ELEMENTS(actions))
        return err_set(error, FLOE_ERROR_INVALID,
                       "key 'healthcheck_on_failure_action': %" G_GINT64_FORMAT " is out of range",
                       dump->health_action);
    return health_check_take(dump->health, actions[dump->health_action], config, error);
}

static bool read_end(const ConfigDump *dump, ContainerConfig *config, GError **error)
{
    const char *policy = is_there(dump->restart_policy) ? dump->restart_policy : "no";

    if (dump->stop_signal < 0 || dump->stop_signal > SIGNAL_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "key 'stopSignal': it is no signal");
    if (dump->stop_timeout < 0 || dump->stop_timeout > STOP_TIMEOUT_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "key 'stopTimeout': it is out of range");
    if (!restart_policy_is_known(policy) || dump->restart_retries < 0 ||
        dump->restart_retries > INT32_MAX)
        return err_set(error, FLOE_ERROR_INVALID,
                       "keys 'restart_policy', 'restart_retries': there "
                       "is no such policy");
    if (dump->timeout < 0 || dump->timeout > UINT32_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "key 'timeout': it is out of range");
    config->timeout_s = dump->timeout;
    config->stop_signal = dump->stop_signal != 0 ? (int)dump->stop_signal : SIGTERM;
    config->stop_timeout_s = (int)dump->stop_timeout;
    config->restart_policy = g_strdup(policy);
    config->restart_retries = (int)dump->restart_retries;
    return true;
}

static bool read_labels(const ConfigDump *dump, ContainerConfig *config, GError **error)
{
    const char *name;
    json_t *value;

    if (dump->labels != NULL && !json_is_object(dump->labels) && !json_is_null(dump->labels))
        return err_set(error, FLOE_ERROR_INVALID, "key 'labels': must be an object");
    config->labels = json_object();
    json_object_foreach(dump->labels, name, value) {
        if (!json_is_string(value))
            return err_set(error, FLOE_ERROR_INVALID, "key 'labels': '%s' is not a string", name);
        json_object_set(config->labels, name, value);
    }
    return true;
}

/* What this host lacks, or what belongs to who started it there, is not taken. */
static void take_log_driver(const char *driver, ContainerConfig *config, GPtrArray *not_taken)
{
    if (!g_str_has_prefix(driver, LOG_DRIVER_PASSTHROUGH) && log_driver_apply(driver, config, NULL))
        return;
    g_free(config->log_driver);
    config->log_driver = g_strdup(LOG_DRIVER_FILE);
    if (g_str_equal(driver, LOG_DRIVER_JOURNALD) || g_str_has_prefix(driver, LOG_DRIVER_PASSTHROUGH))
        g_ptr_array_add(not_taken, g_strdup_printf("the log driver %s (k8s-file instead)", driver));
}

static bool read_rest(const ConfigDump *dump, ContainerConfig *config, GPtrArray *not_taken,
                      GError **error)
{
    const char *driver = is_there(dump->log_driver) ? dump->log_driver : "k8s-file";

    if (dump->shm_size < 0)
        return err_set(error, FLOE_ERROR_INVALID, "key 'shmSize': it is out of range");
    config->shm_size_bytes = dump->shm_size > 0 ? dump->shm_size : DEFAULT_SHM_SIZE;
    config->privileged = dump->privileged;
    config->open_stdin = dump->open_stdin;
    config->user = g_strdup(is_there(dump->user) ? dump->user : NULL);
    config->command = g_strdupv(dump->command);
    config->entrypoint = g_strdupv(dump->entrypoint);
    take_log_driver(driver, config, not_taken);
    if (log_driver_is(config, LOG_DRIVER_FILE) && dump->log_size > 0)
        config->log_max_bytes = dump->log_size;
    if (log_driver_is(config, LOG_DRIVER_JOURNALD) && is_there(dump->log_tag))
        config->log_tag = g_strdup(dump->log_tag);
    config->group_add = g_strdupv(dump->groups);
    config->no_hosts = dump->image_hosts;
    if (is_there(dump->timezone) && !timezone_check(dump->timezone, error))
        return err_prefix(error, "key 'timezone'");
    config->timezone = g_strdup(is_there(dump->timezone) ? dump->timezone : NULL);
    return read_volumes(dump, config, error) && read_health(dump, config, error) &&
           read_end(dump, config, error) && read_labels(dump, config, error);
}

/* {"host": {...}, ...} */
static bool read_host(const ConfigDump *dump, ArchiveConfig *config, GError **error)
{
    json_t *host = NULL;

    if (dump->host == NULL || json_is_null(dump->host))
        return true;
    return (json_get_object(dump->host, "host", &host, error) &&
            (host == NULL || json_to_struct(&host_type, host, &config->host, error))) ||
           err_prefix(error, "key 'floe'");
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool read_config(ConfigDump *dump, const SpecNamespaces *namespaces, ArchiveConfig *config,
                        GPtrArray *not_taken, GError **error)
{
    ContainerConfig *container = &config->record->config;

    return read_identity(dump, config, error) && refuse_foreign(dump, error) &&
           read_image(dump, container, error) && read_runtime(dump, container, error) &&
           read_network(dump, namespaces, container, not_taken, error) &&
           read_rest(dump, container, not_taken, error) && read_host(dump, config, error);
}

bool archive_config_read(const ArchiveDocuments *documents, ArchiveConfig *ret_config,
                         GError **error)
{
    g_autoptr(GPtrArray) not_taken = g_ptr_array_new_with_free_func(g_free);
    g_auto(ArchiveConfig) config = { .record = container_record_new() };
    g_auto(ConfigDump) dump = { 0 };
    SpecNamespaces namespaces = { 0 };
    g_autoptr(JsonValue) document = NULL;
    g_autoptr(JsonValue) spec = NULL;

    if (!spec_from_text(documents->config, documents->config_length, ARCHIVE_CONFIG, &document,
                        error) ||
        !spec_from_text(documents->spec, documents->spec_length, ARCHIVE_SPEC, &spec, error))
        return false;
    if (!archive_spec_namespaces(spec, &namespaces, error))
        return err_prefix(error, ARCHIVE_SPEC);
    if (!json_to_struct(&dump_type, document, &dump, error) ||
        !read_config(&dump, &namespaces, &config, not_taken, error))
        return err_prefix(error, ARCHIVE_CONFIG);
    if (!archive_spec_read(spec, &config, not_taken, error))
        return err_prefix(error, ARCHIVE_SPEC);
    if (config.record->config.hostname == NULL)
        config.record->config.hostname = g_strndup(config.record->id, 12);
    config.record->status.state = FLOE_STATE_CONFIGURED;
    g_ptr_array_add(not_taken, NULL);
    config.not_taken = (char **)g_ptr_array_free(g_steal_pointer(&not_taken), FALSE);
    *ret_config = config;
    config = (ArchiveConfig){ 0 };
    return true;
}
