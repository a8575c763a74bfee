/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/create-options.h"

#include "base/log.h"
#include "engine/container-limits.h"
#include "engine/create-mounts.h"
#include "engine/create-process.h"
#include "engine/device-options.h"
#include "engine/environment.h"
#include "engine/health-check.h"
#include "engine/log-source.h"
#include "engine/network-options.h"
#include "engine/restart-policy.h"
#include "engine/secret-options.h"
#include "engine/service.h"
#include "engine/signal-names.h"
#include "engine/ulimit-names.h"
#include "network/port-mapping.h"
#include "network/resolver-files.h"
#include "oci/capabilities.h"
#include "oci/cgroup.h"
#include "oci/spec-masks.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_SHM_SIZE       65536000
#define DEFAULT_PIDS_LIMIT     2048
#define SYSTEMD_HALT           "SIGRTMIN+3" /* systemd(1) */
#define DEFAULT_STOP_TIMEOUT_S 10

static bool apply_network(const CreateInput *input, ContainerConfig *config, GError **error);
static bool publish_exposed(const floe_create_options *options, ContainerConfig *config,
                            GError **error);
static bool apply_security(const floe_create_options *options, ContainerConfig *config,
                           GError **error);
static bool apply_limits(const floe_create_options *options, ContainerConfig *config,
                         GError **error);
static bool apply_devices(const CreateInput *input, ContainerConfig *config, GError **error);
static bool apply_end(const CreateInput *input, ContainerConfig *config, GError **error);
static bool apply_restart_policy(const floe_create_options *options, ContainerConfig *config,
                                 GError **error);
static bool namespace_mode(floe_engine *engine, const char *option, const char *mode,
                           char **ret_mode, char **ret_container, GError **error);
static bool apply_init(const floe_create_options *options, ContainerConfig *config, GError **error);
static bool apply_cgroup_namespace(const floe_create_options *options, ContainerConfig *config,
                                   GError **error);
static bool apply_required(const CreateInput *input, ContainerConfig *config, GError **error);
static bool apply_systemd(const floe_create_options *options, const char *container_id,
                          ContainerConfig *config, GError **error);

static char **copy(const char *const *strings)
{
    return g_strdupv((char **)strings);
}

bool create_options_apply(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const floe_create_options *options = input->options;

    config->create_command = copy(options->create_command);
    config->read_only = options->read_only;
    config->shm_size_bytes = options->shm_size_bytes > 0 ? options->shm_size_bytes
                                                         : DEFAULT_SHM_SIZE;
    config->open_stdin = options->open_stdin;
    config->tty = options->tty;
    config->auto_remove = options->auto_remove;
    return namespace_mode(input->engine, "pid", options->pid_mode, &config->pid_mode,
                          &config->pid_container, error) &&
           namespace_mode(input->engine, "ipc", options->ipc_mode, &config->ipc_mode,
                          &config->ipc_container, error) &&
           namespace_mode(input->engine, "uts", options->uts_mode, &config->uts_mode,
                          &config->uts_container, error) &&
           apply_init(options, config, error) && apply_cgroup_namespace(options, config, error) &&
           apply_required(input, config, error) && apply_network(input, config, error) &&
           create_process_apply(input, config, error) &&
           apply_systemd(options, input->container_id, config, error) &&
           publish_exposed(options, config, error) && create_mounts_apply(input, config, error) &&
           secret_options_apply(input, config, error) && apply_security(options, config, error) &&
           apply_limits(options, config, error) && apply_devices(input, config, error) &&
           apply_end(input, config, error) && apply_restart_policy(options, config, error) &&
           health_check_apply(input, config, error) &&
           log_driver_apply(options->log_driver, config, error) &&
           log_options_apply(options, config, error) &&
           service_notify_apply(options->sdnotify, config, error);
}

/* "private", "host" or "container:NAME", whose id is recorded. */
static bool namespace_mode(floe_engine *engine, const char *option, const char *mode,
                           char **ret_mode, char **ret_container, GError **error)
{
    if (mode == NULL || mode[0] == '\0' || g_str_equal(mode, "private") ||
        (g_str_equal(option, "ipc") && g_str_equal(mode, "shareable"))) {
        *ret_mode = g_strdup("private");
        return true;
    }
    if (g_str_equal(mode, "host")) {
        *ret_mode = g_strdup("host");
        return true;
    }
    if (!g_str_has_prefix(mode, "container:"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--%s '%s' must be private, host or container:NAME", option, mode);
    *ret_mode = g_strdup("container");
    if (!container_find(engine->db, mode + strlen("container:"), ret_container, error))
        return err_prefix(error, "--%s %s", option, mode);
    return true;
}

/* The init is of use only as process 1, which another namespace has already. */
static bool apply_init(const floe_create_options *options, ContainerConfig *config, GError **error)
{
    if (options->init && !g_str_equal(config->pid_mode, "private"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--init needs a PID namespace of the container's own (--pid %s)",
                       options->pid_mode);
    if (options->init_path != NULL && !g_path_is_absolute(options->init_path))
        return err_set(error, FLOE_ERROR_INVALID, "--init-path '%s' is not an absolute path",
                       options->init_path);
    config->init = options->init;
    config->init_path = g_strdup(options->init_path);
    return true;
}

static bool apply_cgroup_namespace(const floe_create_options *options, ContainerConfig *config,
                                   GError **error)
{
    const char *mode = options->cgroupns_mode;

    if (mode == NULL || *mode == '\0')
        return true;
    if (!g_str_equal(mode, "private") && !g_str_equal(mode, "host"))
        return err_set(error, FLOE_ERROR_INVALID, "--cgroupns '%s' is neither private nor host",
                       mode);
    config->cgroup_ns_mode = g_strdup(mode);
    return true;
}

/* As podman: pkg/specgen/generate/container_create.go. */
static bool is_systemd(const char *command)
{
    static const char *const paths[] = { "/sbin/init", "/usr/sbin/init", "/usr/local/sbin/init",
                                         NULL };
    g_autofree char *name = g_path_get_basename(command);

    return g_strv_contains(paths, command) || g_str_equal(name, "systemd");
}

/* systemd, docs/CONTAINER_INTERFACE.md; the mounts follow with the others. */
static bool apply_systemd(const floe_create_options *options, const char *container_id,
                          ContainerConfig *config, GError **error)
{
    const char *when = options->systemd != NULL && *options->systemd != '\0' ? options->systemd
                                                                             : "true";
    g_autofree char *uuid = g_strdup_printf("container_uuid=%.32s", container_id);

    if (!g_str_equal(when, "true") && !g_str_equal(when, "false") && !g_str_equal(when, "always"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--systemd '%s' is none of true, false and always", when);
    config->systemd = g_str_equal(when, "always") ||
                      (g_str_equal(when, "true") && config->argv != NULL &&
                       config->argv[0] != NULL && is_systemd(config->argv[0]) && !config->init);
    return !config->systemd || environment_set(&config->env, uuid, error);
}

static bool apply_required(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const char *const *names = input->options->required;
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new();

    for (; names != NULL && *names != NULL; names++) {
        g_autofree char *id = NULL;

        if (!container_find(input->engine->db, *names, &id, error))
            return err_prefix(error, "--requires %s", *names);
        g_strv_builder_add(ids, id);
    }
    config->required = g_strv_builder_end(ids);
    return true;
}

/* --- network -------------------------------------------------------------------------------- */

static bool add_port(const char *text, ContainerConfig *config, GError **error)
{
    g_autoptr(PortMapping) mapping = NULL;
    PortConfig *port;

    if (!port_mapping_parse(text, &mapping, error))
        return false;
    port = g_new0(PortConfig, 1);
    port->host_ip = g_steal_pointer(&mapping->host_ip);
    port->protocol = g_steal_pointer(&mapping->protocol);
    port->container_port = mapping->container_port;
    port->host_port = mapping->host_port;
    port->range = mapping->range;
    if (config->ports == NULL)
        config->ports = g_ptr_array_new();
    g_ptr_array_add(config->ports, port);
    return true;
}

static bool ports_check(const char *const *texts, GError **error)
{
    for (; *texts != NULL; texts++) {
        g_autoptr(PortMapping) mapping = NULL;

        if (!port_mapping_parse(*texts, &mapping, error))
            return false;
    }
    return true;
}

bool ports_publish(const char *const *texts, ContainerConfig *config, GError **error)
{
    if (texts == NULL || texts[0] == NULL)
        return true;
    if (!g_str_equal(config->network_mode, "bridge")) {
        if (!ports_check(texts, error))
            return false;
        log_warn("published ports are dropped: the container has no network of its own (%s)",
                 config->network_mode);
        return true;
    }
    for (size_t i = 0; texts[i] != NULL; i++) {
        if (!add_port(texts[i], config, error))
            return false;
    }
    return true;
}

static bool is_published(const ContainerConfig *config, int container_port, const char *protocol)
{
    for (guint i = 0; config->ports != NULL && i < config->ports->len; i++) {
        const PortConfig *port = g_ptr_array_index(config->ports, i);

        if (g_str_equal(port->protocol, protocol) && container_port >= port->container_port &&
            container_port < port->container_port + port->range)
            return true;
    }
    return false;
}

/* The exposed ports are "80/tcp" by now, one each. */
static bool publish_exposed(const floe_create_options *options, ContainerConfig *config,
                            GError **error)
{
    if (!options->publish_all || !g_str_equal(config->network_mode, "bridge"))
        return true;
    for (size_t i = 0; config->exposed_ports[i] != NULL; i++) {
        g_auto(GStrv) pair = g_strsplit(config->exposed_ports[i], "/", 2);

        if (!is_published(config, atoi(pair[0]), pair[1] != NULL ? pair[1] : "tcp") &&
            !add_port(config->exposed_ports[i], config, error))
            return false;
    }
    return true;
}

static bool apply_network(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const floe_create_options *options = input->options;

    if (!network_options_apply(input->engine, options, config, error) ||
        !ports_publish(options->publish, config, error))
        return false;
    for (size_t i = 0; options->add_hosts != NULL && options->add_hosts[i] != NULL; i++) {
        if (!add_host_check(options->add_hosts[i], error))
            return false;
    }
    for (size_t i = 0; options->dns != NULL && options->dns[i] != NULL; i++) {
        if (!g_hostname_is_ip_address(options->dns[i]))
            return err_set(error, FLOE_ERROR_INVALID, "--dns '%s' is not an IP address",
                           options->dns[i]);
    }
    if (options->no_hosts && options->add_hosts != NULL && options->add_hosts[0] != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "--no-hosts and --add-host exclude each other");
    config->no_hosts = options->no_hosts;
    config->add_hosts = copy(options->add_hosts);
    config->dns = copy(options->dns);
    config->dns_search = copy(options->dns_search);
    config->dns_options = copy(options->dns_options);
    return true;
}

/* --- security ------------------------------------------------------------------------------- */

static bool apply_security_option(const char *text, ContainerConfig *config, GError **error)
{
    g_auto(GStrv) pair = g_strsplit_set(text, "=:", 2);
    const char *value = pair[0] != NULL && pair[1] != NULL ? pair[1] : "";
    bool is_unmask = g_strcmp0(pair[0], "unmask") == 0;

    if (g_strcmp0(pair[0], "seccomp") == 0 && value[0] != '\0') {
        g_free(config->seccomp_profile);
        /* Read at each start, whose working directory may be another. */
        config->seccomp_profile = g_str_equal(value, "unconfined")
                                      ? g_strdup(value)
                                      : g_canonicalize_filename(value, NULL);
        if (!g_str_equal(value, "unconfined") && !g_file_test(value, G_FILE_TEST_IS_REGULAR))
            return err_set(error, FLOE_ERROR_NOT_FOUND,
                           "--security-opt %s: there is no such seccomp profile", text);
        return true;
    }
    if (g_strcmp0(pair[0], "no-new-privileges") == 0) {
        config->no_new_privileges = value[0] == '\0' || g_str_equal(value, "true");
        return true;
    }
    if (g_strcmp0(pair[0], "mask") == 0 || is_unmask)
        return spec_masks_parse(value, is_unmask, is_unmask ? &config->unmask : &config->mask,
                                error) ||
               err_prefix(error, "--security-opt %s", text);
    /* Without SELinux and AppArmor there is nothing to switch off. */
    if (g_strcmp0(pair[0], "label") == 0 || g_strcmp0(pair[0], "apparmor") == 0)
        return true;
    return err_set(error, FLOE_ERROR_INVALID,
                   "--security-opt '%s': expected seccomp=PROFILE, no-new-privileges, mask=PATHS or "
                   "unmask=PATHS",
                   text);
}

static bool apply_security(const floe_create_options *options, ContainerConfig *config,
                           GError **error)
{
    config->privileged = options->privileged;
    config->cap_add = copy(options->cap_add);
    config->cap_drop = copy(options->cap_drop);
    config->security_opts = copy(options->security_opts);
    for (size_t i = 0; options->security_opts != NULL && options->security_opts[i] != NULL; i++) {
        if (!apply_security_option(options->security_opts[i], config, error))
            return false;
    }
    return capabilities_resolve(options->cap_add, options->cap_drop, options->privileged,
                                &config->capabilities, &config->added_capabilities, error);
}

/* --- limits --------------------------------------------------------------------------------- */

/* "name=value", each; NULL if there is none. */
static bool read_pairs(const char *flag, const char *const *texts, json_t **ret_pairs,
                       GError **error)
{
    g_autoptr(JsonValue) pairs = NULL;

    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++) {
        g_auto(GStrv) pair = g_strsplit(texts[i], "=", 2);

        if (pair[0] == NULL || pair[0][0] == '\0' || pair[1] == NULL)
            return err_set(error, FLOE_ERROR_INVALID, "%s '%s' is not of the form name=value", flag,
                           texts[i]);
        if (pairs == NULL)
            pairs = json_object();
        json_object_set_new(pairs, pair[0], json_from_string(pair[1]));
    }
    *ret_pairs = g_steal_pointer(&pairs);
    return true;
}

static bool add_cgroup_conf(const char *const *texts, ContainerConfig *config, GError **error)
{
    if (!read_pairs("--cgroup-conf", texts, &config->cgroup_conf, error))
        return false;
    return config->cgroup_conf == NULL || cgroup_mode() == CGROUP_V2 ||
           err_set(error, FLOE_ERROR_UNSUPPORTED,
                   "--cgroup-conf is for cgroup v2, and this host has v1");
}

static bool add_ulimits(const char *const *texts, ContainerConfig *config, GError **error)
{
    config->ulimits = g_ptr_array_new();
    /* Those of this process are what a container gets without any. */
    if (texts != NULL && texts[0] != NULL && g_str_equal(texts[0], "host") && texts[1] == NULL)
        return true;
    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++) {
        UlimitConfig *ulimit = g_new0(UlimitConfig, 1);

        g_ptr_array_add(config->ulimits, ulimit);
        if (!ulimit_parse(texts[i], &ulimit->name, &ulimit->soft, &ulimit->hard, error))
            return false;
    }
    return true;
}

static bool apply_limits(const floe_create_options *options, ContainerConfig *config, GError **error)
{
    config->memory_bytes = options->memory_bytes;
    config->nano_cpus = options->nano_cpus;
    config->cpu_shares = options->cpu_shares;
    config->pids_limit = options->pids_limit != 0 ? options->pids_limit : DEFAULT_PIDS_LIMIT;
    config->memory_swap_bytes = options->memory_swap_bytes;
    config->memory_reservation_bytes = options->memory_reservation_bytes;
    config->cpu_period_us = options->cpu_period_us;
    config->cpu_quota_us = options->cpu_quota_us;
    config->cpuset_cpus = g_strdup(options->cpuset_cpus);
    config->cpuset_mems = g_strdup(options->cpuset_mems);
    config->blkio_weight = options->blkio_weight;
    config->oom_kill_disable = options->oom_kill_disable;
    config->has_memory_swappiness = options->memory_swappiness != -1;
    config->memory_swappiness = config->has_memory_swappiness ? options->memory_swappiness : 0;
    if (config->has_memory_swappiness && cgroup_mode() == CGROUP_V2)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "--memory-swappiness: cgroup v2 has no such thing");
    return add_cgroup_conf(options->cgroup_conf, config, error) && limits_check(config, error) &&
           read_pairs("--sysctl", options->sysctls, &config->sysctls, error) &&
           add_ulimits(options->ulimits, config, error);
}

static bool has_device_at(const ContainerConfig *config, const char *destination)
{
    for (guint i = 0; i < config->devices->len; i++) {
        const DeviceConfig *device = g_ptr_array_index(config->devices, i);

        if (g_str_equal(device->destination, destination))
            return true;
    }
    return false;
}

/* The containers of a pod have those that its infra container was given, where they have no other. */
static bool take_pod_devices(const CreateInput *input, ContainerConfig *config, GError **error)
{
    g_autoptr(ContainerRecord) infra = NULL;

    if (input->pod == NULL || input->pod->config.infra_id == NULL)
        return true;
    if (!container_load(input->engine->db, input->pod->config.infra_id, &infra, error))
        return false;
    for (guint i = 0; infra->config.devices != NULL && i < infra->config.devices->len; i++) {
        const DeviceConfig *device = g_ptr_array_index(infra->config.devices, i);
        DeviceConfig *taken;

        if (has_device_at(config, device->destination))
            continue;
        taken = g_new0(DeviceConfig, 1);
        taken->source = g_strdup(device->source);
        taken->destination = g_strdup(device->destination);
        taken->access = g_strdup(device->access);
        g_ptr_array_add(config->devices, taken);
    }
    return true;
}

static bool apply_devices(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const floe_create_options *options = input->options;

    config->devices = g_ptr_array_new();
    config->throttles = g_ptr_array_new();
    config->device_rules = copy(options->device_rules);
    for (const char *const *text = options->devices; text != NULL && *text != NULL; text++) {
        DeviceConfig *device = NULL;

        if (!device_parse(*text, &device, error))
            return false;
        g_ptr_array_add(config->devices, device);
    }
    for (const char *const *text = options->device_rules; text != NULL && *text != NULL; text++) {
        if (!device_rule_check(*text, error))
            return false;
    }
    for (const char *const *text = options->throttles; text != NULL && *text != NULL; text++) {
        ThrottleConfig *throttle = NULL;

        if (!throttle_parse(*text, &throttle, error))
            return false;
        g_ptr_array_add(config->throttles, throttle);
    }
    return take_pod_devices(input, config, error);
}

/* From the working directory of now, which a later start does not have. */
static char *absolute_path(const char *path)
{
    return path != NULL && *path != '\0' ? g_canonicalize_filename(path, NULL) : NULL;
}

static bool apply_end(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const char *image_signal = json_string_value(json_object_get(input->image_config, "StopSignal"));
    const char *name = input->options->stop_signal != NULL ? input->options->stop_signal
                       : image_signal != NULL              ? image_signal
                       : config->systemd                   ? SYSTEMD_HALT
                                                           : "SIGTERM";

    config->stop_signal = signal_from_name(name);
    if (config->stop_signal == 0)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not a signal", name);
    config->timeout_s = input->options->timeout_s;
    config->pid_file = absolute_path(input->options->pid_file);
    config->conmon_pid_file = absolute_path(input->options->conmon_pid_file);
    config->stop_timeout_s = input->options->stop_timeout_s >= 0 ? input->options->stop_timeout_s
                                                                 : DEFAULT_STOP_TIMEOUT_S;
    return true;
}

static bool apply_restart_policy(const floe_create_options *options, ContainerConfig *config,
                                 GError **error)
{
    if (!restart_policy_parse(options->restart_policy, &config->restart_policy,
                              &config->restart_retries, error))
        return false;
    if (config->auto_remove && !g_str_equal(config->restart_policy, "no"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "the --rm option conflicts with --restart, when the restartPolicy is not "
                       "\"\" and \"no\"");
    return true;
}
