/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/limit-flags.h"
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>

static int update(Cli *cli, const char *name, const floe_update_options *options)
{
    g_autoptr(floe_error) error = NULL;
    int status = STATUS_OK;
    g_autoptr(floe_container) container = selection_one(cli, name, false, &status);

    if (container == NULL)
        return status;
    if (!floe_container_update(container, options, &error))
        return cli_report(error);
    puts(floe_container_id(container));
    return STATUS_OK;
}

int cmd_update(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "update [options] CONTAINER",
        .about = "Change the limits of a container, of a running one at once, or its restart\n"
                 "policy. What no flag is given for stays as it is.",
        .later = "blkio-weight-device cpu-rt-period cpu-rt-runtime device-read-bps "
                 "device-read-iops device-write-bps device-write-iops memory-swappiness",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "you must provide the name or id of a container",
    };
    LimitFlags flags = LIMIT_FLAGS_INIT;
    char **words;
    int status;
    const Option options[] = {
        LIMIT_FLAGS_ROWS(&flags),
        { "pids-limit", 0, OPTION_INTEGER, &flags.options.pids_limit, "N",
          "Limit processes; -1: no limit" },
        { "restart", 0, OPTION_TEXT, &flags.options.restart_policy, "POLICY",
          "no, always, on-failure[:N] or unless-stopped" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    limit_flags_take(&flags);
    return update(cli, words[0], &flags.options);
}
