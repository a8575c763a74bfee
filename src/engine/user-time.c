/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/user-time.h"

#include "base/clock.h"

#include <string.h>

#define NS_PER_S    G_GINT64_CONSTANT(1000000000)
#define MOST_S      G_GUINT64_CONSTANT(9200000000) /* in nanoseconds a little less than 64 bits hold */
#define MOST_AGO_NS 9.2e18

/* Before a unit: no sign and no exponent, which strtod() would take too. */
static bool take_number(const char **text, double *ret_number)
{
    size_t length = strspn(*text, "0123456789.");
    g_autofree char *digits = g_strndup(*text, length);
    char *end = NULL;

    *ret_number = g_ascii_strtod(digits, &end);
    *text += length;
    return length > 0 && *end == '\0';
}

static bool take_unit(const char **text, double *ret_ns)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {
        { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "m", 60e9 }, { "h", 3600e9 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        if (!g_str_has_prefix(*text, units[i].name))
            continue;
        *text += strlen(units[i].name);
        *ret_ns = units[i].ns;
        return true;
    }
    return false;
}

static bool parse_duration(const char *text, double *ret_ns)
{
    double sum = 0;
    double number = 0;
    double unit = 0;

    if (*text == '\0')
        return false;
    while (*text != '\0') {
        if (!take_number(&text, &number) || !take_unit(&text, &unit))
            return false;
        sum += number * unit;
    }
    *ret_ns = sum;
    return sum < MOST_AGO_NS;
}

/* Seconds and fraction apart: a double of today's time is only right to some hundred nanoseconds. */
static bool parse_unix(const char *text, int64_t *ret_unix_ns)
{
    g_auto(GStrv) parts = g_strsplit(text, ".", 2);
    guint64 seconds = 0;
    guint64 ns = 0;

    if (parts[0] == NULL || !g_ascii_string_to_unsigned(parts[0], 10, 0, MOST_S, &seconds, NULL))
        return false;
    if (parts[1] != NULL) {
        g_autofree char *digits = g_strndup(parts[1], 9);

        if (!g_ascii_string_to_unsigned(digits, 10, 0, (guint64)NS_PER_S - 1, &ns, NULL))
            return false;
        for (size_t i = strlen(digits); i < 9; i++)
            ns *= 10;
    }
    *ret_unix_ns = (int64_t)seconds * NS_PER_S + (int64_t)ns;
    return true;
}

/* In this process's time zone; the seconds, or the whole time of day, may be missing. */
static bool parse_local(const char *text, int64_t *ret_unix_ns)
{
    static const struct {
        size_t length;
        const char *rest;
    } forms[] = {
        { sizeof("2006-01-02") - 1, "T00:00:00" },
        { sizeof("2006-01-02T15:04") - 1, ":00" },
        { sizeof("2006-01-02T15:04:05") - 1, "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        if (strlen(text) != forms[i].length)
            continue;

        g_autofree char *whole = g_strconcat(text, forms[i].rest, NULL);
        g_autoptr(GTimeZone) zone = g_time_zone_new_local();
        g_autoptr(GDateTime) moment = g_date_time_new_from_iso8601(whole, zone);

        if (moment == NULL || g_date_time_get_year(moment) < 1970 ||
            g_date_time_get_year(moment) > 2200)
            return false;
        *ret_unix_ns = g_date_time_to_unix(moment) * NS_PER_S;
        return true;
    }
    return false;
}

bool user_time_parse(const char *text, int64_t now_unix_ns, int64_t *ret_unix_ns, GError **error)
{
    double ago_ns = 0;

    if (parse_unix(text, ret_unix_ns) || parse_local(text, ret_unix_ns) ||
        time_from_rfc3339(text, ret_unix_ns, NULL))
        return true;
    if (parse_duration(text, &ago_ns)) {
        *ret_unix_ns = now_unix_ns - (int64_t)ago_ns;
        return true;
    }
    return err_set(error, FLOE_ERROR_INVALID,
                   "'%s' is not a time: expected RFC 3339, seconds since 1970, or how long ago it "
                   "was (1h30m)",
                   text);
}

bool user_duration_parse(const char *text, int64_t *ret_ns, GError **error)
{
    double ns = 0;

    if (!g_str_equal(text, "0") && !parse_duration(text, &ns))
        return err_set(error, FLOE_ERROR_INVALID,
                       "'%s' is not a duration: expected a number and a unit (90s, 1h30m, 500ms)",
                       text);
    *ret_ns = (int64_t)ns;
    return true;
}
