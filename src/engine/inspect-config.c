/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-inspect.h"
#include "engine/health-startup.h"
#include "engine/service.h"
#include "engine/signal-names.h"

static json_t *signal_text(int number)
{
    const char *name = signal_to_name(number);
    g_autofree char *digits = g_strdup_printf("%d", number);

    return json_string(name != NULL ? name : digits);
}

/* {"80/tcp": {}}. */
static json_t *exposed_ports(const ContainerConfig *config)
{
    json_t *ports = json_object();

    for (char **port = config->exposed_ports; port != NULL && *port != NULL; port++)
        json_object_set_new(ports, *port, json_object());
    return ports;
}

static void set_if_not_zero(json_t *object, const char *key, int64_t number)
{
    if (number != 0)
        json_object_set_new(object, key, json_integer(number));
}

/* Those that are files, as podman. */
static json_t *secrets(const ContainerConfig *config)
{
    json_t *list = json_array();

    for (guint i = 0; i < config->secrets->len; i++) {
        const SecretConfig *secret = g_ptr_array_index(config->secrets, i);

        if (secret->destination != NULL)
            json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I, s:I}", "Name", secret->name,
                                                  "ID", secret->id, "UID", secret->uid, "GID",
                                                  secret->gid, "Mode", secret->mode));
    }
    return list;
}

json_t *inspect_health_check(const ContainerConfig *config)
{
    json_t *object;

    if (config->health_test == NULL)
        return json_null();
    object = json_object();
    json_object_set_new(object, "Test", inspect_strings(config->health_test));
    if (!health_check_is_set(config))
        return object;
    set_if_not_zero(object, "Interval", config->health_interval_ns);
    set_if_not_zero(object, "Timeout", config->health_timeout_ns);
    set_if_not_zero(object, "StartPeriod", config->health_start_period_ns);
    set_if_not_zero(object, "Retries", config->health_retries);
    return object;
}

json_t *inspect_config(const floe_container *ctr)
{
    const ContainerConfig *config = &ctr->record->config;
    json_t *object = json_object();

    json_object_set_new(object, "Hostname", inspect_text(config->hostname));
    json_object_set_new(object, "Domainname", json_string(""));
    json_object_set_new(object, "User", inspect_text(config->user));
    json_object_set_new(object, "AttachStdin", json_false());
    json_object_set_new(object, "AttachStdout", json_false());
    json_object_set_new(object, "AttachStderr", json_false());
    json_object_set_new(object, "Tty", json_boolean(config->tty));
    json_object_set_new(object, "OpenStdin", json_boolean(config->open_stdin));
    json_object_set_new(object, "StdinOnce", json_false());
    json_object_set_new(object, "Env", inspect_strings(config->env));
    json_object_set_new(object, "Cmd", inspect_strings(config->command));
    json_object_set_new(object, "Image", inspect_text(config->image_name));
    json_object_set_new(object, "Volumes", json_null());
    json_object_set_new(object, "WorkingDir", inspect_text(config->workdir));
    json_object_set_new(object, "Entrypoint", inspect_strings(config->entrypoint));
    json_object_set_new(object, "OnBuild", json_null());
    json_object_set_new(object, "Labels", inspect_object(config->labels));
    json_object_set_new(object, "Annotations", inspect_object(config->annotations));
    json_object_set_new(object, "StopSignal", signal_text(config->stop_signal));
    json_object_set_new(object, "CreateCommand", inspect_strings(config->create_command));
    if (config->health_startup_test != NULL)
        json_object_set_new(object, "StartupHealthCheck", health_startup_describe(config));
    json_object_set_new(object, "Healthcheck", inspect_health_check(config));
    json_object_set_new(object, "HealthcheckOnFailureAction",
                        json_string(config->health_on_failure != NULL ? config->health_on_failure
                                                                      : "none"));
    json_object_set_new(object, "Umask",
                        json_from_string(config->umask != NULL ? config->umask : "0022"));
    if (config->timezone != NULL)
        json_object_set_new(object, "Timezone", json_from_string(config->timezone));
    if (config->secrets != NULL && config->secrets->len > 0)
        json_object_set_new(object, "Secrets", secrets(config));
    json_object_set_new(object, "Timeout", json_integer(config->timeout_s));
    json_object_set_new(object, "StopTimeout", json_integer(config->stop_timeout_s));
    json_object_set_new(object, "Passwd", json_false());
    json_object_set_new(object, "ExposedPorts", exposed_ports(config));
    json_object_set_new(object, "sdNotifyMode",
                        json_string(config->sdnotify != NULL ? config->sdnotify
                                                             : SERVICE_NOTIFY_CONTAINER));
    return object;
}
