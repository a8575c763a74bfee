/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/value.h"

#include "cli/message.h"

#include <string.h>

#define NS_PER_SECOND G_GINT64_CONSTANT(1000000000)
#define LAST_SECOND   (G_MAXINT64 / NS_PER_SECOND - 1)

bool value_bool(const char *text, bool *ret_value, GError **error)
{
    static const char *const yes[] = { "1", "t", "T", "true", "TRUE", "True", NULL };
    static const char *const no[] = { "0", "f", "F", "false", "FALSE", "False", NULL };

    if (!g_strv_contains(yes, text) && !g_strv_contains(no, text))
        return cli_set_error(error, "not true or false");
    *ret_value = g_strv_contains(yes, text);
    return true;
}

bool value_integer(const char *text, int64_t *ret_value, GError **error)
{
    gint64 value;

    if (!g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &value, NULL))
        return cli_set_error(error, "not a whole number");
    *ret_value = value;
    return true;
}

bool value_unsigned(const char *text, int64_t *ret_value, GError **error)
{
    gint64 value;

    if (!g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &value, NULL))
        return cli_set_error(error, "not a whole number from 0");
    *ret_value = value;
    return true;
}

bool value_timeout(const char *text, int *ret_seconds, GError **error)
{
    gint64 value;

    if (!g_ascii_string_to_signed(text, 10, -1, G_MAXINT, &value, NULL))
        return cli_set_error(error, "not a number of seconds (-1: no end)");
    *ret_seconds = (int)value;
    return true;
}

/*
 * Digits with at most one point, at the beginning of the text; nothing of hex, exponents, signs,
 * inf.
 */
static bool leading_decimal(const char *text, double *ret_value, const char **ret_rest)
{
    size_t digits = strspn(text, "0123456789."), all = digits;
    const char *point = memchr(text, '.', digits);

    if (digits > 32 ||
        (point != NULL && memchr(point + 1, '.', digits - (size_t)(point + 1 - text))))
        return false;
    if (point != NULL)
        digits--;
    if (digits == 0)
        return false;

    g_autofree char *number = g_strndup(text, all);
    *ret_value = g_ascii_strtod(number, NULL);
    *ret_rest = text + all;
    return true;
}

bool value_size(const char *text, int64_t *ret_bytes, GError **error)
{
    static const char units[] = "bkmgtp";
    double value;
    const char *rest;
    int power = 0;

    if (!leading_decimal(text, &value, &rest))
        return cli_set_error(error, "not a size (such as 512m or 1.5g)");
    while (*rest == ' ')
        rest++;
    if (*rest != '\0') {
        const char *unit = strchr(units, g_ascii_tolower(*rest));

        power = unit != NULL ? (int)(unit - units) : -1;
        rest++;
        if (power > 0 && g_ascii_tolower(rest[0]) == 'i' && g_ascii_tolower(rest[1]) == 'b')
            rest += 2;
        else if (power > 0 && g_ascii_tolower(rest[0]) == 'b')
            rest++;
    }
    if (power < 0 || *rest != '\0')
        return cli_set_error(error, "unknown unit (b, k, m, g, t and p are known)");

    double bytes = value * (double)(G_GUINT64_CONSTANT(1) << (10 * power));
    if (bytes >= (double)G_MAXINT64)
        return cli_set_error(error, "too large");
    *ret_bytes = (int64_t)bytes;
    return true;
}

bool value_cpus(const char *text, int64_t *ret_nano_cpus, GError **error)
{
    double value;
    const char *rest;

    if (!leading_decimal(text, &value, &rest) || *rest != '\0')
        return cli_set_error(error, "not a number of processors (such as 1.5)");
    if (value > 1e6)
        return cli_set_error(error, "too large");
    *ret_nano_cpus = (int64_t)(value * 1e9 + 0.5);
    return true;
}

static bool unit_of_time(const char *text, double *ret_ns, size_t *ret_length)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {
        { "ns", 1 },       { "us", 1e3 },
        { "µs", 1e3 },     { "μs", 1e3 }, /* two code points look so */
        { "ms", 1e6 },     { "s", 1e9 },
        { "m", 60 * 1e9 }, { "h", 3600 * 1e9 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        if (g_str_has_prefix(text, units[i].name)) {
            *ret_ns = units[i].ns;
            *ret_length = strlen(units[i].name);
            return true;
        }
    }
    return false;
}

bool value_duration(const char *text, int64_t *ret_ns, GError **error)
{
    double total = 0;
    const char *at = text;

    do {
        double value, unit;
        size_t length;

        if (!leading_decimal(at, &value, &at) || !unit_of_time(at, &unit, &length))
            return cli_set_error(error, "not a duration (such as 90s or 1h30m)");
        total += value * unit;
        at += length;
    } while (*at != '\0');

    if (total >= (double)G_MAXINT64)
        return cli_set_error(error, "too long");
    *ret_ns = (int64_t)total;
    return true;
}

static bool seconds_since_1970(const char *text, int64_t *ret_unix_ns)
{
    double fraction = 0;
    const char *rest;
    gint64 seconds;
    size_t length = strcspn(text, ".");
    g_autofree char *whole = g_strndup(text, length);

    if (!g_ascii_string_to_signed(whole, 10, 0, LAST_SECOND, &seconds, NULL))
        return false;
    if (text[length] == '.' && (!leading_decimal(text + length, &fraction, &rest) || *rest != '\0'))
        return false;
    *ret_unix_ns = seconds * NS_PER_SECOND + (int64_t)(fraction * 1e9 + 0.5);
    return true;
}

/* "2026-01-31" and "2026-01-31T10:20" made whole, so that GLib reads them. */
static char *completed_date(const char *text)
{
    static const char full[] = "0000-00-00T00:00:00";
    size_t length = strlen(text);

    if (length >= strlen(full) || (length != 10 && length != 13 && length != 16))
        return g_strdup(text);
    return g_strconcat(text, full + length, NULL);
}

bool value_time(const char *text, int64_t now_unix_ns, int64_t *ret_unix_ns, GError **error)
{
    int64_t ago_ns = 0;
    int64_t seconds;

    if (seconds_since_1970(text, ret_unix_ns))
        return true;
    if (value_duration(text, &ago_ns, NULL)) {
        *ret_unix_ns = now_unix_ns - ago_ns;
        return true;
    }

    g_autofree char *date = completed_date(text);
    g_autoptr(GTimeZone) local = g_time_zone_new_local();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(date, local);
    if (time == NULL)
        return cli_set_error(error,
                             "not a time (a date, seconds since 1970, or a duration such as 10m)");
    /* The years 1678 to 2261 can be told in nanoseconds; nothing is before those or after them. */
    seconds = CLAMP(g_date_time_to_unix(time), -LAST_SECOND, LAST_SECOND);
    *ret_unix_ns = seconds * NS_PER_SECOND +
                   g_date_time_get_microsecond(time) * G_GINT64_CONSTANT(1000);
    return true;
}
