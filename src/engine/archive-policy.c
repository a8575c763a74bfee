/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-policy.h"

#include "oci/capabilities.h"
#include "oci/spec-masks.h"

#include <string.h>

/* What is asked for, by the words that would allow it. */
typedef struct Demands {
    const char *const *allow;
    GPtrArray *words; /* of --allow, each once */
    GString *text;
} Demands;

static void demand(Demands *demands, const char *word, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void demand(Demands *demands, const char *word, const char *format, ...)
{
    va_list arguments;

    if (allow_has(demands->allow, word))
        return;
    if (!g_ptr_array_find_with_equal_func(demands->words, word, g_str_equal, NULL))
        g_ptr_array_add(demands->words, (gpointer)word);
    if (demands->text->len > 0)
        g_string_append(demands->text, "; ");
    va_start(arguments, format);
    g_string_append_vprintf(demands->text, format, arguments);
    va_end(arguments);
}

/* --- the words -------------------------------------------------------------------------------- */

bool allow_check(const char *const *allow, GError **error)
{
    static const char *const known[] = {
        ALLOW_MOUNTS,  ALLOW_PRIVILEGED,  ALLOW_CAPABILITIES, ALLOW_NAMESPACES, ALLOW_SECCOMP,
        ALLOW_SECRETS, ALLOW_ANNOTATIONS, ALLOW_IMAGE,        ALLOW_HOST,       ALLOW_ALL,
        NULL,
    };

    for (; allow != NULL && *allow != NULL; allow++) {
        if (!g_strv_contains(known, *allow)) {
            g_autofree char *list = g_strjoinv(", ", (char **)known);

            return err_set(error, FLOE_ERROR_INVALID, "--allow '%s': it must be one of %s", *allow,
                           list);
        }
    }
    return true;
}

bool allow_has(const char *const *allow, const char *word)
{
    return allow != NULL && (g_strv_contains(allow, word) || g_strv_contains(allow, ALLOW_ALL));
}

/* --- what it asks for ------------------------------------------------------------------------- */

/* Of both, the runtime takes the last. */
static bool is_read_only(const MountConfig *mount)
{
    const char *const *options = (const char *const *)mount->options;

    return options != NULL && g_strv_contains(options, "ro") && !g_strv_contains(options, "rw");
}

/* Read-only is less than what one has; any other option, had or left out, may be more. */
static bool has_options(const MountConfig *mount, const MountConfig *other)
{
    for (char **option = mount->options; option != NULL && *option != NULL; option++) {
        if (!g_str_equal(*option, "ro") && !g_str_equal(*option, "rw") &&
            !g_str_equal(*option, "U") &&
            (other->options == NULL ||
             !g_strv_contains((const char *const *)other->options, *option)))
            return false;
    }
    return true;
}

static bool has_mount(const ContainerConfig *local, const MountConfig *wanted)
{
    for (guint i = 0; local != NULL && local->mounts != NULL && i < local->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(local->mounts, i);

        if (g_strcmp0(mount->type, "bind") == 0 && g_strcmp0(mount->source, wanted->source) == 0 &&
            (!is_read_only(mount) || is_read_only(wanted)) && has_options(mount, wanted) &&
            has_options(wanted, mount))
            return true;
    }
    return false;
}

static void check_root(const ContainerConfig *config, const ContainerConfig *local, Demands *demands)
{
    bool has_it = local != NULL && g_strcmp0(config->rootfs, local->rootfs) == 0 &&
                  (config->rootfs_overlay || !local->rootfs_overlay);

    if (config->rootfs != NULL && !has_it)
        demand(demands, ALLOW_MOUNTS, "the host's '%s' as its root%s", config->rootfs,
               config->rootfs_overlay ? " (not written to)" : "");
}

static void check_mounts(const ContainerConfig *config, const ContainerConfig *local,
                         Demands *demands)
{
    for (guint i = 0; config->mounts != NULL && i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);

        if (g_str_equal(mount->type, "bind") && !has_mount(local, mount))
            demand(demands, ALLOW_MOUNTS, "the host's '%s' at '%s'%s", mount->source,
                   mount->destination, is_read_only(mount) ? " (read-only)" : "");
    }
}

/* Docker's defaults, which podman gave before 4.0 and where its configuration says so: no power. */
static bool is_usual_capability(const char *name)
{
    static const char *const usual[] = {
        "CAP_AUDIT_WRITE", "CAP_CHOWN",   "CAP_DAC_OVERRIDE",     "CAP_FOWNER",     "CAP_FSETID",
        "CAP_KILL",        "CAP_MKNOD",   "CAP_NET_BIND_SERVICE", "CAP_NET_RAW",    "CAP_SETFCAP",
        "CAP_SETGID",      "CAP_SETPCAP", "CAP_SETUID",           "CAP_SYS_CHROOT", NULL,
    };

    return g_strv_contains(usual, name);
}

static void check_capabilities(const ContainerConfig *config, const ContainerConfig *local,
                               Demands *demands)
{
    g_autoptr(GString) list = g_string_new(NULL);

    if (config->privileged)
        return;
    for (char **name = config->capabilities; name != NULL && *name != NULL; name++) {
        if (is_usual_capability(*name) ||
            (local != NULL && local->capabilities != NULL &&
             g_strv_contains((const char *const *)local->capabilities, *name)))
            continue;
        g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", *name);
    }
    if (list->len > 0)
        demand(demands, ALLOW_CAPABILITIES, "the capabilities %s", list->str);
}

static void check_namespaces(const ContainerConfig *config, const ContainerConfig *local,
                             Demands *demands)
{
    const struct {
        const char *name;
        const char *mode;
        const char *local_mode;
    } namespaces[] = {
        { "network", config->network_mode, local != NULL ? local->network_mode : NULL },
        { "PID", config->pid_mode, local != NULL ? local->pid_mode : NULL },
        { "IPC", config->ipc_mode, local != NULL ? local->ipc_mode : NULL },
        { "UTS", config->uts_mode, local != NULL ? local->uts_mode : NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(namespaces); i++) {
        if (g_strcmp0(namespaces[i].mode, "host") == 0 &&
            g_strcmp0(namespaces[i].local_mode, "host") != 0)
            demand(demands, ALLOW_NAMESPACES, "the host's %s namespace", namespaces[i].name);
    }
}

static bool has_secret(const GPtrArray *secrets, guint length, const char *name)
{
    for (guint i = 0; i < length; i++) {
        const SecretConfig *secret = g_ptr_array_index(secrets, i);

        if (g_str_equal(secret->name, name))
            return true;
    }
    return false;
}

/* It names them, and would be given what those of these names hold here. */
static void check_secrets(const ContainerConfig *config, const ContainerConfig *local,
                          Demands *demands)
{
    const GPtrArray *had = local != NULL ? local->secrets : NULL;

    for (guint i = 0; config->secrets != NULL && i < config->secrets->len; i++) {
        const SecretConfig *secret = g_ptr_array_index(config->secrets, i);

        if (!has_secret(had, had != NULL ? had->len : 0, secret->name) &&
            !has_secret(config->secrets, i, secret->name))
            demand(demands, ALLOW_SECRETS, "the secret '%s'", secret->name);
    }
}

/*
 * Annotations that make a runtime, or CRIU, read files and run programs of the host: of runc and
 * crun, of libcriu's users, and of systemd's cgroup driver.
 */
static void check_annotations(const ContainerConfig *config, const ContainerConfig *local,
                              Demands *demands)
{
    static const char *const prefixes[] = { "org.criu.", "run.oci.", "org.systemd.", "io.crun." };
    const char *name;
    json_t *value;

    json_object_foreach(config->annotations, name, value) {
        if (local != NULL && json_equal(value, json_object_get(local->annotations, name)))
            continue;
        for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++) {
            if (g_str_has_prefix(name, prefixes[i]))
                demand(demands, ALLOW_ANNOTATIONS, "the runtime's annotation '%s'", name);
        }
    }
}

static void check_sandbox(const ContainerConfig *config, const ContainerConfig *local,
                          Demands *demands)
{
    if (config->privileged && (local == NULL || !local->privileged))
        demand(demands, ALLOW_PRIVILEGED, "all capabilities and devices (it is privileged)");
    if (g_strcmp0(config->seccomp_profile, "unconfined") == 0 &&
        (local == NULL || g_strcmp0(local->seccomp_profile, "unconfined") != 0))
        demand(demands, ALLOW_SECCOMP, "all system calls (it has no seccomp filter)");
}

/* What every container does not see, or cannot write: with /proc/sys it could change the host. */
static void check_masks(const ContainerConfig *config, const ContainerConfig *local,
                        Demands *demands)
{
    const char *const *had = local != NULL ? (const char *const *)local->unmask : NULL;

    for (char **path = config->unmask; path != NULL && *path != NULL; path++) {
        if (!config->privileged && !spec_is_unmasked(had, *path))
            demand(demands, ALLOW_PRIVILEGED, "'%s' of the kernel (unmasked)", *path);
    }
}

static bool refuse(const Demands *demands, const char *what, GError **error)
{
    g_autofree char *list = NULL;

    if (demands->words->len == 0)
        return true;
    g_ptr_array_add(demands->words, NULL);
    list = g_strjoinv(",", (char **)demands->words->pdata);
    return err_set(error, FLOE_ERROR_INVALID, "%s: %s; if you trust it, use --allow %s", what,
                   demands->text->str, list);
}

bool archive_policy_check(const ContainerRecord *record, const ContainerConfig *local,
                          const char *const *allow, GError **error)
{
    const ContainerConfig *config = &record->config;
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autoptr(GString) text = g_string_new(NULL);
    Demands demands = { allow, words, text };

    check_root(config, local, &demands);
    check_mounts(config, local, &demands);
    check_sandbox(config, local, &demands);
    check_masks(config, local, &demands);
    check_capabilities(config, local, &demands);
    check_namespaces(config, local, &demands);
    check_secrets(config, local, &demands);
    check_annotations(config, local, &demands);
    return refuse(&demands, "the archive asks for more of this host than every container has",
                  error);
}

bool archive_policy_check_processes(const ContainerConfig *config, const CriuPrivileges *privileges,
                                    const char *const *allow, GError **error)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autoptr(GString) text = g_string_new(NULL);
    Demands demands = { allow, words, text };
    g_autofree char *beyond = capabilities_beyond(privileges->capabilities,
                                                  (const char *const *)config->capabilities);

    if (config->privileged)
        return true;
    if (beyond != NULL)
        demand(&demands, ALLOW_CAPABILITIES, "the capabilities %s", beyond);
    if (privileges->unfiltered != 0 && g_strcmp0(config->seccomp_profile, "unconfined") != 0)
        demand(&demands, ALLOW_SECCOMP, "all system calls (process %d has no seccomp filter)",
               (int)privileges->unfiltered);
    return refuse(&demands, "processes of the checkpoint have more than their container", error);
}
