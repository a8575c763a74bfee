/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/systemd-names.h"

#include <string.h>

#define SUFFIX       ".slice"
#define NAME_MAX_LEN 255  /* systemd's UNIT_NAME_MAX (src/basic/unit-name.h) */
#define MASK_BITS    8192 /* more processors than Linux can have */

/* Letters as in any unit's name; no empty part, for "a--b.slice" would be in "a-.slice". */
static bool is_slice(const char *name)
{
    size_t length = strlen(name);
    size_t stem = length - strlen(SUFFIX);

    if (!g_str_has_suffix(name, SUFFIX) || stem == 0 || length > NAME_MAX_LEN)
        return false;
    if (name[0] == '-' || name[stem - 1] == '-' || strstr(name, "--") != NULL)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!g_ascii_isalnum(name[i]) && strchr(":-_.\\", name[i]) == NULL)
            return false;
    }
    return true;
}

bool systemd_slice_cgroup(const char *slice, char **ret_path, GError **error)
{
    g_autoptr(GString) path = g_string_new(NULL);

    if (!is_slice(slice))
        return err_set(error, FLOE_ERROR_INVALID,
                       "'%s' is not the name of a slice of systemd's, as \"machine.slice\" is",
                       slice);
    for (const char *dash = strchr(slice, '-'); dash != NULL; dash = strchr(dash + 1, '-'))
        g_string_append_printf(path, "/%.*s" SUFFIX, (int)(dash - slice), slice);
    g_string_append_printf(path, "/%s", slice);
    *ret_path = g_string_free(g_steal_pointer(&path), FALSE);
    return true;
}

char *systemd_slice_within(const char *slice, const char *name)
{
    return g_strdup_printf("%.*s-%s" SUFFIX, (int)(strlen(slice) - strlen(SUFFIX)), slice, name);
}

static void mask_set(GByteArray *mask, guint bit)
{
    if (mask->len <= bit / 8) {
        guint old = mask->len;

        g_byte_array_set_size(mask, bit / 8 + 1);
        memset(mask->data + old, 0, mask->len - old);
    }
    mask->data[bit / 8] |= (guint8)(1U << (bit % 8));
}

bool systemd_cpu_mask(const char *list, GByteArray **ret_mask, GError **error)
{
    g_autoptr(GByteArray) mask = g_byte_array_new();
    g_auto(GStrv) parts = g_strsplit(*list != '\0' ? list : ",", ",", -1);

    for (char **part = parts; *part != NULL; part++) {
        char *end = NULL;
        guint64 first = g_ascii_strtoull(*part, &end, 10), last = first;
        bool is_good = g_ascii_isdigit(**part);

        if (is_good && *end == '-') {
            is_good = g_ascii_isdigit(end[1]);
            last = g_ascii_strtoull(end + 1, &end, 10);
        }
        if (!is_good || *end != '\0' || first > last || last >= MASK_BITS)
            return err_set(error, FLOE_ERROR_INVALID, "'%s' is not a list of numbers as 0-3,5 is",
                           list);
        for (guint64 bit = first; bit <= last; bit++)
            mask_set(mask, (guint)bit);
    }
    *ret_mask = g_steal_pointer(&mask);
    return true;
}
