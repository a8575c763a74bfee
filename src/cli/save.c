/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/verbs.h"

#include <errno.h>
#include <unistd.h>

int cmd_save(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "save [options] IMAGE [NAME...]",
        .about = "Write an image as an archive to standard output or a file, or as a directory.\n"
                 "In a docker-archive it can have more NAMEs, or be one of several images (-m).",
        .min_words = 1,
        .max_words = -1,
        .words_missing = "an image is missing",
    };
    floe_save_options save = FLOE_SAVE_OPTIONS_INIT;
    g_autoptr(floe_error) error = NULL;
    const char *output = NULL;
    bool quiet = false, several = false;
    char **words;
    int status;
    const Option options[] = {
        { "compress", 0, OPTION_FLAG, &save.compress, NULL, "docker-dir: compress the layers too" },
        { "format", 0, OPTION_TEXT, &save.format, "FORMAT",
          "docker-archive (the default), oci-archive, docker-dir or oci-dir" },
        { "multi-image-archive", 'm', OPTION_FLAG, &several, NULL,
          "docker-archive: the NAMEs are images too" },
        { "output", 'o', OPTION_TEXT, &output, "FILE", "Write to it, which must not exist yet" },
        { "quiet", 'q', OPTION_FLAG, &quiet, NULL, "Show no progress" },
        { "uncompressed", 0, OPTION_FLAG, NULL, NULL, NULL },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (output == NULL && isatty(STDOUT_FILENO))
        return cli_error("refusing to write an archive to a terminal: use --output, or redirect");
    *(several ? &save.images : &save.names) = (const char *const *)words + 1;
    save.progress_fd = !quiet && isatty(STDERR_FILENO) ? STDERR_FILENO : -1;

    floe_engine *engine = cli_engine(cli);
    if (engine == NULL)
        return STATUS_FLOE_FAILED;
    return floe_image_save(engine, words[0], output, STDOUT_FILENO, &save, &error)
               ? STATUS_OK
               : cli_report(error);
}
