/* SPDX-License-Identifier: Apache-2.0 */
/* Which tags a registry has of a repository. */
#include "engine/public-error.h"
#include "engine/registry-access.h"
#include "engine/short-names.h"
#include "state/image-name.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool tags_of(const char *full_name, const floe_registry_options *registry,
                    char **ret_repository, char ***ret_tags, GError **error)
{
    g_auto(SkopeoAccess) access = SKOPEO_ACCESS_INIT;
    g_autofree char *repository = image_name_repository(full_name);
    g_autofree char *source = g_strconcat("docker://", repository, NULL);

    if (!registry_access(registry, full_name, &access, error) ||
        !skopeo_list_tags(source, &access, ret_tags, error))
        return err_prefix(error, "list the tags of '%s'", repository);
    qsort(*ret_tags, g_strv_length(*ret_tags), sizeof(**ret_tags), compare);
    *ret_repository = g_steal_pointer(&repository);
    return true;
}

static bool registry_tags(const char *name, const floe_registry_options *given,
                          char **ret_repository, char ***ret_tags, GError **error)
{
    const char *plain = g_str_has_prefix(name, "docker://") ? name + strlen("docker://") : name;
    floe_registry_options registry;
    g_auto(GStrv) full_names = NULL;

    if (!registry_options_read(given, &registry, error) ||
        !short_name_resolve(plain, &full_names, NULL, error))
        return false;
    for (size_t i = 0; full_names[i] != NULL; i++) {
        g_clear_error(error);
        if (tags_of(full_names[i], &registry, ret_repository, ret_tags, error))
            return true;
    }
    return false;
}

bool floe_image_registry_tags(const char *name, const floe_registry_options *registry,
                              char **ret_repository, char ***ret_tags, floe_error **error)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *repository = NULL;
    bool ok = public_given(&err, GIVEN(name), GIVEN(ret_tags), NULL) &&
              registry_tags(name, registry, &repository, ret_tags, &err);

    if (ok && ret_repository != NULL)
        *ret_repository = g_steal_pointer(&repository);
    return public_result(ok, &err, error);
}
