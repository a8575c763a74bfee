/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/logs-merge.h"
#include "cli/options.h"
#include "cli/pod-selection.h"
#include "cli/selection.h"
#include "cli/value.h"
#include "cli/verbs.h"

#include <string.h>
#include <unistd.h>

static bool print_log(floe_container *container, const char *label, void *data, floe_error **error)
{
    g_autoptr(floe_error) why = NULL;

    if (floe_container_logs(container, data, STDOUT_FILENO, STDERR_FILENO, &why))
        return true;
    /* `floe logs | head`: the reader has what it wanted. */
    if (floe_error_get_code(why) == FLOE_ERROR_IO && cli_stdout_is_gone())
        return true;
    *error = g_steal_pointer(&why);
    return false;
}

static bool read_time(const char *flag, const char *text, int64_t *ret_unix_ns, GError **error)
{
    if (text == NULL || value_time(text, g_get_real_time() * 1000, ret_unix_ns, error))
        return true;
    g_prefix_error(error, "invalid argument '%s' for %s: ", text, flag);
    return false;
}

typedef struct LogsOptions {
    floe_logs_options logs;
    LogsStyle style;
    const char *since, *until;
    bool latest;
} LogsOptions;

static LogsOptions logs_options(void)
{
    static const floe_logs_options defaults = FLOE_LOGS_OPTIONS_INIT;

    return (LogsOptions){ .logs = defaults, .style.colored = isatty(STDOUT_FILENO) };
}

/* `own`: a row of the verb's alone. */
static bool parse(LogsOptions *o, const Usage *usage, Option own, char **argv, char ***ret_words,
                  int *ret_status)
{
    g_autoptr(GError) error = NULL;
    const Option options[] = {
        { "color", 0, OPTION_FLAG, &o->style.colored, NULL,
          "Several containers in colours (default on a terminal)" },
        { "follow", 'f', OPTION_FLAG, &o->logs.follow, NULL, "Go on until the container ends" },
        { "latest", 'l', OPTION_FLAG, &o->latest, NULL, "The one created last" },
        { "names", 'n', OPTION_FLAG, &o->style.by_name, NULL,
          "Of several containers the names before each line, not the ids" },
        { "since", 0, OPTION_TEXT, &o->since, "TIME",
          "From this time on: a date, or a duration before now (10m)" },
        { "tail", 0, OPTION_INTEGER, &o->logs.tail, "N", "Only the last N lines" },
        { "timestamps", 't', OPTION_FLAG, &o->logs.timestamps, NULL, "With the time of each line" },
        { "until", 0, OPTION_TEXT, &o->until, "TIME", "Up to this time" },
        own,
        OPTIONS_END,
    };

    if (!options_parse(usage, options, argv, ret_words, ret_status))
        return false;
    o->logs.tail = MAX(o->logs.tail, -1);
    if (read_time("--since", o->since, &o->logs.since_unix_ns, &error) &&
        read_time("--until", o->until, &o->logs.until_unix_ns, &error))
        return true;
    *ret_status = cli_report_local(error);
    return false;
}

int cmd_logs(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "logs [options] CONTAINER...",
        .about = "Print what containers have written to standard output and error. Of several\n"
                 "each line begins with the id of the one that wrote it.",
        .max_words = -1,
    };
    g_auto(Selection) selection = { 0 };
    LogsOptions logs = logs_options();
    int status;

    if (!parse(&logs, &usage, (Option)OPTIONS_END, argv, &selection.names, &status))
        return status;
    selection.latest = logs.latest;
    if (!selection.latest && selection.names[0] != NULL && selection.names[1] != NULL)
        return logs_merge(cli, selection.names, &logs.logs, &logs.style);
    return selection_each(cli, &selection, print_log, &logs.logs);
}

/* The id of a container of the pod, as the user named it. */
static int choose(Cli *cli, const char *name, char **ids, const char **ret_id)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(floe_container) container = NULL;

    if (!floe_container_lookup(cli->engine, name, &container, &error))
        return cli_report(error);
    for (*ret_id = NULL; *ids != NULL && *ret_id == NULL; ids++) {
        if (strcmp(*ids, floe_container_id(container)) == 0)
            *ret_id = *ids;
    }
    return *ret_id != NULL ? STATUS_OK : cli_error("container %s is not in the pod", name);
}

int cmd_pod_logs(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "pod logs [options] POD",
        .about = "Print what the containers of a pod have written. Each line begins with the id\n"
                 "of the one that wrote it.",
        .max_words = 1,
    };
    g_auto(PodSelection) pods = { 0 };
    g_auto(GStrv) ids = NULL;
    g_auto(Selection) one = { 0 };
    LogsOptions logs = logs_options();
    const char *container = NULL, *id = NULL;
    const Option own = { "container", 'c',         OPTION_TEXT,
                         &container,  "CONTAINER", "Only this container of the pod" };
    int status;

    if (!parse(&logs, &usage, own, argv, &pods.names, &status))
        return status;
    pods.latest = logs.latest;
    if (!pod_selection_containers(cli, &pods, false, &ids, &status))
        return status;
    if (container == NULL)
        return ids[0] != NULL ? logs_merge(cli, ids, &logs.logs, &logs.style) : STATUS_OK;
    status = choose(cli, container, ids, &id);
    if (status != STATUS_OK)
        return status;
    one.names = (char *[]){ (char *)id, NULL };
    return selection_each(cli, &one, print_log, &logs.logs);
}
