/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document is not used again: floe writes its own from the record, at the restore and at every
 * later start. CRIU wants each mount that was bound from the host to be in it, so what podman mounts
 * by itself must be what floe does (oci/spec-mounts.c), and all else is the user's.
 */
#include "engine/archive-spec-read.h"

#include "engine/archive-spec-linux.h"
#include "engine/container-secrets.h"
#include "engine/mount-options.h"
#include "engine/secret-options.h"
#include "engine/service.h"
#include "oci/capabilities.h"
#include "oci/systemd.h"

#include <string.h>

#define INIT_PATH     "/run/podman-init"
#define ZONE_PATH     "/etc/localtime"
#define DEFAULT_UMASK 0022
#define OOM_SCORE_MAX 1000
#define RLIMIT_PREFIX "RLIMIT_"
#define NAME_STOP     "org.opencontainers.image.stopSignal"
#define NAME_INIT     "io.podman.annotations.init"
#define NAME_REMOVE   "io.podman.annotations.autoremove"
#define NAME_SANDBOX  "io.kubernetes.cri-o.SandboxID"
#define NAME_SECCOMP  "io.podman.annotations.seccomp"

/* --- process ---------------------------------------------------------------------------------- */

static bool read_rlimits(const json_t *process, ContainerConfig *config, GError **error)
{
    json_t *limits = NULL;
    size_t i;
    json_t *item;

    config->ulimits = g_ptr_array_new();
    if (!json_get_array(process, "rlimits", &limits, error))
        return false;
    json_array_foreach(limits, i, item) {
        UlimitConfig *limit = g_new0(UlimitConfig, 1);
        const char *type = NULL;

        g_ptr_array_add(config->ulimits, limit);
        if (!json_item_check("rlimits", i, item, error) ||
            !json_get_string(item, "type", &type, error) ||
            !json_get_number(item, "soft", -1, INT64_MAX, &limit->soft, error) ||
            !json_get_number(item, "hard", -1, INT64_MAX, &limit->hard, error))
            return false;
        if (type == NULL || !g_str_has_prefix(type, RLIMIT_PREFIX))
            return err_set(error, FLOE_ERROR_INVALID, "key 'rlimits': item %zu has no known type",
                           i);
        limit->name = g_ascii_strdown(type + strlen(RLIMIT_PREFIX), -1);
    }
    return true;
}

/* The names in `list` that are not in `other`. */
static char **strv_without(char **list, char **other)
{
    g_autoptr(GStrvBuilder) rest = g_strv_builder_new();

    for (; list != NULL && *list != NULL; list++) {
        if (other == NULL || !g_strv_contains((const char *const *)other, *list))
            g_strv_builder_add(rest, *list);
    }
    return g_strv_builder_end(rest);
}

/* What is beyond, or missing of, the usual ones is what somebody asked for. */
static bool read_capabilities(const json_t *process, bool is_root, ContainerConfig *config,
                              GError **error)
{
    static const char *const all[] = { "ALL", NULL };
    json_t *sets = NULL;
    g_auto(GStrv) bounding = NULL;
    g_auto(GStrv) effective = NULL;
    g_auto(GStrv) usual = NULL;

    if (!json_get_object(process, "capabilities", &sets, error) ||
        !json_get_strv(sets, "bounding", &bounding, error) ||
        !json_get_strv(sets, "effective", &effective, error) ||
        !capabilities_resolve((const char *const *)bounding, all, false, &config->capabilities,
                              NULL, error) ||
        !capabilities_resolve(NULL, NULL, config->privileged, &usual, NULL, error))
        return false;
    config->cap_add = strv_without(config->capabilities, usual);
    config->cap_drop = strv_without(usual, config->capabilities);
    if (is_root) {
        config->added_capabilities = g_strdupv(config->cap_add);
        return true;
    }
    return capabilities_resolve((const char *const *)effective, all, false,
                                &config->added_capabilities, NULL, error);
}

/* With an init in front, the command is what follows it. */
static bool read_arguments(const json_t *process, ContainerConfig *config, GError **error)
{
    g_auto(GStrv) args = NULL;
    guint first = 0;

    if (!json_get_strv(process, "args", &args, error))
        return false;
    if (config->init && args != NULL && g_strv_length(args) > 2 && g_str_equal(args[1], "--"))
        first = 2;
    if (args == NULL || args[0] == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "key 'args': there is no command");
    config->argv = g_strdupv(args + first);
    return true;
}

static bool read_user(const json_t *process, bool *ret_is_root, ContainerConfig *config,
                      GError **error)
{
    json_t *user = NULL;
    json_t *groups = NULL;
    int64_t uid = 0, gid = 0, umask = DEFAULT_UMASK;

    if (!json_get_object(process, "user", &user, error) ||
        !json_get_number(user, "uid", 0, UINT32_MAX - 1, &uid, error) ||
        !json_get_number(user, "gid", 0, UINT32_MAX - 1, &gid, error) ||
        !json_get_number(user, "umask", 0, 0777, &umask, error) ||
        !json_get_array(user, "additionalGids", &groups, error))
        return false;
    if (umask != DEFAULT_UMASK)
        config->umask = g_strdup_printf("%04o", (unsigned)umask);
    *ret_is_root = uid == 0;
    return true;
}

/* podman's documents hold their values; a record does not. */
static void forget_secrets(ContainerConfig *config)
{
    g_autoptr(GStrvBuilder) rest = g_strv_builder_new();

    for (char **variable = config->env; *variable != NULL; variable++) {
        if (!container_secret_is(config, *variable))
            g_strv_builder_add(rest, *variable);
    }
    g_strfreev(config->env);
    config->env = g_strv_builder_end(rest);
}

static bool read_environment(const json_t *process, ContainerConfig *config, GError **error)
{
    const char *workdir = NULL;

    if (!json_get_strv(process, "env", &config->env, error) ||
        !json_get_string(process, "cwd", &workdir, error))
        return false;
    if (config->env == NULL)
        config->env = g_new0(char *, 1);
    forget_secrets(config);
    for (size_t i = 0; config->env[i] != NULL; i++) {
        if (strchr(config->env[i], '=') == NULL || config->env[i][0] == '=')
            return err_set(error, FLOE_ERROR_INVALID, "key 'env': item %zu is no NAME=VALUE", i);
    }
    if (workdir == NULL || !g_path_is_absolute(workdir))
        return err_set(error, FLOE_ERROR_INVALID, "key 'cwd': it is not an absolute path");
    config->workdir = g_strdup(workdir);
    return true;
}

static bool read_process(const json_t *spec, ContainerConfig *config, GPtrArray *not_taken,
                         GError **error)
{
    json_t *process = NULL;
    bool is_root = true;
    int64_t oom_score = 0;

    if (!json_get_object(spec, "process", &process, error))
        return false;
    if (process == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "key 'process' is missing");
    if (!read_user(process, &is_root, config, error) || !read_arguments(process, config, error) ||
        !read_environment(process, config, error) ||
        !read_capabilities(process, is_root, config, error) ||
        !read_rlimits(process, config, error) ||
        !json_get_bool(process, "terminal", &config->tty, error) ||
        !json_get_bool(process, "noNewPrivileges", &config->no_new_privileges, error) ||
        !json_get_int64(process, "oomScoreAdj", &oom_score, error))
        return err_prefix(error, "key 'process'");
    /* To be spared is an advantage over the host's own processes. */
    if (oom_score < 0)
        g_ptr_array_add(not_taken, g_strdup_printf("an OOM score of %" G_GINT64_FORMAT, oom_score));
    config->oom_score_adj = (int)CLAMP(oom_score, 0, OOM_SCORE_MAX);
    return true;
}

/* --- annotations ------------------------------------------------------------------------------ */

static bool is_set(const json_t *annotations, const char *name)
{
    const char *text = json_string_value(json_object_get(annotations, name));

    return text != NULL && g_ascii_strcasecmp(text, "TRUE") == 0;
}

/* Those of the engine say what the record has elsewhere. */
static bool is_engines(const char *name, const json_t *value)
{
    if (g_str_equal(name, SYSTEMD_BEFORE_NAME))
        return g_str_equal(json_string_value(value), SYSTEMD_BEFORE_STOPPER);
    return g_str_has_prefix(name, "io.podman.annotations.") ||
           g_str_has_prefix(name, "io.kubernetes.cri-o.") ||
           g_str_has_prefix(name, "io.container.") || g_str_equal(name, NAME_STOP);
}

static bool read_annotations(const json_t *spec, ArchiveConfig *archive, GPtrArray *not_taken,
                             GError **error)
{
    ContainerConfig *config = &archive->record->config;
    json_t *annotations = NULL;
    const char *name;
    const char *seccomp;
    json_t *value;

    config->annotations = json_object();
    if (!json_get_object(spec, "annotations", &annotations, error))
        return false;
    json_object_foreach(annotations, name, value) {
        if (*name == '\0' || !json_is_string(value))
            return err_set(error, FLOE_ERROR_INVALID, "key 'annotations': '%s' is not a string",
                           name);
        if (!is_engines(name, value))
            json_object_set(config->annotations, name, value);
    }
    archive->sandbox = g_strdup(json_string_value(json_object_get(annotations, NAME_SANDBOX)));
    config->init = is_set(annotations, NAME_INIT);
    config->auto_remove = is_set(annotations, NAME_REMOVE);
    seccomp = json_string_value(json_object_get(annotations, NAME_SECCOMP));
    if (seccomp != NULL && !g_str_equal(seccomp, "unconfined"))
        g_ptr_array_add(not_taken,
                        g_strdup("a seccomp profile of its own (later starts have the usual one)"));
    return true;
}

/* --- mounts ----------------------------------------------------------------------------------- */

static bool is_listed(const char *word, const char *const *list)
{
    return g_strv_contains(list, word);
}

/* What floe mounts itself, at every start. */
static bool is_engine_mount(const char *destination, const char *type, const ContainerConfig *config)
{
    static const char *const files[] = {
        "/dev/shm",   "/etc/resolv.conf",   "/etc/hostname",
        "/etc/hosts", "/run/.containerenv", "/var/run/.containerenv",
        NULL
    };
    static const char *const kernel[] = { "/proc",       "/dev",           "/sys", "/dev/pts",
                                          "/dev/mqueue", "/sys/fs/cgroup", NULL };

    if (is_listed(destination, files))
        return true;
    if ((config->init && g_str_equal(destination, INIT_PATH)) ||
        (config->timezone != NULL && g_str_equal(destination, ZONE_PATH)))
        return true;
    return !g_str_equal(type, "bind") && is_listed(destination, kernel);
}

static bool is_volume_at(const ContainerConfig *config, const char *destination)
{
    for (guint i = 0; i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);

        if (g_str_equal(mount->destination, destination))
            return true;
    }
    return false;
}

/*
 * podman's copies of its secrets, and where it mounts them; floe's own archives have neither, and what
 * they have at that place is the user's.
 */
static bool is_secret(const ContainerConfig *config, const char *destination, const char *source)
{
    if (g_str_equal(destination, SECRETS_DIR))
        return container_secrets_have_files(config) && source != NULL &&
               g_str_has_suffix(source, "/userdata" SECRETS_DIR);
    return container_secret_is_at(config, destination);
}

static bool read_mount(const json_t *item, ContainerRecord *record, GError **error)
{
    ContainerConfig *config = &record->config;
    const char *destination = NULL, *source = NULL, *type = NULL;
    g_auto(GStrv) options = NULL;
    MountConfig *mount = NULL;
    bool is_bind;

    if (!json_get_string(item, "destination", &destination, error) ||
        !json_get_string(item, "source", &source, error) ||
        !json_get_string(item, "type", &type, error) ||
        !json_get_strv(item, "options", &options, error))
        return false;
    if (destination == NULL || !g_path_is_absolute(destination))
        return err_set(error, FLOE_ERROR_INVALID, "key 'destination': it is not an absolute path");
    /* runc and crun take a mount with the option for a bind, whatever its type. */
    is_bind = g_strcmp0(type, "bind") == 0 ||
              (options != NULL && (is_listed("bind", (const char *const *)options) ||
                                   is_listed("rbind", (const char *const *)options)));
    type = is_bind ? "bind" : type != NULL ? type : "";
    if (is_engine_mount(destination, type, config) || is_volume_at(config, destination) ||
        (is_bind && is_secret(config, destination, source)))
        return true;
    if (is_bind && g_str_equal(destination, SERVICE_NOTIFY_DIR)) {
        record->status.has_notify = true;
        return true;
    }
    if ((g_str_has_prefix(destination, SECRETS_DIR) && !container_secrets_have_files(config)) ||
        g_str_has_prefix(destination, "/var" SECRETS_DIR))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "it has secrets of its host, which are not among the engine's");
    if (!is_bind && !g_str_equal(type, "tmpfs"))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "the mount at '%s' is of the type '%s', which floe does not support",
                       destination, type);
    return mount_config_take(type, is_bind ? source : NULL, destination,
                             (const char *const *)options, &mount, error) &&
           (g_ptr_array_add(config->mounts, mount), true);
}

static bool read_mounts(const json_t *spec, ContainerRecord *record, GError **error)
{
    json_t *mounts = NULL;
    size_t i;
    json_t *item;

    if (!json_get_array(spec, "mounts", &mounts, error))
        return false;
    json_array_foreach(mounts, i, item) {
        if (!json_item_check("mounts", i, item, error))
            return false;
        if (!read_mount(item, record, error))
            return err_prefix(error, "key 'mounts': item %zu", i);
    }
    return true;
}

/* --- hooks ------------------------------------------------------------------------------------ */

static bool read_hooks(const json_t *spec, ArchiveConfig *config, GError **error)
{
    g_autoptr(GStrvBuilder) paths = g_strv_builder_new();
    json_t *hooks = NULL;
    const char *kind;
    json_t *list;

    if (!json_get_object(spec, "hooks", &hooks, error))
        return false;
    json_object_foreach(hooks, kind, list) {
        size_t i;
        json_t *item;

        if (!json_is_array(list))
            return err_set(error, FLOE_ERROR_INVALID, "key 'hooks': '%s' is not an array", kind);
        json_array_foreach(list, i, item) {
            const char *path = NULL;

            if (!json_item_check(kind, i, item, error) ||
                !json_get_string(item, "path", &path, error))
                return err_prefix(error, "key 'hooks'");
            g_strv_builder_add(paths, path != NULL ? path : "");
        }
    }
    config->hooks = g_strv_builder_end(paths);
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool read_root(const json_t *spec, ContainerConfig *config, GError **error)
{
    const char *hostname = NULL;
    json_t *root = NULL;

    if (!json_get_object(spec, "root", &root, error) ||
        !json_get_bool(root, "readonly", &config->read_only, error) ||
        !json_get_string(spec, "hostname", &hostname, error))
        return false;
    config->hostname = g_strdup(hostname);
    return true;
}

bool archive_spec_read(const json_t *spec, ArchiveConfig *config, GPtrArray *not_taken,
                       GError **error)
{
    ContainerConfig *container = &config->record->config;

    if (!json_is_object(spec))
        return err_set(error, FLOE_ERROR_INVALID, "it is not an object");
    return read_annotations(spec, config, not_taken, error) && read_root(spec, container, error) &&
           read_process(spec, container, not_taken, error) &&
           read_mounts(spec, config->record, error) &&
           archive_spec_read_linux(spec, container, not_taken, error) &&
           read_hooks(spec, config, error);
}
