/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/export-progress.h"
#include "cli/freeze-stats.h"
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <strings.h>
#include <unistd.h>

typedef struct Checkpoint {
    floe_checkpoint_options options;
    const char *export; /* as typed; NULL: no archive */
    json_t *statistics; /* one entry per container; NULL: names are printed */
} Checkpoint;

static void add_statistics(json_t *list, const floe_container *container, const char *label,
                           const floe_checkpoint_stats *stats)
{
    json_t *criu = json_object();

    freeze_stats_set(criu, "freezing_time", stats->freezing_us);
    freeze_stats_set(criu, "frozen_time", stats->frozen_us);
    freeze_stats_set(criu, "memdump_time", stats->memdump_us);
    freeze_stats_set(criu, "memwrite_time", stats->memwrite_us);
    freeze_stats_set(criu, "pages_scanned", stats->pages_scanned);
    freeze_stats_set(criu, "pages_written", stats->pages_written);
    json_array_append_new(list, freeze_stats_entry(floe_container_id(container),
                                                   floe_container_name(container), label,
                                                   "runtime_checkpoint_duration", stats->runtime_us,
                                                   criu));
}

/* Standard output may be the archive: nothing is printed into it. */
static bool goes_to_stdout(const Checkpoint *checkpoint)
{
    return g_strcmp0(checkpoint->export, "-") == 0;
}

static bool freeze(floe_container *container, const char *label, void *data, floe_error **error)
{
    const Checkpoint *checkpoint = data;
    floe_checkpoint_options options = checkpoint->options;
    floe_checkpoint_stats stats = FLOE_CHECKPOINT_STATS_INIT;
    g_auto(ExportProgress) progress = { 0 };

    export_progress_begin(&progress, label, &options);
    if (!floe_container_checkpoint(container, &options, &stats, error))
        return false;
    export_progress_end(&progress);
    if (checkpoint->statistics != NULL)
        add_statistics(checkpoint->statistics, container, label, &stats);
    else if (!goes_to_stdout(checkpoint))
        puts(label);
    return true;
}

/* Flags that need or exclude each other, in podman's order; before anything is done. */
static bool check(const Checkpoint *checkpoint, bool print_stats, GError **error)
{
    static const char *const compressions[] = { "zstd", "gzip", "none" };
    const floe_checkpoint_options *options = &checkpoint->options;
    bool is_known = options->compression == NULL;

    for (size_t i = 0; !is_known && i < G_N_ELEMENTS(compressions); i++)
        is_known = strcasecmp(options->compression, compressions[i]) == 0;
    if (options->compression != NULL && checkpoint->export == NULL)
        return cli_set_error(error, "--compress can only be used with --export");
    if (!is_known)
        return cli_set_error(error, "unknown compression '%s': use zstd, gzip or none",
                             options->compression);
    if (options->create_image != NULL && checkpoint->export != NULL)
        return cli_set_error(error, "--create-image and --export exclude each other");
    if (options->ignore_rootfs && checkpoint->export == NULL)
        return cli_set_error(error, "--ignore-rootfs can only be used with --export");
    if (options->ignore_volumes && checkpoint->export == NULL)
        return cli_set_error(error, "--ignore-volumes can only be used with --export");
    if (options->with_previous && options->pre_checkpoint)
        return cli_set_error(error, "--with-previous and --pre-checkpoint exclude each other");
    if (goes_to_stdout(checkpoint) && print_stats)
        return cli_set_error(error, "--export - and --print-stats both write to standard output");
    if (goes_to_stdout(checkpoint) && isatty(STDOUT_FILENO))
        return cli_set_error(error, "refusing to export to a terminal: name a file, or redirect it");
    return true;
}

int cmd_checkpoint(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "checkpoint [options] CONTAINER...",
        .about = "Freeze running containers: save all that their processes are doing to disk,\n"
                 "and end them. `floe restore` thaws them. If it fails, the container runs on.",
        .max_words = -1,
    };
    g_auto(Selection) selection = { .all_states = STATE_BIT(FLOE_STATE_RUNNING) };
    Checkpoint checkpoint = { .options = FLOE_CHECKPOINT_OPTIONS_INIT };
    g_autoptr(GError) wrong = NULL;
    bool print_stats = false;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "Checkpoint all running containers" },
        { "compress", 'c', OPTION_TEXT, &checkpoint.options.compression, "NAME",
          "Of the archive: zstd (as it is without), gzip, none" },
        { "create-image", 0, OPTION_TEXT, &checkpoint.options.create_image, "NAME",
          "Make an image that restore takes, to push and pull" },
        { "end-exec-sessions", 0, OPTION_FLAG, &checkpoint.options.end_exec_sessions, NULL,
          "End what exec runs in it; else that is an error" },
        { "export", 'e', OPTION_TEXT, &checkpoint.export, "FILE",
          "Write all that a restore needs to an archive; -: standard output" },
        { "file-locks", 0, OPTION_FLAG, &checkpoint.options.file_locks, NULL,
          "Also with file locks held" },
        { "ignore-rootfs", 0, OPTION_FLAG, &checkpoint.options.ignore_rootfs, NULL,
          "Leave the files that changed out of the archive" },
        { "ignore-volumes", 0, OPTION_FLAG, &checkpoint.options.ignore_volumes, NULL,
          "Leave the named volumes out of the archive" },
        { "keep", 'k', OPTION_FLAG, &checkpoint.options.keep, NULL,
          "Keep CRIU's log and statistics" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL,
          "Checkpoint the container created last" },
        { "leave-running", 'R', OPTION_FLAG, &checkpoint.options.leave_running, NULL,
          "Let it run on afterwards" },
        { "pre-checkpoint", 'P', OPTION_FLAG, &checkpoint.options.pre_checkpoint, NULL,
          "Save only the memory, to build on, and let it run on" },
        { "print-stats", 0, OPTION_FLAG, &print_stats, NULL, "Print how long it took, as JSON" },
        { "tcp-established", 0, OPTION_FLAG, &checkpoint.options.tcp_established, NULL,
          "Also with TCP connections open" },
        { "with-previous", 0, OPTION_FLAG, &checkpoint.options.with_previous, NULL,
          "Save only what has changed since --pre-checkpoint" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    if (!check(&checkpoint, print_stats, &wrong))
        return cli_report_local(wrong);
    if (checkpoint.export != NULL)
        selection.too_many = "--export writes the archive of one container";
    if (checkpoint.options.create_image != NULL)
        selection.too_many = "--create-image makes the image of one container";
    if (goes_to_stdout(&checkpoint))
        checkpoint.options.export_fd = STDOUT_FILENO;
    else
        checkpoint.options.export_path = checkpoint.export;

    json_auto_t *statistics = print_stats ? json_array() : NULL;
    checkpoint.statistics = statistics;
    int64_t begin_us = g_get_monotonic_time();
    status = selection_each(cli, &selection, freeze, &checkpoint);
    if (print_stats)
        freeze_stats_print("podman_checkpoint_duration", g_get_monotonic_time() - begin_us,
                           statistics);
    return status;
}
