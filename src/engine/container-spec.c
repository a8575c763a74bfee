/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-spec.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/program.h"
#include "engine/cgroup-names.h"
#include "engine/container-files.h"
#include "engine/container-limits.h"
#include "engine/container-network.h"
#include "engine/container-overlays.h"
#include "engine/container-secrets.h"
#include "engine/dependencies.h"
#include "engine/environment.h"
#include "engine/mount-options.h"
#include "engine/service.h"
#include "engine/volume.h"
#include "oci/capabilities.h"
#include "oci/cgroup.h"
#include "oci/seccomp.h"
#include "oci/spec.h"
#include "oci/systemd.h"
#include "storage/root-users.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CATATONIT_NAME "catatonit"
#define DEFAULT_UMASK  0022

/* What a SpecInput points to and does not own. */
typedef struct SpecMemory {
    RootUser user;
    char *network_ns;
    char *pid_ns;
    char *ipc_ns;
    char *uts_ns;
    char *cgroup_ns;
    char *init_binary;
    char *shm_dir;
    floe_container *files_owner; /* whose hosts and resolv.conf it has; NULL: its own */
    json_t *seccomp;
    GArray *mounts;    /* SpecMount */
    GPtrArray *binds;  /* MountConfig: those, and what volumes are */
    GArray *secrets;   /* SpecFile */
    GPtrArray *texts;  /* what those own */
    GArray *ulimits;   /* SpecUlimit */
    GArray *devices;   /* SpecDevice */
    GArray *throttles; /* SpecThrottle */
    json_t *annotations;
    char **env;
} SpecMemory;

static void spec_memory_clear(SpecMemory *memory)
{
    root_user_clear(&memory->user);
    g_free(memory->network_ns);
    g_free(memory->pid_ns);
    g_free(memory->ipc_ns);
    g_free(memory->uts_ns);
    g_free(memory->cgroup_ns);
    container_free(memory->files_owner);
    g_free(memory->init_binary);
    g_free(memory->shm_dir);
    json_decref(memory->seccomp);
    json_decref(memory->annotations);
    g_strfreev(memory->env);
    g_clear_pointer(&memory->mounts, g_array_unref);
    g_clear_pointer(&memory->binds, g_ptr_array_unref);
    g_clear_pointer(&memory->secrets, g_array_unref);
    g_clear_pointer(&memory->texts, g_ptr_array_unref);
    g_clear_pointer(&memory->ulimits, g_array_unref);
    g_clear_pointer(&memory->devices, g_array_unref);
    g_clear_pointer(&memory->throttles, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpecMemory, spec_memory_clear)

static bool resolve_user(floe_container *ctr, const char *spec, const char *workdir,
                         RootUser *ret_user, GError **error);
static bool resolve_namespaces(floe_container *ctr, SpecMemory *memory, GError **error);
static json_t *spec_annotations(const ContainerConfig *config);
static void spec_mounts(const floe_container *ctr, SpecMemory *memory);
static void spec_notify_mount(const floe_container *ctr, SpecMemory *memory);
static GArray *spec_ulimits(const ContainerConfig *config);
static void spec_devices(const ContainerConfig *config, SpecMemory *memory);
static bool find_init(const char *wanted, char **ret_path, GError **error);

static mode_t umask_of(const ContainerConfig *config)
{
    return config->umask != NULL ? (mode_t)strtoul(config->umask, NULL, 8) : DEFAULT_UMASK;
}

static bool has_hosts(const ContainerConfig *config, const floe_container *files_owner)
{
    return !config->no_hosts && (files_owner == NULL || !files_owner->record->config.no_hosts);
}

bool container_write_bundle(floe_container *ctr, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    const ContainerPaths *paths = &ctr->paths;
    const ContainerPaths *shared;
    g_auto(SpecMemory) memory = { 0 };
    g_autoptr(JsonValue) spec = NULL;
    g_autofree char *text = NULL;
    g_autofree char *file = NULL;
    bool is_unconfined = config->privileged || g_strcmp0(config->seccomp_profile, "unconfined") == 0;

    if (!resolve_user(ctr, config->user, config->workdir, &memory.user, error) ||
        !resolve_namespaces(ctr, &memory, error) || !container_write_files(ctr, error))
        return false;
    if (config->init && !find_init(config->init_path, &memory.init_binary, error))
        return false;
    if (!is_unconfined &&
        !seccomp_load(config->seccomp_profile, (const char *const *)config->capabilities,
                      &memory.seccomp, error))
        return false;
    shared = memory.files_owner != NULL ? &memory.files_owner->paths : paths;
    memory.annotations = spec_annotations(config);
    memory.env = g_strdupv(config->env);
    if (!service_set_environment(ctr, &memory.env, error) ||
        !container_secrets_environment(ctr, &memory.env, error))
        return false;
    memory.texts = g_ptr_array_new_with_free_func(g_free);
    memory.secrets = container_secrets_files(ctr, memory.texts);
    spec_mounts(ctr, &memory);
    spec_notify_mount(ctr, &memory);
    memory.ulimits = spec_ulimits(config);
    spec_devices(config, &memory);

    SpecInput input = {
        .rootfs = paths->merged,
        .rootfs_read_only = config->read_only,
        .argv = (const char *const *)config->argv,
        .env = (const char *const *)memory.env,
        .workdir = config->workdir,
        .uid = memory.user.uid,
        .gid = memory.user.gid,
        .extra_gids = memory.user.extra_gids,
        .n_extra_gids = memory.user.n_extra_gids,
        .umask = umask_of(config),
        .oom_score_adj = config->oom_score_adj,
        .tty = config->tty,
        .rows = ctr->rows,
        .columns = ctr->columns,
        .hostname = g_str_equal(config->uts_mode, "private") ? config->hostname : NULL,
        .capabilities = (const char *const *)config->capabilities,
        .added_capabilities = (const char *const *)config->added_capabilities,
        .no_new_privileges = config->no_new_privileges,
        .privileged = config->privileged,
        .masks = { (const char *const *)config->mask, (const char *const *)config->unmask },
        .seccomp = memory.seccomp,
        .ulimits = (const SpecUlimit *)memory.ulimits->data,
        .n_ulimits = memory.ulimits->len,
        .sysctls = config->sysctls,
        .annotations = memory.annotations,
        .pid_ns = memory.pid_ns,
        .network_ns = memory.network_ns,
        .ipc_ns = memory.ipc_ns,
        .uts_ns = memory.uts_ns,
        .cgroup_ns = config_has_cgroup_namespace(config),
        .cgroup_ns_path = memory.cgroup_ns,
        .resolv_conf = shared->resolv_conf,
        .hosts = has_hosts(config, memory.files_owner) ? shared->hosts : NULL,
        .hostname_file = paths->hostname,
        .containerenv = paths->containerenv,
        .localtime = config->timezone != NULL ? paths->localtime : NULL,
        .shm_dir = memory.shm_dir,
        .init_binary = memory.init_binary,
        .mounts = (const SpecMount *)memory.mounts->data,
        .n_mounts = memory.mounts->len,
        .secrets = (const SpecFile *)memory.secrets->data,
        .n_secrets = memory.secrets->len,
        .cgroup_writable = cgroup_mode() == CGROUP_V2 &&
                           (config->systemd || spec_is_unmasked((const char *const *)config->unmask,
                                                                "/sys/fs/cgroup")),
        .cgroup_path = paths->cgroup_spec,
        .no_cgroup = !config_has_cgroup(config),
        .limits = limits_of(config),
        .devices = (const SpecDevice *)memory.devices->data,
        .n_devices = memory.devices->len,
        .device_rules = (const char *const *)config->device_rules,
        .throttles = (const SpecThrottle *)memory.throttles->data,
        .n_throttles = memory.throttles->len,
    };
    if (!spec_build(&input, &spec, error))
        return false;
    text = spec_to_text(spec);
    file = g_build_filename(paths->bundle, "config.json", NULL);
    return file_write_atomic(file, text, strlen(text), 0600, error);
}

/*
 * The user's, and what podman notes there of a container and has no other place for: an archive of a
 * checkpoint holds this document (podman, libpod/define/annotations.go).
 */
static json_t *spec_annotations(const ContainerConfig *config)
{
    json_t *object = config->annotations != NULL ? json_copy(config->annotations) : json_object();
    g_autofree char *created = time_to_rfc3339(config->created_unix_ns);
    bool is_in_scope = config_uses_systemd(config) &&
                       json_object_get(object, SYSTEMD_BEFORE_NAME) == NULL;
    const struct {
        const char *key, *value;
    } own[] = {
        { "io.container.manager", "libpod" },
        { "io.kubernetes.cri-o.Created", created },
        { "io.kubernetes.cri-o.TTY", config->tty ? "true" : "false" },
        { "io.podman.annotations.autoremove", config->auto_remove ? "TRUE" : "FALSE" },
        { "io.podman.annotations.init", config->init ? "TRUE" : "FALSE" },
        { "io.podman.annotations.privileged", config->privileged ? "TRUE" : "FALSE" },
        { "io.podman.annotations.seccomp", config->seccomp_profile },
        { SYSTEMD_BEFORE_NAME, is_in_scope ? SYSTEMD_BEFORE_STOPPER : NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(own); i++) {
        if (own[i].value != NULL)
            json_object_set_new(object, own[i].key, json_from_string(own[i].value));
    }
    return object;
}

/* Who it is in the container's own files; and the working directory is made if the image lacks it. */
static bool resolve_user(floe_container *ctr, const char *spec, const char *workdir,
                         RootUser *ret_user, GError **error)
{
    autofd int root_fd = -1;

    if (!root_open(ctr->paths.merged, &root_fd, error) ||
        !root_user_lookup(root_fd, spec, ret_user, error) ||
        !root_user_add_groups(root_fd, ctr->record->config.group_add, ret_user, error))
        return false;
    return workdir == NULL || g_str_equal(workdir, "/") ||
           root_make_dir(root_fd, workdir, ret_user->uid, ret_user->gid, error);
}

/* NULL stands for a new one, "" for the host's. */
static bool namespace_for(floe_container *ctr, const char *mode, const char *other,
                          const char *kind, char **ret_path, GError **error)
{
    if (g_str_equal(mode, "container"))
        return container_namespace_of(ctr->engine, other, kind, ret_path, error);
    *ret_path = g_str_equal(mode, "host") ? g_strdup("") : NULL;
    return true;
}

/* Who is in another's network has its hosts and resolv.conf, and may lend both on. */
static bool find_files_owner(floe_container *ctr, floe_container **ret_owner, GError **error)
{
    g_autoptr(floe_container) owner = NULL;
    const char *next = ctr->record->config.network_container;

    while (next != NULL) {
        floe_container *other = NULL;

        if (!container_open(ctr->engine, next, &other, error))
            return false;
        container_free(owner);
        owner = other;
        next = owner->record->config.network_container;
    }
    *ret_owner = g_steal_pointer(&owner);
    return true;
}

static bool resolve_namespaces(floe_container *ctr, SpecMemory *memory, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;

    if (!namespace_for(ctr, config->pid_mode, config->pid_container, "pid", &memory->pid_ns, error) ||
        !namespace_for(ctr, config->ipc_mode, config->ipc_container, "ipc", &memory->ipc_ns, error) ||
        !namespace_for(ctr, config->uts_mode, config->uts_container, "uts", &memory->uts_ns, error) ||
        !container_network_namespace(ctr, &memory->network_ns, error))
        return false;
    if (config->cgroup_container != NULL && cgroup_mode() == CGROUP_V2 &&
        !container_namespace_of(ctr->engine, config->cgroup_container, "cgroup", &memory->cgroup_ns,
                                error))
        return false;
    if (config->network_container != NULL && !find_files_owner(ctr, &memory->files_owner, error))
        return false;
    return container_shm_source(ctr, &memory->shm_dir, error);
}

/* A bind, a volume's directory or an overlay, with the options that are the runtime's to know. */
static MountConfig *plain_bind(const floe_container *ctr, const MountConfig *mount)
{
    static const char *const own[] = { "copy", "nocopy", "U", "O", NULL };
    MountConfig *bind = g_new0(MountConfig, 1);
    g_autoptr(GStrvBuilder) options = g_strv_builder_new();

    for (char **option = mount->options; option != NULL && *option != NULL; option++) {
        if (!g_strv_contains(own, *option) && strchr(*option, '=') == NULL)
            g_strv_builder_add(options, *option);
    }
    bind->type = g_strdup("bind");
    if (mount_is_overlay(mount))
        bind->source = container_overlay_path(ctr, mount);
    else if (g_str_equal(mount->type, "volume"))
        bind->source = volume_path(ctr->engine, mount->source);
    else
        bind->source = g_strdup(mount->source);
    bind->destination = g_strdup(mount->destination);
    bind->options = g_strv_builder_end(options);
    return bind;
}

static void spec_mounts(const floe_container *ctr, SpecMemory *memory)
{
    const GPtrArray *mounts = ctr->record->config.mounts;

    memory->mounts = g_array_new(FALSE, FALSE, sizeof(SpecMount));
    memory->binds = g_ptr_array_new_with_free_func((GDestroyNotify)mount_config_free);
    for (guint i = 0; mounts != NULL && i < mounts->len; i++) {
        MountConfig *mount = g_ptr_array_index(mounts, i);

        if (g_str_equal(mount->type, "volume") || g_str_equal(mount->type, "bind") ||
            mount_is_overlay(mount)) {
            mount = plain_bind(ctr, mount);
            g_ptr_array_add(memory->binds, mount);
        }

        SpecMount spec = { mount->type, mount->source, mount->destination,
                           (const char *const *)mount->options };
        g_array_append_val(memory->mounts, spec);
    }
}

/* conmon makes the socket in it, when the runtime's create begins. */
static void spec_notify_mount(const floe_container *ctr, SpecMemory *memory)
{
    static const char *const options[] = { "rbind", "rprivate", "ro", "nosuid",
                                           "nodev", "noexec",   NULL };
    SpecMount spec = { "bind", ctr->paths.notify_dir, SERVICE_NOTIFY_DIR, options };

    if (ctr->record->status.has_notify)
        g_array_append_val(memory->mounts, spec);
}

static GArray *spec_ulimits(const ContainerConfig *config)
{
    GArray *ulimits = g_array_new(FALSE, FALSE, sizeof(SpecUlimit));

    for (guint i = 0; config->ulimits != NULL && i < config->ulimits->len; i++) {
        const UlimitConfig *ulimit = g_ptr_array_index(config->ulimits, i);
        SpecUlimit spec = { ulimit->name, ulimit->soft, ulimit->hard };

        g_array_append_val(ulimits, spec);
    }
    return ulimits;
}

static void spec_devices(const ContainerConfig *config, SpecMemory *memory)
{
    memory->devices = g_array_new(FALSE, FALSE, sizeof(SpecDevice));
    memory->throttles = g_array_new(FALSE, FALSE, sizeof(SpecThrottle));
    for (guint i = 0; config->devices != NULL && i < config->devices->len; i++) {
        const DeviceConfig *device = g_ptr_array_index(config->devices, i);
        SpecDevice spec = { device->source, device->destination, device->access };

        g_array_append_val(memory->devices, spec);
    }
    for (guint i = 0; config->throttles != NULL && i < config->throttles->len; i++) {
        const ThrottleConfig *throttle = g_ptr_array_index(config->throttles, i);
        SpecThrottle spec = { throttle->kind, throttle->path, throttle->rate };

        g_array_append_val(memory->throttles, spec);
    }
}

/* CRIU cannot restore a mount whose source is a symbolic link, which it is where podman installs it. */
static bool find_init(const char *wanted, char **ret_path, GError **error)
{
    g_autofree char *path = wanted != NULL
                                ? g_strdup(wanted)
                                : program_find(CATATONIT_NAME,
                                               "/usr/libexec/podman:/usr/lib/podman:"
                                               "/usr/libexec/catatonit:/usr/local/libexec/podman:"
                                               "/usr/bin:/usr/local/bin");

    if (path == NULL)
        return err_set(error, FLOE_ERROR_MISSING_PART,
                       "catatonit, which --init puts in as the first process, is not installed "
                       "(package catatonit)");
    *ret_path = realpath(path, NULL);
    if (*ret_path == NULL || access(*ret_path, X_OK) < 0)
        return err_set(error, FLOE_ERROR_INVALID, "init: there is no program '%s'", path);
    return true;
}

bool container_exec_process(floe_container *ctr, const ProcessWish *wish, json_t **ret_process,
                            GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    g_autofree char *root = g_strdup_printf("/proc/%d/root", ctr->record->status.pid);
    const char *spec = wish->user != NULL ? wish->user : config->user;
    g_auto(GStrv) env = g_strdupv(config->env);
    g_auto(GStrv) capabilities = NULL;
    g_auto(RootUser) user = { 0 };
    g_autoptr(GArray) ulimits = spec_ulimits(config);
    autofd int root_fd = -1;

    /* The container's root as its process sees it, with what is mounted there. */
    if (!root_open(root, &root_fd, error) || !root_user_lookup(root_fd, spec, &user, error) ||
        (wish->user == NULL && !root_user_add_groups(root_fd, config->group_add, &user, error)))
        return false;
    if (!container_secrets_environment(ctr, &env, error))
        return false;
    for (size_t i = 0; wish->env != NULL && wish->env[i] != NULL; i++) {
        if (!environment_set(&env, wish->env[i], error))
            return false;
    }
    if (wish->privileged) {
        if (!capabilities_resolve(NULL, NULL, true, &capabilities, NULL, error))
            return false;
    } else {
        capabilities = g_strdupv(config->capabilities);
    }

    SpecInput input = {
        .argv = wish->argv,
        .env = (const char *const *)env,
        .workdir = wish->workdir != NULL ? wish->workdir : config->workdir,
        .uid = user.uid,
        .gid = user.gid,
        .extra_gids = user.extra_gids,
        .n_extra_gids = user.n_extra_gids,
        .umask = umask_of(config),
        .tty = wish->tty,
        .rows = wish->rows,
        .columns = wish->columns,
        .capabilities = (const char *const *)capabilities,
        .added_capabilities = (const char *const *)(wish->privileged ? capabilities
                                                                     : config->added_capabilities),
        .no_new_privileges = config->no_new_privileges,
        .privileged = wish->privileged || config->privileged,
        .ulimits = (const SpecUlimit *)ulimits->data,
        .n_ulimits = ulimits->len,
    };
    return spec_build_process(&input, ret_process, error);
}
