/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/export-progress.h"

#include "cli/human.h"

#include <stdio.h>
#include <unistd.h>

#define PATIENCE_US G_USEC_PER_SEC
#define INTERVAL_US (G_USEC_PER_SEC / 10)
#define CLEAR_LINE  "\r\033[K"

static void tell(const floe_export_progress *at, void *data)
{
    ExportProgress *progress = data;
    int64_t now_us = g_get_monotonic_time();
    int64_t percent = at->total_bytes > 0 ? at->done_bytes * 100 / at->total_bytes : 0;
    g_autofree char *done = NULL;
    g_autofree char *written = NULL;

    if (now_us - progress->begun_us < PATIENCE_US || now_us - progress->told_us < INTERVAL_US)
        return;
    progress->told_us = now_us;
    done = human_size((double)at->done_bytes);
    written = human_size((double)at->written_bytes);
    fprintf(stderr, CLEAR_LINE "Exporting %s: %3d%%, %s in, %s out", progress->label, (int)percent,
            done, written);
}

void export_progress_begin(ExportProgress *progress, const char *label,
                           floe_checkpoint_options *options)
{
    *progress = (ExportProgress){ .label = label, .begun_us = g_get_monotonic_time() };
    options->progress = isatty(STDERR_FILENO) ? tell : NULL;
    options->progress_data = progress;
}

void export_progress_end(ExportProgress *progress)
{
    if (progress->told_us != 0)
        fputs(CLEAR_LINE, stderr);
    progress->told_us = 0;
}
