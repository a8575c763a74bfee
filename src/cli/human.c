/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/human.h"

#include <glib.h>
#include <string.h>

static char *plural(int64_t count, const char *unit)
{
    return g_strdup_printf("%" G_GINT64_FORMAT " %s", count, unit);
}

/* The steps of docker's go-units, HumanDuration(): hours are rounded, the rest is cut off. */
char *human_duration(int64_t seconds)
{
    int64_t minutes = seconds / 60;
    int64_t hours = (seconds + 1800) / 3600;

    if (seconds < 1)
        return g_strdup("Less than a second");
    if (seconds == 1)
        return g_strdup("1 second");
    if (seconds < 60)
        return plural(seconds, "seconds");
    if (minutes == 1)
        return g_strdup("About a minute");
    if (minutes < 60)
        return plural(minutes, "minutes");
    if (hours == 1)
        return g_strdup("About an hour");
    if (hours < 48)
        return plural(hours, "hours");
    if (hours < 24 * 7 * 2)
        return plural(hours / 24, "days");
    if (hours < 24 * 60)
        return plural(hours / 24 / 7, "weeks");
    if (hours < 24 * 365 * 2)
        return plural(hours / 24 / 30, "months");
    return plural(hours / 24 / 365, "years");
}

char *human_ago(const char *rfc3339)
{
    g_autoptr(GDateTime) then = g_date_time_new_from_iso8601(rfc3339, NULL);
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *age = NULL;

    if (then == NULL)
        return g_strdup("");
    age = human_duration(g_date_time_difference(now, then) / G_USEC_PER_SEC);
    return g_strconcat(age, " ago", NULL);
}

static const char *const decimal_units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
static const char *const binary_units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
G_STATIC_ASSERT(G_N_ELEMENTS(decimal_units) == G_N_ELEMENTS(binary_units));

/* Divide by the base until it is below `limit`; the unit that belongs to it. */
static const char *scale(double *number, double base, double limit, const char *const *units)
{
    size_t unit = 0;

    while (*number >= limit && unit + 1 < G_N_ELEMENTS(decimal_units)) {
        *number /= base;
        unit++;
    }
    return units[unit];
}

char *human_size(double bytes)
{
    const char *unit = scale(&bytes, 1000, 999.5, decimal_units);

    return g_strdup_printf("%.3g %s", bytes, unit);
}

char *human_size_tight(double bytes)
{
    const char *unit = scale(&bytes, 1000, 1000, decimal_units);

    return g_strdup_printf("%.4g%s", bytes, unit);
}

char *human_size_binary(double bytes)
{
    const char *unit = scale(&bytes, 1024, 1024, binary_units);

    return g_strdup_printf("%.4g%s", bytes, unit);
}

/* "12" and 345000 of 1000000 parts: "12.345". */
static char *with_fraction(uint64_t whole, uint64_t part, uint64_t parts)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "%" G_GUINT64_FORMAT, (guint64)whole);
    if (part > 0)
        g_string_append_c(text, '.');
    while (part > 0) {
        parts /= 10;
        g_string_append_c(text, (char)('0' + part / parts));
        part %= parts;
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Go's time.Duration.String(): below a second in one unit, else hours, minutes and seconds. */
char *human_go_duration(uint64_t ns)
{
    static const struct {
        uint64_t ns;
        const char *name;
    } units[] = { { 1, "ns" }, { 1000, "µs" }, { 1000000, "ms" }, { 1000000000, "s" } };
    uint64_t minutes = ns / 60 / 1000000000;
    g_autofree char *number = NULL;
    size_t unit = 0;

    if (ns == 0)
        return g_strdup("0s");
    while (unit + 1 < G_N_ELEMENTS(units) && ns >= units[unit + 1].ns)
        unit++;
    if (minutes > 0)
        ns %= UINT64_C(60000000000);
    number = with_fraction(ns / units[unit].ns, ns % units[unit].ns, units[unit].ns);
    if (minutes >= 60)
        return g_strdup_printf("%" G_GUINT64_FORMAT "h%" G_GUINT64_FORMAT "m%ss",
                               (guint64)(minutes / 60), (guint64)(minutes % 60), number);
    if (minutes > 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT "m%ss", (guint64)minutes, number);
    return g_strconcat(number, units[unit].name, NULL);
}
