/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/removal.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>

static bool prune_one(floe_container *container, const char *label, void *data, floe_error **error)
{
    if (!floe_container_remove(container, NULL, error))
        return false;
    puts(label);
    return true;
}

int cmd_container_prune(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "container prune [options]",
        .about = "Remove all containers that do not run.",
    };
    g_auto(Selection) selection = {
        .all = true,
        .newest_first = true,
        .without_infra = true,
        .all_states = STATE_BIT(FLOE_STATE_CONFIGURED) | STATE_BIT(FLOE_STATE_CREATED) |
                      STATE_BIT(FLOE_STATE_STOPPED) | STATE_BIT(FLOE_STATE_EXITED),
        .skip_wrong_state = true,
    };
    g_autoptr(GError) error = NULL;
    bool yes = false;
    char **words;
    int status;
    const Option options[] = {
        { "filter", 0, OPTION_LIST, &selection.filters, "KEY=VALUE",
          "Only those that match: label, label!, until" },
        { "force", 'f', OPTION_FLAG, &yes, NULL, "Do not ask" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (!removal_check_filters(selection.filters, &error) ||
        (!yes && !cli_ask("This will remove all non running containers.", &yes, &error)))
        return cli_report_local(error);
    return yes ? selection_each(cli, &selection, prune_one, NULL) : STATUS_OK;
}
