/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/registry-manifest.h"

#include "engine/registry-access.h"
#include "engine/short-names.h"

void registry_manifest_clear(RegistryManifest *manifest)
{
    g_clear_pointer(&manifest->full_name, g_free);
    registry_access_clear(&manifest->access);
    image_manifest_clear(&manifest->manifest);
}

static bool read_one(const char *full_name, const floe_registry_options *registry,
                     RegistryManifest *ret_manifest, GError **error)
{
    g_auto(SkopeoAccess) access = SKOPEO_ACCESS_INIT;
    g_autofree char *source = g_strconcat("docker://", full_name, NULL);
    g_autofree char *text = NULL;
    size_t length = 0;

    if (!registry_access(registry, full_name, &access, error) ||
        !skopeo_manifest(source, &access, &text, &length, error) ||
        !image_manifest_parse(text, length, &ret_manifest->manifest, error))
        return err_prefix(error, "'%s'", full_name);
    ret_manifest->full_name = g_strdup(full_name);
    ret_manifest->size_bytes = (int64_t)length;
    ret_manifest->access = access;
    access.auth_fd = -1;
    return true;
}

bool registry_manifest_read(const char *name, const floe_registry_options *options,
                            RegistryManifest *ret_manifest, GError **error)
{
    g_auto(GStrv) full_names = NULL;
    floe_registry_options registry;

    if (!registry_options_read(options, &registry, error) ||
        !short_name_resolve(name, &full_names, NULL, error))
        return false;
    for (size_t i = 0; full_names[i] != NULL; i++) {
        bool is_last = full_names[i + 1] == NULL;
        g_autoptr(GError) why = NULL;

        if (read_one(full_names[i], &registry, ret_manifest, is_last ? error : &why))
            return true;
    }
    return false;
}
