/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/archive-text.h"
#include "cli/document.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/verbs.h"

#include <stdio.h>

/* Adds what is in the archive to the list, or says why not: the others are told all the same. */
static bool inspect_one(const char *path, json_t *list)
{
    g_autoptr(floe_error) error = NULL;
    char *text = NULL;

    if (!floe_checkpoint_inspect(path, &text, &error)) {
        cli_report(error);
        return false;
    }

    json_t *archive = document_parse(text);

    return archive != NULL && json_array_append_new(list, archive) == 0;
}

static void print_texts(const json_t *list, const ArchiveSections *sections)
{
    int64_t now_unix = g_get_real_time() / G_USEC_PER_SEC;
    json_t *archive;
    size_t i;

    json_array_foreach(list, i, archive) {
        if (i > 0)
            putchar('\n');
        archive_print(archive, sections, now_unix, stdout);
    }
}

int cmd_checkpoint_inspect(Cli *cli G_GNUC_UNUSED, char **argv)
{
    static const Usage usage = {
        .synopsis = "checkpoint inspect [options] FILE...",
        .about = "Tell what is in checkpoint archives, floe's or podman's, without restoring them:\n"
                 "the container, its processes, and with options what these have open. FILE may be\n"
                 "-, standard input. A container named 'inspect' is checkpointed by\n"
                 "'floe container checkpoint inspect'.",
        .min_words = 1,
        .max_words = -1,
        .words_missing = "you must provide at least one file",
    };
    ArchiveSections sections = { .processes = true };
    const char *format = NULL;
    bool all = false;
    char **paths;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &all, NULL, "All that the options below show" },
        { "files", 0, OPTION_FLAG, &sections.files, NULL, "Open files, pipes and the like" },
        { "format", 'f', OPTION_TEXT, &format, "TEMPLATE", "json or a Go template" },
        { "mounts", 0, OPTION_FLAG, &sections.mounts, NULL, "Mounts" },
        { "sockets", 0, OPTION_FLAG, &sections.sockets, NULL, "Open sockets" },
        { "stats", 0, OPTION_FLAG, &sections.statistics, NULL, "CRIU's statistics of the dump" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &paths, &status))
        return status;
    if (all)
        sections = (ArchiveSections){ true, true, true, true, true };

    json_auto_t *list = json_array();
    g_autoptr(GError) error = NULL;

    for (char **path = paths; *path != NULL; path++) {
        if (!inspect_one(*path, list))
            status = STATUS_FLOE_FAILED;
    }
    if (format == NULL)
        print_texts(list, &sections);
    else if (output_is_json(format))
        output_json(list);
    else if (!output_template(format, list, NULL, &error))
        return cli_report_local(error);
    return status;
}
