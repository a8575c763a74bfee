/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/limit-flags.h"
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>

typedef struct CloneFlags {
    floe_clone_options options;
    LimitFlags limits;
    bool destroy, force, run;
} CloneFlags;

/* The first goes before the second starts: it may have what there is only one of. */
static int clone_container(floe_container *first, const CloneFlags *flags)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(floe_container) clone = NULL;
    floe_remove_options remove = FLOE_REMOVE_OPTIONS_INIT;

    remove.force = flags->force;
    if (!floe_container_clone(first, &flags->options, &clone, &error) ||
        (flags->destroy && !floe_container_remove(first, &remove, &error)) ||
        (flags->run && !floe_container_start(clone, &error)))
        return cli_report(error);
    puts(floe_container_id(clone));
    return STATUS_OK;
}

int cmd_container_clone(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "container clone [options] CONTAINER [NAME [IMAGE]]",
        .about = "Make another container like one that is there, and print its id.",
        .later = "blkio-weight-device cpu-rt-period cpu-rt-runtime device-read-bps device-write-bps "
                 "memory-swappiness pod",
        .min_words = 1,
        .max_words = 3,
        .words_missing = "a container is missing",
    };
    CloneFlags flags = { .options = FLOE_CLONE_OPTIONS_INIT, .limits = LIMIT_FLAGS_INIT };
    char **words;
    int status;
    const Option options[] = {
        LIMIT_FLAGS_ROWS(&flags.limits),
        { "destroy", 0, OPTION_FLAG, &flags.destroy, NULL, "Remove the first container" },
        { "force", 'f', OPTION_FLAG, &flags.force, NULL, "With --destroy: also if it runs" },
        { "name", 0, OPTION_TEXT, &flags.options.name, "NAME",
          "Name of the new container (the first one's with -clone)" },
        { "run", 0, OPTION_FLAG, &flags.run, NULL, "Start the new container" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (flags.force && !flags.destroy)
        return cli_error("--force is for --destroy");
    if (words[1] != NULL) {
        flags.options.name = words[1];
        flags.options.image = words[2];
    }
    limit_flags_take(&flags.limits);
    flags.options.limits = &flags.limits.options;

    g_autoptr(floe_container) container = selection_one(cli, words[0], false, &status);

    return container != NULL ? clone_container(container, &flags) : status;
}
