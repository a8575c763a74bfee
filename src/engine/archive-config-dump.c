/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-config-dump.h"

#include "base/digest.h"

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
    KEY("rootfs_overlay", rootfs_overlay, BOOL),
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
    KEY("startupHealthCheck", health_startup, VALUE),
    KEY("floe", host, VALUE),
    KEY("secrets", secrets, VALUE),
    KEY("secret_env", secret_env, VALUE),
    KEY("overlayVolumes", overlay_volumes, VALUE),
    KEY("ctrImageVolumes", image_volumes, VALUE),
    KEY("idMappingsOptions", id_mappings, VALUE),
    { "newPortMappings", JSON_FIELD_ARRAY, offsetof(ConfigDump, ports), &port_type },
    { "namedVolumes", JSON_FIELD_ARRAY, offsetof(ConfigDump, volumes), &volume_type },
};
const JsonStruct config_dump_type = { sizeof(ConfigDump), dump_fields, G_N_ELEMENTS(dump_fields) };

void config_dump_clear(ConfigDump *dump)
{
    json_struct_clear(&config_dump_type, dump);
}

bool dump_key_missing(const char *key, GError **error)
{
    return err_set(error, FLOE_ERROR_INVALID, "key '%s' is missing", key);
}

bool dump_id_check(const char *key, const char *id, GError **error)
{
    if (!is_given(id))
        return dump_key_missing(key, error);
    return id_is_valid(id) || err_set(error, FLOE_ERROR_INVALID,
                                      "key '%s': it is not an id of 64 hexadecimal digits", key);
}
