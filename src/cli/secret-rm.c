/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/removal.h"
#include "cli/verbs.h"

#include <stdio.h>

static int remove_one(floe_engine *engine, const char *name, void *data)
{
    const bool *ignore = data;
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *id = NULL;

    if (!floe_secret_remove(engine, name, &id, &error))
        return removal_report(error, *ignore);
    puts(id);
    return STATUS_OK;
}

int cmd_secret_rm(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "secret rm [options] SECRET...",
        .about = "Remove secrets, and print their ids. Containers that have one as a file keep it.",
        .max_words = -1,
    };
    bool all = false, ignore = false;
    char **names;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &all, NULL, "Remove all secrets" },
        { "ignore", 'i', OPTION_FLAG, &ignore, NULL, "No error for what does not exist" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &names, &status))
        return status;
    if (all == (names[0] != NULL))
        return cli_error("name one or more secrets, or give --all");
    /* Of all, one that somebody else removes meanwhile is as good as removed. */
    ignore = ignore || all;
    return all ? removal_all(cli, floe_secret_list, "ID", remove_one, &ignore)
               : removal_named(cli, names, remove_one, &ignore);
}
