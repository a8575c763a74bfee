/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/create-flags.h"
#include "cli/verbs.h"

#include <stdio.h>

int cmd_create(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "create [options] IMAGE [COMMAND [ARG...]]",
        .about = "Make a container of an image, without starting it, and print its id.",
        .later = create_flags_later,
        .options_first = true,
        .min_words = 1,
        .max_words = -1,
        .words_missing = "an image is missing",
    };
    g_auto(CreateOptions) options = CREATE_OPTIONS_INIT;
    int status;

    if (!create_options_parse(&options, &usage, false, argv, &status))
        return status;

    g_autoptr(floe_container) container = create_options_create(cli, &options, &status);
    if (container == NULL)
        return status;
    puts(floe_container_id(container));
    return STATUS_OK;
}
