/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/removal.h"
#include "cli/verbs.h"

#include <stdio.h>

/* Standard output has the names of volumes and nothing else, as podman's. */
static void tell_removed(const char *id, const char *name, void *data)
{
    fprintf(stderr, "removed container %s (%.12s), which used volume %s\n", name, id,
            (const char *)data);
}

static int remove_one(floe_engine *engine, const char *name, void *data)
{
    floe_volume_remove_options *options = data;
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *full_name = NULL;

    options->removed = tell_removed;
    options->removed_data = (void *)name;
    if (!floe_volume_remove(engine, name, options, &full_name, &error))
        return removal_report(error, options->force);
    puts(full_name);
    return STATUS_OK;
}

int cmd_volume_rm(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume rm [options] VOLUME...",
        .about = "Remove volumes and what is in them. One that containers use only with --force.",
        .max_words = -1,
    };
    floe_volume_remove_options remove = FLOE_VOLUME_REMOVE_OPTIONS_INIT;
    bool all = false;
    char **names;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &all, NULL, "Remove all volumes" },
        { "force", 'f', OPTION_FLAG, &remove.force, NULL,
          "With the containers that use it; no error for what does not exist" },
        { "time", 't', OPTION_TIMEOUT, &remove.timeout_s, "SECONDS",
          "With --force: time from the stop signal to SIGKILL" },
        { "timeout", 0, OPTION_TIMEOUT, &remove.timeout_s, "SECONDS", NULL },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &names, &status))
        return status;
    if (all == (names[0] != NULL))
        return cli_error("choose either one or more volumes or all");
    return all ? removal_all(cli, floe_volume_list, "Name", remove_one, &remove)
               : removal_named(cli, names, remove_one, &remove);
}

int cmd_volume_prune(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume prune [options]",
        .about = "Remove all volumes that no container uses, and print their names.",
    };

    return removal_prune(cli, argv, &usage,
                         "This will remove all volumes not used by at least one container.",
                         floe_volume_prune);
}
