/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/freeze-stats.h"
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>

typedef struct Checkpoint {
    floe_checkpoint_options options;
    json_t *statistics; /* one entry per container; NULL: names are printed */
} Checkpoint;

static void add_statistics(json_t *list, const char *id, const char *label,
                           const floe_checkpoint_stats *stats)
{
    json_t *criu = json_object();

    freeze_stats_set(criu, "freezing_time", stats->freezing_us);
    freeze_stats_set(criu, "frozen_time", stats->frozen_us);
    freeze_stats_set(criu, "memdump_time", stats->memdump_us);
    freeze_stats_set(criu, "memwrite_time", stats->memwrite_us);
    freeze_stats_set(criu, "pages_scanned", stats->pages_scanned);
    freeze_stats_set(criu, "pages_written", stats->pages_written);
    json_array_append_new(list, freeze_stats_entry(id, label, "runtime_checkpoint_duration",
                                                   stats->runtime_us, criu));
}

static bool freeze(floe_container *container, const char *label, void *data, floe_error **error)
{
    const Checkpoint *checkpoint = data;
    floe_checkpoint_stats stats = { .size = sizeof(stats) };

    if (!floe_container_checkpoint(container, &checkpoint->options, &stats, error))
        return false;
    if (checkpoint->statistics != NULL)
        add_statistics(checkpoint->statistics, floe_container_id(container), label, &stats);
    else
        puts(label);
    return true;
}

int cmd_checkpoint(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "checkpoint [options] CONTAINER...",
        .about = "Freeze running containers: save all that their processes are doing to disk,\n"
                 "and end them. `floe restore` thaws them. If it fails, the container runs on.",
        .later = "c/compress create-image e/export ignore-rootfs ignore-volumes P/pre-checkpoint "
                 "with-previous",
        .max_words = -1,
    };
    g_auto(Selection) selection = { .all_states = STATE_BIT(FLOE_STATE_RUNNING) };
    Checkpoint checkpoint = { .options = FLOE_CHECKPOINT_OPTIONS_INIT };
    bool print_stats = false;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "Checkpoint all running containers" },
        { "file-locks", 0, OPTION_FLAG, &checkpoint.options.file_locks, NULL,
          "Also with file locks held" },
        { "keep", 'k', OPTION_FLAG, &checkpoint.options.keep, NULL,
          "Keep CRIU's log and statistics" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL,
          "Checkpoint the container created last" },
        { "leave-running", 'R', OPTION_FLAG, &checkpoint.options.leave_running, NULL,
          "Let it run on afterwards" },
        { "print-stats", 0, OPTION_FLAG, &print_stats, NULL, "Print how long it took, as JSON" },
        { "tcp-established", 0, OPTION_FLAG, &checkpoint.options.tcp_established, NULL,
          "Also with TCP connections open" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;

    json_auto_t *statistics = print_stats ? json_array() : NULL;
    checkpoint.statistics = statistics;
    int64_t begin_us = g_get_monotonic_time();
    status = selection_each(cli, &selection, freeze, &checkpoint);
    if (print_stats)
        freeze_stats_print("podman_checkpoint_duration", g_get_monotonic_time() - begin_us,
                           statistics);
    return status;
}
