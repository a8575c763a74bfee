/* SPDX-License-Identifier: Apache-2.0 */
/* Every flag but --help is buildah's, and is not read here. */
#include "cli/options.h"
#include "cli/verbs.h"

#include <stdio.h>

static bool asks_for_help(char **words)
{
    return g_strv_contains((const char *const *)words, "--help") ||
           g_strv_contains((const char *const *)words, "-h");
}

/* Where the image's id goes to a file, it is not printed. */
static bool has_id_file(char **words)
{
    for (; *words != NULL; words++) {
        if (g_str_has_prefix(*words, "--iidfile"))
            return true;
    }
    return false;
}

int cmd_build(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "build [options] [CONTEXT]",
        .about = "Build an image with buildah, whose flags these are: buildah-build(1).\n"
                 "Base images are floe's own, or come from their registries.",
    };
    static const Option none[] = { OPTIONS_END };
    auto_floe_free char *id = NULL;
    floe_engine *engine;
    g_autoptr(floe_error) error = NULL;
    int status = STATUS_OK;

    if (asks_for_help(argv + 1)) {
        options_print_help(&usage, none);
        return STATUS_OK;
    }
    engine = cli_engine(cli);
    if (engine == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_image_build(engine, list_const(argv + 1), &status, &id, &error))
        return cli_report(error);
    if (id != NULL && !has_id_file(argv + 1))
        puts(id);
    return status;
}
