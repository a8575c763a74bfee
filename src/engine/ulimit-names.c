/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ulimit-names.h"

static const char *const names[] = {
    "as",   "core",   "cpu",   "data", "fsize",  "locks",  "memlock",    "msgqueue",
    "nice", "nofile", "nproc", "rss",  "rtprio", "rttime", "sigpending", "stack",
};

static bool parse_number(const char *text, int64_t *ret_number)
{
    gint64 number = -1;

    if (!g_str_equal(text, "unlimited") && !g_str_equal(text, "-1") &&
        !g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &number, NULL))
        return false;
    *ret_number = number;
    return true;
}

static bool name_is_known(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_str_equal(name, names[i]))
            return true;
    }
    return false;
}

bool ulimit_parse(const char *text, char **ret_name, int64_t *ret_soft, int64_t *ret_hard,
                  GError **error)
{
    g_auto(GStrv) pair = g_strsplit(text, "=", 2);
    g_auto(GStrv) values = NULL;
    g_autofree char *name = NULL;
    int64_t soft = 0;
    int64_t hard = 0;

    if (pair[0] == NULL || pair[1] == NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--ulimit '%s' is not of the form name=soft[:hard]", text);
    name = g_ascii_strdown(pair[0], -1);
    if (!name_is_known(name))
        return err_set(error, FLOE_ERROR_INVALID, "--ulimit '%s': there is no limit '%s'", text,
                       name);
    values = g_strsplit(pair[1], ":", 2);
    if (values[0] == NULL || !parse_number(values[0], &soft) ||
        !parse_number(values[1] != NULL ? values[1] : values[0], &hard))
        return err_set(error, FLOE_ERROR_INVALID, "--ulimit '%s': not a number", text);
    if (hard >= 0 && (soft > hard || soft < 0))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--ulimit '%s': the soft limit is above the hard limit", text);
    *ret_name = g_steal_pointer(&name);
    *ret_soft = soft;
    *ret_hard = hard;
    return true;
}
