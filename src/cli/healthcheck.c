/* SPDX-License-Identifier: Apache-2.0 */
/* `healthcheck run`, and `healthcheck monitor`, which floe starts itself beside a container. */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>

static floe_container *one_container(Cli *cli, const Usage *usage, const Option *options,
                                     char **argv, int *ret_status)
{
    char **words;

    return options_parse(usage, options, argv, &words, ret_status)
               ? selection_one(cli, words[0], false, ret_status)
               : NULL;
}

int cmd_healthcheck_run(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "healthcheck run CONTAINER",
        .about = "Run a container's health check now. The exit status is 0 if it finds the\n"
                 "container healthy, 1 if not.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "a container is missing",
    };
    const Option options[] = { OPTIONS_END };
    int status;
    g_autoptr(floe_container) container = one_container(cli, &usage, options, argv, &status);
    g_autoptr(floe_error) error = NULL;
    bool is_healthy = false;

    if (container == NULL)
        return status;
    if (!floe_container_check_health(container, &is_healthy, &error))
        return cli_report(error);
    if (!is_healthy)
        puts("unhealthy");
    return is_healthy ? STATUS_OK : STATUS_NO;
}

/* As systemd's timer has it: a container that is paused, or checked by somebody else, is left alone. */
static int check_once(floe_container *container)
{
    g_autoptr(floe_error) error = NULL;

    if (floe_container_check_health(container, NULL, &error) ||
        floe_error_get_code(error) == FLOE_ERROR_BAD_STATE ||
        floe_error_get_code(error) == FLOE_ERROR_IN_USE)
        return STATUS_OK;
    return cli_report(error);
}

int cmd_healthcheck_monitor(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "healthcheck monitor [options] CONTAINER",
        .about = "Run a container's health check at its interval, until the container ends.\n"
                 "floe does it by itself.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "a container is missing",
    };
    bool is_once = false;
    int status;
    const Option options[] = {
        { "once", 0, OPTION_FLAG, &is_once, NULL, "Check it now, and end" },
        OPTIONS_END,
    };
    g_autoptr(floe_container) container = one_container(cli, &usage, options, argv, &status);
    g_autoptr(floe_error) error = NULL;

    if (container == NULL)
        return status;
    if (is_once)
        return check_once(container);
    return floe_container_watch_health(container, &error) ? STATUS_OK : cli_report(error);
}
