/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/verbs.h"

#include <stdio.h>

static int create(Cli *cli, const floe_volume_options *options, bool ignore)
{
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *name = NULL;

    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_volume_create(cli->engine, options, &name, &error)) {
        if (!ignore || floe_error_get_code(error) != FLOE_ERROR_EXISTS)
            return cli_report(error);
        puts(options->name);
        return STATUS_OK;
    }
    puts(name);
    return STATUS_OK;
}

int cmd_volume_create(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume create [options] [NAME]",
        .about = "Make a volume, and print its name, which is a random one if none is given.",
        .max_words = 1,
    };
    floe_volume_options volume = FLOE_VOLUME_OPTIONS_INIT;
    g_auto(GStrv) labels = NULL;
    g_auto(GStrv) opts = NULL;
    bool ignore = false;
    char **words;
    int status;
    const Option options[] = {
        { "driver", 'd', OPTION_TEXT, &volume.driver, "NAME", "local, the only one" },
        { "ignore", 0, OPTION_FLAG, &ignore, NULL, "One that is there already is fine" },
        { "label", 'l', OPTION_LIST, &labels, "KEY[=VALUE]", "Set a label" },
        { "opt", 'o', OPTION_LIST, &opts, "KEY=VALUE",
          "What is mounted there: type=, device=, o= as mount(8) has them" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    volume.name = words[0];
    volume.labels = list_const(labels);
    volume.options = list_const(opts);
    return create(cli, &volume, ignore);
}
