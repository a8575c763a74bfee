/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `container exists`, `image exists` and the like of lists, networks, pods, secrets and volumes: the
 * answer is the exit status, 0 or 1; 125 for any other failure.
 */
#include "cli/options.h"
#include "cli/pod-selection.h"
#include "cli/verbs.h"

static int exists(Cli *cli, char **argv, const Usage *usage, const Option *options,
                  bool (*find)(floe_engine *engine, const char *name, floe_error **error))
{
    g_autoptr(floe_error) error = NULL;
    char **words;
    int status;

    if (!options_parse(usage, options, argv, &words, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (find(cli->engine, words[0], &error))
        return STATUS_OK;
    return error == NULL || floe_error_get_code(error) == FLOE_ERROR_NOT_FOUND ? STATUS_NO
                                                                               : cli_report(error);
}

static bool find_container(floe_engine *engine, const char *name, floe_error **error)
{
    g_autoptr(floe_container) container = NULL;

    return floe_container_lookup(engine, name, &container, error);
}

static bool find_image(floe_engine *engine, const char *name, floe_error **error)
{
    auto_floe_free char *json = NULL;

    return floe_image_inspect(engine, name, &json, error);
}

static bool find_list(floe_engine *engine, const char *name, floe_error **error)
{
    bool is_there = false;

    return floe_manifest_exists(engine, name, &is_there, error) && is_there;
}

static bool find_network(floe_engine *engine, const char *name, floe_error **error)
{
    bool is_there = false;

    return floe_network_exists(engine, name, &is_there, error) && is_there;
}

static bool find_pod(floe_engine *engine, const char *name, floe_error **error)
{
    g_autoptr(floe_pod) pod = NULL;

    return floe_pod_lookup(engine, name, &pod, error);
}

static bool find_secret(floe_engine *engine, const char *name, floe_error **error)
{
    bool is_there = false;

    return floe_secret_exists(engine, name, &is_there, error) && is_there;
}

static bool find_volume(floe_engine *engine, const char *name, floe_error **error)
{
    bool is_there = false;

    return floe_volume_exists(engine, name, &is_there, error) && is_there;
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

    return exists(cli, argv, &usage, options, find_container);
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

    return exists(cli, argv, &usage, options, find_image);
}

int cmd_manifest_exists(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "manifest exists LIST",
        .about = "End with status 0 if there is such a list of images, with 1 if not.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "a list is missing",
    };
    const Option options[] = { OPTIONS_END };

    return exists(cli, argv, &usage, options, find_list);
}

int cmd_network_exists(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "network exists NETWORK",
        .about = "End with status 0 if there is such a network, with 1 if not.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "a network is missing",
    };
    const Option options[] = { OPTIONS_END };

    return exists(cli, argv, &usage, options, find_network);
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

    return exists(cli, argv, &usage, options, find_pod);
}

int cmd_secret_exists(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "secret exists SECRET",
        .about = "End with status 0 if there is such a secret, with 1 if not.",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "a secret is missing",
    };
    const Option options[] = { OPTIONS_END };

    return exists(cli, argv, &usage, options, find_secret);
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

    return exists(cli, argv, &usage, options, find_volume);
}
