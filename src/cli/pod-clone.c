/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/pod-selection.h"
#include "cli/verbs.h"

#include <stdio.h>

typedef struct CloneOptions {
    const char *name;
    bool destroy, start;
} CloneOptions;

static void tell_failure(const char *container_id, const floe_error *error, void *data)
{
    cli_error("container %s: %s", container_id, floe_error_get_message(error));
}

static int clone_pod(floe_pod *first, const CloneOptions *clone_options)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(floe_pod) pod = NULL;
    floe_pod_options options = FLOE_POD_OPTIONS_INIT;

    options.force = true;
    options.failed = tell_failure;
    if (!floe_pod_clone(first, clone_options->name, &pod, &error) ||
        (clone_options->destroy && !floe_pod_remove(first, &options, &error)) ||
        (clone_options->start && !floe_pod_start(pod, &options, &error)))
        return cli_report(error);
    puts(floe_pod_id(pod));
    return STATUS_OK;
}

int cmd_pod_clone(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod clone [options] POD [NAME]",
        .about = "Make another pod like one that is there, with containers like its own.",
        .later = "blkio-weight blkio-weight-device cgroup-parent c/cpu-shares cpus cpuset-cpus "
                 "cpuset-mems device device-read-bps device-write-bps gidmap h/hostname "
                 "infra-command infra-conmon-pidfile infra-name l/label label-file m/memory "
                 "memory-swap pid security-opt shm-size subgidname subuidname sysctl uidmap userns "
                 "uts v/volume volumes-from",
        .min_words = 1,
        .max_words = 2,
        .words_missing = "you must provide the name or id of a pod",
    };
    CloneOptions clone_options = { 0 };
    char **words;
    int status;
    const Option options[] = {
        { "destroy", 0, OPTION_FLAG, &clone_options.destroy, NULL, "Remove the first pod" },
        { "name", 'n', OPTION_TEXT, &clone_options.name, "NAME",
          "Name of the new pod (the first one's with -clone)" },
        { "start", 0, OPTION_FLAG, &clone_options.start, NULL, "Start the new pod" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (words[1] != NULL)
        clone_options.name = words[1];

    g_autoptr(floe_pod) pod = pod_selection_one(cli, words[0], false, &status);

    return pod != NULL ? clone_pod(pod, &clone_options) : status;
}
