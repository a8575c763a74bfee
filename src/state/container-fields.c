/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of a container's configuration and status: the one list of each. What is missing here
 * is not stored; a test looks for members that no field covers.
 */
#include "state/container-fields.h"

#include "state/container-record.h"

static const JsonField mount_fields[] = {
    JSON_FIELD(MountConfig, type, STRING),        JSON_FIELD(MountConfig, source, STRING),
    JSON_FIELD(MountConfig, destination, STRING), JSON_FIELD(MountConfig, options, STRV),
    JSON_FIELD(MountConfig, is_anonymous, BOOL),  JSON_FIELD(MountConfig, volume_options, VALUE),
};
static const JsonStruct mount_type = { sizeof(MountConfig), mount_fields,
                                       G_N_ELEMENTS(mount_fields) };

static const JsonField port_fields[] = {
    JSON_FIELD(PortConfig, host_ip, STRING),  JSON_FIELD(PortConfig, container_port, INT),
    JSON_FIELD(PortConfig, host_port, INT),   JSON_FIELD(PortConfig, range, INT),
    JSON_FIELD(PortConfig, protocol, STRING),
};
static const JsonStruct port_type = { sizeof(PortConfig), port_fields, G_N_ELEMENTS(port_fields) };

static const JsonField network_config_list[] = {
    JSON_FIELD(NetworkConfig, name, STRING),
    JSON_FIELD(NetworkConfig, interface_name, STRING),
    JSON_FIELD(NetworkConfig, static_ip, STRING),
    JSON_FIELD(NetworkConfig, static_ip6, STRING),
    JSON_FIELD(NetworkConfig, static_mac, STRING),
    JSON_FIELD(NetworkConfig, aliases, STRV),
};
const JsonStruct network_config_fields = { sizeof(NetworkConfig), network_config_list,
                                           G_N_ELEMENTS(network_config_list) };

static const JsonField network_status_list[] = {
    JSON_FIELD(NetworkStatus, network, STRING), JSON_FIELD(NetworkStatus, interface_name, STRING),
    JSON_FIELD(NetworkStatus, addresses, STRV), JSON_FIELD(NetworkStatus, gateways, STRV),
    JSON_FIELD(NetworkStatus, mac, STRING),     JSON_FIELD(NetworkStatus, dns_servers, STRV),
    JSON_FIELD(NetworkStatus, request, VALUE),  JSON_FIELD(NetworkStatus, is_up, BOOL),
};
const JsonStruct network_status_fields = { sizeof(NetworkStatus), network_status_list,
                                           G_N_ELEMENTS(network_status_list) };

static const JsonField ulimit_fields[] = {
    JSON_FIELD(UlimitConfig, name, STRING),
    JSON_FIELD(UlimitConfig, soft, INT64),
    JSON_FIELD(UlimitConfig, hard, INT64),
};
static const JsonStruct ulimit_type = { sizeof(UlimitConfig), ulimit_fields,
                                        G_N_ELEMENTS(ulimit_fields) };

static const JsonField device_fields[] = {
    JSON_FIELD(DeviceConfig, source, STRING),
    JSON_FIELD(DeviceConfig, destination, STRING),
    JSON_FIELD(DeviceConfig, access, STRING),
};
static const JsonStruct device_type = { sizeof(DeviceConfig), device_fields,
                                        G_N_ELEMENTS(device_fields) };

static const JsonField secret_fields[] = {
    JSON_FIELD(SecretConfig, name, STRING),        JSON_FIELD(SecretConfig, id, STRING),
    JSON_FIELD(SecretConfig, destination, STRING), JSON_FIELD(SecretConfig, variable, STRING),
    JSON_FIELD(SecretConfig, uid, INT64),          JSON_FIELD(SecretConfig, gid, INT64),
    JSON_FIELD(SecretConfig, mode, INT64),
};
static const JsonStruct secret_type = { sizeof(SecretConfig), secret_fields,
                                        G_N_ELEMENTS(secret_fields) };

static const JsonField throttle_fields[] = {
    JSON_FIELD(ThrottleConfig, kind, STRING),
    JSON_FIELD(ThrottleConfig, path, STRING),
    JSON_FIELD(ThrottleConfig, rate, INT64),
};
static const JsonStruct throttle_type = { sizeof(ThrottleConfig), throttle_fields,
                                          G_N_ELEMENTS(throttle_fields) };

#define CONFIG(member, kind) JSON_FIELD(ContainerConfig, member, kind)

static const JsonField config_fields[] = {
    CONFIG(pod_id, STRING),
    CONFIG(is_infra, BOOL),
    CONFIG(image_id, STRING),
    CONFIG(image_name, STRING),
    CONFIG(rootfs, STRING),
    CONFIG(rootfs_overlay, BOOL),
    CONFIG(storage_driver, STRING),
    CONFIG(created_unix_ns, INT64),
    CONFIG(create_command, STRV),
    CONFIG(argv, STRV),
    CONFIG(entrypoint, STRV),
    CONFIG(command, STRV),
    CONFIG(env, STRV),
    CONFIG(workdir, STRING),
    CONFIG(user, STRING),
    CONFIG(group_add, STRV),
    CONFIG(umask, STRING),
    CONFIG(timezone, STRING),
    CONFIG(oom_score_adj, INT),
    CONFIG(hostname, STRING),
    CONFIG(labels, VALUE),
    CONFIG(annotations, VALUE),
    JSON_FIELD_OF(ContainerConfig, mounts, &mount_type),
    JSON_FIELD_OF(ContainerConfig, secrets, &secret_type),
    CONFIG(read_only, BOOL),
    CONFIG(shm_size_bytes, INT64),
    CONFIG(network_mode, STRING),
    CONFIG(network_container, STRING),
    CONFIG(network_path, STRING),
    JSON_FIELD_OF(ContainerConfig, networks, &network_config_fields),
    JSON_FIELD_OF(ContainerConfig, ports, &port_type),
    CONFIG(exposed_ports, STRV),
    CONFIG(dns, STRV),
    CONFIG(dns_search, STRV),
    CONFIG(dns_options, STRV),
    CONFIG(add_hosts, STRV),
    CONFIG(no_hosts, BOOL),
    CONFIG(pid_mode, STRING),
    CONFIG(pid_container, STRING),
    CONFIG(ipc_mode, STRING),
    CONFIG(ipc_container, STRING),
    CONFIG(uts_mode, STRING),
    CONFIG(uts_container, STRING),
    CONFIG(cgroup_ns_mode, STRING),
    CONFIG(cgroup_container, STRING),
    CONFIG(cgroup_manager, STRING),
    CONFIG(cgroup_parent, STRING),
    CONFIG(cgroups_mode, STRING),
    CONFIG(systemd, BOOL),
    CONFIG(required, STRV),
    CONFIG(privileged, BOOL),
    CONFIG(cap_add, STRV),
    CONFIG(cap_drop, STRV),
    CONFIG(capabilities, STRV),
    CONFIG(added_capabilities, STRV),
    CONFIG(seccomp_profile, STRING),
    CONFIG(no_new_privileges, BOOL),
    CONFIG(security_opts, STRV),
    CONFIG(mask, STRV),
    CONFIG(unmask, STRV),
    JSON_FIELD_OF(ContainerConfig, ulimits, &ulimit_type),
    CONFIG(sysctls, VALUE),
    JSON_FIELD_OF(ContainerConfig, devices, &device_type),
    CONFIG(device_rules, STRV),
    CONFIG(memory_bytes, INT64),
    CONFIG(nano_cpus, INT64),
    CONFIG(cpu_shares, UINT64),
    CONFIG(pids_limit, INT64),
    CONFIG(memory_swap_bytes, INT64),
    CONFIG(memory_reservation_bytes, INT64),
    CONFIG(cpu_period_us, INT64),
    CONFIG(cpu_quota_us, INT64),
    CONFIG(cpuset_cpus, STRING),
    CONFIG(cpuset_mems, STRING),
    CONFIG(blkio_weight, INT),
    CONFIG(oom_kill_disable, BOOL),
    CONFIG(has_memory_swappiness, BOOL),
    CONFIG(memory_swappiness, INT),
    CONFIG(cgroup_conf, VALUE),
    JSON_FIELD_OF(ContainerConfig, throttles, &throttle_type),
    CONFIG(stop_signal, INT),
    CONFIG(stop_timeout_s, INT),
    CONFIG(timeout_s, INT64),
    CONFIG(pid_file, STRING),
    CONFIG(conmon_pid_file, STRING),
    CONFIG(init, BOOL),
    CONFIG(init_path, STRING),
    CONFIG(open_stdin, BOOL),
    CONFIG(tty, BOOL),
    CONFIG(auto_remove, BOOL),
    CONFIG(restart_policy, STRING),
    CONFIG(restart_retries, INT),
    CONFIG(health_test, STRV),
    CONFIG(health_interval_ns, INT64),
    CONFIG(health_timeout_ns, INT64),
    CONFIG(health_start_period_ns, INT64),
    CONFIG(health_retries, INT),
    CONFIG(health_startup_test, STRV),
    CONFIG(health_startup_interval_ns, INT64),
    CONFIG(health_startup_timeout_ns, INT64),
    CONFIG(health_startup_retries, INT),
    CONFIG(health_startup_success, INT),
    CONFIG(health_on_failure, STRING),
    CONFIG(log_driver, STRING),
    CONFIG(log_path, STRING),
    CONFIG(log_max_bytes, INT64),
    CONFIG(log_tag, STRING),
    CONFIG(sdnotify, STRING),
    CONFIG(runtime, STRING),
};
const JsonStruct container_config_fields = { sizeof(ContainerConfig), config_fields,
                                             G_N_ELEMENTS(config_fields) };

#define STATUS(member, kind) JSON_FIELD(ContainerStatus, member, kind)

static const JsonField status_fields[] = {
    STATUS(exit_code, INT),
    STATUS(exited, BOOL),
    STATUS(oom_killed, BOOL),
    STATUS(stopped_by_user, BOOL),
    STATUS(started_unix_ns, INT64),
    STATUS(finished_unix_ns, INT64),
    STATUS(pid, INT),
    STATUS(conmon_pid, INT),
    STATUS(state_before_boot, INT),
    STATUS(config_revision, INT),
    STATUS(restart_count, INT),
    STATUS(quick_ends, INT),
    STATUS(restart_due_unix_ns, INT64),
    STATUS(restarting, BOOL),
    STATUS(health, STRING),
    STATUS(health_streak, INT),
    STATUS(health_started, BOOL),
    STATUS(health_startup_good, INT),
    STATUS(health_startup_bad, INT),
    STATUS(health_log, VALUE),
    STATUS(error, STRING),
    STATUS(intent, STRING),
    STATUS(split_cgroup, STRING),
    STATUS(mounted, BOOL),
    STATUS(mount_count, INT),
    STATUS(mount_holds, STRV),
    STATUS(has_notify, BOOL),
    STATUS(netns_path, STRING),
    JSON_FIELD_OF(ContainerStatus, networks, &network_status_fields),
    STATUS(checkpointed, BOOL),
    STATUS(checkpoint_tcp, BOOL),
    STATUS(checkpoint_locks, BOOL),
    STATUS(checkpoint_criu, INT),
    STATUS(restored, BOOL),
    STATUS(checkpointed_unix_ns, INT64),
    STATUS(restored_unix_ns, INT64),
    STATUS(checkpoint_log, STRING),
    STATUS(checkpoint_path, STRING),
    STATUS(restore_log, STRING),
    STATUS(export_aside, STRING),
};
const JsonStruct container_status_fields = { sizeof(ContainerStatus), status_fields,
                                             G_N_ELEMENTS(status_fields) };
