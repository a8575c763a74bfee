/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk over the host's /dev. Names come and go there at any time (hot-plugged devices), so a
 * node that has vanished is passed over. Links are not followed: what they lead to is found under
 * its own name.
 */
#include "oci/spec-devices.h"

#include <dirent.h>
#include <errno.h>
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
