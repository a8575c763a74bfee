/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-spec.h"

#include "base/fd.h"
#include "base/json.h"
#include "engine/container-secrets.h"
#include "oci/spec.h"

#define SPEC_LIMIT ((size_t)16 * 1024 * 1024)

#define PODMAN_VOLUMES "/var/lib/containers/storage/volumes"

static const char *volume_at(const ContainerConfig *config, const char *destination)
{
    for (guint i = 0; config->mounts != NULL && i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);

        if (g_str_equal(mount->type, "volume") && g_strcmp0(mount->destination, destination) == 0)
            return mount->source;
    }
    return NULL;
}

/*
 * Where its volumes are on this host says nothing on another. podman mounts what stands here, and
 * unpacks the volume to where it keeps its own: that is the same place, if it is where podman has it
 * by default. floe goes by the names in config.dump.
 */
static void place_volumes(const ContainerConfig *config, json_t *mounts)
{
    json_t *mount;
    size_t i;

    json_array_foreach(mounts, i, mount) {
        const char *destination = json_string_value(json_object_get(mount, "destination"));
        const char *volume = volume_at(config, destination);
        g_autofree char *source = NULL;

        if (volume == NULL)
            continue;
        source = g_build_filename(PODMAN_VOLUMES, volume, "_data", NULL);
        json_object_set_new(mount, "source", json_from_string(source));
    }
}

/* A network namespace that floe made has a name on this host only; podman enters what stands here. */
static void forget_network(const ContainerConfig *config, json_t *namespaces)
{
    json_t *namespace;
    size_t i;

    if (!g_str_equal(config->network_mode, "bridge") && !g_str_equal(config->network_mode, "none"))
        return;
    json_array_foreach(namespaces, i, namespace)
        if (g_strcmp0(json_string_value(json_object_get(namespace, "type")), "network") == 0)
            json_object_del(namespace, "path");
}

/*
 * What is secret stays here; the memory of the processes may hold it all the same. The copies that are
 * bound are of this host: who restores it makes its own by config.dump, and podman would look for ours.
 */
static void forget_secrets(const floe_container *ctr, json_t *spec)
{
    json_t *env = json_object_get(json_object_get(spec, "process"), "env");
    json_t *mounts = json_object_get(spec, "mounts");

    for (size_t i = json_array_size(env); i > 0; i--) {
        const char *variable = json_string_value(json_array_get(env, i - 1));

        if (variable != NULL && container_secret_is(&ctr->record->config, variable))
            json_array_remove(env, i - 1);
    }
    for (size_t i = json_array_size(mounts); i > 0; i--) {
        const json_t *mount = json_array_get(mounts, i - 1);
        const char *source = json_string_value(json_object_get(mount, "source"));

        if (source != NULL && container_secret_is_from(ctr, source))
            json_array_remove(mounts, i - 1);
    }
}

bool archive_spec(const floe_container *ctr, char **ret_text, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    g_autofree char *path = g_build_filename(ctr->paths.bundle, "config.json", NULL);
    g_autoptr(JsonValue) spec = NULL;
    g_autofree char *text = NULL;
    size_t length = 0;

    if (!file_read(path, SPEC_LIMIT, &text, &length, error) ||
        !spec_from_text(text, length, path, &spec, error))
        return false;
    place_volumes(config, json_object_get(spec, "mounts"));
    forget_network(config, json_object_get(json_object_get(spec, "linux"), "namespaces"));
    forget_secrets(ctr, spec);
    *ret_text = spec_to_text(spec);
    return true;
}
