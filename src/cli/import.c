/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int import_from(Cli *cli, const char *name, int fd, const floe_import_options *options)
{
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *id = NULL;
    floe_engine *engine = cli_engine(cli);

    if (engine == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_image_import(engine, fd, options, &id, &error)) {
        cli_error("import '%s': %s", name, floe_error_get_message(error));
        return cli_status_of(error);
    }
    printf("sha256:%s\n", id);
    return STATUS_OK;
}

int cmd_import(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "import [options] FILE|URL [NAME[:TAG]]",
        .about = "Make an image of a root file system's tar (plain, gzip or zstd) and print\n"
                 "its id. FILE - is standard input; a URL is fetched with curl.",
        .later = "signature-policy",
        .min_words = 1,
        .max_words = 2,
        .words_missing = "a file is missing",
    };
    floe_import_options import = FLOE_IMPORT_OPTIONS_INIT;
    g_auto(GStrv) changes = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "arch", 0, OPTION_TEXT, &import.architecture, "ARCH",
          "The image is for this architecture" },
        { "change", 'c', OPTION_LIST, &changes, "INSTRUCTION",
          "CMD, ENTRYPOINT, ENV, WORKDIR, USER, EXPOSE, LABEL, ..." },
        { "message", 'm', OPTION_TEXT, &import.message, "TEXT", "Comment in the image's history" },
        { "os", 0, OPTION_TEXT, &import.os, "OS", "The image is for this operating system" },
        { "quiet", 'q', OPTION_FLAG, NULL, NULL, "Accepted: no progress is shown anyway" },
        { "variant", 0, OPTION_TEXT, &import.variant, "VARIANT",
          "The image is for this variant of the architecture" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    import.changes = list_const(changes);
    import.reference = words[1];
    if (strcmp(words[0], "-") == 0)
        return import_from(cli, "standard input", STDIN_FILENO, &import);
    if (strstr(words[0], "://") != NULL) {
        import.url = words[0];
        return import_from(cli, words[0], -1, &import);
    }

    int fd = open(words[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cli_error("open %s: %s", words[0], g_strerror(errno));
    status = import_from(cli, words[0], fd, &import);
    close(fd);
    return status;
}
