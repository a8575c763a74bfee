/* SPDX-License-Identifier: Apache-2.0 */
/* Names of images: `tag` gives them, `untag` takes them off. */
#include "cli/options.h"
#include "cli/verbs.h"

int cmd_tag(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "tag IMAGE NAME...",
        .about = "Give an image more names, which move from the images that had them.",
        .min_words = 2,
        .max_words = -1,
        .words_missing = "an image and a name are missing",
    };
    const Option options[] = { OPTIONS_END };
    g_autoptr(floe_error) error = NULL;
    char **words;
    int status;

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;

    floe_engine *engine = cli_engine(cli);
    if (engine == NULL)
        return STATUS_FLOE_FAILED;
    for (char **name = words + 1; *name != NULL; name++) {
        if (!floe_image_tag(engine, words[0], *name, &error))
            return cli_report(error);
    }
    return STATUS_OK;
}

int cmd_untag(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "untag IMAGE [NAME...]",
        .about = "Take names off an image, or all of them; the image stays.",
        .min_words = 1,
        .max_words = -1,
        .words_missing = "an image is missing",
    };
    const Option options[] = { OPTIONS_END };
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *id = NULL;
    char **words;
    int status;

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;

    floe_engine *engine = cli_engine(cli);
    if (engine == NULL)
        return STATUS_FLOE_FAILED;
    if (words[1] == NULL)
        return floe_image_untag(engine, words[0], NULL, &error) ? STATUS_OK : cli_report(error);

    /* By its id: the name that it was found by may be the first to go. */
    if (!floe_image_lookup(engine, words[0], &id, &error))
        return cli_report(error);
    for (char **name = words + 1; *name != NULL; name++) {
        if (!floe_image_untag(engine, id, *name, &error))
            return cli_report(error);
    }
    return STATUS_OK;
}
