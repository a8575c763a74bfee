/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device-options.h"

#include "oci/spec-devices.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* --- devices that it has ---------------------------------------------------------------------- */

/* Read, write, make: each at most once. */
static bool is_access(const char *text)
{
    return *text != '\0' && text[strspn(text, "rwm")] == '\0' && strlen(text) <= strlen("rwm");
}

static bool check_source(const char *path, const char *text, GError **error)
{
    struct stat st;

    if (!g_path_is_absolute(path))
        return err_set(error, FLOE_ERROR_INVALID, "--device '%s': the path must be absolute", text);
    if (stat(path, &st) < 0)
        return err_set_errno(error, "--device '%s': look at '%s'", text, path);
    return S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode) || S_ISDIR(st.st_mode) ||
           err_set(error, FLOE_ERROR_INVALID, "--device '%s': '%s' is not a device", text, path);
}

bool device_parse(const char *text, DeviceConfig **ret_device, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", -1);
    guint n = g_strv_length(parts);
    const char *access = n == 3 ? parts[2] : n == 2 && is_access(parts[1]) ? parts[1] : "rwm";
    const char *destination = n == 3 || (n == 2 && access != parts[1]) ? parts[1] : parts[0];
    DeviceConfig *device;

    if (n < 1 || n > 3)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--device '%s' is not of the form /dev/host[:/dev/container][:rwm]", text);
    if (!is_access(access))
        return err_set(error, FLOE_ERROR_INVALID, "--device '%s': '%s' is not made of r, w and m",
                       text, access);
    if (!g_path_is_absolute(destination))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--device '%s': the path in the container must be absolute", text);
    if (!check_source(parts[0], text, error))
        return false;
    device = g_new0(DeviceConfig, 1);
    device->source = g_canonicalize_filename(parts[0], NULL);
    device->destination = g_canonicalize_filename(destination, NULL);
    device->access = g_strdup(access);
    *ret_device = device;
    return true;
}

/* --- devices that it may use ------------------------------------------------------------------ */

bool device_rule_check(const char *text, GError **error)
{
    json_t *rule = NULL;

    if (!spec_device_rule(text, &rule, error))
        return err_prefix(error, "--device-cgroup-rule");
    json_decref(rule);
    return true;
}

/* --- how fast they are ------------------------------------------------------------------------ */

bool throttle_parse(const char *text, ThrottleConfig **ret_throttle, GError **error)
{
    static const char *const kinds[] = { "weight",    "read-bps",   "write-bps",
                                         "read-iops", "write-iops", NULL };
    g_auto(GStrv) pair = g_strsplit(text, "=", 2);
    const char *colon = pair[0] != NULL && pair[1] != NULL ? strrchr(pair[1], ':') : NULL;
    guint64 rate;
    ThrottleConfig *throttle;
    struct stat st;

    if (colon == NULL || !g_strv_contains(kinds, pair[0]))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not of the form read-bps=DEVICE:RATE",
                       text);

    g_autofree char *path = g_strndup(pair[1], (gsize)(colon - pair[1]));

    if (!g_ascii_string_to_unsigned(colon + 1, 10, 0, G_MAXINT64, &rate, NULL))
        return err_set(error, FLOE_ERROR_INVALID, "'%s': '%s' is not a rate", text, colon + 1);
    if (!g_path_is_absolute(path) || stat(path, &st) < 0)
        return err_set(error, FLOE_ERROR_NOT_FOUND, "'%s': there is no device '%s'", text, path);
    if (!S_ISBLK(st.st_mode))
        return err_set(error, FLOE_ERROR_INVALID, "'%s': '%s' is not a block device", text, path);
    throttle = g_new0(ThrottleConfig, 1);
    throttle->kind = g_strdup(pair[0]);
    throttle->path = g_steal_pointer(&path);
    throttle->rate = (int64_t)rate;
    *ret_throttle = throttle;
    return true;
}
