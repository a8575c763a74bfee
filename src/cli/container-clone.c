/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>

typedef struct CloneOptions {
    const char *name;
    const char *image;
    bool destroy, force, run;
} CloneOptions;

/* The first goes before the second starts: it may have what there is only one of. */
static int clone_container(floe_container *first, const CloneOptions *clone_options)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(floe_container) clone = NULL;
    floe_remove_options remove = FLOE_REMOVE_OPTIONS_INIT;

    remove.force = clone_options->force;
    if (!floe_container_clone(first, clone_options->name, clone_options->image, &clone, &error) ||
        (clone_options->destroy && !floe_container_remove(first, &remove, &error)) ||
        (clone_options->run && !floe_container_start(clone, &error)))
        return cli_report(error);
    puts(floe_container_id(clone));
    return STATUS_OK;
}

int cmd_container_clone(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "container clone [options] CONTAINER [NAME [IMAGE]]",
        .about = "Make another container like one that is there, and print its id.",
        .later = "blkio-weight blkio-weight-device cpu-period cpu-quota cpu-rt-period "
                 "cpu-rt-runtime c/cpu-shares cpus cpuset-cpus cpuset-mems device-read-bps "
                 "device-write-bps m/memory memory-reservation memory-swap memory-swappiness pod",
        .min_words = 1,
        .max_words = 3,
        .words_missing = "a container is missing",
    };
    CloneOptions clone_options = { 0 };
    char **words;
    int status;
    const Option options[] = {
        { "destroy", 0, OPTION_FLAG, &clone_options.destroy, NULL, "Remove the first container" },
        { "force", 'f', OPTION_FLAG, &clone_options.force, NULL, "With --destroy: also if it runs" },
        { "name", 0, OPTION_TEXT, &clone_options.name, "NAME",
          "Name of the new container (the first one's with -clone)" },
        { "run", 0, OPTION_FLAG, &clone_options.run, NULL, "Start the new container" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (clone_options.force && !clone_options.destroy)
        return cli_error("--force is for --destroy");
    if (words[1] != NULL) {
        clone_options.name = words[1];
        clone_options.image = words[2];
    }

    g_autoptr(floe_container) container = selection_one(cli, words[0], false, &status);

    return container != NULL ? clone_container(container, &clone_options) : status;
}
