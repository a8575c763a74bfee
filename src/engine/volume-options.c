/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/volume-options.h"

#include <string.h>

static const char *option(const json_t *options, const char *key)
{
    return json_string_value(json_object_get(options, key));
}

bool volume_options_mount(const json_t *options)
{
    return option(options, "device") != NULL || option(options, "type") != NULL;
}

static bool is_bind(const json_t *options)
{
    const char *type = option(options, "type");
    g_auto(GStrv) words = g_strsplit(option(options, "o") != NULL ? option(options, "o") : "", ",",
                                     -1);

    return g_strcmp0(type, "bind") == 0 || g_strv_contains((const char *const *)words, "bind") ||
           g_strv_contains((const char *const *)words, "rbind");
}

static bool check_mount(const json_t *options, GError **error)
{
    const char *device = option(options, "device");

    if (!volume_options_mount(options))
        return true;
    if (device == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "the volume option type needs a device");
    if (!is_bind(options))
        return true;
    if (!g_path_is_absolute(device))
        return err_set(error, FLOE_ERROR_INVALID, "the device '%s' is not an absolute path", device);
    return g_file_test(device, G_FILE_TEST_IS_DIR) ||
           err_set(error, FLOE_ERROR_NOT_FOUND, "the device '%s' is not a directory", device);
}

bool volume_options_check(const json_t *options, GError **error)
{
    static const char *const known[] = { "type", "device", "o", NULL };
    TreeOwner owner;
    bool given;
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)options, key, value) {
        if (!g_strv_contains(known, key))
            return err_set(error, FLOE_ERROR_INVALID, "invalid mount option %s for driver 'local'",
                           key);
        if (!json_is_string(value))
            return err_set(error, FLOE_ERROR_INVALID, "the volume option %s is not a text", key);
    }
    return check_mount(options, error) && volume_options_owner(options, &owner, &given, error);
}

/* "uid=1000", of one of the two. */
static bool read_id(const char *word, const char *key, unsigned *ret_id, bool *ret_given,
                    GError **error)
{
    guint64 number = 0;

    if (!g_str_has_prefix(word, key))
        return true;
    /* The last number stands for "none" in chown(2). */
    if (!g_ascii_string_to_unsigned(word + strlen(key), 10, 0, UINT32_MAX - 1, &number, NULL))
        return err_set(error, FLOE_ERROR_INVALID, "the volume option '%s' is not a number", word);
    *ret_id = (unsigned)number;
    *ret_given = true;
    return true;
}

bool volume_options_owner(const json_t *options, TreeOwner *ret_owner, bool *ret_given,
                          GError **error)
{
    const char *text = option(options, "o");
    g_auto(GStrv) words = g_strsplit(text != NULL ? text : "", ",", -1);

    *ret_owner = (TreeOwner){ 0, 0 };
    *ret_given = false;
    if (volume_options_mount(options)) /* then they are the file system's to understand */
        return true;
    for (char **word = words; *word != NULL; word++) {
        bool is_owner = g_str_has_prefix(*word, "uid=") || g_str_has_prefix(*word, "gid=");

        if (g_str_has_prefix(*word, "size=") || g_str_has_prefix(*word, "inodes="))
            return err_set(error, FLOE_ERROR_UNSUPPORTED,
                           "the volume option '%s' needs project quotas of the file system, which "
                           "floe does not set; a volume of type=tmpfs,device=tmpfs can be limited",
                           *word);
        if (!is_owner)
            return err_set(error, FLOE_ERROR_INVALID,
                           "the volume option '%s' needs type and device; without them uid=NUMBER "
                           "and gid=NUMBER are known",
                           *word);
        if (!read_id(*word, "uid=", &ret_owner->uid, ret_given, error) ||
            !read_id(*word, "gid=", &ret_owner->gid, ret_given, error))
            return false;
    }
    return true;
}

char **volume_options_mount_command(const json_t *options, const char *target)
{
    const char *type = option(options, "type");
    const char *o = option(options, "o");
    g_autoptr(GStrvBuilder) command = g_strv_builder_new();

    g_strv_builder_add(command, "mount");
    if (is_bind(options))
        g_strv_builder_add(command, "--bind");
    else if (type != NULL && *type != '\0')
        g_strv_builder_add_many(command, "-t", type, NULL);
    if (o != NULL && *o != '\0')
        g_strv_builder_add_many(command, "-o", o, NULL);
    g_strv_builder_add_many(command, "--", option(options, "device"), target, NULL);
    return g_strv_builder_end(command);
}
