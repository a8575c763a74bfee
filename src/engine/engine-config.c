/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-config.h"

#include "engine/cgroup-names.h"
#include "engine/storage-driver.h"
#include "oci/systemd.h"

#define CONFIG_FILE "/etc/floe/floe.conf"

const char *config_file_path(void)
{
    const char *path = g_getenv("FLOE_CONF");

    return path != NULL ? path : CONFIG_FILE;
}

bool config_file_load(GKeyFile **ret_file, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) err = NULL;

    if (!g_key_file_load_from_file(file, config_file_path(), G_KEY_FILE_NONE, &err) &&
        !g_error_matches(err, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return err_set(error, FLOE_ERROR_INVALID, "read '%s': %s", config_file_path(), err->message);
    *ret_file = g_steal_pointer(&file);
    return true;
}

/* `known`: what it may be, NULL-terminated; NULL: anything. */
static bool choose(const char *option, const char *group, const char *key, const char *const *known,
                   char **ret_choice, GError **error)
{
    g_autoptr(GKeyFile) file = NULL;
    g_autofree char *choice = g_strdup(option);

    if (choice == NULL) {
        if (!config_file_load(&file, error))
            return false;
        choice = g_key_file_get_string(file, group, key, NULL);
    }
    if (choice != NULL && known != NULL && !g_strv_contains(known, choice)) {
        g_autofree char *list = g_strjoinv(", ", (char **)known);

        return option != NULL
                   ? err_set(error, FLOE_ERROR_INVALID, "'%s' is none of %s", choice, list)
                   : err_set(error, FLOE_ERROR_INVALID, "'%s': [%s] %s is '%s', which is none of %s",
                             config_file_path(), group, key, choice, list);
    }
    *ret_choice = g_steal_pointer(&choice);
    return true;
}

bool choose_cgroup_manager(const char *option, char **ret_manager, GError **error)
{
    static const char *const known[] = { CGROUP_MANAGER_SYSTEMD, CGROUP_MANAGER_CGROUPFS, NULL };
    g_autofree char *manager = NULL;

    if (!choose(option, "engine", "cgroup_manager", known, &manager, error))
        return false;
    if (g_strcmp0(manager, CGROUP_MANAGER_SYSTEMD) == 0 && !systemd_manages_cgroups())
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "the cgroup manager systemd needs cgroup v2 and systemd as the first process, "
                       "which this host does not have: use cgroupfs");
    *ret_manager = g_steal_pointer(&manager);
    return true;
}

bool choose_runtime_name(const char *option, char **ret_runtime, GError **error)
{
    return choose(option, "engine", "runtime", NULL, ret_runtime, error);
}

bool choose_storage_driver(const char *option, char **ret_driver, GError **error)
{
    static const char *const known[] = { STORAGE_OVERLAY, STORAGE_VFS, NULL };

    return choose(option, "engine", "storage_driver", known, ret_driver, error) ||
           err_prefix(error, "storage driver");
}

bool choose_firewall(char **ret_driver, GError **error)
{
    static const char *const known[] = { "nftables", "iptables", "firewalld", "none", NULL };
    const char *variable = g_getenv("NETAVARK_FW");

    return choose(variable != NULL && *variable != '\0' ? variable : NULL, "network",
                  "firewall_driver", known, ret_driver, error) ||
           err_prefix(error, "firewall driver");
}
