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

char *human_size(double bytes)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
    size_t unit = 0;

    while (bytes >= 999.5 && unit + 1 < G_N_ELEMENTS(units)) {
        bytes /= 1000;
        unit++;
    }
    return g_strdup_printf("%.3g %s", bytes, units[unit]);
}
