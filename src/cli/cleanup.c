/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `container cleanup`: conmon calls it when a container or exec session has ended, beside whatever
 * the user does at that moment. So what is gone already is as good as done.
 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

typedef struct CleanupOptions {
    const char *exec_session; /* NULL: the container itself */
    bool remove;
} CleanupOptions;

static bool is_gone(const floe_error *error)
{
    return floe_error_get_code(error) == FLOE_ERROR_NOT_FOUND ||
           floe_error_get_code(error) == FLOE_ERROR_REMOVED;
}

static bool clean(floe_container *container, const char *label, void *data, floe_error **error)
{
    const CleanupOptions *cleanup = data;
    g_autoptr(floe_error) why = NULL;
    bool done;

    if (cleanup->exec_session != NULL)
        done = floe_container_exec_cleanup(container, cleanup->exec_session, &why);
    else
        done = floe_container_cleanup(container, &why) &&
               (!cleanup->remove || floe_container_remove(container, NULL, &why));
    if (done || is_gone(why))
        return true;
    *error = g_steal_pointer(&why);
    return false;
}

int cmd_cleanup(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "container cleanup [options] CONTAINER...",
        .about = "Take down what ended containers still hold: network, mounts. floe does it by\n"
                 "itself.",
        .max_words = -1,
    };
    g_auto(Selection) selection = { .ignore = true, .skip_wrong_state = true };
    CleanupOptions cleanup = { 0 };
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "All that have ended" },
        { "exec", 0, OPTION_TEXT, &cleanup.exec_session, "SESSION",
          "Forget this ended exec session only" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The container created last" },
        { "rm", 0, OPTION_FLAG, &cleanup.remove, NULL, "And remove it" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    return selection_each(cli, &selection, clean, &cleanup);
}
