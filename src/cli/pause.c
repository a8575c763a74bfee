/* SPDX-License-Identifier: Apache-2.0 */
/* `pause` and `unpause`: the same but for direction. */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

static bool pause_one(floe_container *container, const char *label, void *data, floe_error **error)
{
    if (!floe_container_pause(container, error))
        return false;
    return true;
}

static bool unpause_one(floe_container *container, const char *label, void *data, floe_error **error)
{
    if (!floe_container_unpause(container, error))
        return false;
    return true;
}

static int pause_with(Cli *cli, char **argv, const Usage *usage, floe_container_state from,
                      JobAction action)
{
    g_auto(Selection) selection = {
        .all_states = STATE_BIT(from),
        .skip_wrong_state = true,
        .print_labels = true,
    };
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "All containers for which it makes sense" },
        { "cidfile", 0, OPTION_LIST, &selection.cidfiles, "FILE",
          "The container whose id is in the file" },
        { "filter", 'f', OPTION_COMMA_LIST, &selection.filters, "KEY=VALUE",
          "Those that match, as for ps" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The container created last" },
        OPTIONS_END,
    };

    if (!options_parse(usage, options, argv, &selection.names, &status))
        return status;
    return selection_each(cli, &selection, action, NULL);
}

int cmd_pause(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pause [options] CONTAINER...",
        .about = "Halt the processes of running containers; unpause lets them go on.",
        .max_words = -1,
    };

    return pause_with(cli, argv, &usage, FLOE_STATE_RUNNING, pause_one);
}

int cmd_unpause(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "unpause [options] CONTAINER...",
        .about = "Let the processes of paused containers go on.",
        .max_words = -1,
    };

    return pause_with(cli, argv, &usage, FLOE_STATE_PAUSED, unpause_one);
}
