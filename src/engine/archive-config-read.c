/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-config-read.h"

#include "base/clock.h"
#include "engine/archive-config-dump.h"
#include "engine/archive-config-network.h"
#include "engine/archive-config-secrets.h"
#include "engine/archive-spec-linux.h"
#include "engine/archive-spec-read.h"
#include "engine/health-startup.h"
#include "engine/log-source.h"
#include "engine/mount-options.h"
#include "engine/name-generator.h"
#include "engine/restart-policy.h"
#include "engine/timezone.h"
#include "oci/spec.h"

#include <limits.h>
#include <signal.h>
#include <string.h>

#define DEFAULT_SHM_SIZE 65536000
#define SIGNAL_MAX       64
#define STOP_TIMEOUT_MAX INT32_MAX

static const JsonField host_fields[] = {
    JSON_FIELD(ArchiveHost, arch, STRING),    JSON_FIELD(ArchiveHost, kernel, STRING),
    JSON_FIELD(ArchiveHost, cpu_flags, STRV), JSON_FIELD(ArchiveHost, criu_version, INT),
    JSON_FIELD(ArchiveHost, runtime, STRING), JSON_FIELD(ArchiveHost, cgroups, STRING),
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

static bool read_identity(const ConfigDump *dump, ArchiveConfig *config, GError **error)
{
    ContainerRecord *record = config->record;

    if (!dump_id_check("id", dump->id, error) ||
        (is_given(dump->pod) && !dump_id_check("pod", dump->pod, error)))
        return false;
    if (!is_given(dump->name))
        return dump_key_missing("name", error);
    if (strlen(dump->name) > NAME_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "key 'name': it is too long");
    if (!container_name_check(dump->name, error))
        return err_prefix(error, "key 'name'");
    record->id = g_strdup(dump->id);
    record->name = g_strdup(dump->name);
    record->config.created_unix_ns = clock_unix_ns();
    record->config.create_command = g_strdupv(dump->create_command);
    config->pod = is_given(dump->pod) ? g_strdup(dump->pod) : NULL;
    config->dependencies = dump->dependencies != NULL ? g_strdupv(dump->dependencies)
                                                      : g_new0(char *, 1);
    return true;
}

static bool read_image(const ConfigDump *dump, ContainerConfig *config, GError **error)
{
    if (is_given(dump->rootfs)) {
        config->rootfs = g_strdup(dump->rootfs);
        config->rootfs_overlay = dump->rootfs_overlay;
        config->image_name = g_strdup("");
        return g_path_is_absolute(config->rootfs) ||
               err_set(error, FLOE_ERROR_INVALID, "rootfs: '%s' is no absolute path", dump->rootfs);
    }
    if (!dump_id_check("rootfsImageID", dump->image_id, error))
        return false;
    if (!is_given(dump->image_name))
        return dump_key_missing("rootfsImageName", error);
    config->image_id = g_strdup(dump->image_id);
    config->image_name = g_strdup(dump->image_name);
    return true;
}

/* A name or a path; which program it is here is not the archive's to say. */
static bool read_runtime(const ConfigDump *dump, ContainerConfig *config, GError **error)
{
    if (!is_given(dump->runtime))
        return dump_key_missing("runtime", error);
    config->runtime = g_path_get_basename(dump->runtime);
    return true;
}

static bool refuse_foreign(const ConfigDump *dump, GError **error)
{
    const struct {
        const json_t *list;
        const char *what;
    } foreign[] = {
        { dump->overlay_volumes, "overlay volumes" },
        { dump->image_volumes, "volumes that are images" },
        { json_object_get(dump->id_mappings, "UIDMap"), "a user namespace" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(foreign); i++) {
        if (json_array_size(foreign[i].list) > 0)
            return err_set(error, FLOE_ERROR_UNSUPPORTED, "it has %s, which floe does not support",
                           foreign[i].what);
    }
    if (is_given(dump->user_container) || is_given(dump->mount_container))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "it shares the user or mount namespace of another container, which floe does "
                       "not support");
    return !dump->is_infra ||
           err_set(error, FLOE_ERROR_UNSUPPORTED,
                   "it is the infra container of a pod, which cannot be restored alone");
}

/* --- the rest --------------------------------------------------------------------------------- */

static bool read_volumes(const ConfigDump *dump, ContainerConfig *config, GError **error)
{
    config->mounts = g_ptr_array_new();
    for (guint i = 0; dump->volumes != NULL && i < dump->volumes->len; i++) {
        const NamedVolume *volume = g_ptr_array_index(dump->volumes, i);
        MountConfig *mount = NULL;

        /* The name becomes a directory's. */
        if (!is_given(volume->name) || !container_name_check(volume->name, NULL))
            return err_set(error, FLOE_ERROR_INVALID,
                           "key 'namedVolumes': item %u has no proper name", i);
        if (!is_given(volume->destination) ||
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
    return health_check_take(dump->health, actions[dump->health_action], config, error) &&
           health_startup_take(dump->health_startup, config, error);
}

static bool read_end(const ConfigDump *dump, ContainerConfig *config, GError **error)
{
    const char *policy = is_given(dump->restart_policy) ? dump->restart_policy : "no";

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
    const char *driver = is_given(dump->log_driver) ? dump->log_driver : "k8s-file";

    if (dump->shm_size < 0)
        return err_set(error, FLOE_ERROR_INVALID, "key 'shmSize': it is out of range");
    config->shm_size_bytes = dump->shm_size > 0 ? dump->shm_size : DEFAULT_SHM_SIZE;
    config->privileged = dump->privileged;
    config->open_stdin = dump->open_stdin;
    config->user = g_strdup(is_given(dump->user) ? dump->user : NULL);
    config->command = g_strdupv(dump->command);
    config->entrypoint = g_strdupv(dump->entrypoint);
    take_log_driver(driver, config, not_taken);
    if (log_driver_is(config, LOG_DRIVER_FILE) && dump->log_size > 0)
        config->log_max_bytes = dump->log_size;
    if (log_driver_is(config, LOG_DRIVER_JOURNALD) && is_given(dump->log_tag))
        config->log_tag = g_strdup(dump->log_tag);
    config->group_add = g_strdupv(dump->groups);
    config->no_hosts = dump->image_hosts;
    if (is_given(dump->timezone) && !timezone_check(dump->timezone, error))
        return err_prefix(error, "key 'timezone'");
    config->timezone = g_strdup(is_given(dump->timezone) ? dump->timezone : NULL);
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
           archive_config_read_secrets(dump->secrets, dump->secret_env, container, error) &&
           archive_config_read_network(dump, namespaces, container, not_taken, error) &&
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
    if (!json_to_struct(&config_dump_type, document, &dump, error) ||
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
