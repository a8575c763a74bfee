/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <unistd.h>

int cmd_export(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "export [options] CONTAINER",
        .about = "Write a container's root file system as a tar.",
        .max_words = 1,
    };
    const char *path = NULL;
    bool latest = false;
    char **words;
    int status;
    const Option options[] = {
        { "latest", 'l', OPTION_FLAG, &latest, NULL, "The container created last" },
        { "output", 'o', OPTION_TEXT, &path, "FILE", "Write to a file, not to standard output" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if ((words[0] != NULL) == latest)
        return cli_error("export takes one container, by name or by --latest");
    if (path == NULL && isatty(STDOUT_FILENO))
        return cli_error("refusing to export to a terminal: use --output, or redirect it");

    g_autoptr(floe_container) container = selection_one(cli, words[0], latest, &status);

    g_autoptr(floe_error) error = NULL;

    if (container == NULL)
        return status;
    if (!(path != NULL ? floe_container_export_to_file(container, path, &error)
                       : floe_container_export(container, STDOUT_FILENO, &error)))
        return cli_report(error);
    return STATUS_OK;
}
