/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mount-options.h"

#include "base/digest.h"
#include "base/path.h"
#include "engine/volume.h"

#include <string.h>

/* Accepted and passed to the runtime as they are. */
static const char *const plain_options[] = {
    "ro",      "rw",      "nosuid", "suid",    "nodev",    "dev",        "noexec", "exec",
    "noatime", "atime",   "sync",   "dirsync", "private",  "rprivate",   "slave",  "rslave",
    "shared",  "rshared", "bind",   "rbind",   "relatime", "nodiratime",
};

/* Accepted because podman's users write them: they mean something only with SELinux or idmapped mounts. */
static const char *const ignored_options[] = { "z", "Z", "consistency", "cached", "delegated" };

/* Of volumes: whether an empty one gets what the image has there; whether it is to be the user's. */
static const char *const volume_options[] = { "copy", "nocopy", "U" };

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

void mount_config_free(MountConfig *mount)
{
    if (mount == NULL)
        return;
    g_free(mount->type);
    g_free(mount->source);
    g_free(mount->destination);
    g_strfreev(mount->options);
    g_free(mount);
}

/* Without ".." and double slashes, so that one place has one spelling. */
static bool set_destination(MountConfig *mount, const char *destination, const char *text,
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

/* A bind as the runtime wants it: recursive and private unless the user says otherwise. */
static bool make_bind(const char *source, const char *destination, GPtrArray *options,
                      const char *text, MountConfig **ret_mount, GError **error)
{
    g_autoptr(MountConfig) mount = g_new0(MountConfig, 1);
    bool has_bind = false, has_propagation = false, has_ro = false, has_rw = false;

    if (!check_source(source, text, error)) {
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
    if (!set_destination(mount, destination, text, error))
        return false;
    if (g_strv_contains((const char *const *)mount->options, "U") &&
        is_in(mount->source, not_given, G_N_ELEMENTS(not_given)))
        return err_set(error, FLOE_ERROR_INVALID,
                       "mount '%s': 'U' would give '%s' of the host to the container's user", text,
                       mount->source);
    if (!path_exists(mount->source))
        return err_set(error, FLOE_ERROR_NOT_FOUND, "mount '%s': no such file or directory: %s",
                       text, mount->source);
    *ret_mount = g_steal_pointer(&mount);
    return true;
}

/* --- volumes ---------------------------------------------------------------------------------- */

static bool has_option(const GPtrArray *options, const char *option)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)options, option, g_str_equal, NULL);
}

static bool has_propagation(const GPtrArray *options)
{
    for (guint i = 0; i < options->len; i++) {
        if (mount_option_is_propagation(g_ptr_array_index(options, i)))
            return true;
    }
    return false;
}

/* Of an option and its opposite the first, unless one of the two is there; both are not allowed. */
static bool add_default(GPtrArray *options, const char *option, const char *opposite,
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
    if (!add_default(options, "rw", "ro", text, error))
        return false;
    if (!has_propagation(options))
        g_ptr_array_add(options, g_strdup("rprivate"));
    if (has_option(options, "copy") && has_option(options, "nocopy"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "mount '%s': 'copy' and 'nocopy' exclude each other", text);
    return add_default(options, "nosuid", "suid", text, error) &&
           add_default(options, "nodev", "dev", text, error) &&
           add_default(options, "rbind", "bind", text, error);
}

/* name NULL: a volume of the container's own. `options` stay the caller's. */
static bool make_volume(const char *name, const char *destination, GPtrArray *options,
                        const char *text, MountConfig **ret_mount, GError **error)
{
    g_autoptr(MountConfig) mount = g_new0(MountConfig, 1);

    if (name != NULL && !volume_name_check(name, error))
        return err_prefix(error, "mount '%s'", text);
    if (!add_volume_defaults(options, text, error) ||
        !set_destination(mount, destination, text, error))
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

    return make_volume(NULL, destination, options, destination, ret_mount, error);
}

static bool add_options(GPtrArray *options, const char *list, bool is_volume, const char *text,
                        GError **error)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);

    for (char **word = words; *word != NULL; word++) {
        if (**word == '\0' || is_in(*word, ignored_options, G_N_ELEMENTS(ignored_options)))
            continue;
        if (!is_in(*word, plain_options, G_N_ELEMENTS(plain_options)) && !g_str_equal(*word, "U") &&
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
        return make_volume(n > 1 ? parts[0] : NULL, parts[n > 1 ? 1 : 0], options, text, ret_mount,
                           error);
    return make_bind(parts[0], parts[1], g_steal_pointer(&options), text, ret_mount, error);
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

static bool make_tmpfs(const char *destination, GPtrArray *options, const char *text,
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
    if (!set_destination(mount, destination, text, error))
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
    return make_tmpfs(parts[0], g_steal_pointer(&options), text, ret_mount, error);
}

/* --- devpts ----------------------------------------------------------------------------------- */

static const char *const devpts_keys[] = { "uid", "gid", "mode", "max" };

/* Terminals of its own, as those at /dev/pts: the runtime's defaults for that one. */
static bool make_devpts(const char *destination, const GPtrArray *given, const char *text,
                        MountConfig **ret_mount, GError **error)
{
    static const char *const defaults[] = { "nosuid", "noexec", "newinstance", "ptmxmode=0666" };
    g_autoptr(MountConfig) mount = g_new0(MountConfig, 1);
    g_autoptr(GStrvBuilder) options = g_strv_builder_new();

    for (size_t i = 0; i < G_N_ELEMENTS(defaults); i++)
        g_strv_builder_add(options, defaults[i]);
    for (guint i = 0; i < given->len; i++)
        g_strv_builder_add(options, g_ptr_array_index(given, i));
    mount->options = g_strv_builder_end(options);
    mount->type = g_strdup("devpts");
    if (!set_destination(mount, destination, text, error))
        return false;
    *ret_mount = g_steal_pointer(&mount);
    return true;
}

/* --- --mount -------------------------------------------------------------------------------- */

typedef struct MountWords {
    const char *type;
    const char *source;
    const char *target;
    GPtrArray *options;
} MountWords;

/* Words that mean something for one type only; NULL: it was not named yet, and is a volume by default. */
static bool is_of_type(const char *key, const char *type)
{
    if (type == NULL || g_str_equal(type, "volume"))
        return is_in(key, volume_options, G_N_ELEMENTS(volume_options));
    if (g_str_equal(type, "bind"))
        return g_str_equal(key, "U");
    return g_str_equal(type, "tmpfs") && is_in(key, copy_options, G_N_ELEMENTS(copy_options));
}

/* One key[=value] of --mount; several spellings each, as docker and podman have them. */
static bool take_mount_word(MountWords *words, const char *key, const char *value, const char *text,
                            GError **error)
{
    bool is_devpts = g_strcmp0(words->type, "devpts") == 0;
    bool is_off = value != NULL && g_ascii_strcasecmp(value, "false") == 0;

    if (value != NULL && g_str_equal(key, "type"))
        words->type = value;
    else if (value != NULL && (g_str_equal(key, "source") || g_str_equal(key, "src")))
        words->source = value;
    else if (value != NULL && (g_str_equal(key, "target") || g_str_equal(key, "destination") ||
                               g_str_equal(key, "dst")))
        words->target = value;
    else if (g_str_equal(key, "ro") || g_str_equal(key, "readonly"))
        g_ptr_array_add(words->options, g_strdup(is_off ? "rw" : "ro"));
    else if (g_str_equal(key, "rw"))
        g_ptr_array_add(words->options, g_strdup(is_off ? "ro" : "rw"));
    else if (value != NULL && g_str_equal(key, "bind-propagation") &&
             mount_option_is_propagation(value))
        g_ptr_array_add(words->options, g_strdup(value));
    else if (value != NULL && is_devpts && is_in(key, devpts_keys, G_N_ELEMENTS(devpts_keys)))
        g_ptr_array_add(words->options, g_strdup_printf("%s=%s", key, value));
    else if (value != NULL && g_str_equal(key, "tmpfs-size"))
        g_ptr_array_add(words->options, g_strconcat("size=", value, NULL));
    else if (value != NULL && g_str_equal(key, "tmpfs-mode"))
        g_ptr_array_add(words->options, g_strconcat("mode=", value, NULL));
    else if (g_str_equal(key, "bind-nonrecursive"))
        g_ptr_array_add(words->options, g_strdup(is_off ? "rbind" : "bind"));
    else if (value != NULL && (g_str_equal(key, "U") || g_str_equal(key, "chown"))) {
        if (!is_off)
            g_ptr_array_add(words->options, g_strdup("U"));
    } else if (is_in(key, ignored_options, G_N_ELEMENTS(ignored_options)) ||
               g_str_equal(key, "relabel"))
        return true;
    else if (value == NULL && (is_in(key, plain_options, G_N_ELEMENTS(plain_options)) ||
                               is_of_type(key, words->type)))
        g_ptr_array_add(words->options, g_strdup(key));
    else
        return err_set(error, FLOE_ERROR_INVALID, "mount '%s': unknown option '%s'", text, key);
    return true;
}

bool mount_parse_mount(const char *text, MountConfig **ret_mount, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    g_autoptr(GPtrArray) options = g_ptr_array_new_with_free_func(g_free);
    MountWords words = { .options = options };

    for (size_t i = 0; parts[i] != NULL; i++) {
        char *value = strchr(parts[i], '=');

        if (value != NULL)
            *value++ = '\0';
        if (!take_mount_word(&words, parts[i], value, text, error))
            return false;
    }
    if (g_strcmp0(words.type, "bind") == 0)
        return make_bind(words.source, words.target, g_steal_pointer(&options), text, ret_mount,
                         error);
    if (g_strcmp0(words.type, "tmpfs") == 0 && words.source != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "mount '%s': a tmpfs has no source", text);
    if (g_strcmp0(words.type, "tmpfs") == 0)
        return make_tmpfs(words.target, g_steal_pointer(&options), text, ret_mount, error);
    if (g_strcmp0(words.type, "devpts") == 0 && words.source == NULL)
        return make_devpts(words.target, options, text, ret_mount, error);
    if (words.type == NULL || g_str_equal(words.type, "volume"))
        return make_volume(words.source, words.target, options, text, ret_mount, error);
    return err_set(error, FLOE_ERROR_INVALID,
                   "mount '%s': type must be bind, volume, tmpfs or devpts", text);
}

/* --- mounts of others ------------------------------------------------------------------------- */

static bool is_known_option(const char *type, const char *option)
{
    g_auto(GStrv) pair = g_strsplit(option, "=", 2);

    if (!g_str_equal(type, "tmpfs"))
        return is_in(option, plain_options, G_N_ELEMENTS(plain_options));
    return is_in(option, copy_options, G_N_ELEMENTS(copy_options)) ||
           (pair[0] != NULL && pair[1] != NULL
                ? is_in(pair[0], tmpfs_keys, G_N_ELEMENTS(tmpfs_keys))
                : is_in(option, plain_options, G_N_ELEMENTS(plain_options)));
}

bool mount_config_take(const char *type, const char *source, const char *destination,
                       const char *const *options, MountConfig **ret_mount, GError **error)
{
    g_autoptr(MountConfig) mount = g_new0(MountConfig, 1);

    if (!set_destination(mount, destination, destination, error))
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
