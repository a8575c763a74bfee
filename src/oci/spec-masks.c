/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/spec-masks.h"

#include "base/json.h"

#include <fnmatch.h>

#define POWERCAP "/sys/devices/virtual/powercap" /* how much power the processors use */

static const char *const masked_paths[] = {
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/fs/selinux",
    "/sys/dev/block",
    POWERCAP,
    NULL,
};

static const char *const read_only_paths[] = {
    "/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", NULL,
};

bool spec_is_unmasked(const char *const *unmask, const char *path)
{
    for (; unmask != NULL && *unmask != NULL; unmask++) {
        if (g_ascii_strcasecmp(*unmask, "all") == 0 || fnmatch(*unmask, path, FNM_PATHNAME) == 0)
            return true;
    }
    return false;
}

bool spec_masks_parse(const char *text, bool is_unmask, char ***list, GError **error)
{
    g_auto(GStrv) paths = g_strsplit(text, ":", -1);
    g_autoptr(GStrvBuilder) all = g_strv_builder_new();

    if (*list != NULL)
        g_strv_builder_addv(all, (const char **)*list);
    for (char **path = paths; *path != NULL; path++) {
        if (**path != '/' && !(is_unmask && g_ascii_strcasecmp(*path, "all") == 0))
            return err_set(error, FLOE_ERROR_INVALID, "'%s' is no absolute path", *path);
        g_strv_builder_add(all, *path);
    }
    g_strfreev(*list);
    *list = g_strv_builder_end(all);
    return true;
}

static json_t *without_unmasked(const char *const *paths, const char *const *unmask)
{
    json_t *rest = json_array();

    for (; *paths != NULL; paths++) {
        if (!spec_is_unmasked(unmask, *paths))
            json_array_append_new(rest, json_string(*paths));
    }
    return rest;
}

/* podman leaves an empty list out. */
static void set_list(json_t *section, const char *key, json_t *list)
{
    if (json_array_size(list) > 0)
        json_object_set(section, key, list);
    json_decref(list);
}

void spec_masks_set(const SpecMasks *masks, bool privileged, json_t *linux_section)
{
    json_t *masked = privileged ? json_array() : without_unmasked(masked_paths, masks->unmask);

    for (const char *const *path = masks->mask; path != NULL && *path != NULL; path++)
        json_array_append_new(masked, json_from_string(*path));
    set_list(linux_section, "maskedPaths", masked);
    if (!privileged)
        set_list(linux_section, "readonlyPaths", without_unmasked(read_only_paths, masks->unmask));
}

static bool is_in(const char *path, char **list)
{
    return list != NULL && g_strv_contains((const char *const *)list, path);
}

/* A list that holds nothing is none. */
static char **list_end(GStrvBuilder *builder)
{
    char **list = g_strv_builder_end(builder);

    if (list[0] == NULL)
        g_clear_pointer(&list, g_strfreev);
    return list;
}

bool spec_masks_read(const json_t *linux_section, bool privileged, char ***ret_mask,
                     char ***ret_unmask, GError **error)
{
    g_autoptr(GStrvBuilder) mask = g_strv_builder_new();
    g_autoptr(GStrvBuilder) unmask = g_strv_builder_new();
    g_auto(GStrv) masked = NULL;
    g_auto(GStrv) read_only = NULL;

    if (!json_get_strv(linux_section, "maskedPaths", &masked, error) ||
        !json_get_strv(linux_section, "readonlyPaths", &read_only, error))
        return false;
    for (char **path = masked; path != NULL && *path != NULL; path++) {
        if (**path != '/')
            return err_set(error, FLOE_ERROR_INVALID, "key 'maskedPaths': '%s' is no absolute path",
                           *path);
        if (privileged || !g_strv_contains(masked_paths, *path))
            g_strv_builder_add(mask, *path);
    }
    for (const char *const *path = masked_paths; !privileged && *path != NULL; path++) {
        /* podman 4 does not hide it: that is nobody's wish. */
        if (!is_in(*path, masked) && !g_str_equal(*path, POWERCAP))
            g_strv_builder_add(unmask, *path);
    }
    for (const char *const *path = read_only_paths; !privileged && *path != NULL; path++) {
        if (!is_in(*path, read_only) && !is_in(*path, masked))
            g_strv_builder_add(unmask, *path);
    }
    *ret_mask = list_end(mask);
    *ret_unmask = list_end(unmask);
    return true;
}
