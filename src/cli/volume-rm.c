/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/verbs.h"

#include <stdio.h>

/* --- rm --------------------------------------------------------------------------------------- */

/* Standard output has the names of volumes and nothing else, as podman's. */
static void tell_removed(const char *id, const char *name, void *data)
{
    fprintf(stderr, "removed container %s (%.12s), which used volume %s\n", name, id,
            (const char *)data);
}

static int remove_one(floe_engine *engine, const char *name, floe_volume_remove_options *options)
{
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *full_name = NULL;

    options->removed = tell_removed;
    options->removed_data = (void *)name;
    if (floe_volume_remove(engine, name, options, &full_name, &error)) {
        puts(full_name);
        return STATUS_OK;
    }
    if (options->force && floe_error_get_code(error) == FLOE_ERROR_NOT_FOUND)
        return STATUS_OK;
    return cli_report_unremoved(error);
}

static int remove_named(floe_engine *engine, char **names, floe_volume_remove_options *options)
{
    int status = STATUS_OK;

    for (; *names != NULL; names++) {
        int failed = remove_one(engine, *names, options);

        status = failed != STATUS_OK ? failed : status;
    }
    return status;
}

static int remove_all(floe_engine *engine, floe_volume_remove_options *options)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(GError) unreadable = NULL;
    char *text = NULL;
    int status = STATUS_OK;
    size_t i;
    json_t *volume;

    if (!floe_volume_list(engine, NULL, &text, &error))
        return cli_report(error);

    json_auto_t *list = cli_take_json(text, &unreadable);

    if (list == NULL)
        return cli_report_local(unreadable);
    json_array_foreach(list, i, volume) {
        const char *name = json_string_value(json_object_get(volume, "Name"));
        int failed = remove_one(engine, name, options);

        status = failed != STATUS_OK ? failed : status;
    }
    return status;
}

int cmd_volume_rm(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume rm [options] VOLUME...",
        .about = "Remove volumes and what is in them. One that containers use only with --force.",
        .max_words = -1,
    };
    floe_volume_remove_options remove = FLOE_VOLUME_REMOVE_OPTIONS_INIT;
    bool all = false;
    char **names;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &all, NULL, "Remove all volumes" },
        { "force", 'f', OPTION_FLAG, &remove.force, NULL,
          "With the containers that use it; no error for what does not exist" },
        { "time", 't', OPTION_TIMEOUT, &remove.timeout_s, "SECONDS",
          "With --force: time from the stop signal to SIGKILL" },
        { "timeout", 0, OPTION_TIMEOUT, &remove.timeout_s, "SECONDS", NULL },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &names, &status))
        return status;
    if (all == (names[0] != NULL))
        return cli_error("choose either one or more volumes or all");
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    return all ? remove_all(cli->engine, &remove) : remove_named(cli->engine, names, &remove);
}

/* --- prune ------------------------------------------------------------------------------------ */

static int prune(Cli *cli, char **filters)
{
    g_autoptr(floe_error) error = NULL;
    char **names = NULL;

    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_volume_prune(cli->engine, list_const(filters), &names, &error))
        return cli_report(error);
    cli_print_taken(names);
    return STATUS_OK;
}

int cmd_volume_prune(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume prune [options]",
        .about = "Remove all volumes that no container uses, and print their names.",
    };
    g_auto(GStrv) filters = NULL;
    g_autoptr(GError) error = NULL;
    bool yes = false;
    char **words;
    int status;
    const Option options[] = {
        { "filter", 0, OPTION_LIST, &filters, "KEY=VALUE",
          "Only those that match: label, label!, until" },
        { "force", 'f', OPTION_FLAG, &yes, NULL, "Do not ask" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (!yes &&
        !cli_ask("This will remove all volumes not used by at least one container.", &yes, &error))
        return cli_report_local(error);
    return yes ? prune(cli, filters) : STATUS_OK;
}
