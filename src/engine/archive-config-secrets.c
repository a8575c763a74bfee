/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-config-secrets.h"

#include "base/clock.h"
#include "engine/secret-options.h"

#define DRIVER "file"

/* --- writing ---------------------------------------------------------------------------------- */

static json_t *secret_new(const SecretConfig *secret, const char *created)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:{}}", "name", secret->name, "id",
                     secret->id != NULL ? secret->id : "", "createdAt", created, "driver", DRIVER,
                     "driverOptions");
}

void archive_config_put_secrets(json_t *object, const ContainerConfig *config)
{
    /* podman's reader wants a time. */
    g_autofree char *created = time_to_rfc3339(config->created_unix_ns);
    g_autoptr(JsonValue) files = json_array();
    g_autoptr(JsonValue) variables = json_object();

    for (guint i = 0; config->secrets != NULL && i < config->secrets->len; i++) {
        const SecretConfig *secret = g_ptr_array_index(config->secrets, i);
        json_t *item = secret_new(secret, created);

        if (secret->variable != NULL) {
            json_object_set_new(variables, secret->variable, item);
            continue;
        }
        json_object_set_new(item, "UID", json_integer(secret->uid));
        json_object_set_new(item, "GID", json_integer(secret->gid));
        json_object_set_new(item, "Mode", json_integer(secret->mode));
        json_object_set_new(item, "Target", json_from_string(secret->destination));
        json_array_append_new(files, item);
    }
    if (json_array_size(files) > 0)
        json_object_set(object, "secrets", files);
    if (json_object_size(variables) > 0)
        json_object_set(object, "secret_env", variables);
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_name(const json_t *item, SecretConfig *secret, GError **error)
{
    const char *name = NULL, *id = NULL;

    if (!json_get_string(item, "name", &name, error) || !json_get_string(item, "id", &id, error))
        return false;
    if (name == NULL || *name == '\0')
        return err_set(error, FLOE_ERROR_INVALID, "key 'name' is missing");
    secret->name = g_strdup(name);
    secret->id = g_strdup(id != NULL ? id : "");
    return true;
}

static bool read_file(const json_t *item, ContainerConfig *config, GError **error)
{
    g_autoptr(SecretConfig) secret = g_new0(SecretConfig, 1);
    const char *target = NULL;

    if (!read_name(item, secret, error) || !json_get_string(item, "Target", &target, error) ||
        !json_get_number(item, "UID", 0, UINT32_MAX - 1, &secret->uid, error) ||
        !json_get_number(item, "GID", 0, UINT32_MAX - 1, &secret->gid, error) ||
        !json_get_number(item, "Mode", 0, UINT32_MAX, &secret->mode, error) ||
        !secret_config_place(secret, target, error))
        return false;
    secret->mode &= SECRET_MODE_MAX;
    secret_config_add(config, g_steal_pointer(&secret));
    return true;
}

static bool read_variable(const char *variable, const json_t *item, ContainerConfig *config,
                          GError **error)
{
    g_autoptr(SecretConfig) secret = g_new0(SecretConfig, 1);

    if (!json_is_object(item))
        return err_set(error, FLOE_ERROR_INVALID, "it is not an object");
    if (!read_name(item, secret, error) || !secret_config_name_variable(secret, variable, error))
        return false;
    secret_config_add(config, g_steal_pointer(&secret));
    return true;
}

bool archive_config_read_secrets(const json_t *files, const json_t *variables,
                                 ContainerConfig *config, GError **error)
{
    const char *variable;
    json_t *item;
    size_t i;

    if (files != NULL && !json_is_array(files) && !json_is_null(files))
        return err_set(error, FLOE_ERROR_INVALID, "key 'secrets': must be an array");
    if (variables != NULL && !json_is_object(variables) && !json_is_null(variables))
        return err_set(error, FLOE_ERROR_INVALID, "key 'secret_env': must be an object");
    json_array_foreach(files, i, item) {
        if (!json_item_check("secrets", i, item, error))
            return false;
        if (!read_file(item, config, error))
            return err_prefix(error, "key 'secrets': item %zu", i);
    }
    json_object_foreach((json_t *)variables, variable, item) {
        if (!read_variable(variable, item, config, error))
            return err_prefix(error, "key 'secret_env': '%s'", variable);
    }
    return true;
}
