/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/new-file.h"
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <unistd.h>

static int export_to_file(floe_container *container, const char *path)
{
    g_auto(NewFile) file = NEW_FILE_NONE;
    g_autoptr(GError) wrong = NULL;
    g_autoptr(floe_error) error = NULL;

    if (!new_file_open(path, &file, &wrong))
        return cli_report_local(wrong);
    if (!floe_container_export(container, file.fd, &error))
        return cli_report(error);
    return new_file_keep(&file, &wrong) ? STATUS_OK : cli_report_local(wrong);
}

static int export_to_stdout(floe_container *container)
{
    g_autoptr(floe_error) error = NULL;

    return floe_container_export(container, STDOUT_FILENO, &error) ? STATUS_OK : cli_report(error);
}

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

    if (container == NULL)
        return status;
    return path != NULL ? export_to_file(container, path) : export_to_stdout(container);
}
