/* SPDX-License-Identifier: Apache-2.0 */
/* Telling on a terminal how far the writing of an archive is, if it takes more than a moment. */
#pragma once

#include "cli/cli.h"

typedef struct ExportProgress {
    const char *label; /* the container, as the user named it */
    int64_t begun_us;
    int64_t told_us; /* 0: nothing is on the terminal */
} ExportProgress;

/* Tell of this one from now on; nothing without a terminal at standard error. */
void export_progress_begin(ExportProgress *progress, const char *label,
                           floe_checkpoint_options *options);

/* Take the line away. */
void export_progress_end(ExportProgress *progress);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ExportProgress, export_progress_end)
