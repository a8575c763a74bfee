/* SPDX-License-Identifier: Apache-2.0 */
/* --mount: words of docker's and podman's, and the kinds of mounts that only it can make. */
#include "engine/mount-kinds.h"
#include "engine/mount-options.h"

#include <string.h>

/* --- devpts ----------------------------------------------------------------------------------- */

static const char *const devpts_keys[] = { "uid", "gid", "mode", "max", NULL };

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
    if (!mount_set_destination(mount, destination, text, error))
        return false;
    *ret_mount = g_steal_pointer(&mount);
    return true;
}

/* --- images ----------------------------------------------------------------------------------- */

/* Read-only unless the user says otherwise; what is written then goes with the container's run. */
static bool make_image(const char *name, const char *destination, GPtrArray *options,
                       const char *text, MountConfig **ret_mount, GError **error)
{
    g_autoptr(MountConfig) mount = g_new0(MountConfig, 1);

    if (name == NULL || *name == '\0')
        return err_set(error, FLOE_ERROR_INVALID, "mount '%s': the image is missing", text);
    if (!mount_add_default(options, "ro", "rw", text, error) ||
        !mount_set_destination(mount, destination, text, error))
        return false;
    for (guint i = 0; i < options->len; i++) {
        const char *option = g_ptr_array_index(options, i);

        if (!g_str_equal(option, "ro") && !g_str_equal(option, "rw"))
            return err_set(error, FLOE_ERROR_INVALID, "mount '%s': unknown option '%s'", text,
                           option);
    }
    g_ptr_array_add(options, NULL);
    mount->options = g_strdupv((char **)options->pdata);
    mount->type = g_strdup("image");
    mount->source = g_strdup(name);
    *ret_mount = g_steal_pointer(&mount);
    return true;
}

/* --- --mount -------------------------------------------------------------------------------- */

typedef struct MountWords {
    const char *type;
    const char *source;
    const char *target;
    GPtrArray *options;
    json_t *volume_options; /* of docker's "volume-opt"; NULL: none */
} MountWords;

static bool add_volume_option(MountWords *words, const char *pair, const char *text, GError **error)
{
    const char *value = strchr(pair, '=');
    g_autofree char *key = NULL;

    if (value == NULL || value == pair)
        return err_set(error, FLOE_ERROR_INVALID,
                       "mount '%s': volume-opt '%s' is not of the form KEY=VALUE", text, pair);
    key = g_strndup(pair, (gsize)(value - pair));
    if (words->volume_options == NULL)
        words->volume_options = json_object();
    json_object_set_new(words->volume_options, key, json_from_string(value + 1));
    return true;
}

/* One key[=value] of --mount; several spellings each, as docker and podman have them. */
static bool take_mount_word(MountWords *words, const char *key, const char *value, const char *text,
                            GError **error)
{
    bool is_devpts = g_strcmp0(words->type, "devpts") == 0;
    bool is_off = value != NULL && g_ascii_strcasecmp(value, "false") == 0;

    if (value != NULL && g_str_equal(key, "volume-opt"))
        return add_volume_option(words, value, text, error);
    if (value != NULL && g_str_equal(key, "volume-driver"))
        return g_str_equal(value, "local") ||
               err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "mount '%s': there is no volume driver '%s', only local", text, value);
    if (value != NULL && g_str_equal(key, "type"))
        words->type = value;
    else if (value != NULL && (g_str_equal(key, "source") || g_str_equal(key, "src")))
        words->source = value;
    else if (value != NULL && (g_str_equal(key, "target") || g_str_equal(key, "destination") ||
                               g_str_equal(key, "dst")))
        words->target = value;
    else if (g_str_equal(key, "ro") || g_str_equal(key, "readonly"))
        g_ptr_array_add(words->options, g_strdup(is_off ? "rw" : "ro"));
    else if (g_str_equal(key, "rw") || g_str_equal(key, "readwrite"))
        g_ptr_array_add(words->options, g_strdup(is_off ? "ro" : "rw"));
    else if (value != NULL && g_str_equal(key, "bind-propagation") &&
             mount_option_is_propagation(value))
        g_ptr_array_add(words->options, g_strdup(value));
    else if (value != NULL && is_devpts && g_strv_contains(devpts_keys, key))
        g_ptr_array_add(words->options, g_strdup_printf("%s=%s", key, value));
    else if (value != NULL && g_str_equal(key, "tmpfs-size"))
        g_ptr_array_add(words->options, g_strconcat("size=", value, NULL));
    else if (value != NULL && g_str_equal(key, "tmpfs-mode"))
        g_ptr_array_add(words->options, g_strconcat("mode=", value, NULL));
    else if (g_str_equal(key, "volume-nocopy"))
        g_ptr_array_add(words->options, g_strdup(is_off ? "copy" : "nocopy"));
    else if (g_str_equal(key, "bind-nonrecursive"))
        g_ptr_array_add(words->options, g_strdup(is_off ? "rbind" : "bind"));
    else if (value != NULL && (g_str_equal(key, "U") || g_str_equal(key, "chown"))) {
        if (!is_off)
            g_ptr_array_add(words->options, g_strdup("U"));
    } else if (mount_option_is_ignored(key) || g_str_equal(key, "relabel"))
        return true;
    else if (value == NULL && mount_option_is_known(key, words->type))
        g_ptr_array_add(words->options, g_strdup(key));
    else
        return err_set(error, FLOE_ERROR_INVALID, "mount '%s': unknown option '%s'", text, key);
    return true;
}

/*
 * The fields are of CSV (RFC 4180), as docker and podman have it: one in double quotes may have commas,
 * and quotes that are doubled.
 */
static bool split_fields(const char *text, char ***ret_fields, GError **error)
{
    g_autoptr(GStrvBuilder) fields = g_strv_builder_new();
    g_autoptr(GString) field = g_string_new(NULL);
    bool is_quoted = false;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at == ',' && !is_quoted) {
            g_strv_builder_add(fields, field->str);
            g_string_truncate(field, 0);
        } else if (*at != '"') {
            g_string_append_c(field, *at);
        } else if (is_quoted && at[1] == '"') {
            g_string_append_c(field, *at++);
        } else {
            is_quoted = !is_quoted;
        }
    }
    if (is_quoted)
        return err_set(error, FLOE_ERROR_INVALID, "mount '%s': a quote has no end", text);
    g_strv_builder_add(fields, field->str);
    *ret_fields = g_strv_builder_end(fields);
    return true;
}

static bool make_of_words(MountWords *words, const char *text, MountConfig **ret_mount,
                          GError **error)
{
    const char *type = words->type != NULL ? words->type : "volume";
    const char *source = words->source, *target = words->target;
    GPtrArray *options = words->options;

    if (words->volume_options != NULL && !g_str_equal(type, "volume"))
        return err_set(error, FLOE_ERROR_INVALID, "mount '%s': volume-opt is for volumes", text);
    if (g_str_equal(type, "bind"))
        return mount_make_bind(source, target, g_ptr_array_ref(options), text, ret_mount, error);
    if (g_str_equal(type, "image"))
        return make_image(source, target, options, text, ret_mount, error);
    if (g_str_equal(type, "volume")) {
        if (!mount_make_volume(source, target, options, text, ret_mount, error))
            return false;
        (*ret_mount)->volume_options = json_incref(words->volume_options);
        return true;
    }
    if (g_str_equal(type, "tmpfs") && source != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "mount '%s': a tmpfs has no source", text);
    if (g_str_equal(type, "tmpfs"))
        return mount_make_tmpfs(target, g_ptr_array_ref(options), text, ret_mount, error);
    if (g_str_equal(type, "devpts") && source == NULL)
        return make_devpts(target, options, text, ret_mount, error);
    return err_set(error, FLOE_ERROR_INVALID,
                   "mount '%s': type must be bind, volume, tmpfs, image or devpts", text);
}

bool mount_parse_mount(const char *text, MountConfig **ret_mount, GError **error)
{
    g_auto(GStrv) parts = NULL;
    MountWords words = { .options = g_ptr_array_new_with_free_func(g_free) };
    bool ok = split_fields(text, &parts, error);

    for (size_t i = 0; ok && parts[i] != NULL; i++) {
        char *value = strchr(parts[i], '=');

        if (value != NULL)
            *value++ = '\0';
        ok = take_mount_word(&words, parts[i], value, text, error);
    }
    ok = ok && make_of_words(&words, text, ret_mount, error);
    g_ptr_array_unref(words.options);
    json_decref(words.volume_options);
    return ok;
}
