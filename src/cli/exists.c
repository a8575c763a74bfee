/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `container exists`, `image exists`, `pod exists` and `volume exists`: the answer is the exit status,
 * 0 or 1; 125 for any other failure.
 */
#include "cli/options.h"
#include "cli/pod-selection.h"
#include "cli/verbs.h"

static int answer(bool found, const floe_error *error)
{
    if (found)
        return STATUS_OK;
    return floe_error_get_code(error) == FLOE_ERROR_NOT_FOUND ? STATUS_NO : cli_report(error);
}

int cmd_container_exists(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "container exists [options] CONTAINER",
        .about = "End with status 0 if there is such a container, with 1 if not.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "a container is missing",
    };
    const Option options[] = {
        { "external", 0, OPTION_FLAG, NULL, NULL, NULL },
        OPTIONS_END,
    };
    g_autoptr(floe_error) error = NULL;
    g_autoptr(floe_container) container = NULL;
    char **words;
    int status;

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;

    bool found = floe_container_lookup(cli->engine, words[0], &container, &error);
    return answer(found, error);
}

int cmd_image_exists(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "image exists IMAGE",
        .about = "End with status 0 if there is such an image, with 1 if not.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "an image is missing",
    };
    const Option options[] = { OPTIONS_END };
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *json = NULL;
    char **words;
    int status;

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;

    bool found = floe_image_inspect(cli->engine, words[0], &json, &error);
    return answer(found, error);
}

int cmd_pod_exists(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod exists POD",
        .about = "End with status 0 if there is such a pod, with 1 if not.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "a pod is missing",
    };
    const Option options[] = { OPTIONS_END };
    g_autoptr(floe_error) error = NULL;
    g_autoptr(floe_pod) pod = NULL;
    char **words;
    int status;

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;

    bool found = floe_pod_lookup(cli->engine, words[0], &pod, &error);
    return answer(found, error);
}

int cmd_volume_exists(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "volume exists VOLUME",
        .about = "End with status 0 if there is such a volume, with 1 if not.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "a volume is missing",
    };
    const Option options[] = { OPTIONS_END };
    g_autoptr(floe_error) error = NULL;
    bool exists = false;
    char **words;
    int status;

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_volume_exists(cli->engine, words[0], &exists, &error))
        return cli_report(error);
    return exists ? STATUS_OK : STATUS_NO;
}
