/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>

static int commit(Cli *cli, const char *name, const floe_commit_options *options,
                  const char *id_file)
{
    int status;
    g_autoptr(floe_container) container = selection_one(cli, name, false, &status);
    g_autoptr(floe_error) error = NULL;
    g_autoptr(GError) unwritten = NULL;
    auto_floe_free char *id = NULL;

    if (container == NULL)
        return status;
    if (!floe_container_commit(container, options, &id, &error))
        return cli_report(error);
    if (id_file != NULL && !g_file_set_contents(id_file, id, -1, &unwritten))
        return cli_report_local(unwritten);
    puts(id);
    return STATUS_OK;
}

int cmd_commit(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "commit [options] CONTAINER [IMAGE]",
        .about = "Make an image of a container and print its id.",
        .min_words = 1,
        .max_words = 2,
        .words_missing = "commit takes a container, and the image's name",
    };
    floe_commit_options commit_options = FLOE_COMMIT_OPTIONS_INIT;
    g_auto(GStrv) changes = NULL;
    const char *id_file = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "author", 'a', OPTION_TEXT, &commit_options.author, "TEXT", "Author of the image" },
        { "change", 'c', OPTION_LIST, &changes, "INSTRUCTION",
          "CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, ..." },
        { "format", 'f', OPTION_TEXT, &commit_options.format, "FORMAT", "oci (default) or docker" },
        { "iidfile", 0, OPTION_TEXT, &id_file, "FILE", "Write the image's id to a file" },
        { "include-volumes", 0, OPTION_FLAG, &commit_options.include_volumes, NULL,
          "Make what is mounted in the container volumes of the image" },
        { "message", 'm', OPTION_TEXT, &commit_options.message, "TEXT",
          "Comment in the image's history" },
        { "pause", 'p', OPTION_FLAG, &commit_options.pause, NULL,
          "Hold the container's processes still meanwhile" },
        { "quiet", 'q', OPTION_FLAG, NULL, NULL, "Accepted: no progress is shown anyway" },
        { "squash", 's', OPTION_FLAG, &commit_options.squash, NULL,
          "One layer of all that is in the container's root" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    commit_options.changes = list_const(changes);
    commit_options.reference = words[1];
    return commit(cli, words[0], &commit_options, id_file);
}
