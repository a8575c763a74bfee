/* SPDX-License-Identifier: Apache-2.0 */
#include "network/interface-stats.h"

#include "base/fd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FILE_LIMIT (1024 * 1024)

/* "  eth0:    1234   12 0 0 0 0 0 0   5678 ...": eight numbers received, then eight sent. */
void interface_stats_parse(const char *text, InterfaceStats *ret_stats)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    InterfaceStats stats = { 0 };

    for (char **line = lines; *line != NULL; line++) {
        const char *name = g_strchug(*line);
        const char *colon = strchr(name, ':');
        uint64_t received;
        uint64_t sent;

        if (colon == NULL || strncmp(name, "lo:", strlen("lo:")) == 0 ||
            sscanf(colon + 1, "%" SCNu64 " %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &received,
                   &sent) != 2)
            continue;
        stats.received_bytes += received;
        stats.sent_bytes += sent;
    }
    *ret_stats = stats;
}

bool interface_stats_read(pid_t pid, InterfaceStats *ret_stats, GError **error)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/net/dev", pid);
    g_autofree char *text = NULL;

    if (!file_read(path, FILE_LIMIT, &text, NULL, error))
        return false;
    interface_stats_parse(text, ret_stats);
    return true;
}
