/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int load_from(Cli *cli, const char *name, int fd, const floe_pull_options *options)
{
    g_autoptr(floe_error) error = NULL;
    floe_engine *engine = cli_engine(cli);
    char **names = NULL;

    if (engine == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_image_load(engine, fd, options, &names, &error)) {
        cli_error("load '%s': %s", name, floe_error_get_message(error));
        return cli_status_of(error);
    }
    for (char **loaded = names; *loaded != NULL; loaded++)
        printf("Loaded image: %s\n", *loaded);
    floe_strv_free(names);
    return STATUS_OK;
}

int cmd_load(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "load [options]",
        .about = "Take the images of an archive (docker's or OCI's, also of podman save) or of a\n"
                 "directory, and print their names.",
        .max_words = 0,
    };
    floe_pull_options load = FLOE_PULL_OPTIONS_INIT;
    const char *input = "-";
    bool quiet = false;
    char **words;
    int status;
    const Option options[] = {
        { "input", 'i', OPTION_TEXT, &input, "FILE", "Read it, not standard input" },
        { "quiet", 'q', OPTION_FLAG, &quiet, NULL, "Show no progress" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    load.progress_fd = !quiet && isatty(STDERR_FILENO) ? STDERR_FILENO : -1;
    if (strcmp(input, "-") == 0) {
        if (isatty(STDIN_FILENO))
            return cli_error("refusing to read an archive from a terminal: use --input");
        return load_from(cli, "standard input", STDIN_FILENO, &load);
    }

    int fd = open(input, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cli_error("open %s: %s", input, g_strerror(errno));
    status = load_from(cli, input, fd, &load);
    close(fd);
    return status;
}
