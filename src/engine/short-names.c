/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/short-names.h"

#include "base/log.h"
#include "state/image-name.h"
#include "storage/registries-conf.h"

static bool refuse(const char *name, const RegistriesConf *conf, GError **error)
{
    g_autofree char *list = g_strjoinv(", ", conf->search);

    return err_set(error, FLOE_ERROR_INVALID,
                   "short name '%s' may be of several registries (%s), and short-name-mode is "
                   "enforcing: name the registry",
                   name, list);
}

static bool resolve_short(const char *name, const char *path, const char *version,
                          char ***ret_full_names, bool *ret_is_choice, GError **error)
{
    g_auto(RegistriesConf) conf = { 0 };
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *alias = NULL;
    bool is_open = false;

    if (!registries_conf_load(&conf, error))
        return false;
    if (conf.mode != SHORT_NAMES_DISABLED)
        alias = g_hash_table_lookup(conf.aliases, path);
    if (alias != NULL) {
        g_ptr_array_add(names, g_strconcat(alias, version, NULL));
    } else {
        if (conf.search == NULL || conf.search[0] == NULL)
            return err_set(error, FLOE_ERROR_NOT_FOUND,
                           "%s: image not known; to pull it, name its registry: registries.conf has "
                           "neither an alias nor unqualified-search-registries for it",
                           name);
        is_open = conf.mode != SHORT_NAMES_DISABLED && conf.search[1] != NULL;
        if (is_open && ret_is_choice == NULL && conf.mode == SHORT_NAMES_ENFORCING)
            return refuse(name, &conf, error);
        for (size_t i = 0; conf.search[i] != NULL; i++)
            g_ptr_array_add(names, image_name_join(conf.search[i], path, version));
    }
    g_ptr_array_add(names, NULL);
    *ret_full_names = g_strdupv((char **)names->pdata);
    if (ret_is_choice != NULL)
        *ret_is_choice = is_open;
    return true;
}

bool short_name_resolve(const char *name, char ***ret_full_names, bool *ret_is_choice,
                        GError **error)
{
    g_autofree char *host = NULL;
    g_autofree char *path = NULL;
    g_autofree char *version = NULL;

    if (!image_name_split(name, &host, &path, &version, error))
        return false;
    if (host == NULL)
        return resolve_short(name, path, version, ret_full_names, ret_is_choice, error);
    if (ret_is_choice != NULL)
        *ret_is_choice = false;

    char *full_name[] = { image_name_join(host, path, version), NULL };

    *ret_full_names = g_strdupv(full_name);
    g_free(full_name[0]);
    return true;
}

void short_name_remember(const char *name, const char *full_name)
{
    g_autofree char *repository = image_name_repository(full_name);
    g_autofree char *host = NULL;
    g_autofree char *path = NULL;
    g_autofree char *version = NULL;
    g_autoptr(GError) error = NULL;

    if (!image_name_split(name, &host, &path, &version, &error) ||
        !registries_conf_remember(path, repository, &error))
        log_ignored(g_steal_pointer(&error), "cannot note that '%s' is '%s'", name, repository);
}
