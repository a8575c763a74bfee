/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mount-options.h"

#include "base/digest.h"
#include "base/path.h"
#include "engine/mount-kinds.h"
#include "engine/volume.h"

#include <string.h>

/* Accepted and passed to the runtime as they are. */
static const char *const plain_options[] = {
    "ro",      "rw",      "nosuid", "suid",    "nodev",    "dev",        "noexec", "exec",
    "noatime", "atime",   "sync",   "dirsync", "private",  "rprivate",   "slave",  "rslave",
    "shared",  "rshared", "bind",   "rbind",   "relatime", "nodiratime",
};

/*
 * Accepted because podman's users write them: they mean something only with SELinux or idmapped mounts.
 */
static const char *const ignored_options[] = { "z",          "Z",      "consistency",
                                               "consistent", "cached", "delegated" };

/* Of volumes: whether an empty one gets what the image has there; whether it is to be the user's. */
static const char *const volume_options[] = { "copy", "nocopy", "U" };

/* With "O": where what is written goes, and overlayfs's own directory beside it. */
static const char *const overlay_keys[] = { "upperdir", "workdir" };

/* What an option that everybody may have would break: the host's own directories are not given away. */
static const char *const not_given[] = {
    "/",      "/bin", "/boot", "/dev",     "/etc",  "/home",    "/lib",     "/lib64",
    "/media", "/mnt", "/opt",  "/proc",    "/root", "/run",     "/sbin",    "/srv",
    "/sys",   "/tmp", "/usr",  "/usr/bin", "/var",  "/var/lib", "/var/log",
};

/* Whether a tmpfs begins with what the image has there: both runtimes know the first. */
static const char *const copy_options[] = { "tmpcopyup", "notmpcopyup" };

static const char *const tmpfs_keys[] = { "size", "mode", "uid", "gid", "nr_inodes", "nr_blocks" };

static bool is_in(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (g_str_equal(word, list[i]))
            return true;
    }
    return false;
}

bool mount_option_is_propagation(const char *option)
{
    static const char *const all[] = {
        "private", "rprivate", "slave", "rslave", "shared", "rshared"
    };

    return is_in(option, all, G_N_ELEMENTS(all));
}

static bool is_pair_of(const char *option, const char *const *keys, size_t n)
{
    g_auto(GStrv) pair = g_strsplit(option, "=", 2);

    return pair[0] != NULL && pair[1] != NULL && is_in(pair[0], keys, n);
}

bool mount_is_overlay(const MountConfig *mount)
{
    return g_str_equal(mount->type, "image") ||
           (mount->options != NULL && g_strv_contains((const char *const *)mount->options, "O"));
}

void mount_config_free(MountConfig *mount)
{
    if (mount == NULL)
        return;
    json_decref(mount->volume_options);
    g_free(mount->type);
    g_free(mount->source);
    g_free(mount->destination);
    g_strfreev(mount->options);
    g_free(mount);
}

bool mount_set_destination(MountConfig *mount, const char *destination, const char *text,
                           GError **error)
{
    if (destination == NULL || !g_path_is_absolute(destination))
        return err_set(error, FLOE_ERROR_INVALID,
                       "mount '%s': the path in the container must be absolute", text);
    /* GLib leaves two slashes at the beginning as they are. */
    destination += strspn(destination, "/") - 1;
    mount->destination = g_canonicalize_filename(destination, NULL);
    if (g_str_equal(mount->destination, "/"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "mount '%s': cannot mount over the container's root", text);
    return true;
}

/* A path that begins with a dot is one from the working directory, any other word a volume's name. */
static bool is_path(const char *source)
{
    return g_path_is_absolute(source) || *source == '.';
}

static bool check_source(const char *source, const char *text, GError **error)
{
    if (source == NULL || *source == '\0')
        return err_set(error, FLOE_ERROR_INVALID, "mount '%s': the path on the host is missing",
                       text);
    return is_path(source) ||
           err_set(error, FLOE_ERROR_INVALID,
                   "mount '%s': the path on the host must be absolute or begin with '.'", text);
}

static bool has_option(const GPtrArray *options, const char *option)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)options, option, g_str_equal, NULL);
}

static const char *value_of(const GPtrArray *options, const char *key)
{
    for (guint i = 0; i < options->len; i++) {
        const char *option = g_ptr_array_index(options, i);
        size_t length = strlen(key);

        if (strncmp(option, key, length) == 0 && option[length] == '=')
            return option + length + 1;
    }
    return NULL;
}

/* Directories of the user's for what is written stay when the container's own would go. */
static bool check_overlay(const GPtrArray *options, const char *text, GError **error)
{
    const char *upper = value_of(options, "upperdir"), *work = value_of(options, "workdir");

    if (upper == NULL && work == NULL)
        return true;
    if (!has_option(options, "O"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "mount '%s': 'upperdir' and 'workdir' are options of an overlay ('O')", text);
    if (upper == NULL || work == NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "mount '%s': 'upperdir' and 'workdir' go together", text);
    if (!g_path_is_absolute(upper) || !g_path_is_absolute(work))
        return err_set(error, FLOE_ERROR_INVALID,
                       "mount '%s': 'upperdir' and 'workdir' must be absolute paths", text);
    return (g_file_test(upper, G_FILE_TEST_IS_DIR) && g_file_test(work, G_FILE_TEST_IS_DIR)) ||
           err_set(error, FLOE_ERROR_NOT_FOUND,
                   "mount '%s': 'upperdir' and 'workdir' must be directories that are there", text);
}

/* A bind as the runtime wants it: recursive and private unless the user says otherwise. */
bool mount_make_bind(const char *source, const char *destination, GPtrArray *options,
                     const char *text, MountConfig **ret_mount, GError **error)
{
    g_autoptr(MountConfig) mount = g_new0(MountConfig, 1);
    bool has_bind = false, has_propagation = false, has_ro = false, has_rw = false;

    if (!check_source(source, text, error) || !check_overlay(options, text, error)) {
        g_ptr_array_unref(options);
        return false;
    }
    for (guint i = 0; i < options->len; i++) {
        const char *option = g_ptr_array_index(options, i);

        has_bind = has_bind || g_str_equal(option, "bind") || g_str_equal(option, "rbind");
        has_propagation = has_propagation || mount_option_is_propagation(option);
        has_ro = has_ro || g_str_equal(option, "ro");
        has_rw = has_rw || g_str_equal(option, "rw");
    }
    if (has_ro && has_rw) {
        g_ptr_array_unref(options);
        return err_set(error, FLOE_ERROR_INVALID, "mount '%s': 'ro' and 'rw' exclude each other",
                       text);
    }
    if (!has_bind)
        g_ptr_array_add(options, g_strdup("rbind"));
    if (!has_propagation)
        g_ptr_array_add(options, g_strdup("rprivate"));
    g_ptr_array_add(options, NULL);
    mount->options = (char **)g_ptr_array_free(options, FALSE);
    mount->type = g_strdup("bind");
    mount->source = g_canonicalize_filename(source, NULL);
    if (!mount_set_destination(mount, destination, text, error))
        return false;
    if (g_strv_contains((const char *const *)mount->options, "U") && !mount_is_overlay(mount) &&
        is_in(mount->source, not_given, G_N_ELEMENTS(not_given)))
        return err_set(error, FLOE_ERROR_INVALID,
                       "mount '%s': 'U' would give '%s' of the host to the container's user", text,
                       mount->source);
    if (!path_exists(mount->source))
        return err_set(error, FLOE_ERROR_NOT_FOUND, "mount '%s': no such file or directory: %s",
                       text, mount->source);
    if (mount_is_overlay(mount) && !g_file_test(mount->source, G_FILE_TEST_IS_DIR))
        return err_set(error, FLOE_ERROR_INVALID, "mount '%s': only a directory can be overlaid",
                       text);
    *ret_mount = g_steal_pointer(&mount);
    return true;
}

/* --- volumes ---------------------------------------------------------------------------------- */

static bool has_propagation(const GPtrArray *options)
{
    for (guint i = 0; i < options->len; i++) {
        if (mount_option_is_propagation(g_ptr_array_index(options, i)))
            return true;
    }
    return false;
}

bool mount_add_default(GPtrArray *options, const char *option, const char *opposite,
                       const char *text, GError **error)
{
    if (has_option(options, option) && has_option(options, opposite))
        return err_set(error, FLOE_ERROR_INVALID, "mount '%s': '%s' and '%s' exclude each other",
                       text, option, opposite);
    if (!has_option(options, option) && !has_option(options, opposite))
        g_ptr_array_add(options, g_strdup(option));
    return true;
}

/* In podman's order. */
static bool add_volume_defaults(GPtrArray *options, const char *text, GError **error)
{
    if (!mount_add_default(options, "rw", "ro", text, error))
        return false;
    if (!has_propagation(options))
        g_ptr_array_add(options, g_strdup("rprivate"));
    if (has_option(options, "copy") && has_option(options, "nocopy"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "mount '%s': 'copy' and 'nocopy' exclude each other", text);
    return mount_add_default(options, "nosuid", "suid", text, error) &&
           mount_add_default(options, "nodev", "dev", text, error) &&
           mount_add_default(options, "rbind", "bind", text, error);
}

bool mount_make_volume(const char *name, const char *destination, GPtrArray *options,
                       const char *text, MountConfig **ret_mount, GError **error)
{
    g_autoptr(MountConfig) mount = g_new0(MountConfig, 1);

    if (name != NULL && !volume_name_check(name, error))
        return err_prefix(error, "mount '%s'", text);
    if (!check_overlay(options, text, error) || !add_volume_defaults(options, text, error) ||
        !mount_set_destination(mount, destination, text, error))
        return false;
    g_ptr_array_add(options, NULL);
    mount->options = g_strdupv((char **)options->pdata);
    mount->type = g_strdup("volume");
    mount->is_anonymous = name == NULL;
    mount->source = name != NULL ? g_strdup(name) : id_random();
    *ret_mount = g_steal_pointer(&mount);
    return true;
}

bool mount_make_anonymous(const char *destination, MountConfig **ret_mount, GError **error)
{
    g_autoptr(GPtrArray) options = g_ptr_array_new_with_free_func(g_free);

    return mount_make_volume(NULL, destination, options, destination, ret_mount, error);
}

static bool add_options(GPtrArray *options, const char *list, bool is_volume, const char *text,
                        GError **error)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);

    for (char **word = words; *word != NULL; word++) {
        if (**word == '\0' || is_in(*word, ignored_options, G_N_ELEMENTS(ignored_options)))
            continue;
        if (!is_in(*word, plain_options, G_N_ELEMENTS(plain_options)) && !g_str_equal(*word, "U") &&
            !g_str_equal(*word, "O") &&
            !is_pair_of(*word, overlay_keys, G_N_ELEMENTS(overlay_keys)) &&
            !(is_volume && is_in(*word, volume_options, G_N_ELEMENTS(volume_options))))
            return err_set(error, FLOE_ERROR_INVALID, "volume '%s': unknown option '%s'", text,
                           *word);
        g_ptr_array_add(options, g_strdup(*word));
    }
    return true;
}

bool mount_parse_volume(const char *text, MountConfig **ret_mount, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", -1);
    guint n = g_strv_length(parts);
    g_autoptr(GPtrArray) options = g_ptr_array_new_with_free_func(g_free);
    bool is_volume = n == 1 || (n > 1 && *parts[0] != '\0' && !is_path(parts[0]));

    if (n < 1 || n > 3)
        return err_set(error, FLOE_ERROR_INVALID,
                       "volume '%s' is not of the form [/host/path|NAME:]/container/path[:options]",
                       text);
    if (n == 3 && !add_options(options, parts[2], is_volume, text, error))
        return false;
    if (is_volume)
        return mount_make_volume(n > 1 ? parts[0] : NULL, parts[n > 1 ? 1 : 0], options, text,
                                 ret_mount, error);
    return mount_make_bind(parts[0], parts[1], g_steal_pointer(&options), text, ret_mount, error);
}

/* --- --tmpfs -------------------------------------------------------------------------------- */

static bool add_tmpfs_option(GPtrArray *options, const char *word, const char *text, GError **error)
{
    g_auto(GStrv) pair = g_strsplit(word, "=", 2);

    if (word[0] == '\0')
        return true;
    if (is_in(word, copy_options, G_N_ELEMENTS(copy_options))) {
        g_ptr_array_add(options, g_strdup(word));
        return true;
    }
    if (pair[1] != NULL ? !is_in(pair[0], tmpfs_keys, G_N_ELEMENTS(tmpfs_keys))
                        : !is_in(word, plain_options, G_N_ELEMENTS(plain_options)))
        return err_set(error, FLOE_ERROR_INVALID, "tmpfs '%s': unknown option '%s'", text, word);
    g_ptr_array_add(options, g_strdup(word));
    return true;
}

bool mount_make_tmpfs(const char *destination, GPtrArray *options, const char *text,
                      MountConfig **ret_mount, GError **error)
{
    static const char *const defaults[] = { "nosuid", "nodev", "noexec", "rprivate", "tmpcopyup" };
    static const char *const opposites[] = { "suid", "dev", "exec", "", "notmpcopyup" };
    g_autoptr(MountConfig) mount = g_new0(MountConfig, 1);

    for (size_t i = 0; i < G_N_ELEMENTS(defaults); i++) {
        bool is_set = false;

        for (guint k = 0; k < options->len; k++)
            is_set = is_set || g_str_equal(g_ptr_array_index(options, k), opposites[i]);
        if (!is_set)
            g_ptr_array_add(options, g_strdup(defaults[i]));
    }
    for (guint i = options->len; i > 0; i--) {
        if (g_str_equal(g_ptr_array_index(options, i - 1), "notmpcopyup"))
            g_ptr_array_remove_index(options, i - 1);
    }
    g_ptr_array_add(options, NULL);
    mount->options = (char **)g_ptr_array_free(options, FALSE);
    mount->type = g_strdup("tmpfs");
    if (!mount_set_destination(mount, destination, text, error))
        return false;
    *ret_mount = g_steal_pointer(&mount);
    return true;
}

bool mount_parse_tmpfs(const char *text, MountConfig **ret_mount, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 2);
    g_auto(GStrv) words = g_strsplit(parts[0] != NULL && parts[1] != NULL ? parts[1] : "", ",", -1);
    g_autoptr(GPtrArray) options = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; words[i] != NULL; i++) {
        if (!add_tmpfs_option(options, words[i], text, error))
            return false;
    }
    return mount_make_tmpfs(parts[0], g_steal_pointer(&options), text, ret_mount, error);
}

/* --- for --mount ------------------------------------------------------------------------------ */

/*
 * Words that mean something for one type only; NULL: it was not named yet, and is a volume by default.
 */
static bool is_of_type(const char *key, const char *type)
{
    if (type == NULL || g_str_equal(type, "volume"))
        return is_in(key, volume_options, G_N_ELEMENTS(volume_options));
    if (g_str_equal(type, "bind"))
        return g_str_equal(key, "U");
    return g_str_equal(type, "tmpfs") && is_in(key, copy_options, G_N_ELEMENTS(copy_options));
}

bool mount_option_is_ignored(const char *option)
{
    return is_in(option, ignored_options, G_N_ELEMENTS(ignored_options));
}

bool mount_option_is_known(const char *option, const char *type)
{
    return is_in(option, plain_options, G_N_ELEMENTS(plain_options)) || is_of_type(option, type);
}

/* --- mounts of others ------------------------------------------------------------------------- */

static bool is_known_option(const char *type, const char *option)
{
    g_auto(GStrv) pair = g_strsplit(option, "=", 2);

    if (!g_str_equal(type, "tmpfs"))
        return is_in(option, plain_options, G_N_ELEMENTS(plain_options)) ||
               (g_str_equal(type, "volume") &&
                is_in(option, volume_options, G_N_ELEMENTS(volume_options)));
    return is_in(option, copy_options, G_N_ELEMENTS(copy_options)) ||
           (pair[0] != NULL && pair[1] != NULL
                ? is_in(pair[0], tmpfs_keys, G_N_ELEMENTS(tmpfs_keys))
                : is_in(option, plain_options, G_N_ELEMENTS(plain_options)));
}

bool mount_config_take(const char *type, const char *source, const char *destination,
                       const char *const *options, MountConfig **ret_mount, GError **error)
{
    g_autoptr(MountConfig) mount = g_new0(MountConfig, 1);

    if (!mount_set_destination(mount, destination, destination, error))
        return false;
    for (size_t i = 0; options != NULL && options[i] != NULL; i++) {
        if (!is_known_option(type, options[i]))
            return err_set(error, FLOE_ERROR_INVALID, "mount at '%s': unknown option '%s'",
                           destination, options[i]);
    }
    if (g_str_equal(type, "bind") && (source == NULL || !g_path_is_absolute(source)))
        return err_set(error, FLOE_ERROR_INVALID,
                       "mount at '%s': the path on the host is not absolute", destination);
    mount->type = g_strdup(type);
    mount->source = g_strdup(source);
    mount->options = g_strdupv((char **)options);
    *ret_mount = g_steal_pointer(&mount);
    return true;
}
