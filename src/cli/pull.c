/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/pull-flags.h"
#include "cli/verbs.h"

#include <stdio.h>

static int pull_one(floe_engine *engine, const char *name, const PullFlags *flags)
{
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *id = NULL;

    if (!floe_image_pull(engine, name, &flags->options, &id, NULL, &error))
        return cli_report(error);
    puts(id);
    return STATUS_OK;
}

/* Each of them is an image of its own; one that fails does not keep the others from coming. */
static int pull_all_tags(floe_engine *engine, const char *name, const PullFlags *flags)
{
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *repository = NULL;
    char **tags = NULL;
    int status = STATUS_OK;

    if (!floe_image_registry_tags(name, flags->options.registry, &repository, &tags, &error))
        return cli_report(error);
    for (char **tag = tags; *tag != NULL; tag++) {
        g_autofree char *full_name = g_strconcat(repository, ":", *tag, NULL);

        status = status_after(status, pull_one(engine, full_name, flags));
    }
    floe_strv_free(tags);
    return status;
}

int cmd_pull(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pull [options] IMAGE...",
        .about = "Copy images here from a registry (or an archive, a directory, podman's store),\n"
                 "and print their ids.",
        .min_words = 1,
        .max_words = -1,
        .words_missing = "an image is missing",
    };
    g_auto(PullFlags) flags = PULL_FLAGS_INIT;
    g_autoptr(GError) wrong = NULL;
    bool all_tags = false;
    char **names;
    int status;
    const Option options[] = {
        PULL_FLAGS_ROWS(&flags),
        { "all-tags", 'a', OPTION_FLAG, &all_tags, NULL, "All images of the repository" },
        { "disable-content-trust", 0, OPTION_FLAG, NULL, NULL, NULL },
        { "policy", 0, OPTION_TEXT, &flags.policy, "POLICY",
          "always (the default), missing, newer or never" },
        OPTIONS_END,
    };

    flags.policy = "always";
    if (!options_parse(&usage, options, argv, &names, &status))
        return status;
    if (!pull_flags_check(&flags, "policy", &wrong))
        return cli_report_local(wrong);
    flags.options.registry = &flags.registry;

    floe_engine *engine = cli_engine(cli);
    if (engine == NULL)
        return STATUS_FLOE_FAILED;
    for (; *names != NULL; names++) {
        status = status_after(status, all_tags ? pull_all_tags(engine, *names, &flags)
                                               : pull_one(engine, *names, &flags));
    }
    return status;
}
