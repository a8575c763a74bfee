/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/freeze-stats.h"
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>

typedef struct Restore {
    floe_restore_options options;
    json_t *statistics; /* one entry per container; NULL: names are printed */
} Restore;

static void add_statistics(json_t *list, const floe_container *container, const char *label,
                           const floe_restore_stats *stats)
{
    json_t *criu = json_object();

    freeze_stats_set(criu, "pages_compared", stats->pages_compared);
    freeze_stats_set(criu, "pages_skipped_cow", stats->pages_skipped_cow);
    freeze_stats_set(criu, "forking_time", stats->forking_us);
    freeze_stats_set(criu, "restore_time", stats->restore_us);
    freeze_stats_set(criu, "pages_restored", stats->pages_restored);
    json_array_append_new(list,
                          freeze_stats_entry(floe_container_id(container),
                                             floe_container_name(container), label,
                                             "runtime_restore_duration", stats->runtime_us, criu));
}

static bool thaw(floe_container *container, const char *label, void *data, floe_error **error)
{
    const Restore *restore = data;
    floe_restore_stats stats = { .size = sizeof(stats) };

    if (!floe_container_restore(container, &restore->options, &stats, error))
        return false;
    if (restore->statistics != NULL)
        add_statistics(restore->statistics, container, label, &stats);
    else
        puts(label);
    return true;
}

int cmd_restore(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "restore [options] CONTAINER...",
        .about = "Thaw checkpointed containers: their processes go on where they were. If it\n"
                 "fails, the checkpoint stays and can be tried again.",
        .later = "ignore-rootfs ignore-static-ip ignore-static-mac ignore-volumes i/import "
                 "import-previous n/name pod p/publish tcp-close",
        .max_words = -1,
    };
    g_auto(Selection) selection = { .all_states = STATE_BIT(FLOE_STATE_EXITED) };
    Restore restore = { .options = FLOE_RESTORE_OPTIONS_INIT };
    bool print_stats = false;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "Restore all checkpointed containers" },
        { "file-locks", 0, OPTION_FLAG, &restore.options.file_locks, NULL,
          "With the file locks they held" },
        { "keep", 'k', OPTION_FLAG, &restore.options.keep, NULL,
          "Keep the checkpoint, to restore it again" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL,
          "Restore the container created last" },
        { "print-stats", 0, OPTION_FLAG, &print_stats, NULL, "Print how long it took, as JSON" },
        { "tcp-established", 0, OPTION_FLAG, &restore.options.tcp_established, NULL,
          "With the TCP connections they had" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;

    json_auto_t *statistics = print_stats ? json_array() : NULL;
    restore.statistics = statistics;
    int64_t begin_us = g_get_monotonic_time();
    status = selection_each(cli, &selection, thaw, &restore);
    if (print_stats)
        freeze_stats_print("podman_restore_duration", g_get_monotonic_time() - begin_us, statistics);
    return status;
}
