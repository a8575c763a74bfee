/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cgroup-names.h"

#include "oci/cgroup.h"
#include "oci/systemd-names.h"
#include "oci/systemd.h"

#include <string.h>

#define DEFAULT_SLICE "machine.slice"

static bool is_systemd(const char *manager)
{
    return g_strcmp0(manager, CGROUP_MANAGER_SYSTEMD) == 0;
}

bool config_splits_cgroup(const ContainerConfig *config)
{
    return g_strcmp0(config->cgroups_mode, CGROUPS_SPLIT) == 0;
}

bool config_has_cgroup(const ContainerConfig *config)
{
    return g_strcmp0(config->cgroups_mode, CGROUPS_DISABLED) != 0;
}

bool config_uses_systemd(const ContainerConfig *config)
{
    return is_systemd(config->cgroup_manager) && config_has_cgroup(config) &&
           !config_splits_cgroup(config);
}

bool config_has_cgroup_namespace(const ContainerConfig *config)
{
    if (config->cgroup_ns_mode != NULL)
        return g_str_equal(config->cgroup_ns_mode, "private");
    return cgroup_mode() == CGROUP_V2;
}

/* The names of slices were checked before they were recorded. */
static char *slice_cgroup(const char *slice)
{
    char *path = NULL;

    if (!systemd_slice_cgroup(slice, &path, NULL))
        g_assert_not_reached();
    return path;
}

/* --- pods ----------------------------------------------------------------------------------- */

static char *pod_slice_in(const floe_engine *engine, const char *slice, const char *pod_id)
{
    g_autofree char *name = g_strdup_printf("libpod%s_pod_%s", engine->tag, pod_id);

    return systemd_slice_within(slice, g_strdelimit(name, "-", '_'));
}

static char *pod_directory_in(const floe_engine *engine, const char *parent, const char *pod_id)
{
    g_autofree char *own = engine_cgroup_parent(engine);

    return g_build_filename(parent != NULL ? parent : own, pod_id, NULL);
}

char *pod_slice(const floe_engine *engine, const PodRecord *pod)
{
    const PodConfig *config = &pod->config;

    if (!is_systemd(config->cgroup_manager))
        return NULL;
    return pod_slice_in(engine,
                        config->cgroup_parent != NULL ? config->cgroup_parent : DEFAULT_SLICE,
                        pod->id);
}

char *pod_cgroup(const floe_engine *engine, const PodRecord *pod)
{
    g_autofree char *slice = pod_slice(engine, pod);

    return slice != NULL ? slice_cgroup(slice)
                         : pod_directory_in(engine, pod->config.cgroup_parent, pod->id);
}

char *pod_cgroup_parent(const floe_engine *engine, const PodRecord *pod)
{
    if (pod->config.cgroup_parent != NULL)
        return g_strdup(pod->config.cgroup_parent);
    return is_systemd(pod->config.cgroup_manager) ? g_strdup(DEFAULT_SLICE)
                                                  : engine_cgroup_parent(engine);
}

bool pod_cgroup_remove(const floe_engine *engine, const PodRecord *pod, GError **error)
{
    g_autofree char *slice = pod_slice(engine, pod);
    g_autofree char *cgroup = pod_cgroup(engine, pod);

    return slice != NULL ? systemd_unit_stop(slice, error) : cgroup_remove(cgroup, error);
}

/* --- containers ----------------------------------------------------------------------------- */

static char *container_slice(const floe_engine *engine, const ContainerConfig *config)
{
    if (config->cgroup_parent != NULL)
        return g_strdup(config->cgroup_parent);
    return config->pod_id != NULL ? pod_slice_in(engine, DEFAULT_SLICE, config->pod_id)
                                  : g_strdup(DEFAULT_SLICE);
}

static char *container_directory(const floe_engine *engine, const ContainerRecord *record)
{
    const ContainerConfig *config = &record->config;
    g_autofree char *own = engine_cgroup_parent(engine);

    if (config->cgroup_parent != NULL)
        return g_strdup_printf("%s/libpod%s-%s", config->cgroup_parent, engine->tag, record->id);
    if (config->pod_id == NULL)
        return g_build_filename(own, record->id, NULL);
    return g_build_filename(own, config->pod_id, record->id, NULL);
}

static char *scope_name(const floe_engine *engine, const char *what, const char *id)
{
    return g_strdup_printf("libpod%s%s-%s.scope", engine->tag, what, id);
}

char *container_cgroup(const floe_engine *engine, const ContainerRecord *record)
{
    if (config_uses_systemd(&record->config)) {
        g_autofree char *slice = container_slice(engine, &record->config);
        g_autofree char *above = slice_cgroup(slice);
        g_autofree char *scope = scope_name(engine, "", record->id);

        return g_build_filename(above, scope, NULL);
    }
    if (config_splits_cgroup(&record->config) && record->status.split_cgroup != NULL)
        return g_strdup_printf("%s/libpod-payload-%s", record->status.split_cgroup, record->id);
    return container_directory(engine, record);
}

void cgroup_names_of(ContainerPaths *paths, const floe_engine *engine, const ContainerRecord *record)
{
    const ContainerConfig *config = &record->config;

    paths->cgroup = container_cgroup(engine, record);
    if (!config_has_cgroup(config)) {
        paths->cgroup_spec = NULL;
    } else if (config_uses_systemd(config)) {
        paths->slice = container_slice(engine, config);
        paths->scope = scope_name(engine, "", record->id);
        paths->cgroup_spec = g_strdup_printf("%s:libpod%s:%s", paths->slice, engine->tag,
                                             record->id);
    } else {
        paths->cgroup_spec = g_strdup(paths->cgroup);
    }
    if (is_systemd(config->cgroup_manager))
        paths->conmon_scope = scope_name(engine, "-conmon", record->id);
    else
        paths->conmon_cgroup = engine_conmon_cgroup(engine);
}

void cgroup_names_renew(floe_container *ctr)
{
    if (!config_splits_cgroup(&ctr->record->config))
        return;
    g_free(ctr->paths.cgroup);
    g_free(ctr->paths.cgroup_spec);
    ctr->paths.cgroup = container_cgroup(ctr->engine, ctr->record);
    ctr->paths.cgroup_spec = g_strdup(ctr->paths.cgroup);
}

bool cgroup_names_split(floe_container *ctr, GError **error)
{
    char *own = NULL;

    if (!config_splits_cgroup(&ctr->record->config))
        return true;
    if (!cgroup_split_own(&own, error))
        return err_prefix(error, "--cgroups=split");
    g_free(ctr->record->status.split_cgroup);
    ctr->record->status.split_cgroup = own;
    cgroup_names_renew(ctr);
    return true;
}

const CgroupPlace *container_conmon_place(const floe_container *ctr, CgroupPlace *place)
{
    const ContainerConfig *config = &ctr->record->config;

    if (!config_has_cgroup(config) || config_splits_cgroup(config) ||
        g_strcmp0(config->cgroups_mode, CGROUPS_NO_CONMON) == 0)
        return NULL;
    *place = (CgroupPlace){
        .cgroup = ctr->paths.conmon_cgroup,
        .scope = ctr->paths.conmon_scope,
        .slice = ctr->paths.slice,
    };
    return place;
}

/* --- the engine's own ----------------------------------------------------------------------- */

char *engine_cgroup_parent(const floe_engine *engine)
{
    return g_strconcat("/floe", engine->tag, NULL);
}

char *engine_conmon_cgroup(const floe_engine *engine)
{
    g_autofree char *parent = engine_cgroup_parent(engine);

    return g_build_filename(parent, "conmon", NULL);
}

/* --- choosing ------------------------------------------------------------------------------- */

bool cgroup_parent_check(const char *text, const char *manager, char **ret_parent, GError **error)
{
    g_autofree char *base = text != NULL ? g_path_get_basename(text) : NULL;
    g_autofree char *path = NULL;
    bool is_slice = base != NULL && g_str_has_suffix(base, ".slice");

    *ret_parent = NULL;
    if (text == NULL || *text == '\0')
        return true;
    if (is_systemd(manager)) {
        if (!is_slice)
            return err_set(error, FLOE_ERROR_INVALID,
                           "did not receive systemd slice as cgroup parent when using systemd to "
                           "manage cgroups: '%s'",
                           text);
        if (!systemd_slice_cgroup(base, &path, error))
            return false;
        *ret_parent = g_steal_pointer(&base);
        return true;
    }
    if (is_slice)
        return err_set(error, FLOE_ERROR_INVALID,
                       "systemd slice received as cgroup parent when using cgroupfs: '%s'", text);
    path = g_canonicalize_filename(text, "/");
    if (!cgroup_path_check(path, error))
        return false;
    *ret_parent = g_steal_pointer(&path);
    return true;
}

bool cgroups_mode_check(const char *text, char **ret_mode, GError **error)
{
    *ret_mode = NULL;
    if (text == NULL || *text == '\0' || g_str_equal(text, "enabled"))
        return true;
    if (!g_str_equal(text, CGROUPS_NO_CONMON) && !g_str_equal(text, CGROUPS_SPLIT) &&
        !g_str_equal(text, CGROUPS_DISABLED))
        return err_set(error, FLOE_ERROR_INVALID,
                       "invalid cgroup mode '%s': it is one of enabled, disabled, no-conmon, split",
                       text);
    if (g_str_equal(text, CGROUPS_SPLIT) && cgroup_mode() != CGROUP_V2)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "cgroups 'split' needs cgroup v2, which this host does not have");
    *ret_mode = g_strdup(text);
    return true;
}

void cgroup_names_choose(const floe_engine *engine, const PodRecord *pod, const char *manager,
                         ContainerConfig *config)
{
    g_free(config->cgroup_manager);
    config->cgroup_manager = g_strdup(pod != NULL ? pod->config.cgroup_manager : manager);
    if (pod == NULL || pod->config.cgroup_parent == NULL || config->cgroup_parent != NULL)
        return;
    config->cgroup_parent = is_systemd(pod->config.cgroup_manager) ? pod_slice(engine, pod)
                                                                   : pod_cgroup(engine, pod);
}
