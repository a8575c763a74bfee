/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/verbs.h"

#include <stdio.h>

static bool mount_one(floe_engine *engine, const char *name, floe_error **error)
{
    auto_floe_free char *path = NULL;

    if (!floe_volume_mount(engine, name, &path, error))
        return false;
    puts(path);
    return true;
}

static bool unmount_one(floe_engine *engine, const char *name, floe_error **error)
{
    if (!floe_volume_unmount(engine, name, error))
        return false;
    puts(name);
    return true;
}

static int each(Cli *cli, char **argv, const Usage *usage,
                bool (*action)(floe_engine *engine, const char *name, floe_error **error))
{
    const Option options[] = { OPTIONS_END };
    char **names;
    int status;

    if (!options_parse(usage, options, argv, &names, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    for (; *names != NULL; names++) {
        g_autoptr(floe_error) error = NULL;

        if (!action(cli->engine, *names, &error))
            status = cli_report(error);
    }
    return status;
}

int cmd_volume_mount(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume mount VOLUME...",
        .about = "Mount what the options of volumes say, and print where they are on the host.",
        .min_words = 1,
        .max_words = -1,
        .words_missing = "a volume is missing",
    };

    return each(cli, argv, &usage, mount_one);
}

int cmd_volume_unmount(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume unmount VOLUME...",
        .about = "Undo volume mount. What containers have mounted stays as long as they need it.",
        .min_words = 1,
        .max_words = -1,
        .words_missing = "a volume is missing",
    };

    return each(cli, argv, &usage, unmount_one);
}
