/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document config.dump as it is: libpod's ContainerConfig, the same keys since podman 3 but for the
 * networks (newNetworks, a map; orderedNetworks, a list, since podman 6). Keys that are not here
 * say what this host decides itself (paths, lock, cgroup manager ...).
 */
#pragma once

#include "base/json.h"
#include "state/container-record.h"

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
    bool rootfs_overlay, systemd, privileged, create_netns, open_stdin, is_infra, image_hosts;
    json_t *labels, *networks, *ordered_networks, *exposed_ports, *health, *health_startup, *host,
        *secrets, *secret_env;
    json_t *overlay_volumes, *image_volumes, *id_mappings;
    GPtrArray *ports;   /* PortConfig */
    GPtrArray *volumes; /* NamedVolume */
} ConfigDump;

typedef struct NamedVolume {
    char *name, *destination;
    char **options;
} NamedVolume;

extern const JsonStruct config_dump_type;

void config_dump_clear(ConfigDump *dump);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ConfigDump, config_dump_clear)

/* Is it neither missing nor empty? libpod writes either for what is not set. */
static inline bool is_given(const char *text)
{
    return text != NULL && *text != '\0';
}

/* INVALID, with the key. */
bool dump_key_missing(const char *key, GError **error);
bool dump_id_check(const char *key, const char *id, GError **error);
