/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

static bool refresh(floe_container *container, const char *label, void *data, floe_error **error)
{
    if (!floe_container_refresh(container, error))
        return false;
    return true;
}

int cmd_refresh(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "container refresh [options] CONTAINER...",
        .about = "Make containers anew in the running system, and bring them back to what they\n"
                 "were: initialized, running or paused; after a reboot to what they were before it.",
        .max_words = -1,
    };
    g_auto(Selection) selection = { .print_labels = true, .at_once = true };
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "All containers" },
        { "filter", 'f', OPTION_COMMA_LIST, &selection.filters, "KEY=VALUE",
          "Those that match, as for ps" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The container created last" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    return selection_each(cli, &selection, refresh, NULL);
}
