/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

int cmd_rename(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "rename CONTAINER NAME",
        .about = "Give a container another name.",
        .min_words = 2,
        .max_words = 2,
        .words_missing = "it takes a container and its new name",
    };
    const Option options[] = { OPTIONS_END };
    g_autoptr(floe_error) error = NULL;
    char **words;
    int status;

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;

    g_autoptr(floe_container) container = selection_one(cli, words[0], false, &status);

    if (container == NULL)
        return status;
    return floe_container_rename(container, words[1], &error) ? STATUS_OK : cli_report(error);
}
