/* SPDX-License-Identifier: Apache-2.0 */
/* `healthcheck run`, and `healthcheck monitor`, which floe starts itself beside a container. */
#include "cli/options.h"
#include "cli/verbs.h"

#include <stdio.h>

static floe_container *one_container(Cli *cli, const Usage *usage, char **argv, int *ret_status)
{
    const Option options[] = { OPTIONS_END };
    g_autoptr(floe_error) error = NULL;
    floe_container *container = NULL;
    char **words;

    if (!options_parse(usage, options, argv, &words, ret_status))
        return NULL;
    *ret_status = STATUS_FLOE_FAILED;
    if (cli_engine(cli) != NULL && !floe_container_lookup(cli->engine, words[0], &container, &error))
        *ret_status = cli_report(error);
    return container;
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
    int status;
    g_autoptr(floe_container) container = one_container(cli, &usage, argv, &status);
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

int cmd_healthcheck_monitor(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "healthcheck monitor CONTAINER",
        .about = "Run a container's health check at its interval, until the container ends.\n"
                 "floe does it by itself.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "a container is missing",
    };
    int status;
    g_autoptr(floe_container) container = one_container(cli, &usage, argv, &status);
    g_autoptr(floe_error) error = NULL;

    if (container == NULL)
        return status;
    return floe_container_watch_health(container, &error) ? STATUS_OK : cli_report(error);
}
