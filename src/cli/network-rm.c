/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/removal.h"
#include "cli/verbs.h"

#include <stdio.h>

/* Standard output has the names of networks and nothing else, as podman's. */
static void tell_removed(const char *id, const char *name, void *data)
{
    fprintf(stderr, "removed container %s (%.12s), which was in network %s\n", name, id,
            (const char *)data);
}

static int remove_one(floe_engine *engine, const char *name, void *data)
{
    floe_network_remove_options *options = data;
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *full_name = NULL;

    options->removed = tell_removed;
    options->removed_data = (void *)name;
    if (!floe_network_remove(engine, name, options, &full_name, &error))
        return removal_report(error, options->force);
    puts(full_name);
    return STATUS_OK;
}

int cmd_network_rm(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "network rm [options] NETWORK...",
        .about = "Remove networks. One that containers are in only with --force.",
        .min_words = 1,
        .max_words = -1,
        .words_missing = "a network is missing",
    };
    floe_network_remove_options remove = FLOE_NETWORK_REMOVE_OPTIONS_INIT;
    char **names;
    int status;
    const Option options[] = {
        { "force", 'f', OPTION_FLAG, &remove.force, NULL,
          "With the containers that are in it; no error for what does not exist" },
        { "time", 't', OPTION_TIMEOUT, &remove.timeout_s, "SECONDS",
          "With --force: time from the stop signal to SIGKILL" },
        { "timeout", 0, OPTION_TIMEOUT, &remove.timeout_s, "SECONDS", NULL },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &names, &status))
        return status;
    return removal_named(cli, names, remove_one, &remove);
}

int cmd_network_prune(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "network prune [options]",
        .about = "Remove all networks that no container is in, and print their names. The default\n"
                 "network stays.",
    };

    return removal_prune(cli, argv, &usage,
                         "This will remove all networks not used by at least one container.",
                         floe_network_prune);
}
