/* SPDX-License-Identifier: Apache-2.0 */
/* `volume export` and `volume import`: what is in a volume, as a tar. */
#include "cli/options.h"
#include "cli/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int cmd_volume_export(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume export [options] VOLUME",
        .about = "Write what is in a volume as a tar.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "a volume is missing",
    };
    const char *path = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "output", 'o', OPTION_TEXT, &path, "FILE", "Write to a file, not to standard output" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (path == NULL && isatty(STDOUT_FILENO))
        return cli_error("refusing to export to a terminal: use --output, or redirect it");
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;

    g_autoptr(floe_error) error = NULL;

    if (!(path != NULL ? floe_volume_export_to_file(cli->engine, words[0], path, &error)
                       : floe_volume_export(cli->engine, words[0], STDOUT_FILENO, &error)))
        return cli_report(error);
    return STATUS_OK;
}

static int import_from(Cli *cli, const char *name, int fd)
{
    g_autoptr(floe_error) error = NULL;

    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    return floe_volume_import(cli->engine, name, fd, &error) ? STATUS_OK : cli_report(error);
}

int cmd_volume_import(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume import VOLUME FILE",
        .about = "Unpack a tar (plain, gzip or zstd) into a volume, over what is there. FILE - is\n"
                 "standard input.",
        .min_words = 2,
        .max_words = 2,
        .words_missing = "a volume and a file are needed",
    };
    const Option options[] = { OPTIONS_END };
    char **words;
    int status;

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (strcmp(words[1], "-") == 0)
        return import_from(cli, words[0], STDIN_FILENO);

    int fd = open(words[1], O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return cli_error("open %s: %s", words[1], g_strerror(errno));
    status = import_from(cli, words[0], fd);
    close(fd);
    return status;
}
