/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk over the host's /dev. Names come and go there at any time (hot-plugged devices), so a
 * node that has vanished is passed over. Links are not followed: what they lead to is found under
 * its own name.
 */
#include "oci/spec-devices.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Real ones are two or three deep (/dev/bus/usb/001/002). */
#define MAX_DEPTH 8

static const char *const skipped_directories[] = { "pts", "shm", "fd", "mqueue", NULL };
static const char *const skipped_devices[] = { "console", "ptmx", NULL };

static json_t *device_to_json(const char *path, const struct stat *st)
{
    json_t *device = json_pack("{s:o, s:s}", "path", json_from_string(path), "type",
                               S_ISBLK(st->st_mode) ? "b" : "c");

    json_object_set_new(device, "major", json_integer(major(st->st_rdev)));
    json_object_set_new(device, "minor", json_integer(minor(st->st_rdev)));
    json_object_set_new(device, "fileMode", json_integer(st->st_mode & 07777));
    json_object_set_new(device, "uid", json_integer(st->st_uid));
    json_object_set_new(device, "gid", json_integer(st->st_gid));
    return device;
}

static bool walk(const char *directory, unsigned depth, json_t *devices, GError **error);

static bool visit(const char *directory, const char *name, unsigned depth, json_t *devices,
                  GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    struct stat st;

    if (lstat(path, &st) < 0)
        return errno == ENOENT || err_set_errno(error, "stat '%s'", path);
    if (S_ISDIR(st.st_mode) && depth < MAX_DEPTH && !g_strv_contains(skipped_directories, name))
        return walk(path, depth + 1, devices, error);
    if ((S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) && !g_strv_contains(skipped_devices, name))
        json_array_append_new(devices, device_to_json(path, &st));
    return true;
}

static int is_no_dot(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool walk(const char *directory, unsigned depth, json_t *devices, GError **error)
{
    struct dirent **entries = NULL;
    int n = scandir(directory, &entries, is_no_dot, alphasort);
    bool ok = true;

    if (n < 0)
        return errno == ENOENT || err_set_errno(error, "read directory '%s'", directory);
    for (int i = 0; i < n; i++) {
        ok = ok && visit(directory, entries[i]->d_name, depth, devices, error);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

bool spec_list_host_devices(const char *directory, json_t **ret_devices, GError **error)
{
    g_autoptr(JsonValue) devices = json_array();

    if (!walk(directory, 0, devices, error))
        return false;
    *ret_devices = g_steal_pointer(&devices);
    return true;
}

/* --- single ones ------------------------------------------------------------------------------ */

static json_t *rule_for(const json_t *device, const char *access)
{
    json_t *rule = json_object();

    json_object_set_new(rule, "allow", json_true());
    json_object_set(rule, "type", json_object_get(device, "type"));
    json_object_set(rule, "major", json_object_get(device, "major"));
    json_object_set(rule, "minor", json_object_get(device, "minor"));
    json_object_set_new(rule, "access", json_from_string(access));
    return rule;
}

/* What is found below the source is below the destination. */
static bool find_device(const SpecDevice *device, json_t **ret_found, GError **error)
{
    g_autoptr(JsonValue) found = json_array();
    struct stat st;
    size_t i;
    json_t *item;

    if (stat(device->source, &st) < 0)
        return err_set_errno(error, "device '%s'", device->source);
    if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
        json_array_append_new(found, device_to_json(device->source, &st));
    else if (!S_ISDIR(st.st_mode))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not a device", device->source);
    else if (!walk(device->source, 0, found, error))
        return false;
    json_array_foreach(found, i, item) {
        const char *path = json_string_value(json_object_get(item, "path"));
        g_autofree char *moved = g_strconcat(device->destination, path + strlen(device->source),
                                             NULL);

        json_object_set_new(item, "path", json_from_string(moved));
    }
    *ret_found = g_steal_pointer(&found);
    return true;
}

/* The later one counts. */
static void put_device(json_t *devices, json_t *device)
{
    size_t i;
    json_t *item;

    json_array_foreach(devices, i, item) {
        if (json_equal(json_object_get(item, "path"), json_object_get(device, "path"))) {
            json_array_set(devices, i, device);
            return;
        }
    }
    json_array_append(devices, device);
}

bool spec_add_device(const SpecDevice *device, json_t *devices, json_t *rules, GError **error)
{
    g_autoptr(JsonValue) found = NULL;
    size_t i;
    json_t *item;

    if (!find_device(device, &found, error))
        return false;
    json_array_foreach(found, i, item) {
        put_device(devices, item);
        json_array_append_new(rules, rule_for(item, device->access));
    }
    return true;
}

/* "10", or "*" for any, which is said by leaving it out. */
static bool add_number(json_t *rule, const char *key, const char *text)
{
    guint64 number;

    if (g_str_equal(text, "*"))
        return true;
    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32, &number, NULL))
        return false;
    json_object_set_new(rule, key, json_integer((json_int_t)number));
    return true;
}

bool spec_device_rule(const char *text, json_t **ret_rule, GError **error)
{
    static const char *const types[] = { "a", "b", "c", NULL };
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    bool has_three = g_strv_length(words) == 3;
    g_auto(GStrv) numbers = g_strsplit(has_three ? words[1] : "", ":", -1);
    g_autoptr(JsonValue) rule = json_object();

    if (!has_three || g_strv_length(numbers) != 2 || !g_strv_contains(types, words[0]) ||
        *words[2] == '\0' || words[2][strspn(words[2], "rwm")] != '\0' || strlen(words[2]) > 3 ||
        !add_number(rule, "major", numbers[0]) || !add_number(rule, "minor", numbers[1]))
        return err_set(error, FLOE_ERROR_INVALID,
                       "'%s' is not of the form TYPE MAJOR:MINOR ACCESS, such as c 10:229 rwm",
                       text);
    json_object_set_new(rule, "allow", json_true());
    json_object_set_new(rule, "type", json_from_string(words[0]));
    json_object_set_new(rule, "access", json_from_string(words[2]));
    *ret_rule = g_steal_pointer(&rule);
    return true;
}

/* --- how fast they are ------------------------------------------------------------------------ */

static json_t *get_or_add(json_t *object, const char *key, json_t *taken_value)
{
    if (json_object_get(object, key) == NULL)
        json_object_set(object, key, taken_value);
    json_decref(taken_value);
    return json_object_get(object, key);
}

bool spec_add_throttle(const SpecThrottle *throttle, json_t *resources, GError **error)
{
    static const struct {
        const char *kind, *key, *value;
    } keys[] = {
        { "weight", "weightDevice", "weight" },
        { "read-bps", "throttleReadBpsDevice", "rate" },
        { "write-bps", "throttleWriteBpsDevice", "rate" },
        { "read-iops", "throttleReadIOPSDevice", "rate" },
        { "write-iops", "throttleWriteIOPSDevice", "rate" },
    };
    struct stat st;

    if (stat(throttle->path, &st) < 0)
        return err_set_errno(error, "device '%s'", throttle->path);
    if (!S_ISBLK(st.st_mode))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not a block device", throttle->path);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (!g_str_equal(keys[i].kind, throttle->kind))
            continue;

        json_t *io = get_or_add(resources, "blockIO", json_object());
        json_t *list = get_or_add(io, keys[i].key, json_array());
        json_t *entry = json_object();

        json_object_set_new(entry, "major", json_integer(major(st.st_rdev)));
        json_object_set_new(entry, "minor", json_integer(minor(st.st_rdev)));
        json_object_set_new(entry, keys[i].value, json_integer(throttle->rate));
        json_array_append_new(list, entry);
        return true;
    }
    return err_set(error, FLOE_ERROR_INVALID, "there is no limit of a device called '%s'",
                   throttle->kind);
}
