/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

static bool init(floe_container *container, const char *label, void *data, floe_error **error)
{
    if (!floe_container_init(container, error))
        return false;
    return true;
}

int cmd_init(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "init [options] CONTAINER...",
        .about = "Prepare containers in the OCI runtime, with network and mounts, without\n"
                 "starting their processes.",
        .max_words = -1,
    };
    g_auto(Selection) selection = {
        .skip_wrong_state = true,
        .print_labels = true,
        .at_once = true,
    };
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "All containers for which it makes sense" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The container created last" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    return selection_each(cli, &selection, init, NULL);
}
