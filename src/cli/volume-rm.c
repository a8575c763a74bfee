/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/document.h"
#include "cli/field.h"
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

static int remove_one(floe_engine *engine, const char *name, floe_volume_remove_options *options)
{
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *full_name = NULL;

    options->removed = tell_removed;
    options->removed_data = (void *)name;
    if (!floe_volume_remove(engine, name, options, &full_name, &error))
        return removal_report(error, options->force);
    puts(full_name);
    return STATUS_OK;
}

static int remove_all(Cli *cli, floe_volume_remove_options *options)
{
    json_auto_t *list = document_list(cli, floe_volume_list, NULL);
    int status = STATUS_OK;
    size_t i;
    json_t *volume;

    if (list == NULL)
        return STATUS_FLOE_FAILED;
    json_array_foreach(list, i, volume)
        status = status_after(status, remove_one(cli->engine, field_text(volume, "Name"), options));
    return status;
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
    if (all)
        return remove_all(cli, &remove);
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    for (; *names != NULL; names++)
        status = status_after(status, remove_one(cli->engine, *names, &remove));
    return status;
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
