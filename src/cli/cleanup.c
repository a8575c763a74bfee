/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `container cleanup`: conmon calls it when a container or exec session has ended, beside whatever
 * the user does at that moment. So for conmon what is gone already is as good as done.
 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

typedef struct CleanupWish {
    const char *exec_session; /* NULL: the container itself */
    floe_cleanup_options options;
} CleanupWish;

static bool is_gone(const floe_error *error)
{
    return floe_error_get_code(error) == FLOE_ERROR_NOT_FOUND ||
           floe_error_get_code(error) == FLOE_ERROR_REMOVED;
}

static bool is_called_by_conmon(const CleanupWish *wish)
{
    return wish->exec_session != NULL || wish->options.after_end;
}

static bool clean(floe_container *container, const char *label, void *data, floe_error **error)
{
    const CleanupWish *wish = data;
    g_autoptr(floe_error) why = NULL;
    bool done;

    if (wish->exec_session != NULL)
        done = floe_container_exec_cleanup(container, wish->exec_session, &why);
    else
        done = floe_container_cleanup(container, &wish->options, &why);
    if (done || (is_called_by_conmon(wish) && is_gone(why)))
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
    g_auto(Selection) selection = { .skip_wrong_state = true };
    CleanupWish wish = { .options = FLOE_CLEANUP_OPTIONS_INIT };
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "All that have ended" },
        { "exec", 0, OPTION_TEXT, &wish.exec_session, "SESSION",
          "Forget this ended exec session only" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The container created last" },
        { "rm", 0, OPTION_FLAG, &wish.options.remove, NULL, "And remove it" },
        { "stopped-only", 0, OPTION_FLAG, &wish.options.after_end, NULL,
          "As conmon calls it: silent when others were faster" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    selection.ignore = is_called_by_conmon(&wish);
    return selection_each(cli, &selection, clean, &wish);
}
