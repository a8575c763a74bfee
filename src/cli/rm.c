/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>

/* With --depend the user has not named all that go: all are told by their ids, as podman does. */
static void print_id(const char *id, void *data)
{
    puts(id);
}

static bool remove_one(floe_container *container, const char *label, void *data, floe_error **error)
{
    const floe_remove_options *options = data;
    g_autoptr(floe_error) why = NULL;

    /* That another removed it meanwhile is what was asked for. */
    if (!floe_container_remove(container, options, &why) &&
        floe_error_get_code(why) != FLOE_ERROR_REMOVED) {
        *error = g_steal_pointer(&why);
        return false;
    }
    return true;
}

static int status_of(const floe_error *error)
{
    switch (floe_error_get_code(error)) {
    case FLOE_ERROR_NOT_FOUND: return STATUS_NO;
    case FLOE_ERROR_BAD_STATE:
    case FLOE_ERROR_RUNNING: return STATUS_WRONG_STATE;
    default: return cli_status_of(error);
    }
}

int cmd_rm(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "rm [options] CONTAINER...",
        .about = "Remove containers with all that is theirs. Running ones only with --force.",
        .max_words = -1,
    };
    g_auto(Selection) selection = { .status_of = status_of,
                                    .newest_first = true,
                                    .without_infra = true };
    floe_remove_options remove = FLOE_REMOVE_OPTIONS_INIT;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "Remove all containers" },
        { "cidfile", 0, OPTION_LIST, &selection.cidfiles, "FILE",
          "Remove the container whose id is in the file" },
        { "depend", 0, OPTION_FLAG, &remove.dependents, NULL,
          "Remove the containers that depend on it, too" },
        { "filter", 0, OPTION_COMMA_LIST, &selection.filters, "KEY=VALUE",
          "Remove those that match, as for ps" },
        { "force", 'f', OPTION_FLAG, &remove.force, NULL,
          "Stop it first; no error for what does not exist" },
        { "ignore", 'i', OPTION_FLAG, &selection.ignore, NULL, "No error for what does not exist" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "Remove the container created last" },
        { "time", 't', OPTION_TIMEOUT, &remove.timeout_s, "SECONDS",
          "With --force: time from the stop signal to SIGKILL" },
        { "timeout", 0, OPTION_TIMEOUT, &remove.timeout_s, "SECONDS", NULL },
        { "volumes", 'v', OPTION_FLAG, &remove.volumes, NULL,
          "And the volumes that it has without a name" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    if (remove.dependents)
        remove.removed = print_id;
    selection.print_labels = selection.at_once = !remove.dependents;
    selection.ignore |= remove.force;
    return selection_each(cli, &selection, remove_one, &remove);
}
