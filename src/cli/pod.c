/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs on whole pods that are alike: start, stop, restart, kill, pause, unpause, rm, prune. */
#include "cli/options.h"
#include "cli/pod-selection.h"
#include "cli/removal.h"
#include "cli/verbs.h"

/* A verb without flags of its own. */
static int do_plainly(Cli *cli, char **argv, const Usage *usage, PodAction action)
{
    g_auto(PodSelection) selection = { 0 };
    const floe_pod_options pod = FLOE_POD_OPTIONS_INIT;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "All pods" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The pod created last" },
        { "pod-id-file", 0, OPTION_LIST, &selection.id_files, "FILE",
          "The pod whose id is in the file" },
        OPTIONS_END,
    };

    if (!options_parse(usage, options, argv, &selection.names, &status))
        return status;
    return pod_selection_each(cli, &selection, action, &pod);
}

int cmd_pod_start(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod start [options] POD...",
        .about = "Start the containers of pods that do not run, the infra container first.",
        .max_words = -1,
    };

    return do_plainly(cli, argv, &usage, floe_pod_start);
}

int cmd_pod_restart(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod restart [options] POD...",
        .about = "Stop all containers of pods, and start them again.",
        .max_words = -1,
    };

    return do_plainly(cli, argv, &usage, floe_pod_restart);
}

int cmd_pod_stop(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod stop [options] POD...",
        .about = "Stop all containers of pods: send the stop signal, and SIGKILL when that did\n"
                 "not end them in time.",
        .max_words = -1,
    };
    g_auto(PodSelection) selection = { 0 };
    floe_pod_options pod = FLOE_POD_OPTIONS_INIT;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "All pods" },
        { "ignore", 'i', OPTION_FLAG, &selection.ignore, NULL, "No error for what does not exist" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The pod created last" },
        { "pod-id-file", 0, OPTION_LIST, &selection.id_files, "FILE",
          "The pod whose id is in the file" },
        { "time", 't', OPTION_TIMEOUT, &pod.timeout_s, "SECONDS",
          "Time from the stop signal to SIGKILL (10; -1: no end)" },
        { "timeout", 0, OPTION_TIMEOUT, &pod.timeout_s, "SECONDS", NULL },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    return pod_selection_each(cli, &selection, floe_pod_stop, &pod);
}

/* --- kill, pause and unpause ------------------------------------------------------------------ */

int cmd_pod_kill(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod kill [options] POD...",
        .about = "Send a signal to the first process of each container of pods.",
        .max_words = -1,
    };
    g_auto(PodSelection) selection = { 0 };
    floe_pod_options pod = FLOE_POD_OPTIONS_INIT;
    const char *name = "KILL";
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "All pods" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The pod created last" },
        { "signal", 's', OPTION_TEXT, &name, "SIGNAL", "Name or number of the signal (KILL)" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    pod.signal = floe_signal_number(name);
    if (pod.signal == 0)
        return cli_error("invalid signal: %s", name);
    return pod_selection_each(cli, &selection, floe_pod_kill, &pod);
}

int cmd_pod_pause(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod pause [options] POD...",
        .about = "Halt the processes of all running containers of pods.",
        .max_words = -1,
    };

    return do_plainly(cli, argv, &usage, floe_pod_pause);
}

int cmd_pod_unpause(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod unpause [options] POD...",
        .about = "Let the processes of all paused containers of pods go on.",
        .max_words = -1,
    };

    return do_plainly(cli, argv, &usage, floe_pod_unpause);
}

/* --- rm and prune ----------------------------------------------------------------------------- */

static int remove_status(const floe_error *error)
{
    return floe_error_get_code(error) == FLOE_ERROR_NOT_FOUND ? STATUS_NO : cli_status_of(error);
}

int cmd_pod_rm(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod rm [options] POD...",
        .about = "Remove pods with their containers; where containers run only with --force.",
        .max_words = -1,
    };
    g_auto(PodSelection) selection = { .status_of = remove_status };
    floe_pod_options pod = FLOE_POD_OPTIONS_INIT;
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "All pods" },
        { "force", 'f', OPTION_FLAG, &pod.force, NULL,
          "Stop their containers first; no error for what does not exist" },
        { "ignore", 'i', OPTION_FLAG, &selection.ignore, NULL, "No error for what does not exist" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL, "The pod created last" },
        { "pod-id-file", 0, OPTION_LIST, &selection.id_files, "FILE",
          "The pod whose id is in the file" },
        { "time", 't', OPTION_TIMEOUT, &pod.timeout_s, "SECONDS",
          "With --force: time from the stop signal to SIGKILL" },
        { "timeout", 0, OPTION_TIMEOUT, &pod.timeout_s, "SECONDS", NULL },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    selection.ignore |= pod.force;
    return pod_selection_each(cli, &selection, floe_pod_remove, &pod);
}

int cmd_pod_prune(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod prune [options]",
        .about = "Remove all pods whose containers have ended, with the containers.",
    };
    static const char *const ended[] = { "status=exited", "status=stopped", NULL };
    g_auto(PodSelection) selection = { .all = true, .filters = ended };
    const floe_pod_options pod = FLOE_POD_OPTIONS_INIT;
    int status;

    if (!removal_is_wanted(&usage, argv, "This will remove all stopped/exited pods..", &status))
        return status;
    return pod_selection_each(cli, &selection, floe_pod_remove, &pod);
}
