/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the programs and the processor here can go on with what those of the other host left. */
#include "engine/archive-checks.h"

#include "base/log.h"
#include "engine/archive-policy.h"
#include "engine/cgroup-names.h"
#include "engine/host-facts.h"
#include "engine/storage-driver.h"
#include "oci/criu.h"

#include <string.h>

#define MISSING_MAX 100 /* bytes of names of processor flags; there may be many */

/* "crun-1.28" is a crun, too. */
static const char *family_of(const char *name)
{
    return strstr(name, "crun") != NULL ? "crun" : strstr(name, "runc") != NULL ? "runc" : name;
}

/* floe finds it by its name and runs it as root: an archive may name no other program. */
static bool is_runtime_name(const char *name)
{
    return (g_str_has_prefix(name, "crun") || g_str_has_prefix(name, "runc")) &&
           !g_ascii_isalpha(name[strlen("crun")]);
}

/*
 * The manager is this host's; what was asked for as its parent stays if it can be one here. podman's
 * archives always have a parent, its default where nobody asked.
 */
static bool take_cgroup(floe_engine *engine, ContainerConfig *config, GError **error)
{
    static const char *const defaults[] = { "/libpod_parent", "machine.slice", "user.slice", NULL };
    g_autofree char *wanted = g_steal_pointer(&config->cgroup_parent);
    g_autoptr(GError) err = NULL;
    g_auto(Runtime) chosen = { 0 };

    if (!engine_choose_runtime(engine, &chosen, error))
        return false;
    cgroup_names_choose(engine, NULL,
                        chosen.uses_systemd ? CGROUP_MANAGER_SYSTEMD : CGROUP_MANAGER_CGROUPFS,
                        config);
    if (wanted != NULL && !g_strv_contains(defaults, wanted) &&
        !cgroup_parent_check(wanted, config->cgroup_manager, &config->cgroup_parent, &err))
        log_ignored(g_steal_pointer(&err), "its cgroup gets the default parent");
    return true;
}

/*
 * The runtime's way to mount and to name what is outside is in CRIU's images: those of one are not the
 * other's.
 */
bool archive_check_runtime(ArchiveCheck *check, GError **error)
{
    ContainerConfig *config = archive_check_config(check);
    const char *wanted = check->engine->wanted_runtime;
    g_autofree char *wanted_name = wanted != NULL ? g_path_get_basename(wanted) : NULL;
    g_auto(Runtime) runtime = { 0 };
    g_autofree char *criu = NULL;

    if (wanted != NULL && !g_str_equal(family_of(wanted_name), family_of(config->runtime)))
        return err_set(error, FLOE_ERROR_INVALID,
                       "the checkpoint was made with the OCI runtime %s, and can only be restored "
                       "with it, not with %s",
                       config->runtime, wanted_name);
    if (wanted == NULL && !is_runtime_name(config->runtime))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "the checkpoint was made with the OCI runtime '%s', which is neither crun nor "
                       "runc; use floe's --runtime if you know it",
                       config->runtime);
    if (!engine_find_runtime(check->engine, wanted != NULL ? wanted : config->runtime, &runtime,
                             error))
        return err_prefix(error, "the checkpoint was made with the OCI runtime %s", config->runtime);
    if (!runtime_check_cgroups(&runtime, error) || !criu_find(&runtime, &criu, NULL, error))
        return false;
    g_free(config->runtime);
    config->runtime = g_strdup(runtime.path);
    return storage_driver_take(check->engine, config, error) &&
           (config->pod_id != NULL || take_cgroup(check->engine, config, error));
}

static bool check_criu(ArchiveCheck *check, GError **error)
{
    const ArchiveHost *host = &check->archive->host;
    g_auto(Runtime) runtime = { 0 };
    g_autofree char *criu = NULL;
    int version = 0;

    if (host->criu_version <= 0)
        return true;
    engine_runtime_at(check->engine, archive_check_config(check)->runtime, false, &runtime);
    if (!criu_find(&runtime, &criu, &version, error))
        return false;
    /* Its format grows with it: what the last number says does not change it. */
    return host->criu_version / 100 <= version / 100 ||
           err_set(error, FLOE_ERROR_UNSUPPORTED,
                   "the checkpoint was made by CRIU %d.%d, and the one here is %d.%d, which may not "
                   "know all of it; use --allow " ALLOW_HOST " to try all the same",
                   host->criu_version / 10000, host->criu_version / 100 % 100, version / 10000,
                   version / 100 % 100);
}

static bool has_flag(char **flags, const char *flag)
{
    return g_strv_contains((const char *const *)flags, flag);
}

/* What the programs found out about the processor, they use: an instruction that is missing kills. */
static bool check_processor(const ArchiveHost *host, GError **error)
{
    g_auto(GStrv) here = host_cpu_flags();
    g_autoptr(GString) missing = g_string_new(NULL);

    for (char **flag = host->cpu_flags; flag != NULL && *flag != NULL; flag++) {
        if (!has_flag(here, *flag) && missing->len < MISSING_MAX)
            g_string_append_printf(missing, " %s", *flag);
    }
    return missing->len == 0 ||
           err_set(error, FLOE_ERROR_UNSUPPORTED,
                   "the processor here lacks what the one of the checkpoint had, and its programs "
                   "may use:%s; use --allow " ALLOW_HOST " to try all the same",
                   missing->str);
}

bool archive_check_host(ArchiveCheck *check, GError **error)
{
    const ArchiveHost *host = &check->archive->host;
    g_autofree char *arch = host_architecture();

    if (allow_has(check->options->allow, ALLOW_HOST))
        return true;
    if (host->arch != NULL && !g_str_equal(host->arch, arch))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "the checkpoint was made on a host of the architecture %s, and this one is %s",
                       host->arch, arch);
    return check_processor(host, error) && check_criu(check, error);
}
